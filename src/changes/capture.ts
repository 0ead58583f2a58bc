import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import {digestAt} from '../system/blobs.js';
import type {Blobs, Files, ReadFiles} from '../system/types.js';
import {isMounted, realOf, refuseUnsafe} from './ground.js';

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
      /** Names that the file had. */
      readonly nlink: number;
      /** Where the path is a link: the file that it leads to, which is the one that is changed. */
      readonly at?: string;
      /** It is a mount point: it can only be written in place. */
      readonly mounted?: true;
      /** An empty file of the transaction that carries its ACLs and extended attributes. */
      readonly carrier?: string;
    };

/** What a change left at a path; null: nothing. */
export type FileAfter = {readonly digest: string; readonly ino: string} | null;

export type Owner = {readonly uid: number; readonly gid: number; readonly mode: number};

/** Records what is at a path; its bytes go into a blob. Directories and devices are refused, and ways that others can change. */
export const captureFile = (files: Files, path: string, blobs: Blobs): FileBefore => {
  refuseUnsafe(files, path);
  const stat = files.lstat(path);
  if (stat === undefined) {
    return null;
  }

  if (stat.type === 'link') {
    return {type: 'link', target: files.readLink(path) ?? ''};
  }

  if (stat.type !== 'file') {
    throw new ProblemError({
      code: exitCode.internal,
      what: fill(texts.notFile, {path}),
      remedy: texts.notFileRemedy,
    });
  }

  const digest = blobs.keep?.(path) ?? blobs.put(files.read(path) ?? Buffer.alloc(0));
  const carrier = blobs.carry?.(path);
  return {
    type: 'file',
    digest,
    mode: stat.mode,
    uid: stat.uid,
    gid: stat.gid,
    mtimeNs: String(stat.mtimeNs),
    ino: String(stat.ino),
    nlink: stat.nlink,
    ...(isMounted(files, path) ? {mounted: true as const} : {}),
    ...(carrier === undefined ? {} : {carrier}),
  };
};

/** Like `captureFile`, for files that are edited and not replaced whole: a link stays, what it leads to is edited. */
export const captureTarget = (files: Files, path: string, blobs: Blobs): FileBefore => {
  const at = realOf(files, path);
  const before = captureFile(files, at, blobs);
  return before?.type === 'file' && at !== path ? {...before, at} : before;
};

/** The path that is really written. */
export const placeOf = (path: string, before: FileBefore) =>
  before?.type === 'file' ? (before.at ?? path) : path;

/** Whether a name still holds the very file that was captured: the same inode, time and bytes. */
export const isAsCaptured = (files: ReadFiles, name: string, before: FileBefore) =>
  isLikeCaptured(files, name, before) && (before?.type !== 'file' || digestAt(files, name) === before.digest);

/** The same as far as it can be told without reading the file. */
export const isLikeCaptured = (files: ReadFiles, name: string, before: FileBefore) => {
  const now = files.lstat(name);
  if (before === null) {
    return now === undefined;
  }

  return before.type === 'link'
    ? now?.type === 'link' && files.readLink(name) === before.target
    : now?.type === 'file' && String(now.ino) === before.ino && String(now.mtimeNs) === before.mtimeNs;
};

/** Whether a path holds again what it held before, in whatever inode. */
export const isBefore = (files: ReadFiles, path: string, before: FileBefore) => {
  const now = files.lstat(path);
  if (before === null || now === undefined) {
    return before === null && now === undefined;
  }

  return before.type === 'link'
    ? now.type === 'link' && files.readLink(path) === before.target
    : now.type === 'file' &&
        now.mode === before.mode &&
        now.uid === before.uid &&
        now.gid === before.gid &&
        String(now.mtimeNs) === before.mtimeNs &&
        digestAt(files, path) === before.digest;
};

const texts = {
  notFile: {en: '{path} is neither a file nor a link.', ja: '{path} はファイルでもリンクでもありません。'},
  notFileRemedy: {en: 'Move it out of the way first.', ja: '先に別の場所へ移してください。'},
} satisfies Record<string, Text>;
