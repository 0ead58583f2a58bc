import {few, findPlace, isFew} from '../config/rows/find.js';
import {type PackedRows, packRows} from '../config/rows/packed.js';
import {placesIn} from '../config/rows/places.js';
import {firstWord} from '../config/rows/words.js';
import type {ChangeOf} from '../core/change.js';
import type {Blobs} from '../system/types.js';

type RowsChange = ChangeOf<'rows.edit'>;

/** A row of a change; `bulk`: it came from a blob, and counts as the same however it is spaced. */
export type Row = RowsChange['rows'][number] & {readonly bulk?: true};

/** All rows of a change by number: those of its blobs are made when they are asked for, since there may be a million. */
export type AllRows = {
  readonly size: number;
  /** How many are the change's own; the first ones. */
  readonly own: number;
  readonly row: (at: number) => Row;
  /** Of a row that came from a blob: what it is to be; undefined where it is to go. Makes no object. */
  readonly text: (at: number) => string | undefined;
  /** Whether such a row is the very line that begins at an offset of a text (-1: nowhere); makes no object. */
  readonly isAt: (at: number, text: string, offset: number | undefined) => boolean;
  /** Number of the row with a key; of a key that is there twice, the last one counts. -1: none. */
  readonly find: (key: string) => number;
};

/** The key as a format compares it: lookup tables ignore upper and lower case. */
export const keyOf = ({format}: Pick<RowsChange, 'format'>, key: string) =>
  format === 'table' || format === 'aliases' ? key.toLowerCase() : key;

/** The rows of a change with those of its blobs behind its own. */
export const allRows = (change: RowsChange, blobs: Pick<Blobs, 'get'>): AllRows => {
  const own = new Map(change.rows.map((row, at) => [keyOf(change, row.key), at]));
  let size = change.rows.length;
  // The last one first.
  const packs = (change.bulk ?? [])
    .map(({section, digest}) => {
      const rows = packOf(blobs.get(digest), change.format);
      const first = size;
      size += rows.size();
      return {section, rows, first};
    })
    .reverse();
  return {
    size,
    own: change.rows.length,
    text: at => {
      for (const {rows, first} of packs) {
        if (first <= at) {
          return rows.goes(at - first) ? undefined : rows.row(at - first);
        }
      }

      return undefined;
    },
    isAt: (at, text, offset = -1) => {
      const pack = offset < 0 ? undefined : packs.find(({first}) => first <= at);
      return (
        pack !== undefined &&
        !pack.rows.goes(at - pack.first) &&
        pack.rows.isAt(at - pack.first, text, offset)
      );
    },
    row: at => {
      for (const {section, rows, first} of packs) {
        if (first <= at) {
          const text = rows.row(at - first);
          return rows.goes(at - first)
            ? {section, key: text, state: 'absent', bulk: true}
            : {section, key: keyIn(text, change.format), state: 'present', content: [{text}], bulk: true};
        }
      }

      return change.rows[at] as Row;
    },
    find: key => {
      for (const {rows, first} of packs) {
        const at = rows.find(key);
        if (at >= 0) {
          return first + at;
        }
      }

      return own.get(key) ?? -1;
    },
  };
};

// Each handler of a change looks at the same rows.
const packOf = (bytes: Buffer, format: RowsChange['format']): PackedRows => {
  const known = packed.get(bytes) ?? packRows(bytes, format === 'passwd');
  packed.set(bytes, known);
  return known;
};
const packed = new WeakMap<Buffer, PackedRows>();

/** The key of a row that came in bulk. */
export const keyIn = (text: string, format: RowsChange['format']) =>
  format === 'passwd' ? (text.split(':', 1)[0] ?? '') : firstWord(text);

/** Where the first row of each key stands in a text, by the row's number. */
export const placesOf = (text: string, change: RowsChange, rows: AllRows): Int32Array => {
  const known = fewPlaces(text, change, rows);
  if (known !== undefined) {
    return known;
  }

  const places = placesIn(text, change.format, rows);
  // Two sections may ask for the same row.
  for (let at = 0; at < rows.own; at += 1) {
    places[at] = places[rows.find(keyOf(change, rows.row(at).key))] ?? -1;
  }

  return places;
};

/** The same where rows are so few that each is searched for; undefined: they are not. */
export const fewPlaces = (text: string, change: RowsChange, rows: AllRows): Int32Array | undefined => {
  if (rows.size > few) {
    return undefined;
  }

  const keys = Array.from({length: rows.size}, (_, at) => keyOf(change, rows.row(at).key));
  return isFew(change.format, new Set(keys))
    ? Int32Array.from(keys, key => findPlace(text, change.format, key))
    : undefined;
};

/** Rows as a blob: `+row` and `-key`, a line each. */
export const bulkText = (rows: Iterable<{readonly key: string; readonly old: string | undefined}>) => {
  const packed = packRows();
  for (const {key, old} of rows) {
    packed.add(old === undefined ? `-${key}` : `+${old}`);
  }

  return packed.bytes();
};
