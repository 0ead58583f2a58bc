/**
 * What stands before a password that is locked, as usermod(8) does it: no password hashes to it, the account is known as before
 * and gets its mail. A field `nologin` would not do: Postfix does not heed it, so sending would go on. The scheme is named
 * because data that is none of its scheme's is an internal failure to Dovecot with the others (password-scheme.c), and this one
 * is there in both 2.3 and 2.4.
 */
const mark = '{SHA512-CRYPT}!';

/** Whether a row of a passwd-file is locked. `at`: where its name ends. */
export const isLocked = (row: string, at = row.indexOf(':')) => row.startsWith(mark, at + 1) && at > 0;

/** The row with its password locked; everything else of it stays, the hash too. */
export const lockRow = (row: string) => (isLocked(row) ? row : withPassword(row, mark + passwordIn(row)));

/** The row with the very password field that it had before it was locked. */
export const unlockRow = (row: string) =>
  isLocked(row) ? withPassword(row, passwordIn(row).slice(mark.length)) : row;

const passwordIn = (row: string) => row.split(':', 2)[1] ?? '';

const withPassword = (row: string, password: string) => {
  const [name = '', , ...rest] = row.split(':');
  return [name, password, ...rest].join(':');
};
