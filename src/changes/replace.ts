import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import {digestAt, digestOf} from '../system/blobs.js';
import {parentOf} from '../system/files.js';
import type {Blobs, Files} from '../system/types.js';
import {
  type FileAfter,
  type FileBefore,
  isAsCaptured,
  isBefore,
  isLikeCaptured,
  type Owner,
  placeOf,
} from './capture.js';
import {refuseUnsafe} from './ground.js';
import {namesOf, sweep} from './names.js';
import {swapIn, takeAway} from './swap.js';
import type {Conflict, Reverted} from './types.js';

/**
 * What a path is to hold: bytes, with their digest where it is known already; or a file that a program made beside the path, which
 * takes its place without being read and written once more.
 */
export type Next =
  | Uint8Array
  | {readonly bytes: Uint8Array; readonly digest: string}
  | {readonly made: string};

/**
 * Puts something at a path so that at every moment the old or the new file is there, whole. The old file stays reachable by a
 * hard link (the pin) until the transaction is closed: undoing is then one exchange, with inode, times and attributes. The
 * new file keeps a second name too, until it is on record: it proves after a kill that what is at the path is ours.
 */
export const putFile = (
  files: Files,
  path: string,
  next: Next,
  owner: Owner,
  before: FileBefore,
  transaction: string,
): FileAfter => {
  const place = placeOf(path, before);
  const names = namesOf(place, transaction);
  refuseUnsafe(files, place);
  Object.values(names).forEach(name => void sweep(files, name));
  expectUnchanged(files, place, before);
  if (before?.type === 'file' && before.mounted === true) {
    const bytes = bytesOf(files, next);
    files.overwrite(place, bytes);
    if ('made' in next) {
      sweep(files, next.made);
    }

    return {digest: digestOf(bytes), ino: before.ino};
  }

  if (before?.type === 'file') {
    pin(files, place, names.pin);
  }

  if ('made' in next) {
    files.rename(next.made, names.fresh);
  } else {
    files.create(names.fresh, bytesOf(files, next), 0o600);
  }

  if (before?.type === 'file') {
    files.copyAttributes(names.pin, names.fresh);
  }

  // chown(2) clears setuid, so the mode comes after it.
  files.chown(names.fresh, owner.uid, owner.gid);
  files.chmod(names.fresh, owner.mode);
  files.syncFile(names.fresh);
  // Both names are durable before the path changes: without them an undo could not tell whose file it finds.
  files.syncDirectory(parentOf(place));
  const ino = String(files.lstat(names.fresh)?.ino ?? 0n);
  const digest =
    'made' in next ? digestAt(files, names.fresh) : 'bytes' in next ? next.digest : digestOf(next);
  if (before === null) {
    make(files, names.fresh, place);
  } else {
    files.link(names.fresh, names.put);
    const isThere = (name: string) => isAsCaptured(files, name, before);
    if (!swapIn(files, names.put, place, isThere, name => isLikeCaptured(files, name, before))) {
      throw moved(place);
    }

    sweep(files, names.put);
  }

  files.syncDirectory(parentOf(place));
  return {digest, ino};
};

const bytesOf = (files: Files, next: Next): Uint8Array =>
  'made' in next ? (files.read(next.made) ?? Buffer.alloc(0)) : 'bytes' in next ? next.bytes : next;

