import {graphemes, widthOf} from '../core/width.js';

/** What a terminal shows: lines with their colours, and where its cursor is seen, counted from 0. */
export type Picture = {
  readonly lines: readonly string[];
  readonly rows: number;
  readonly columns: number;
  readonly cursor?: {readonly row: number; readonly column: number};
};

/**
 * What makes a terminal that shows one picture show the next (ECMA-48; scrolling by DECSTBM with line feeds, which the Linux
 * console has too). Without a picture before, or in a window of another size, all is painted anew.
 */
export const paint = (before: Picture | undefined, after: Picture): string => {
  const known = before !== undefined && before.rows === after.rows && before.columns === after.columns;
  const start = known ? filled(before) : Array.from({length: after.rows}, () => '');
  const next = filled(after);
  const scroll = scrollBetween(start, next);
  const moved = scroll === undefined ? start : scroll.lines;
  const changed = next.map((line, row) =>
    line === moved[row] ? '' : rewritten(row, line, moved[row] ?? '', after.columns),
  );
  const body = [known ? '' : home, scroll?.sequence ?? '', ...changed].join('');
  const hide = before?.cursor !== undefined && (body !== '' || after.cursor === undefined) ? hideCursor : '';
  const show =
    after.cursor === undefined ? '' : `${position(after.cursor.row, after.cursor.column)}${showCursor}`;
  return hide + body + show;
};

const home = '\u001b[H\u001b[2J';
const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';
const eraseRight = '\u001b[K';
const position = (row: number, column: number) => `\u001b[${row + 1};${column + 1}H`;

const filled = ({lines, rows}: Picture) => Array.from({length: rows}, (_, row) => lines[row] ?? '');

type Scroll = {
  readonly sequence: string;
  /** What the terminal shows after it. */
  readonly lines: readonly string[];
};

/** Below this many saved bytes a scroll is not worth its own sequence. */
const worthwhile = 40;

// The longest text that only moved up or down, as one scroll of the rows that it crosses; undefined where there is none.
const scrollBetween = (before: readonly string[], after: readonly string[]): Scroll | undefined => {
  let best = {saved: worthwhile, from: 0, to: 0, by: 0};
  for (let by = 1 - after.length; by < after.length; by += 1) {
    let run = {saved: 0, from: 0};
    for (let row = 0; by !== 0 && row < after.length; row += 1) {
      const line = after[row];
      if (line === undefined || line !== before[row + by]) {
        run = {saved: 0, from: row + 1};
        continue;
      }

      run.saved += line === before[row] ? 0 : line.length;
      if (run.saved > best.saved) {
        best = {...run, to: row, by};
      }
    }
  }

  return best.by === 0 ? undefined : scrolled(before, best);
};

const scrolled = (
  before: readonly string[],
  {from, to, by}: {readonly from: number; readonly to: number; readonly by: number},
): Scroll => {
  const top = Math.min(from, from + by);
  const bottom = Math.max(to, to + by);
  const region = `\u001b[${top + 1};${bottom + 1}r`;
  const steps =
    by > 0 ? `${position(bottom, 0)}${'\n'.repeat(by)}` : `${position(top, 0)}${'\u001bM'.repeat(-by)}`;
  return {
    sequence: `${region}${steps}\u001b[r`,
    lines: before.map((line, row) =>
      row < top || row > bottom ? line : row < from || row > to ? '' : (before[row + by] ?? ''),
    ),
  };
};

// From the first column that differs. What is right of it goes first: after a last column no terminal erases alike.
const rewritten = (row: number, line: string, old: string, columns: number) => {
  const whole = `${position(row, 0)}${eraseRight}${line}`;
  const units = unitsOf(line);
  const oldUnits = unitsOf(old);
  const same = units.findIndex((unit, index) => unit !== oldUnits[index]);
  const kept = units.slice(0, same === -1 ? units.length : same);
  const column = widthOf(kept.filter(unit => !isColour(unit)).join(''));
  if (column >= columns) {
    return whole;
  }

  const rest = units.slice(kept.length).join('');
  const part = `${position(row, column)}${eraseRight}${kept.filter(isColour).join('')}${rest}`;
  return part.length < whole.length ? part : whole;
};

const isColour = (unit: string) => unit.startsWith('\u001b');

const unitsOf = (line: string) =>
  line
    .split(/(\u001b\[[\d;]*m)/)
    .flatMap((part, index): readonly string[] => (index % 2 === 1 ? [part] : graphemes(part)));
