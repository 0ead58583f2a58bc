import {listItems} from '../../config/list.js';
import {unquote} from '../../config/dovecot/parse.js';
import type {Block, DovecotDialect} from '../../core/edit.js';
import type {Facts} from '../../core/facts.js';
import type {DovecotLists, DovecotSettings, MailStore} from '../../core/setting.js';
import {type Effective, effective, type Opened, opened} from '../effective.js';
import {treeOf} from '../tree.js';
import {readPattern} from './pattern.js';
import {inboxPath, localAt, usernames} from './settings.js';

/** A password or user database as the machine has it; `values` are its own settings, unquoted. */
export type DatabaseThere = {readonly driver: string; readonly values: Readonly<Record<string, string>>};

/** Servers of a database as Dovecot 2.4 has them: `values` also holds those of `parameters`, under their bare names. */
export type SqlThere = {
  readonly driver?: string;
  readonly file?: string;
  readonly servers: readonly {readonly host: string; readonly values: Readonly<Record<string, string>>}[];
};

/** A TCP listener as the machine has it; undefined where it says nothing. */
export type ListenerThere = {
  readonly service: string;
  readonly name: string;
  readonly port?: number;
  readonly tls?: boolean;
};

/** A Sieve script as the machine has it; `path` as it is written. */
export type ScriptThere = {
  readonly when: 'personal' | 'before';
  readonly path: string;
  readonly place: number;
};

/** What a machine's Dovecot is set to, by meaning. What has no neutral meaning is missing: the machine does it its own way. */
export type DovecotThere = {
  /** Settings outside of all blocks whose meaning is only known together: those of the LDAP and TLS clients, unquoted. */
  readonly clients: Readonly<Record<string, string>>;
  /** Characters that a name to log in with may have, where the machine says so; empty: any. */
  readonly nameCharacters?: string;
  readonly settings: Partial<DovecotSettings>;
  readonly lists: {readonly [K in keyof DovecotLists]?: readonly string[]};
  readonly passdbs: readonly DatabaseThere[];
  readonly userdbs: readonly DatabaseThere[];
  /** 2.4 only: the database that is asked, its servers by host or path (2.3 keeps them in a file of its own). */
  readonly sql: SqlThere;
  readonly listeners: readonly ListenerThere[];
  /** Sieve scripts: each user's own, and those that are run before it, in order. */
  readonly scripts: readonly ScriptThere[];
  /** `auto` of folders in the inbox namespace, by name. */
  readonly mailboxes: Readonly<Record<string, string>>;
};

const known = new WeakMap<Facts, DovecotThere>();

/** Reads the configuration files of the facts; the inverse of the renderers. */
export const readDovecot = (facts: Facts): DovecotThere => {
  const earlier = known.get(facts);
  if (earlier !== undefined) {
    return earlier;
  }

  const tree = treeOf(facts);
  const there = read(effective(tree), opened(tree), facts.dovecot?.dialect ?? '2.3');
  known.set(facts, there);
  return there;
};

const read = (
  all: readonly Effective[],
  blocks: readonly Opened[],
  dialect: DovecotDialect,
): DovecotThere => {
  const get = (key: string, ...at: readonly Block[]) => {
    const found = all.findLast(entry => entry.key === key && sameBlocks(entry.path, at));
    return found === undefined ? undefined : unquote(found.value.trim());
  };

  const nameCharacters = get('auth_username_chars');
  return {
    ...(nameCharacters === undefined ? {} : {nameCharacters}),
    clients: Object.fromEntries(
      all
        .filter(({path, key}) => path.length === 0 && /^(?:ldap|ssl_client)_/.test(key))
        .map(({key, value}) => [key, unquote(value.trim())]),
    ),
    settings: settingsThere(get, dialect),
    lists: listsThere(all, dialect),
    passdbs: databases(all, blocks, 'passdb', dialect),
    userdbs: databases(all, blocks, 'userdb', dialect),
    sql: sqlThere(all, get),
    listeners: listenersThere(all),
    scripts: dialect === '2.3' ? numberedScripts(get) : scriptBlocks(all),
    mailboxes: Object.fromEntries(
      all
        .filter(
          ({path, key}) =>
            key === 'auto' &&
            path.length === 2 &&
            path[0]?.type === 'namespace' &&
            path[1]?.type === 'mailbox',
        )
        .map(({path, value}) => [path[1]?.name ?? '', value.trim()]),
    ),
  };
};

type Get = (key: string, ...at: readonly Block[]) => string | undefined;

