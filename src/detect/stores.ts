import type {Facts} from '../core/facts.js';
import type {Host} from '../system/types.js';

/** Homes that are looked into: enough to name what is there, on a server with any number of accounts. */
const most = 50;

/** Mail that lies in homes ROOT/DOMAIN/NAME, directly or in a folder below, told by what its format makes. */
export const storesIn = ({files}: Pick<Host, 'files'>, root: string): NonNullable<Facts['stores']> => {
  const names = (folder: string) => files.list(folder) ?? [];
  const isFolder = (path: string) => files.lstat(path)?.type === 'directory';
  const below = (folder: string) =>
    names(folder)
      .map(name => `${folder}/${name}`)
      .filter(isFolder);
  const homes = isFolder(root) ? below(root).flatMap(below).slice(0, most) : [];
  return homes.flatMap(home => {
    for (const path of [home, ...below(home)]) {
      const format = formatOf(names(path));
      if (format !== undefined) {
        return [{path, format}];
      }
    }

    return [];
  });
};

// Dovecot wiki, MailboxFormat: Maildir has cur, new and tmp; dbox keeps folders below mailboxes, mdbox its mail in storage.
const formatOf = (names: readonly string[]) => {
  const has = (...wanted: readonly string[]) => wanted.every(name => names.includes(name));
  return has('cur', 'new', 'tmp')
    ? 'maildir'
    : has('mailboxes', 'storage')
      ? 'mdbox'
      : has('mailboxes')
        ? 'sdbox'
        : names.includes('inbox') || names.includes('.imap')
          ? 'mbox'
          : undefined;
};
