import {firstWord, packRows} from '../rows/packed.js';
import {placesIn, rowFrom, sameWords} from '../rows/places.js';

/** What a file of aliases brings to a table that has taken it in before. */
export type SinceLast = {
  /** What changes: `+row`, and `-key` for what left the file. */
  readonly rows: Buffer;
  /** Addresses that left the file, and so leave the table. */
  readonly gone: readonly string[];
  /** Addresses whose row somebody else changed or took out since: it stays so. */
  readonly kept: readonly string[];
};

/**
 * Compares a file with what was taken in from it last, and both with the table: what left the file leaves the table, what others
 * did to rows of it stays. `theirs`: addresses that somebody else answers for, which stay in the table.
 */
export const sinceLast = (
  rows: Buffer,
  last: string,
  table: string,
  theirs: {readonly has: (address: string) => boolean},
): SinceLast => {
  if (last === '') {
    return {rows, gone: [], kept: []};
  }

  const now = packRows(rows);
  const before = packRows(asRows(last));
  const places = placesIn(table, 'table', {size: before.size(), find: before.find});
  const gone: string[] = [];
  const kept: string[] = [];
  const skipped = new Set<number>();
  for (let at = 0; at < before.size(); at += 1) {
    const row = before.row(at);
    const address = firstWord(row);
    const there = rowFrom(table, places[at]);
    const wanted = now.find(address);
    if (address.startsWith('#') || (wanted < 0 && (there === undefined || theirs.has(address)))) {
      continue;
    }

    if (there !== undefined && sameWords(there, row)) {
      wanted < 0 && gone.push(address);
    } else if (wanted < 0 || there === undefined || !sameWords(there, now.row(wanted))) {
      kept.push(address);
      skipped.add(wanted);
    }
  }

  return {rows: changed(now, rows, skipped, gone), gone, kept};
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

const asRows = (record: string) =>
  Buffer.from(record === '' ? '' : `+${record.replace(/\n$/, '').replaceAll('\n', '\n+')}\n`, 'latin1');

const changed = (
  now: ReturnType<typeof packRows>,
  rows: Buffer,
  skipped: ReadonlySet<number>,
  gone: readonly string[],
): Buffer => {
  const left = Buffer.from(gone.map(address => `-${address}\n`).join(''), 'latin1');
  if (skipped.size === 0) {
    return left.length === 0 ? rows : Buffer.concat([rows, left]);
  }

  const some = packRows();
  for (let at = 0; at < now.size(); at += 1) {
    skipped.has(at) || some.add(`+${now.row(at)}`);
  }

  return Buffer.concat([some.bytes(), left]);
};
