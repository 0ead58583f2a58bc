import type {Files} from './types.js';

/** What daemons write into the folders of their packages while they run, and write anew whenever it is missing. */
const ownFiles: Readonly<Record<string, RegExp>> = {
  // EL's Dovecot makes itself a certificate when it is first started.
  '/etc/pki/dovecot/certs': /^dovecot\.pem(?:\.rpmsave)?$/,
  '/etc/pki/dovecot/private': /^dovecot\.pem(?:\.rpmsave)?$/,
  '/var/lib/dovecot': /^(?:instances|ssl-parameters\.dat)$/,
  '/var/lib/postfix':
    /^(?:master\.lock|prng_exch|(?:smtpd?|lmtp)_scache\.\w+|verify_cache\.\w+|postscreen_cache\.\w+)$/,
  '/var/spool/postfix/pid': /^(?:master\.pid|(?:inet|unix|unix-dgram|fifo|pass)\.\S+)$/,
};

/** Folders that hold sockets and what is listed above, and mail only in directories that are looked at on their own. */
const folders = ['/etc/pki/dovecot', '/var/lib/dovecot', '/var/lib/postfix', '/var/spool/postfix'];

/**
 * Takes away what daemons left in folders that were not there before their packages, so that the folders can go: sockets, process
 * numbers and caches; never a message nor anything else. `drop` takes a file away. Debian's packages do so themselves when they are purged, rpm(8) does not.
 */
export const dropRuntimeFiles = (
  files: Files,
  wasThere: (path: string) => boolean,
  drop: (path: string) => void,
) => {
  for (const folder of folders.filter(path => !wasThere(path))) {
    empty(files, folder, drop);
  }
};

/** Where Debian's Postfix finds files of /etc from inside its chroot. */
export const chrootCopies = '/var/spool/postfix/etc';

/**
 * Takes away copies of files that are gone with their packages: Postfix's start script (Debian's configure-instance.sh) makes them
 * whenever it finds such a file, and takes none away.
 */
export const dropChrootCopies = (
  files: Files,
  wasThere: (path: string) => boolean,
  drop: (path: string) => void,
) => {
  for (const name of files.list(chrootCopies) ?? []) {
    const path = `${chrootCopies}/${name}`;
    if (!wasThere(path) && files.lstat(path)?.type === 'file' && files.lstat(`/etc/${name}`) === undefined) {
      drop(path);
    }
  }
};

const empty = (files: Files, folder: string, drop: (path: string) => void) => {
  for (const name of files.list(folder) ?? []) {
    const path = `${folder}/${name}`;
    const type = files.lstat(path)?.type;
    if (type === 'directory') {
      empty(files, path, drop);
      if (files.list(path)?.length === 0) {
        files.removeDirectory(path);
      }
    } else if (type === 'other' || (type === 'file' && ownFiles[folder]?.test(name) === true)) {
      drop(path);
    }
  }
};
