import type {RowsFormat} from '../../core/edit.js';
import {wholeRow, wholeRowIn} from './whole.js';

/** Keys that are looked for one by one; of more, the lines are read in one pass. */
export const few = 8;

/** Whether some keys are found quicker by searching than by reading every line of a file that may have 100,000. */
export const isFew = (format: RowsFormat, keys: ReadonlySet<unknown>) =>
  (format === 'passwd' || format === 'table') && keys.size <= few && [...keys].every(isPlain);

// Upper and lower case of other letters are not everywhere the same.
const isPlain = (key: unknown) => typeof key === 'string' && /^[!-~]+$/.test(key);

/** The first row of a key, as the daemons look it up; the same that reading line by line finds. */
export const findRow = (text: string, format: RowsFormat, key: string): string | undefined => {
  const place = findPlace(text, format, key);
  return place < 0 ? undefined : wholeRow(text, format, place);
};

/** Where that row begins in the text; -1: nowhere. */
export const findPlace = (text: string, format: RowsFormat, key: string): number => {
  const found = search(text, format, key);
  return found === undefined ? -1 : found.index + (found[0].startsWith('\n') ? 1 : 0);
};

const search = (text: string, format: RowsFormat, key: string): RegExpExecArray | undefined => {
  if (key.startsWith('#')) {
    return undefined;
  }

  const quoted = key.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  const pattern =
    format === 'table'
      ? new RegExp(`(?:^|\\n)${quoted}(?:[^\\S\\n][^\\n]*)?(?=\\n|$)`, 'i')
      : new RegExp(`(?:^|\\n)${quoted}(?::[^\\n]*)?(?:\\r?(?=\\n)|$)`);
  return pattern.exec(text) ?? undefined;
};

/**
 * The same as `findRow` for a passwd-file in its bytes: a list of 100,000 accounts is looked at many times in one change, and each
 * text made of it would be as much memory again.
 */
export const findBytes = (bytes: Buffer, key: string): string | undefined => {
  const place = placeOf(bytes, key);
  return place === undefined ? undefined : lineAt(bytes, place);
};

/** The same for either in its bytes. */
export const findIn = (bytes: Buffer, format: RowsFormat, key: string): string | undefined => {
  if (format === 'passwd') {
    return findBytes(bytes, key);
  }

  const place = placeIn(bytes, format, key);
  return place === undefined ? undefined : wholeRowIn(bytes, format, place.start);
};

/**
 * The bytes with one row put in place of the first of its key, or behind all others; `undefined`: without it; `keep`: only where there
 * is none. Undefined where only reading line by line can tell what belongs to the row (a line that goes on with a blank).
 */
export const withRow = (
  bytes: Buffer,
  format: RowsFormat,
  key: string,
  row: string | undefined,
  keep = false,
): Buffer | undefined => {
  const first = bytes.indexOf(10);
  const end = first > 0 && bytes[first - 1] === 13 ? '\r\n' : '\n';
  const place = format === 'passwd' ? placeOf(bytes, key) : placeIn(bytes, format, key);
  if (place === undefined) {
    const closing = bytes.length > 0 && bytes.at(-1) !== 10 ? end : '';
    return row === undefined ? bytes : Buffer.concat([bytes, Buffer.from(closing + row + end, 'latin1')]);
  }

  if (keep || lineAt(bytes, place) === row) {
    return bytes;
  }

  // postconf(5): a row goes on past comments and blank lines too.
  if (format !== 'passwd') {
    return undefined;
  }

  const after = bytes[place.end];
  return after === 32 || after === 9
    ? undefined
    : Buffer.concat([
        bytes.subarray(0, place.start),
        Buffer.from(row === undefined ? '' : row + end, 'latin1'),
        bytes.subarray(place.end),
      ]);
};

type Place = {readonly start: number /** Behind the ending of the line. */; readonly end: number};

const placeOf = (bytes: Buffer, key: string): Place | undefined => {
  if (!isPlain(key) || key.startsWith('#')) {
    return undefined;
  }

  const wanted = Buffer.from(key, 'latin1');
  for (let start = bytes.indexOf(wanted); start >= 0; start = bytes.indexOf(wanted, start + 1)) {
    const stop = bytes.indexOf(10, start);
    const place = {start, end: stop < 0 ? bytes.length : stop + 1};
    const line = lineAt(bytes, place);
    if ((start === 0 || bytes[start - 1] === 10) && (line === key || line.startsWith(`${key}:`))) {
      return place;
    }
  }

  return undefined;
};

const placeIn = (bytes: Buffer, format: RowsFormat, key: string): Place | undefined => {
  const start = inSlices(bytes, (text, at) => {
    const place = findPlace(text, format, key);
    return place < 0 ? undefined : at + place;
  });
  if (start === undefined) {
    return undefined;
  }

  const stop = bytes.indexOf(10, start);
  return {start, end: stop < 0 ? bytes.length : stop + 1};
};

/** Bytes that are looked at as one text: of a small one the memory is used again, a large one takes and gives back its own. */
const slice = 64 * 1024;

// Each slice ends where a line ends.
const inSlices = <R>(bytes: Buffer, find: (text: string, at: number) => R | undefined): R | undefined => {
  for (let at = 0; at < bytes.length; ) {
    const near = at + slice >= bytes.length ? bytes.length : bytes.lastIndexOf(10, at + slice - 1) + 1;
    const next = near > at ? near : bytes.indexOf(10, at) + 1;
    const end = next === 0 ? bytes.length : next;
    const found = find(bytes.toString('latin1', at, end), at);
    if (found !== undefined) {
      return found;
    }

    at = end;
  }

  return undefined;
};

const lineAt = (bytes: Buffer, {start, end}: Place) =>
  bytes.toString('latin1', start, end).replace(/\r?\n$/, '');
