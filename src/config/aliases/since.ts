import type {PackedRows} from '../rows/packed.js';
import {sameWords} from '../rows/places.js';
import {eachRowIn, rowIn} from '../rows/scan.js';
import {goesOnIn, wholeRowIn} from '../rows/whole.js';
import {firstWord} from '../rows/words.js';

/** What a file of aliases brings to a table that has taken it in before. */
export type SinceLast = {
  /** What changes: `+row`, and `-key` for what left the file. What the table says already is not among it. */
  readonly rows: Buffer;
  /** Addresses that left the file, and so leave the table. */
  readonly gone: readonly string[];
  /** Addresses whose row somebody else changed or took out since: it stays so. */
  readonly kept: readonly string[];
};

/** Addresses that others answer for too: those of `stay` do not leave the table with the file, rows of any are always named. */
export type Theirs = {readonly stay: ReadonlySet<string>; readonly named: Iterable<string>};

/**
 * Compares a file with what was taken in from it last, and both with the table: what left the file leaves the table, what others
 * did to rows of it stays. Of 100,000 rows mostly one has changed: the others are compared where they stand, and are no strings.
 */
export const sinceLast = (now: PackedRows, last: Buffer, table: Buffer, {stay, named}: Theirs): SinceLast => {
  if (last.length === 0) {
    return {rows: now.bytes(), gone: [], kept: []};
  }

  const was = rowsLast(now, last);
  const places = placesOf(now, was.left, table);
  const gone: string[] = [];
  const kept: string[] = [];
  // Rows that the table has already, or that stay as somebody else wrote them.
  const settled = new Uint8Array(now.size());
  was.rows.forEach((at, n) => {
    const place = at < 0 ? -1 : (places[at] ?? -1);
    if (place >= 0 && now.isIn(at, table, place) && !goesOnIn(table, 'table', place)) {
      settled[at] = 1;
      return;
    }

    const row = rowIn(last, was.offsets[n] ?? 0);
    const address = firstWord(row);
    const found = at < 0 ? (was.left.get(address.toLowerCase()) ?? -1) : place;
    const there = found < 0 ? undefined : wholeRowIn(table, 'table', found);
    if (at < 0 && (there === undefined || stay.has(address))) {
      return;
    }

    if (at >= 0 && there !== undefined && sameWords(there, now.row(at))) {
      settled[at] = 1;
    } else if (there === undefined || !sameWords(there, row)) {
      kept.push(address);
    } else if (at < 0) {
      gone.push(address);
    }
  });
  const entries = (addresses: Iterable<string>, is: 0 | 1) => {
    for (const address of addresses) {
      const at = now.find(address);
      if (at >= 0) {
        settled[at] = is;
      }
    }
  };
  entries(named, 0);
  entries(kept, 1);
  return {rows: changed(now, settled, gone), gone, kept};
};

/** What is kept of a file to compare it with when it is taken in again. */
export const recordOf = (rows: Buffer): Buffer => {
  const record = Buffer.allocUnsafe(heading.length + rows.length);
  let used = record.write(heading, 'latin1');
  for (let at = 0; at < rows.length; ) {
    const stop = rows.indexOf(10, at);
    const end = stop < 0 ? rows.length : stop + 1;
    // Without the sign in front.
    used += rows.copy(record, used, at + 1, end);
    at = end;
  }

  return record.subarray(0, used);
};

const heading =
  '# Aliases as they were last taken in from a file, for comparison; Postfix does not read this.\n';

/** Rows of a file, by the lines of what was taken in from it last; and addresses that left it, for their places in the table. */
const rowsLast = (now: PackedRows, last: Buffer) => {
  const rows: number[] = [];
  const offsets: number[] = [];
  const left = new Map<string, number>();
  eachRowIn(last, offset => {
    const at = now.findIn(last, offset);
    rows.push(at);
    offsets.push(offset);
    at < 0 && left.set(firstWord(rowIn(last, offset)).toLowerCase(), -1);
  });
  return {rows, offsets, left};
};

/** Where the first row of each address of a file stands in the table; those that left the file get theirs in their own map. */
const placesOf = (now: PackedRows, left: Map<string, number>, table: Buffer): Int32Array => {
  const places = new Int32Array(now.size()).fill(-1);
  eachRowIn(table, offset => {
    const at = now.findIn(table, offset);
    if (at >= 0 && places[at] === -1) {
      places[at] = offset;
    } else if (at < 0 && left.size > 0) {
      const key = firstWord(rowIn(table, offset)).toLowerCase();
      left.get(key) === -1 && left.set(key, offset);
    }
  });
  return places;
};

const changed = (now: PackedRows, settled: Uint8Array, gone: readonly string[]): Buffer => {
  const parts: Buffer[] = [];
  for (let from = settled.indexOf(0); from >= 0; ) {
    const end = settled.indexOf(1, from);
    parts.push(now.part(from, end < 0 ? now.size() : end));
    from = end < 0 ? -1 : settled.indexOf(0, end);
  }

  return Buffer.concat([...parts, Buffer.from(gone.map(address => `-${address}\n`).join(''), 'latin1')]);
};
