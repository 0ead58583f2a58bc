import {isBlank} from './words.js';

/**
 * Calls back with each line of a text, its ending included, and where it begins: a large file is never cut into an array of lines.
 * `from`: where to begin; it then goes on as long as what is called back says so.
 */
export const eachRow = (text: string, use: (line: string, at: number) => unknown, from?: number) => {
  for (let at = from ?? 0; at < text.length; ) {
    const end = text.indexOf('\n', at);
    const stop = end < 0 ? text.length : end + 1;
    const goesOn = use(text.slice(at, stop), at);
    at = from === undefined || goesOn === true ? stop : text.length;
  }
};

/** Calls back with where each row of a lookup table begins in its bytes: no comment, no blank line, none that goes on. */
export const eachRowIn = (table: Buffer, use: (offset: number) => void) => {
  for (let at = 0; at < table.length; ) {
    const first = table[at] ?? 10;
    // 35: #
    if (first !== 35 && !isBlank(first)) {
      use(at);
    }

    const end = table.indexOf(10, at);
    at = end < 0 ? table.length : end + 1;
  }
};

/** The first line of the row that begins at an offset of a table, without its ending. */
export const rowIn = (table: Buffer, offset: number) => {
  const end = table.indexOf(10, offset);
  return table.toString('latin1', offset, end < 0 ? undefined : table[end - 1] === 13 ? end - 1 : end);
};
