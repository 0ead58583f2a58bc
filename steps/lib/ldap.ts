import {utf8} from '../../src/core/ldap/filter.js';
import {everybody, foundBy, spell} from '../../src/core/ldap/pattern.js';
import type {LdapScope, LdapServer} from '../../src/core/ldap/server.js';
import type {AllAnswers} from '../../src/core/question.js';
import type {SecretRef} from '../../src/core/secret.js';
import type {Row, RowsWant} from '../../src/core/want.js';
import type {Facts} from '../../src/core/facts.js';
import {postfixPath} from './postfix.js';
import {answer, domainsOf, isServer} from './read.js';

/** The kinds of directories whose usual shapes are known. */
export type LdapShape = 'openldap' | 'active-directory';

/** Sections that ask for a directory. */
export type LdapSection = 'auth-ldap' | 'ldap-lookup';

const own = <T>(all: AllAnswers, question: string) => answer<T>(all, 'auth-ldap', question);

export const shapeOf = (all: AllAnswers) => own<LdapShape>(all, 'shape') ?? 'openldap';

/** How people are found where nobody said it. Active Directory keeps accounts that are switched off: bit 2 of their flags. */
export const usualFilter = (shape: LdapShape) =>
  shape === 'openldap'
    ? '(&(objectClass=inetOrgPerson)(mail={user}))'
    : '(&(objectCategory=person)(objectClass=user)(mail={user})(!(userAccountControl:1.2.840.113556.1.4.803:=2)))';

export const filterOf = (all: AllAnswers) => own<string>(all, 'filter') ?? usualFilter(shapeOf(all));

/** The name that people bind with, where it is built from their login name. */
export const templateOf = (all: AllAnswers): string | undefined =>
  own<string>(all, 'way') === 'template' ? (own<string>(all, 'template') ?? '') : undefined;

/** The directory that the answers of a section name. */
export const serverOf = (all: AllAnswers, section: LdapSection = 'auth-ldap'): LdapServer => {
  const said = <T>(question: string) => answer<T>(all, section, question);
  const dn = said<string>('bind_dn') ?? '';
  const uris = said<readonly string[]>('servers') ?? [];
  return {
    uris,
    starttls: uris.some(uri => uri.startsWith('ldap:')) && (said<boolean>('starttls') ?? true),
    ca: said<string>('ca') ?? '',
    base: said<string>('base') ?? '',
    scope: said<LdapScope>('scope') ?? 'subtree',
    ...(dn === '' ? {} : {bind: {dn, password: said<SecretRef>('bind_password') ?? 'keep'}}),
  };
};

/** Whether Dovecot looks people up. With a name that is built, and nobody to ask as, it need not be let (Dovecot: LDAP, auth binds). */
export const looksUp = (all: AllAnswers) => templateOf(all) === undefined || serverOf(all).bind !== undefined;

/** How Dovecot lists people: the whole address of an entry. */
export const loginNameOf = (all: AllAnswers) => {
  const found = foundBy(filterOf(all));
  const name = `{ldap:${found?.attribute ?? 'mail'}}`;
  return found?.variable === 'name' ? `${name}@${domainsOf(all)[0] ?? ''}` : name;
};

export const everybodyOf = (all: AllAnswers) => everybody(filterOf(all));

/** Somebody of the directory whose login is tried. */
export const sampleOf = (all: AllAnswers) => {
  const name = own<string>(all, 'sample') ?? '';
  return name === '' ? undefined : name;
};

const postfixVariables = {user: '%s', name: '%u', domain: '%d'} as const;

/** Whether aliases are looked up in a directory. */
export const hasLookup = (all: AllAnswers) =>
  isServer(all) && answer<boolean>(all, 'ldap-lookup', 'use') === true;

/** The table of those aliases, as an item of a list. Only proxymap(8) is outside of the chroot that smtpd may run in. */
export const lookupTable = (facts: Facts) => `proxy:ldap:${postfixPath(facts, 'ldap-aliases.cf')}`;

/** What a table of Postfix's asks a directory (ldap_table(5)). */
export type LdapTable = {
  readonly file: string;
  readonly server: LdapServer;
  /** With `{user}`, `{name}` and `{domain}` of the address that is asked for. */
  readonly filter: string;
  readonly attribute: string;
  /** The answer is the address itself, whatever the attribute says. */
  readonly same?: true;
  /** Addresses of other domains are not asked for. */
  readonly domains: readonly string[];
};

/**
 * A table that asks a directory. Postfix's own users must be able to read it, and with it the password; nobody else. Looks like
 * main.cf, but nothing in it is expanded: a `$` is a `$`, and a doubled one would be two.
 */
export const ldapTable = ({file, server, filter, attribute, same, domains}: LdapTable): RowsWant => ({
  kind: 'rows',
  file,
  format: 'settings',
  secret: true,
  ownership: {owner: 'root', group: 'postfix', mode: 0o640},
  rows: [
    row('server_host', server.uris.join(' ')),
    row('version', '3'),
    row('start_tls', server.starttls ? 'yes' : 'no'),
    row('tls_ca_cert_file', server.ca),
    row('tls_require_cert', 'yes'),
    row('bind', server.bind === undefined ? 'no' : 'yes'),
    ...(server.bind === undefined
      ? ([gone('bind_dn'), gone('bind_pw')] as const)
      : [row('bind_dn', server.bind.dn), ...passwordRows(server.bind.password)]),
    row('search_base', server.base),
    row('scope', server.scope === 'subtree' ? 'sub' : 'one'),
    row('query_filter', spell(filter, postfixVariables)),
    row('result_attribute', attribute),
    same === true ? row('result_format', '%S') : gone('result_format'),
    domains.length === 0 ? gone('domain') : row('domain', domains.join(', ')),
    row('timeout', '5'),
  ],
});

const passwordRows = (password: SecretRef): readonly Row[] =>
  password === 'keep'
    ? []
    : [
        {
          key: 'bind_pw',
          state: 'present',
          content: [{text: 'bind_pw = '}, {secret: password}],
        },
      ];

const row = (key: string, value: string): Row => ({
  key,
  state: 'present',
  content: [{text: `${key} = ${utf8(value)}`}],
});
const gone = (key: string): Row => ({key, state: 'absent'});
