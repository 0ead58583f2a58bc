import {type ThreeWay, threeVersions} from '../config/three-way.js';
import {folderBlobs} from '../system/blobs.js';
import type {FileBefore} from '../changes/capture.js';
import type {Files} from '../system/types.js';
import {doneChanges} from './entries.js';
import {blobsOf, type StoredTransaction} from './store.js';

/** A file that a transaction wrote and somebody changed since: by setting, as far as its text may be shown. */
export type ChangedSince = {
  readonly path: string;
  readonly transaction: string;
  /** Undefined for a file that holds secrets or is not ours to show. */
  readonly settings: readonly ThreeWay[] | undefined;
};

/** What an undo of these transactions will meet, newest first; a file is told of once, by the newest that wrote it. */
export const changedSince = (files: Files, chosen: readonly StoredTransaction[]): readonly ChangedSince[] => {
  const told = new Set<string>();
  const found: ChangedSince[] = [];
  for (const {id, entries} of chosen) {
    const blobs = folderBlobs(files, blobsOf(id));
    for (const {change, before, after} of doneChanges(entries).toReversed()) {
      if ((change.kind !== 'config.edit' && change.kind !== 'file.write') || told.has(change.path)) {
        continue;
      }

      told.add(change.path);
      const left = (after as {readonly digest?: string} | null)?.digest;
      if (left === undefined || files.digest(change.path, {follow: true}) === left) {
        continue;
      }

      const text = (digest: string | undefined) =>
        digest !== undefined && blobs.has(digest) ? blobs.get(digest).toString('latin1') : '';
      const file = before as FileBefore;
      found.push({
        path: change.path,
        transaction: id,
        settings:
          change.kind === 'config.edit'
            ? threeVersions(
                text(file?.type === 'file' ? file.digest : undefined),
                text(left),
                files.read(change.path, {follow: true})?.toString('latin1') ?? '',
              )
            : undefined,
      });
    }
  }

  return found;
};
