import {rolesAt} from '../config/aliases/judge.js';
import {eachRow} from '../config/rows/scan.js';
import {wholeRow} from '../config/rows/whole.js';
import type {Host} from '../system/types.js';

/** Bytes of a file that are read whole as configuration. */
const large = 5_000_000;
/** Two files may be far larger: of these, what is told apart by it is a fact. */
const most = 64 * 1024 * 1024;
/** Bytes of a list that is read as configuration by whoever looks at the list itself. */
const small = 256 * 1024;
/** Lists that grow with the accounts. */
const lists: readonly string[] = ['/etc/dovecot/users', '/etc/postfix/virtual', '/etc/postfix/vmailbox'];

/** The accounts of a list, without all else that stands in their lines. */
const namesIn = (bytes: Buffer): string => {
  const names: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf('\n', at);
    const stop = end < 0 ? bytes.length : end;
    const colon = bytes.indexOf(':', at);
    if (colon > at && colon < stop) {
      names.push(bytes.toString('latin1', at, colon + 1));
    }

    at = stop + 1;
  }

  return names.join('\n');
};

const roles = rolesAt('');

/** Who reads the mail for the roles, as a table of addresses has it. */
const rolesIn = (bytes: Buffer): string => {
  const rows: string[] = [];
  const text = bytes.toString('latin1');
  eachRow(text, (line, at) => {
    roles.some(role => line.startsWith(role)) && rows.push(wholeRow(text, 'table', at));
  });
  return rows.join('\n');
};

const parts: Readonly<Record<string, (bytes: Buffer) => string>> = {
  '/etc/dovecot/users': namesIn,
  '/etc/postfix/virtual': rolesIn,
};

/**
 * What a file of configuration is known by: its text, or of a very large one a part, where that is asked for; undefined where it is
 * not read.
 */
export const configText = (
  host: Pick<Host, 'files'>,
  path: string,
  size: bigint | number,
  text: (path: string) => string,
  partly = true,
): string | undefined => {
  if (size < (partly || !lists.includes(path) ? large : small)) {
    return text(path);
  }

  const part = partly && size < most ? parts[path] : undefined;
  return part === undefined ? undefined : linesOf(host, path, part);
};

// Both go line by line, so that the file is never in memory whole.
const linesOf = ({files}: Pick<Host, 'files'>, path: string, part: (bytes: Buffer) => string) => {
  if (files.parts === undefined) {
    return part(files.read(path, {limit: most}) ?? Buffer.alloc(0));
  }

  const found: string[] = [];
  files.parts(path, bytes => {
    const lines = part(bytes);
    lines === '' || found.push(lines);
    return false;
  });
  return found.join('\n');
};
