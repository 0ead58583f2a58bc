import type {Block, DovecotDialect} from '../../core/edit.js';
import type {DovecotSettings, MailStore} from '../../core/setting.js';
import {readPattern} from './pattern.js';
import {inboxPath, localAt, usernames} from './settings.js';

/** The value of a setting, unquoted, outside of all blocks or in some. */
export type Get = (key: string, ...at: readonly Block[]) => string | undefined;

/** `maildir:~/Maildir`, `mbox:~/mail:INBOX=/var/mail/%u`; any other option is the machine's own way (doc: MailLocation). */
export const storeOf = (location: string | undefined): MailStore | undefined => {
  const [format = '', path = '', ...options] = (location ?? '').split(':');
  const where = readPattern(path, '2.3');
  const inbox = options.find(option => option.startsWith('INBOX='))?.slice('INBOX='.length);
  const spool = inbox === undefined ? undefined : readPattern(inbox, '2.3');
  return isFormat(format) && where !== undefined && options.length === (inbox === undefined ? 0 : 1)
    ? {format, path: where, ...(spool === undefined ? {} : {inbox: spool})}
    : undefined;
};

/** The same as 2.4 says it. */
export const storeOf24 = (get: Get): MailStore | undefined => {
  const format = get('mail_driver') ?? '';
  const where = readPattern(get('mail_path') ?? '', '2.4');
  const inbox = get('mail_inbox_path') ?? '';
  // A Maildir with the inbox below itself is 2.4's own way, and the machine's.
  const spool =
    inbox === (isFormat(format) ? inboxPath(format, get('mail_path') ?? '') : '')
      ? undefined
      : inbox === ''
        ? `${where}/.INBOX`
        : readPattern(inbox, '2.4');
  return isFormat(format) && where !== undefined
    ? {format, path: where, ...(spool === undefined ? {} : {inbox: spool})}
    : undefined;
};

const isFormat = (word: string): word is MailStore['format'] =>
  ['sdbox', 'mdbox', 'maildir', 'mbox'].includes(word);

/** How names to log in with are written, where it is one of our ways. */
export const usernameOf = (
  value: string | undefined,
  dialect: DovecotDialect,
): DovecotSettings['auth.username'] | undefined =>
  (['lower', 'lower-local-part'] as const).find(way => usernames[dialect][way] === value);

/** The same for recipients. */
export const lmtpUsernameOf = (
  value: string | undefined,
  dialect: DovecotDialect,
): DovecotSettings['lmtp.username'] | undefined => {
  const host = /;eq;([^;]+);|regexp\('\^\(\.\*\)@([^$']+)\$'/
    .exec(value ?? '')
    ?.slice(1)
    .find(Boolean)
    ?.replaceAll(String.raw`\\.`, '.');
  return host !== undefined && localAt(host, dialect) === value
    ? {localAt: host}
    : usernameOf(value, dialect);
};

/** A path with placeholders, in neutral words. */
export const pattern = (value: string | undefined, dialect: DovecotDialect) =>
  value === undefined ? undefined : readPattern(value, dialect);
/** A whole number; anything else is the machine’s own way. */
export const wholeNumber = (value: string | undefined) =>
  value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
/** A switch. */
export const yesNo = (value: string | undefined) =>
  value === 'yes' ? true : value === 'no' ? false : undefined;
/** The opposite of a switch that may be missing. */
export const not = (value: boolean | undefined) => (value === undefined ? undefined : !value);
/** One of some words. */
export const oneOf = <V extends string>(value: string | undefined, all: readonly V[]) =>
  all.find(candidate => candidate === value);

/** Entries without those that are undefined. */
export const defined = <T extends object>(entries: T) =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
