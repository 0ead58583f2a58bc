import {rowsOf} from '../../src/config/rows/edit.js';
import {extValue} from '../../src/config/dovecot/ext.js';
import {unquote} from '../../src/config/dovecot/parse.js';
import type {Facts} from '../../src/core/facts.js';
import {neutralPattern} from '../../src/core/ldap/pattern.js';
import type {AskContext} from '../../src/core/question.js';
import {readDovecot} from '../../src/planner/dialects/read.js';
import {itemsOf, postfixPath} from './postfix.js';
import {domainsOf, isServer} from './read.js';
import {binderProblem, filterProblem, nameProblem, templateProblem, uriProblem} from './ldap-words.js';

type Settings = Readonly<Record<string, string>>;

/** What Dovecot asks a directory, by the names of 2.3; undefined where it asks none, or in a way that is not to be read. */
const askedByDovecot = (facts: Facts): Settings | undefined => {
  const {passdbs, clients} = readDovecot(facts);
  const block = passdbs.find(({driver}) => driver === 'ldap');
  if (block === undefined) {
    return undefined;
  }

  if (facts.dovecot?.dialect !== '2.4') {
    const there = settingsIn(facts, block.values['args'] ?? '', 'ext', extValue);
    const {hosts} = there ?? {};
    return there === undefined || there['uris'] !== undefined || hosts === undefined
      ? there
      : {...there, uris: hosts.replaceAll(/\S+/g, 'ldap://$&')};
  }

  // Each name may be written with what the block is called before it, or without.
  const of = (key: string) =>
    block.values[key] ??
    block.values[`ldap_${key}`] ??
    block.values[`passdb_ldap_${key}`] ??
    block.values[`passdb_${key}`] ??
    clients[key];
  return Object.fromEntries(
    Object.entries(names).flatMap(([old, now]) => {
      const value = of(now);
      return value === undefined ? [] : [[old, value]];
    }),
  );
};

const names: Settings = {
  uris: 'ldap_uris',
  tls: 'ldap_starttls',
  tls_ca_cert_file: 'ssl_client_ca_file',
  base: 'ldap_base',
  scope: 'ldap_scope',
  dn: 'ldap_auth_dn',
  dnpass: 'ldap_auth_dn_password',
  auth_bind: 'bind',
  auth_bind_userdn: 'bind_userdn',
  pass_filter: 'filter',
};

// A value that goes on in the next line is one value (ldap_table(5)).
const plainValue = (row: string) =>
  unquote(
    row
      .slice(row.indexOf('=') + 1)
      .replaceAll(/\r?\n/g, '')
      .trim(),
  );

/** Settings of a file of `name = value`, unquoted. */
const settingsIn = (
  facts: Facts,
  file: string,
  format: 'settings' | 'ext' = 'settings',
  read = plainValue,
): Settings | undefined => {
  const text = facts.files[file];
  return text === undefined
    ? undefined
    : Object.fromEntries([...rowsOf(text, format)].map(([key, row]) => [key, fromUtf8(read(row))]));
};

// Files are read byte by byte; people see letters.
const fromUtf8 = (bytes: string) => {
  try {
    return decodeURIComponent(
      [...bytes].map(byte => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`).join(''),
    );
  } catch {
    return bytes;
  }
};

/** The machine's directory as answers, as far as the questions can say it. */
export const directoryThere = (facts: Facts) => {
  const there = askedByDovecot(facts);
  if (there === undefined) {
    return {};
  }

  const uris = (there['uris'] ?? '').split(/\s+/).filter(Boolean);
  const filter = neutralPattern(there['pass_filter'] ?? '');
  const template = neutralPattern(there['auth_bind_userdn'] ?? '');
  const scope = there['scope'] ?? 'subtree';
  const fits = <V>(value: V, holds: boolean): V | undefined => (holds ? value : undefined);
  return known({
    servers: fits(uris, uris.length > 0 && uris.every(uri => uriProblem(uri) === undefined)),
    starttls: fits(
      there['tls'] === 'yes',
      uris.some(uri => uri.startsWith('ldap:')),
    ),
    ca: there['tls_ca_cert_file'],
    shape: /userAccountControl|sAMAccountName|userPrincipalName|objectCategory/i.test(filter)
      ? ('active-directory' as const)
      : ('openldap' as const),
    base: fits(there['base'], nameProblem(there['base'] ?? '') === undefined),
    scope: fits(scope as 'subtree' | 'onelevel', scope === 'subtree' || scope === 'onelevel'),
    bind_dn: fits(there['dn'] ?? '', there['dn'] === undefined || binderProblem(there['dn']) === undefined),
    bind_password: fits('keep' as const, there['dnpass'] !== undefined),
    way: fits(template === '' ? ('search' as const) : ('template' as const), there['auth_bind'] === 'yes'),
    template: fits(template, template !== '' && templateProblem(template) === undefined),
    filter: fits(filter, filterProblem(filter) === undefined),
    sample: '',
  });
};

/** Whether every file that needs a directory's password has it, so that it may stay. */
export const secretThere = (context: AskContext, section: 'auth-ldap' | 'ldap-lookup') => {
  const {facts, answers} = context;
  const postfix = (name: string) => settingsIn(facts, postfixPath(facts, name))?.['bind_pw'] !== undefined;
  if (section === 'ldap-lookup') {
    return postfix('ldap-aliases.cf');
  }

  // A server that asks the directory by another table, or none, keeps it.
  const tables = itemsOf(facts, 'virtual_mailbox_maps');
  const needed =
    isServer(answers) &&
    domainsOf(answers).length > 0 &&
    (!facts.configured.postfix || tables.some(item => item.endsWith('/ldap-accounts.cf')));
  return askedByDovecot(facts)?.['dnpass'] !== undefined && (!needed || postfix('ldap-accounts.cf'));
};

/** Aliases that Postfix looks up in a directory, as answers; that it does not is one too. */
export const lookupThere = (facts: Facts) => {
  if (!facts.configured.postfix) {
    return {};
  }

  const file = postfixPath(facts, 'ldap-aliases.cf');
  const table = itemsOf(facts, 'virtual_alias_maps').find(item => /^(?:proxy:)?ldap:/.test(item));
  if (table === undefined) {
    return {use: false};
  }

  const there = settingsIn(facts, file);
  if (there === undefined || !table.endsWith(`:${file}`)) {
    return {};
  }

  const uris = (there['server_host'] ?? '').split(/\s+/).filter(Boolean);
  const filter = (there['query_filter'] ?? '').replaceAll(
    /%([sud])/g,
    (_whole, letter: string) => neutral[letter] ?? '',
  );
  const dn = there['bind'] === 'no' ? '' : (there['bind_dn'] ?? '');
  const fits = <V>(value: V, holds: boolean): V | undefined => (holds ? value : undefined);
  return known({
    use: true,
    servers: fits(uris, uris.length > 0 && uris.every(uri => uriProblem(uri) === undefined)),
    starttls: fits(
      there['start_tls'] === 'yes',
      uris.some(uri => uri.startsWith('ldap:')),
    ),
    ca: there['tls_ca_cert_file'],
    base: fits(there['search_base'], nameProblem(there['search_base'] ?? '') === undefined),
    bind_dn: fits(dn, dn === '' || binderProblem(dn) === undefined),
    bind_password: fits('keep' as const, dn !== '' && there['bind_pw'] !== undefined),
    filter: fits(filter, filterProblem(filter) === undefined),
    attribute: there['result_attribute'],
    sample: '',
  });
};

const neutral: Settings = {s: '{user}', u: '{name}', d: '{domain}'};

const known = <T extends object>(entries: T) =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
