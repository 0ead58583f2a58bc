import type {ReadFiles} from './types.js';

const folder = '/etc/dovecot/';
const copies = '/usr/share/dovecot/';

/**
 * Dovecot's configuration as the packages that are installed bring it: latin1 text by path. Debian's packages keep a copy of each
 * file and have ucf(1) put it in place; what ucf once put there and somebody took away does not come back by itself, whatever is
 * installed again. Undefined where the packages are not of that kind, or their copies are gone.
 */
export const packagedDovecot = (files: ReadFiles): Readonly<Record<string, string>> | undefined => {
  const text = (path: string) => files.read(path)?.toString('latin1');
  const found: Record<string, string> = {};
  for (const line of (text('/var/lib/ucf/registry') ?? '').split('\n')) {
    const [owner = '', path = ''] = line.trim().split(/\s+/);
    // A package that was removed and not purged is still on that list; its copies went with it.
    const copy =
      owner.startsWith('dovecot-') && path.startsWith(folder)
        ? text(`${copies}${path.slice(folder.length)}`)
        : undefined;
    if (copy !== undefined) {
      found[path] = copy;
    }
  }

  return found[`${folder}dovecot.conf`] === undefined ? undefined : found;
};
