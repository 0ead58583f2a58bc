import type {RowsFormat} from '../../core/edit.js';
import {rowKey} from './edit.js';
import {eachRow} from './scan.js';
import {wholeRow} from './whole.js';

/** Rows by number. */
export type Numbered = {
  readonly size: number;
  /** Number of the row with a key; -1: none. */
  readonly find: (key: string) => number;
};

/** Where the first row of each key stands in a text: its offset, by number; -1: nowhere. One pass, and no object for a row. */
export const placesIn = (text: string, format: RowsFormat, {size, find}: Numbered): Int32Array => {
  const places = new Int32Array(size).fill(-1);
  let offset = 0;
  eachRow(text, line => {
    const key = rowKey(line, format);
    const at = key === undefined ? -1 : find(key);
    if (at >= 0 && places[at] === -1) {
      places[at] = offset;
    }

    offset += line.length;
  });
  return places;
};

/** The row that begins at an offset, with all its lines; undefined for -1. */
export const rowFrom = (
  text: string,
  format: RowsFormat,
  offset: number | undefined = -1,
): string | undefined => (offset < 0 ? undefined : wholeRow(text, format, offset));

/** The same key and values, however they are spaced, and on however many lines. */
export const sameWords = (one: string, other: string) => one === other || wordsOf(one) === wordsOf(other);

const wordsOf = (row: string) => row.split(/[ \t-\r,]+/).join(' ');
