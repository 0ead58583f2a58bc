import {createHash} from 'node:crypto';
import type {Blobs, Files, ReadFiles} from './types.js';

/** sha256 of bytes, hex: the name of a blob. */
export const digestOf = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

/** The name that the content of a file has, or would have, as a blob; where nothing is there, that of no bytes. */
export const digestAt = (
  files: Pick<ReadFiles, 'digest'>,
  path: string,
  options: {readonly follow?: boolean} = {},
) => files.digest(path, options) ?? digestOf('');

/** Blobs of a plan that is not applied yet. */
export const memoryBlobs = (): Blobs => {
  const kept = new Map<string, Buffer>();
  return {
    put: bytes => {
      const digest = digestOf(bytes);
      kept.set(digest, Buffer.from(bytes));
      return digest;
    },
    get: digest => kept.get(digest) ?? missing(digest),
    has: digest => kept.has(digest),
  };
};

/** Blobs in a folder, each 0600 and durable before its digest is given out; what is read is checked against its name. */
export const folderBlobs = (files: Files, folder: string): Blobs => ({
  put: bytes => {
    const digest = digestOf(bytes);
    const path = `${folder}/${digest}`;
    if (files.lstat(path) === undefined) {
      if (files.lstat(`${path}.new`) !== undefined) {
        files.unlink(`${path}.new`);
      }

      files.create(`${path}.new`, bytes, 0o600);
      files.syncFile(`${path}.new`);
      files.rename(`${path}.new`, path);
      files.syncDirectory(folder);
    }

    return digest;
  },
  keep: path => {
    const fresh = `${folder}/copy.new`;
    if (files.lstat(fresh) !== undefined) {
      files.unlink(fresh);
    }

    const digest = files.copy(path, fresh, 0o600);
    if (digest !== undefined && files.lstat(`${folder}/${digest}`) !== undefined) {
      files.unlink(fresh);
    } else if (digest !== undefined) {
      files.syncFile(fresh);
      files.rename(fresh, `${folder}/${digest}`);
      files.syncDirectory(folder);
    }

    return digest;
  },
  get: digest => {
    const bytes = files.read(`${folder}/${digest}`);
    if (bytes === undefined || digestOf(bytes) !== digest) {
      return missing(digest);
    }

    return bytes;
  },
  has: digest => files.lstat(`${folder}/${digest}`) !== undefined,
  where: digest => `${folder}/${digest}`,
  carry: path => {
    const carrier = `${folder}/attributes-${digestOf(`${files.lstat(path)?.ino ?? 0n} ${path}`).slice(0, 32)}`;
    if (files.lstat(carrier) === undefined) {
      const fresh = `${carrier}.new`;
      if (files.lstat(fresh) !== undefined) {
        files.unlink(fresh);
      }

      files.create(fresh, new Uint8Array(), 0o600);
      try {
        files.copyAttributes(path, fresh);
      } catch {
        // The file system of the state folder keeps none: an undo after the commit then takes them from the file in place.
        files.unlink(fresh);
        return undefined;
      }

      files.syncFile(fresh);
      files.rename(fresh, carrier);
      files.syncDirectory(folder);
    }

    return carrier;
  },
});

const missing = (digest: string): never => {
  throw new Error(`blob ${digest} is missing or damaged`);
};
