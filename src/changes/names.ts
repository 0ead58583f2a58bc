import {parentOf} from '../system/files.js';
import type {Files} from '../system/types.js';

/**
 * Names beside a target while a transaction is open. Includes, cron and logrotate ignore a leading dot and a trailing tilde.
 * `pin`: another name of the old file, for an undo with the same inode. `fresh`: another name of the new file: it tells what
 * is ours from what somebody else put there. `put`: what is about to be exchanged with the target.
 */
export const namesOf = (path: string, transaction: string) => ({
  pin: beside(path, `dovetail-${transaction}~`),
  fresh: beside(path, `dovetail-${transaction}-new~`),
  put: beside(path, `dovetail-${transaction}-put~`),
});

/** Names of the second write of an undo, which merges with what others wrote since. */
export const mergeOf = (transaction: string) => `${transaction}-merge`;

export const pinOf = (path: string, transaction: string) => namesOf(path, transaction).pin;

/** A copy of a table's text that its index is made from, so that the index in use is whole at every moment. */
export const tableOf = (path: string, transaction: string) => beside(path, `dovetail-${transaction}-map~`);

/** Removes a name that may be left over; true where it was there. */
export const sweep = (files: Files, path: string) => {
  if (files.lstat(path) === undefined) {
    return false;
  }

  files.unlink(path);
  return true;
};

/** Removes all names beside a path, durably: from here on an undo works from the blob. */
export const unpin = (files: Files, path: string, transaction: string) => {
  const left = [transaction, mergeOf(transaction)].flatMap(owner => Object.values(namesOf(path, owner)));
  if (left.map(name => sweep(files, name)).includes(true)) {
    files.syncDirectory(parentOf(path));
  }
};

/** Whether an entry of a directory is one of those names, of any transaction. */
export const isBeside = (entry: string) => /^\..*\.dovetail-.*~$/.test(entry);

const beside = (path: string, tail: string) =>
  `${parentOf(path) === '/' ? '' : parentOf(path)}/.${path.slice(path.lastIndexOf('/') + 1)}.${tail}`;
