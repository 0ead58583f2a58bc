import {parentOf} from './files.js';
import type {Files} from './types.js';

/** Removes what is at a path with all that is in it; links are removed, never followed. */
export const removeTree = (files: Files, path: string): void => {
  if (files.lstat(path) !== undefined) {
    remove(files, path);
    files.syncDirectory(parentOf(path));
  }
};

const remove = (files: Files, path: string) => {
  if (files.lstat(path)?.type !== 'directory') {
    files.unlink(path);
    return;
  }

  for (const name of files.list(path) ?? []) {
    remove(files, `${path}/${name}`);
  }

  files.removeDirectory(path);
};