const settingsThere = (get: Get, dialect: DovecotDialect): Partial<DovecotSettings> => {
  const old = dialect === '2.3';
  const file = (value: string | undefined) => (old ? value?.replace(/^</, '') : value);
  const lmtp: Block = {type: 'protocol', name: 'lmtp'};
  return defined({
    listen: get('listen')
      ?.split(/[\s,]+/)
      .filter(Boolean),
    'mail.store': old ? storeOf(get('mail_location')) : storeOf24(get),
    'mail.home': pattern(get('mail_home'), dialect),
    'mail.uid': get('mail_uid'),
    'mail.gid': get('mail_gid'),
    'mail.first_valid_uid': wholeNumber(get('first_valid_uid')),
    'mail.last_valid_uid': wholeNumber(get('last_valid_uid')),
    'mail.privileged_group': get('mail_privileged_group'),
    'tls.mode': oneOf(get('ssl'), ['required', 'yes', 'no'] as const),
    'tls.certificate': file(get(old ? 'ssl_cert' : 'ssl_server_cert_file')),
    'tls.key': file(get(old ? 'ssl_key' : 'ssl_server_key_file')),
    'tls.min_protocol': oneOf(get('ssl_min_protocol'), ['TLSv1.2', 'TLSv1.3'] as const),
    'tls.dh': file(get(old ? 'ssl_dh' : 'ssl_server_dh_file')),
    'auth.cleartext': old ? not(yesNo(get('disable_plaintext_auth'))) : yesNo(get('auth_allow_cleartext')),
    'auth.username': usernameOf(get('auth_username_format'), dialect),
    'auth.realm': get(old ? 'auth_default_realm' : 'auth_default_domain'),
    'lmtp.username': lmtpUsernameOf(get('auth_username_format', lmtp), dialect),
    'lmtp.postmaster': get('postmaster_address', lmtp) ?? get('postmaster_address'),
  });
};

const listsThere = (all: readonly Effective[], dialect: DovecotDialect): DovecotThere['lists'] => {
  const words = (key: string, ...at: readonly Block[]) => {
    // `protocols = $protocols imap`: a list may be built on what it was before.
    const value = all
      .filter(entry => entry.key === key && sameBlocks(entry.path, at))
      .reduce<string | undefined>(
        (before, entry) => unquote(entry.value.trim()).replaceAll(`$${key}`, before ?? ''),
        undefined,
      );
    return value === undefined ? undefined : listItems(value);
  };
  // 2.4 has boolean lists: each item is a setting inside a block of the list's name.
  const booleans = (key: string, outer: readonly Block[]) => {
    const own = all.filter(({path}) => sameBlocks(path, [...outer, {type: key}]));
    return own.length === 0
      ? words(key, ...outer)
      : [...new Map(own.map(({key: name, value}) => [name, value.trim()]))]
          .filter(([, value]) => value === 'yes')
          .map(([name]) => name);
  };
  const list = (key: string, outer: readonly Block[] = []) =>
    dialect === '2.3' ? words(key, ...outer) : booleans(key, outer);
  return defined({
    protocols: list('protocols'),
    'auth.mechanisms': words('auth_mechanisms'),
    'mail.plugins': list('mail_plugins'),
    'lmtp.plugins': list('mail_plugins', [{type: 'protocol', name: 'lmtp'}]),
    'lda.plugins': list('mail_plugins', [{type: 'protocol', name: 'lda'}]),
    'imap.plugins': list('mail_plugins', [{type: 'protocol', name: 'imap'}]),
  });
};

// 2.3 leaves these blocks unnamed and tells them apart by `driver`; 2.4 names them after it.
const databases = (
  all: readonly Effective[],
  blocks: readonly Opened[],
  type: 'passdb' | 'userdb',
  dialect: DovecotDialect,
): readonly DatabaseThere[] => {
  const found = new Map<string, {name?: string; values: Record<string, string>}>();
  for (const {path, file, at} of blocks) {
    const block = path[0];
    if (block?.type === type && path.length === 1) {
      found.set(`${file}:${at}`, {...(block.name === undefined ? {} : {name: block.name}), values: {}});
    }
  }

  for (const {path, key, value, file, located} of all) {
    const block = path[0];
    if (block?.type !== type) {
      continue;
    }

    const id = `${file}:${located.within.find(open => open.type === type)?.start ?? 0}`;
    const entry = found.get(id) ?? {...(block.name === undefined ? {} : {name: block.name}), values: {}};
    const inner = path.slice(1).map(({type: of, name}) => `${of}${name === undefined ? '' : ` ${name}`}/`);
    entry.values[`${inner.join('')}${key}`] = unquote(value.trim());
    found.set(id, entry);
  }

  return [...found.values()].map(({name, values}) => ({
    driver: (dialect === '2.3' ? values['driver'] : (values['driver'] ?? name)) ?? name ?? '',
    values,
  }));
};

