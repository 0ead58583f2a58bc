import {resolve} from 'node:path/posix';
import {certbotFolder} from '../core/acme.js';
import type {ReadFiles} from '../system/types.js';

/** Bytes of a file that are looked through: configuration is small. */
const small = 262_144;

/**
 * Files of configuration that name a path, and links to it, without certbot's own: who else uses it. What was installed by hand has its
 * configuration under /usr/local/etc and /opt/NAME/etc (hier(7), FHS 3.0); hooks of renewals may copy a certificate elsewhere.
 */
export const usersOf = (files: ReadFiles, path: string): readonly string[] => {
  const found: string[] = [];
  const names = (child: string, name: string) => {
    const stat = files.lstat(child);
    // Names that an editor or a transaction leaves beside are nobody's.
    return name.endsWith('~')
      ? false
      : stat?.type === 'link'
        ? `${resolve(child, '..', files.readLink(child) ?? '')}/`.startsWith(path)
        : stat?.type === 'file' && stat.size <= small && files.read(child)?.includes(path) === true;
  };
  const walk = (folder: string) => {
    for (const name of files.list(folder) ?? []) {
      const child = `${folder}/${name}`;
      if (files.lstat(child)?.type !== 'directory') {
        names(child, name) && found.push(child);
      } else if (child !== certbotFolder) {
        walk(child);
      }
    }
  };

  const roots = ['/etc', `${certbotFolder}/renewal-hooks`, '/usr/local/etc'];
  [...roots, ...(files.list('/opt') ?? []).map(name => `/opt/${name}/etc`)].forEach(walk);
  return found;
};
