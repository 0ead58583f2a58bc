import {listItems} from '../../config/list.js';
import {unquote} from '../../config/dovecot/parse.js';
import type {Block, DovecotDialect} from '../../core/edit.js';
import type {Facts} from '../../core/facts.js';
import type {DovecotLists, DovecotSettings} from '../../core/setting.js';
import {type Effective, effective, type Opened, opened} from '../effective.js';
import {treeOf} from '../tree.js';
import {
  type DatabaseThere,
  databases,
  type ListenerThere,
  listenersThere,
  numberedScripts,
  type ScriptThere,
  scriptBlocks,
  type SqlThere,
  sqlThere,
} from './read-blocks.js';
import {
  defined,
  type Get,
  lmtpUsernameOf,
  not,
  oneOf,
  pattern,
  storeOf,
  storeOf24,
  usernameOf,
  wholeNumber,
  yesNo,
} from './read-values.js';

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

const sameBlocks = (path: readonly Block[], at: readonly Block[]) =>
  path.length === at.length &&
  path.every((block, index) => block.type === at[index]?.type && block.name === at[index]?.name);