const sqlThere = (all: readonly Effective[], get: Get): SqlThere => {
  const servers = new Map<string, Record<string, string>>();
  for (const {path, key, value} of all) {
    const [block, inner, ...deeper] = path;
    const isServer = block?.type === 'mysql' || block?.type === 'pgsql';
    if (isServer && deeper.length === 0 && (inner === undefined || inner.type === 'parameters')) {
      const name = block.name ?? '';
      servers.set(name, {...servers.get(name), [key]: unquote(value.trim())});
    }
  }

  return {
    ...defined({driver: get('sql_driver'), file: get('sqlite_path')}),
    servers: [...servers].map(([host, values]) => ({host, values})),
  };
};

const listenersThere = (all: readonly Effective[]): readonly ListenerThere[] => {
  const found = new Map<string, {service: string; name: string; port?: number; tls?: boolean}>();
  for (const {path, key, value} of all) {
    const [service, listener] = path;
    if (service?.type !== 'service' || listener?.type !== 'inet_listener' || path.length !== 2) {
      continue;
    }

    const id = `${service.name} ${listener.name}`;
    const entry = found.get(id) ?? {service: service.name ?? '', name: listener.name ?? ''};
    if (key === 'port') {
      entry.port = Number(value);
    } else if (key === 'ssl') {
      entry.tls = value.trim() === 'yes';
    }

    found.set(id, entry);
  }

  return [...found.values()];
};

// Reading of the numbers stops at the first that is missing (Pigeonhole, Configuration).
const numberedScripts = (get: Get): readonly ScriptThere[] => {
  const plugin: Block = {type: 'plugin'};
  const found: ScriptThere[] = [];
  const personal = get('sieve', plugin);
  if (personal !== undefined && personal !== '') {
    found.push({when: 'personal', path: personal, place: 1});
  }

  for (let place = 1; ; place += 1) {
    const path = get(`sieve_before${place === 1 ? '' : place}`, plugin);
    if (path === undefined || path === '') {
      return found;
    }

    found.push({when: 'before', path, place});
  }
};

const scriptBlocks = (all: readonly Effective[]): readonly ScriptThere[] => {
  const blocks = new Map<string, Record<string, string>>();
  for (const {path, key, value} of all) {
    const [block] = path;
    if (block?.type === 'sieve_script' && path.length === 1) {
      const name = block.name ?? '';
      blocks.set(name, {...blocks.get(name), [key]: unquote(value.trim())});
    }
  }

  const ofType = (type: string) =>
    [...blocks.values()].filter(values => (values['type'] ?? 'personal') === type);
  return (['personal', 'before'] as const).flatMap(when =>
    ofType(when).map((values, index) => ({when, path: values['path'] ?? '', place: index + 1})),
  );
};

// `maildir:~/Maildir`, `mbox:~/mail:INBOX=/var/mail/%u`; any other option is the machine's own way (doc: MailLocation).
const storeOf = (location: string | undefined): MailStore | undefined => {
  const [format = '', path = '', ...options] = (location ?? '').split(':');
  const where = readPattern(path, '2.3');
  const inbox = options.find(option => option.startsWith('INBOX='))?.slice('INBOX='.length);
  const spool = inbox === undefined ? undefined : readPattern(inbox, '2.3');
  return isFormat(format) && where !== undefined && options.length === (inbox === undefined ? 0 : 1)
    ? {format, path: where, ...(spool === undefined ? {} : {inbox: spool})}
    : undefined;
};

const storeOf24 = (get: Get): MailStore | undefined => {
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

const usernameOf = (
  value: string | undefined,
  dialect: DovecotDialect,
): DovecotSettings['auth.username'] | undefined =>
  (['lower', 'lower-local-part'] as const).find(way => usernames[dialect][way] === value);

const lmtpUsernameOf = (
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

const pattern = (value: string | undefined, dialect: DovecotDialect) =>
  value === undefined ? undefined : readPattern(value, dialect);
const wholeNumber = (value: string | undefined) =>
  value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
const yesNo = (value: string | undefined) => (value === 'yes' ? true : value === 'no' ? false : undefined);
const not = (value: boolean | undefined) => (value === undefined ? undefined : !value);
const oneOf = <V extends string>(value: string | undefined, all: readonly V[]) =>
  all.find(candidate => candidate === value);

const sameBlocks = (path: readonly Block[], at: readonly Block[]) =>
  path.length === at.length &&
  path.every((block, index) => block.type === at[index]?.type && block.name === at[index]?.name);

const defined = <T extends object>(entries: T) =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
