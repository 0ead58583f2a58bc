import {splitLines} from '../lines.js';
import {type Located, locate} from './parse.js';

/** Texts kept: a configuration has some forty files, and each edit makes one new text. */
const limit = 128;
const known = new Map<string, readonly Located[]>();

/** The lines of a text, understood. Folding looks at every file once for each edit, so what was read is remembered. */
export const linesOfText = (text: string): readonly Located[] => {
  const earlier = known.get(text);
  if (earlier !== undefined) {
    return earlier;
  }

  const [oldest] = known.size >= limit ? known.keys() : [];
  if (oldest !== undefined) {
    known.delete(oldest);
  }

  const lines = locate(splitLines(text));
  known.set(text, lines);
  return lines;
};
