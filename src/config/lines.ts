/** A line with its ending, so that joining all lines gives back the text. */
export const splitLines = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** The line without its ending. */
export const bare = (line: string) =>
  !line.endsWith('\n') ? line : line.slice(0, line.endsWith('\r\n') ? -2 : -1);

/** The ending of a line: `\n`, `\r\n`, or nothing at the end of a file without one. */
export const ending = (line: string) => /\r?\n$/.exec(line)?.[0] ?? '';

/** The ending that a file uses: that of its first line. */
export const endingOf = (text: string) => (/^[^\n]*\r\n/.test(text) ? '\r\n' : '\n');

/** Makes sure that something can be put after the last line. */
export const closed = (lines: string[], end: string): string[] => {
  const last = lines.at(-1);
  return last === undefined || ending(last) !== '' ? lines : [...lines.slice(0, -1), last + end];
};
