import {certbotFolder} from '../core/acme.js';
import type {ReadFiles} from '../system/types.js';

/** Bytes of a file that are looked through: configuration is small. */
const small = 262_144;

/** Files of configuration that name a path, without certbot's own: who else uses it. */
export const usersOf = (files: ReadFiles, path: string): readonly string[] => {
  const found: string[] = [];
  const walk = (folder: string) => {
    for (const name of files.list(folder) ?? []) {
      const child = `${folder}/${name}`;
      const stat = files.lstat(child);
      if (stat?.type === 'directory' && child !== certbotFolder) {
        walk(child);
      } else if (
        stat?.type === 'file' &&
        stat.size <= small &&
        // Names that an editor or a transaction leaves beside.
        !name.endsWith('~') &&
        files.read(child)?.includes(path) === true
      ) {
        found.push(child);
      }
    }
  };

  walk('/etc');
  return found;
};