/** Takes a file away by renaming it to its pin; undoing gives the same inode back. */
export const dropFile = (files: Files, path: string, before: FileBefore, transaction: string): FileAfter => {
  refuseUnsafe(files, path);
  const {pin: side} = namesOf(path, transaction);
  if (before !== null) {
    sweep(files, side);
    if (!takeAway(files, path, side, name => isAsCaptured(files, name, before))) {
      throw moved(path);
    }

    files.syncDirectory(parentOf(path));
  } else {
    expectUnchanged(files, path, before);
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
  const place = placeOf(path, before);
  const names = namesOf(place, transaction);
  refuseUnsafe(files, place);
  if (isBefore(files, place, before)) {
    tidy(files, place, transaction);
    return {kind: 'nothing-to-do'};
  }

  sweep(files, names.put);
  const isOurs = (name: string) => isLeftByUs(files, name, names, after, before);
  if (!isOurs(place) || !giveBack(files, place, before, blobs, names, isOurs)) {
    return conflict(place);
  }

  // What was exchanged out is only let go of once the exchange is durable.
  files.syncDirectory(parentOf(place));
  tidy(files, place, transaction);
  return {kind: 'reverted'};
};

const giveBack = (
  files: Files,
  place: string,
  before: FileBefore,
  blobs: Blobs,
  names: ReturnType<typeof namesOf>,
  isOurs: (name: string) => boolean,
): boolean => {
  if (before === null) {
    return takeAway(files, place, names.put, isOurs);
  }

  if (before.type === 'link') {
    files.symlink(before.target, names.put);
    return files.lstat(place) === undefined
      ? renameBack(files, names.put, place)
      : swapIn(files, names.put, place, isOurs);
  }

  if (before.mounted === true) {
    files.overwrite(place, blobs.get(before.digest));
    files.chown(place, before.uid, before.gid);
    files.chmod(place, before.mode);
    files.setTime(place, BigInt(before.mtimeNs));
    files.syncFile(place);
    return true;
  }

  const pinned = String(files.lstat(names.pin)?.ino) === before.ino;
  const side = pinned ? names.pin : rebuild(files, place, before, blobs, names.put);
  return files.lstat(place) === undefined
    ? renameBack(files, side, place)
    : swapIn(files, side, place, isOurs);
};

// The old file, made again beside the path from what the transaction kept; or the very old one, where another name in the
// same directory still holds it.
const rebuild = (
  files: Files,
  place: string,
  before: Extract<FileBefore, {type: 'file'}>,
  blobs: Blobs,
  side: string,
) => {
  const sibling =
    before.nlink > 1
      ? (files.list(parentOf(place)) ?? [])
          .map(name => `${parentOf(place)}/${name}`)
          .find(name => isAsCaptured(files, name, before))
      : undefined;
  if (sibling !== undefined) {
    files.link(sibling, side);
    return side;
  }

  files.create(side, blobs.get(before.digest), 0o600);
  const attributes = before.carrier ?? (files.lstat(place)?.type === 'file' ? place : undefined);
  if (attributes !== undefined) {
    files.copyAttributes(attributes, side);
  }

  files.chown(side, before.uid, before.gid);
  files.chmod(side, before.mode);
  files.setTime(side, BigInt(before.mtimeNs));
  files.syncFile(side);
  return side;
};

// Nothing is at the path: link(2) never clobbers what somebody else makes there meanwhile.
const renameBack = (files: Files, side: string, place: string) => {
  try {
    files.link(side, place);
    return true;
  } catch (error) {
    if ((error as {code?: string}).code === 'EEXIST') {
      return false;
    }

    throw error;
  }
};

const make = (files: Files, fresh: string, place: string) => {
  if (!renameBack(files, fresh, place)) {
    throw moved(place);
  }
};

const pin = (files: Files, place: string, name: string) => {
  try {
    files.link(place, name);
  } catch (error) {
    throw (error as {code?: string}).code === 'EPERM' && files.lstat(place)?.type === 'file'
      ? new ProblemError({
          code: exitCode.rolledBack,
          what: fill(texts.fixed, {path: place}),
          remedy: fill(texts.fixedRemedy, {path: place}),
        })
      : error;
  }
};

const tidy = (files: Files, place: string, transaction: string) => {
  const left = Object.values(namesOf(place, transaction)).map(name => sweep(files, name));
  if (left.includes(true)) {
    files.syncDirectory(parentOf(place));
  }
};

// Without a record of what was left (a kill in between), a file is ours when it is the one that our second name holds, and a
// missing one is our doing when the pin still holds it.
const isLeftByUs = (
  files: Files,
  name: string,
  {pin: pinned, fresh}: ReturnType<typeof namesOf>,
  after: FileAfter | undefined,
  before: FileBefore,
) => {
  const now = files.lstat(name);
  if (after !== undefined) {
    return after === null
      ? now === undefined
      : now?.type === 'file' && digestAt(files, name) === after.digest;
  }

  if (now === undefined) {
    return before?.type === 'file'
      ? String(files.lstat(pinned)?.ino) === before.ino
      : files.lstat(pinned)?.type === 'link';
  }

  return before?.type === 'file' && before.mounted === true
    ? String(now.ino) === before.ino
    : now.type === 'file' && now.ino === files.lstat(fresh)?.ino;
};

const expectUnchanged = (files: Files, path: string, before: FileBefore) => {
  if (!isAsCaptured(files, path, before)) {
    throw moved(path);
  }
};

const moved = (path: string) =>
  new ProblemError({
    code: exitCode.stalePlan,
    what: fill(texts.moved, {path}),
    remedy: texts.movedRemedy,
  });

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
  moved: {
    en: '{path} was changed by somebody else since the review.',
    ja: '{path} は確認後に他者によって変更されました。',
  },
  movedRemedy: {
    en: 'Plan again and look at the new diff.',
    ja: 'もう一度計画を作り、新しい差分を確認してください。',
  },
  fixed: {
    en: '{path} cannot be replaced: it is marked as not to be changed.',
    ja: '{path} は変更禁止の属性が付いているため、置き換えられません。',
  },
  fixedRemedy: {
    en: 'See “lsattr {path}”; dovetail does not take such a mark away. If it should go: “chattr -i -a {path}”.',
    ja: '「lsattr {path}」で確認してください。dovetail はこの属性を外しません。外す場合: 「chattr -i -a {path}」',
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
