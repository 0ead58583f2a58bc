import type {FileAfter, FileBefore} from '../changes/capture.js';
import {indexOf} from '../changes/map-compile.js';
import {binaryOf} from '../changes/script-compile.js';
import type {Change} from '../core/change.js';
import type {Json} from '../core/json.js';
import {folderBlobs} from '../system/blobs.js';
import type {ReadFiles, System} from '../system/types.js';
import {begun, doneOf, isUndone, recorded} from './entries.js';
import {removePins} from './execute.js';
import {openJournal} from './journal.js';
import {blobsOf, dropCurrent, journalOf, readTransaction, type StoredTransaction} from './store.js';

/** How far one change of a stuck transaction is. `other`: neither as before nor as planned. */
export type Standing = {
  readonly change: Change;
  readonly path?: string;
  readonly is: 'before' | 'after' | 'other' | 'undone' | 'done' | 'begun' | 'untouched';
  /** The file that holds what was there before. */
  readonly kept?: string;
};

/** What each change of a transaction left the machine as: read from the machine itself where it is a file. */
export const standings = (
  files: ReadFiles,
  {id, entries}: Pick<StoredTransaction, 'id' | 'entries'>,
): readonly Standing[] =>
  recorded(entries).map(({change, index, before}) => {
    const path = pathOf(change);
    const after = doneOf(entries, index)?.after as FileAfter | undefined;
    const file = fileOf(change, before);
    if (path === undefined || file === undefined) {
      return {
        change,
        is: isUndone(entries, index)
          ? 'undone'
          : after !== undefined
            ? 'done'
            : begun(entries, index)
              ? 'begun'
              : 'untouched',
      };
    }

    const digest = files.digest(path, {follow: true}) ?? null;
    return {
      change,
      path,
      is:
        digest === (file?.type === 'file' ? file.digest : null)
          ? 'before'
          : after !== undefined && digest === (after?.digest ?? null)
            ? 'after'
            : 'other',
      ...(file?.type === 'file' ? {kept: `${blobsOf(id)}/${file.digest}`} : {}),
    };
  });

/** Ends a stuck transaction with the machine as it is: its record stays, with all that it kept. */
export const acceptAsIs = (system: System, id: string) => {
  const {files} = system;
  const stored = readTransaction(files, id);
  const isDamaged = stored === undefined || stored.state === 'damaged';
  const journal = isDamaged
    ? {entries: () => stored?.entries ?? [], add: () => undefined}
    : openJournal(files, journalOf(id));
  removePins({
    system,
    journal,
    onEvent: () => undefined,
    context: {
      blobs: folderBlobs(files, blobsOf(id)),
      resolve: () => Buffer.alloc(0),
      transaction: id,
      say: () => undefined,
    },
  });
  journal.add({t: 'state', state: 'closed', at: new Date().toISOString()});
  dropCurrent(files);
};

const pathOf = (change: Change) =>
  change.kind === 'map.compile'
    ? indexOf(change)
    : change.kind === 'script.compile'
      ? binaryOf(change)
      : change.kind === 'config.edit' ||
          change.kind === 'file.write' ||
          change.kind === 'file.delete' ||
          change.kind === 'rows.edit'
        ? change.path
        : undefined;

const fileOf = (change: Change, before: Json): FileBefore | undefined =>
  pathOf(change) === undefined
    ? undefined
    : change.kind === 'rows.edit'
      ? (before as {readonly file: FileBefore}).file
      : (before as FileBefore);
