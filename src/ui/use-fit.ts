import type {ReviewLine} from '../session/review-lines.js';
import {fitted} from '../session/fitted.js';
import {useUi} from './context.js';
import {toAscii} from './text/ascii.js';
import {cut} from '../core/width.js';

/** Fits text to columns as this terminal will show it: ASCII spellings are longer, so they come before the cut. */
export const useFit = () => {
  const {unicode} = useUi();
  const shown = (text: string) => (unicode ? text : toAscii(text));
  return {
    cut: (text: string, columns: number) => cut(shown(text), columns, unicode ? '…' : '...'),
    fit: (lines: readonly ReviewLine[], columns: number) =>
      fitted(unicode ? lines : lines.map(line => ({...line, text: toAscii(line.text)})), columns),
  };
};
