import {rowsOf} from '../config/rows/edit.js';
import type {Change, ChangeOf} from '../core/change.js';
import type {ReadFiles} from '../system/types.js';
import {doneChanges} from './entries.js';
import {blobsOf, type StoredTransaction} from './store.js';

/** A path that is not as the newest transaction that touched it left it. */
export type Drift = {
  readonly path: string;
  readonly transaction: string;
  readonly how: 'changed' | 'gone' | 'back';
  /** Digest of what the transaction left; blobs of that transaction may hold it. */
  readonly left?: string;
};

type Left = {readonly path: string; readonly digest: string | null};

/** Compares every file that transactions wrote with what the newest of them left there. `all`: newest first. */
export const driftOf = (files: ReadFiles, all: readonly StoredTransaction[]): readonly Drift[] => {
  const seen = new Set<string>();
  const found: Drift[] = [];
  for (const {id, entries, state} of all) {
    if (state !== 'committed') {
      continue;
    }

    for (const {change, after} of doneChanges(entries).toReversed()) {
      for (const {path, digest} of leftBy(change, after)) {
        if (seen.has(path)) {
          continue;
        }

        seen.add(path);
        const now = files.digest(path, {follow: true});
        if (digest === null) {
          found.push(...(now === undefined ? [] : [{path, transaction: id, how: 'back' as const}]));
        } else if (now === undefined) {
          found.push({path, transaction: id, how: 'gone', left: digest});
        } else if (now !== digest && !isOthers(files, id, change, digest, path)) {
          found.push({path, transaction: id, how: 'changed', left: digest});
        }
      }
    }
  }

  return found;
};

// A file of rows has others' rows too, and accounts change by themselves: only our own rows of a table count.
const isOthers = (files: ReadFiles, id: string, change: Change, digest: string, path: string) => {
  if (change.kind !== 'rows.edit') {
    return false;
  }

  if (change.format === 'passwd') {
    return true;
  }

  const left = files.read(`${blobsOf(id)}/${digest}`);
  const now = files.read(path, {follow: true});
  return left !== undefined && now !== undefined && sameRows(change, left, now);
};

const sameRows = ({format, rows}: ChangeOf<'rows.edit'>, left: Buffer, now: Buffer) => {
  const were = rowsOf(left.toString('latin1'), format);
  const are = rowsOf(now.toString('latin1'), format);
  const keyOf = (key: string) => (format === 'table' || format === 'aliases' ? key.toLowerCase() : key);
  return rows.every(({key}) => were.get(keyOf(key)) === are.get(keyOf(key)));
};

// Indexes of lookup tables are made from their text by anybody: the text is what counts.
const leftBy = (change: Change, after: unknown): readonly Left[] => {
  const digest = (after as {readonly digest?: string} | null | undefined)?.digest;
  switch (change.kind) {
    case 'config.edit':
      return [{path: change.path, digest: change.after}];
    case 'file.write':
    case 'rows.edit':
      return digest === undefined ? [] : [{path: change.path, digest}];
    case 'file.delete':
      return [{path: change.path, digest: null}];
    default:
      return [];
  }
};
