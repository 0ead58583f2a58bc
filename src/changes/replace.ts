import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import {digestOf} from '../system/blobs.js';
import {parentOf} from '../system/files.js';
import type {Blobs, Files, Stat} from '../system/types.js';
import type {Conflict, Reverted} from './types.js';

/** What was at a path before: nothing, a link, or a file with all that is needed to give it back. Numbers beyond 2^53 are text. */
export type FileBefore =
  | null
  | {readonly type: 'link'; readonly target: string}
  | {
      readonly type: 'file';
      readonly digest: string;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
      readonly mtimeNs: string;
      readonly ino: string;
    };

/** What a change left at a path; null: nothing. */
export type FileAfter = {readonly digest: string; readonly ino: string} | null;

export type Owner = {readonly uid: number; readonly gid: number; readonly mode: number};

/** Names beside a target; includes, cron and logrotate ignore a leading dot and a trailing tilde. */
export const pinOf = (path: string, transaction: string) => besides(path, `dovetail-${transaction}~`);
const freshOf = (path: string, transaction: string) => besides(path, `dovetail-${transaction}-new~`);
const besides = (path: string, tail: string) =>
  `${parentOf(path)}/.${path.slice(path.lastIndexOf('/') + 1)}.${tail}`;

/** Records what is at a path; its bytes go into a blob. Directories and devices are refused. */
export const captureFile = (files: Files, path: string, blobs: Blobs): FileBefore => {
  const stat = files.lstat(path);
  if (stat === undefined) {
    return null;
  }

  if (stat.type === 'link') {
    return {type: 'link', target: files.readLink(path) ?? ''};
  }

  if (stat.type !== 'file') {
    throw refused(path, texts.notFile);
  }

  const digest = blobs.put(files.read(path) ?? Buffer.alloc(0));
  return {
    type: 'file',
    digest,
    mode: stat.mode,
    uid: stat.uid,
    gid: stat.gid,
    mtimeNs: String(stat.mtimeNs),
    ino: String(stat.ino),
  };
};

/**
 * Puts bytes at a path so that at every moment the old or the new file is there, whole. The old file stays reachable by a
 * hard link (the pin) until the transaction is closed: undoing is then one rename, with inode, times and attributes.
 */
export const putFile = (
  files: Files,
  path: string,
  bytes: Uint8Array,
  owner: Owner,
  before: FileBefore,
  transaction: string,
): FileAfter => {
  const fresh = freshOf(path, transaction);
  sweep(files, fresh);
  expectUnchanged(files, path, before);
  if (before?.type === 'file') {
    pin(files, path, transaction);
  }

  files.create(fresh, bytes, 0o600);
  if (before?.type === 'file') {
    files.copyAttributes(path, fresh);
  }

  // chown(2) clears setuid, so the mode comes after it.
  files.chown(fresh, owner.uid, owner.gid);
  files.chmod(fresh, owner.mode);
  files.syncFile(fresh);
  const ino = String(files.lstat(fresh)?.ino ?? 0n);
  expectUnchanged(files, path, before);
  if (before === null) {
    // link(2) never clobbers: whoever made the file meanwhile keeps it.
    files.link(fresh, path);
    files.unlink(fresh);
  } else {
    files.rename(fresh, path);
  }

  files.syncDirectory(parentOf(path));
  return {digest: digestOf(bytes), ino};
};

/** Takes a file away by renaming it to its pin; undoing renames it back. */
export const dropFile = (files: Files, path: string, before: FileBefore, transaction: string): FileAfter => {
  expectUnchanged(files, path, before);
  if (before !== null) {
    sweep(files, pinOf(path, transaction));
    files.rename(path, pinOf(path, transaction));
    files.syncDirectory(parentOf(path));
  }

  return null;
};

/** Gives back what was at a path. Idempotent. Somebody else's change since is left alone and reported. */
export const restoreFile = (
  files: Files,
  path: string,
  before: FileBefore,
  after: FileAfter | undefined,
  blobs: Blobs,
  transaction: string,
): Reverted | Conflict => {
  sweep(files, freshOf(path, transaction));
  const now = files.lstat(path);
  if (isBefore(files, path, now, before)) {
    sweep(files, pinOf(path, transaction));
    return {kind: 'nothing-to-do'};
  }

  if (!isOurs(files, path, now, after, before)) {
    return conflict(path);
  }

  if (before === null) {
    files.unlink(path);
  } else if (before.type === 'link') {
    sweep(files, pinOf(path, transaction));
    files.symlink(before.target, pinOf(path, transaction));
    files.rename(pinOf(path, transaction), path);
  } else if (files.lstat(pinOf(path, transaction)) !== undefined) {
    files.rename(pinOf(path, transaction), path);
  } else {
    rebuild(files, path, before, now !== undefined, blobs, transaction);
  }

  files.syncDirectory(parentOf(path));
  return {kind: 'reverted'};
};

