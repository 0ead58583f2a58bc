import type {RowsFormat} from '../../core/edit.js';
import {bare} from '../lines.js';
import {isBlank} from './words.js';

/** Formats whose rows go on in the next line where that begins with a blank (postconf(5), aliases(5), ldap_table(5), regexp_table(5)). */
const folded: ReadonlySet<RowsFormat> = new Set(['table', 'aliases', 'lines', 'settings']);

/** Whether a line goes on with the row above it: it begins with a blank, and is neither blank altogether nor a comment. */
export const isMore = (line: string, format: RowsFormat) =>
  folded.has(format) && /^[ \t-\r]+[^ \t-\r#]/.test(line);

/**
 * The row that begins at an offset of a text, as Postfix reads it: with the lines that go on with it, also past comments and blank
 * lines, which are no part of it. Its last ending is left out.
 */
export const wholeRow = (text: string, format: RowsFormat, at: number): string => {
  let next = lineEnd(text, at);
  let whole = text.slice(at, next);
  // Most rows are followed by the next one.
  while (next < text.length && folded.has(format) && isBetween(text.charCodeAt(next))) {
    const end = lineEnd(text, next);
    const line = text.slice(next, end);
    whole += isMore(line, format) ? line : '';
    next = end;
  }

  return bare(whole);
};

/** Whether the row that begins at an offset has more than one line. */
export const goesOn = (text: string, format: RowsFormat, at: number) =>
  isBetween(text.charCodeAt(lineEnd(text, at))) && wholeRow(text, format, at).includes('\n');

/** The same of a table in its bytes. */
export const goesOnIn = (table: Buffer, format: RowsFormat, offset: number): boolean => {
  let next = lineEndIn(table, offset);
  while (next < table.length && isBetween(table[next] ?? 0)) {
    const end = lineEndIn(table, next);
    if (isMore(table.toString('latin1', next, end), format)) {
      return true;
    }

    next = end;
  }

  return false;
};

/** The row that begins at an offset of such a table. */
export const wholeRowIn = (table: Buffer, format: RowsFormat, offset: number) =>
  wholeRow(
    table.toString('latin1', offset, goesOnIn(table, format, offset) ? undefined : lineEndIn(table, offset)),
    format,
    0,
  );

/** Where the last row of a lookup table begins, in its bytes; 0 where none does. */
export const lastRow = (table: Buffer): number => {
  for (let end = table.length - 1; end > 0; ) {
    const start = table.lastIndexOf(10, end - 1) + 1;
    if (!isBetween(table[start] ?? 0)) {
      return start;
    }

    end = start - 1;
  }

  return 0;
};

// 35: #
const isBetween = (code: number) => code === 35 || isBlank(code);

const lineEnd = (text: string, at: number) => {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
};

const lineEndIn = (table: Buffer, at: number) => {
  const end = table.indexOf(10, at);
  return end < 0 ? table.length : end + 1;
};
