import {digestAt} from '../system/blobs.js';
import type {ReadFiles} from '../system/types.js';

/** What `observe` says of a path: small, comparable, no content. */
export type SeenFile = {
  readonly type: string;
  readonly digest?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
} | null;

export const seeFile = (files: ReadFiles, path: string): SeenFile => {
  const stat = files.lstat(path);
  if (stat === undefined) {
    return null;
  }

  const {type, mode, uid, gid} = stat;
  return type === 'file' ? {type, digest: digestAt(files, path), mode, uid, gid} : {type, mode, uid, gid};
};