/** Names of the second write of an undo, which merges with what others wrote since. */
export const mergeOf = (transaction: string) => `${transaction}-merge`;

/** Removes the pins of a path: from here on undo works from the blob. */
export const unpin = (files: Files, path: string, transaction: string) => {
  for (const owner of [transaction, mergeOf(transaction)]) {
    sweep(files, pinOf(path, owner));
    sweep(files, freshOf(path, owner));
  }
};

const pin = (files: Files, path: string, transaction: string) => {
  const name = pinOf(path, transaction);
  sweep(files, name);
  files.link(path, name);
  files.syncDirectory(parentOf(path));
};

const rebuild = (
  files: Files,
  path: string,
  before: Extract<FileBefore, {type: 'file'}>,
  exists: boolean,
  blobs: Blobs,
  transaction: string,
) => {
  const fresh = freshOf(path, transaction);
  files.create(fresh, blobs.get(before.digest), 0o600);
  if (exists) {
    files.copyAttributes(path, fresh);
  }

  files.chown(fresh, before.uid, before.gid);
  files.chmod(fresh, before.mode);
  files.setTime(fresh, BigInt(before.mtimeNs));
  files.syncFile(fresh);
  files.rename(fresh, path);
};

const sweep = (files: Files, path: string) => {
  if (files.lstat(path) !== undefined) {
    files.unlink(path);
  }
};

const isBefore = (files: Files, path: string, now: Stat | undefined, before: FileBefore) => {
  if (before === null || now === undefined) {
    return before === null && now === undefined;
  }

  if (before.type === 'link') {
    return now.type === 'link' && files.readLink(path) === before.target;
  }

  return (
    now.type === 'file' &&
    now.mode === before.mode &&
    now.uid === before.uid &&
    now.gid === before.gid &&
    String(now.mtimeNs) === before.mtimeNs &&
    digestAt(files, path) === before.digest
  );
};

// Without a record of what was left (a kill in between), the new file is ours when nothing but us could have made it so:
// it has another inode than before, and the old one is still pinned or there was none.
const isOurs = (
  files: Files,
  path: string,
  now: Stat | undefined,
  after: FileAfter | undefined,
  before: FileBefore,
) => {
  if (after === undefined) {
    return before === null || now === undefined || (before.type === 'file' && String(now.ino) !== before.ino);
  }

  return after === null ? now === undefined : now?.type === 'file' && digestAt(files, path) === after.digest;
};

const digestAt = (files: Files, path: string) => digestOf(files.read(path) ?? Buffer.alloc(0));

const expectUnchanged = (files: Files, path: string, before: FileBefore) => {
  const now = files.lstat(path);
  const same =
    before === null
      ? now === undefined
      : before.type === 'link'
        ? now?.type === 'link' && files.readLink(path) === before.target
        : now?.type === 'file' &&
          String(now.ino) === before.ino &&
          String(now.mtimeNs) === before.mtimeNs &&
          digestAt(files, path) === before.digest;
  if (!same) {
    throw new ProblemError({
      code: exitCode.stalePlan,
      what: fill(texts.moved, {path}),
      remedy: texts.movedRemedy,
    });
  }
};

const refused = (path: string, what: Text) =>
  new ProblemError({code: exitCode.internal, what: fill(what, {path}), remedy: texts.notFileRemedy});

const conflict = (path: string): Conflict => ({
  kind: 'conflict',
  path,
  finding: {
    id: `conflict:${path}`,
    severity: 'warning',
    summary: fill(texts.theirs, {path}),
    remedy: texts.theirsRemedy,
  },
});

const texts = {
  notFile: {en: '{path} is neither a file nor a link.', ja: '{path} はファイルでもリンクでもありません。'},
  notFileRemedy: {en: 'Move it out of the way first.', ja: '先に別の場所へ移してください。'},
  moved: {
    en: '{path} was changed by somebody else since the review.',
    ja: '{path} は確認後に他者によって変更されました。',
  },
  movedRemedy: {
    en: 'Plan again and look at the new diff.',
    ja: 'もう一度計画を作り、新しい差分を確認してください。',
  },
  theirs: {
    en: '{path} was changed since; that change is kept.',
    ja: '{path} はその後変更されたため、その変更を残しました。',
  },
  theirsRemedy: {
    en: 'Compare it with “dovetail show” and decide by hand.',
    ja: '「dovetail show」と見比べて手作業で判断してください。',
  },
} satisfies Record<string, Text>;
