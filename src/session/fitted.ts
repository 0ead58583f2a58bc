import {widthOf, wrap} from '../core/width.js';
import type {ReviewLine} from './review-lines.js';

/** Lines cut to the width of the window; a line that goes on is set in by as much as the line itself. */
export const fitted = (lines: readonly ReviewLine[], columns: number): readonly ReviewLine[] =>
  lines.flatMap(line => {
    if (widthOf(line.text) <= columns) {
      return [line];
    }

    const indent = ' '.repeat(Math.min(indentOf(line.text), Math.floor(columns / 2)));
    const [first = ''] = wrap(line.text, columns);
    return [
      {...line, text: first},
      ...wrap(line.text.slice(first.length).trimStart(), columns - indent.length).map(text => ({
        tone: line.tone,
        text: indent + text,
      })),
    ];
  });

// Below the words of a finding, not below its mark.
const indentOf = (text: string) => /^\[[^\]]{1,4}\] */.exec(text)?.[0].length ?? text.search(/\S|$/) + 2;
