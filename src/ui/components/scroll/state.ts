import type {ReviewLine} from '../../../session/review-lines.js';
import {widthOf, wrap} from '../../text/width.js';

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

/** Where the window goes for a scrolling key; undefined where the key is none. */
export const scrolled = (
  {top, all, rows}: {readonly top: number; readonly all: number; readonly rows: number},
  key: {
    readonly upArrow: boolean;
    readonly downArrow: boolean;
    readonly pageUp: boolean;
    readonly pageDown: boolean;
    readonly home: boolean;
    readonly end: boolean;
  },
): number | undefined => {
  const last = Math.max(0, all - rows);
  const page = Math.max(1, rows - 1);
  const to = key.upArrow
    ? top - 1
    : key.downArrow
      ? top + 1
      : key.pageUp
        ? top - page
        : key.pageDown
          ? top + page
          : key.home
            ? 0
            : key.end
              ? last
              : undefined;
  return to === undefined ? undefined : Math.max(0, Math.min(last, to));
};
