import {dovecotValue} from '../../config/quote.js';
import type {Block, DovecotDialect, DovecotEdit} from '../../core/edit.js';
import {utf8} from '../../core/ldap/filter.js';
import {spell} from '../../core/ldap/pattern.js';
import type {LdapServer} from '../../core/ldap/server.js';
import type {Passdb, Userdb} from '../../core/setting.js';
import type {DovecotWant, Row, RowsWant} from '../../core/want.js';

/** Where 2.3 keeps what it asks a directory, and where the password of 2.4 is: nobody but root reads either. */
export const ldapFiles: Readonly<Record<DovecotDialect, string>> = {
  '2.3': '/etc/dovecot/dovecot-ldap.conf.ext',
  '2.4': '/etc/dovecot/dovecot-ldap-password.conf.ext',
};
const passwordFile = 'dovecot-ldap-password.conf.ext';

export const ldapHome = 'auth-ldap.conf.ext';

/** Variables of a filter or a name, as a dialect spells them. Dovecot escapes what it puts there. */
export const ldapVariables = {
  '2.3': {user: '%u', name: '%n', domain: '%d'},
  '2.4': {user: '%{user}', name: '%{user | username}', domain: '%{user | domain}'},
} as const;

type Pairs = readonly (readonly [key: string, value: string])[];

/** Edits of the configuration that Dovecot reads itself: 2.4 has all of it there, but for the password. */
export const directoryEdits = (
  server: LdapServer,
  state: 'present' | 'absent',
  dialect: DovecotDialect,
): readonly DovecotEdit[] => {
  if (dialect === '2.3') {
    return [];
  }

  const pairs: Pairs = [
    ['ldap_uris', server.uris.join(' ')],
    ['ldap_starttls', server.starttls ? 'yes' : 'no'],
    ['ldap_base', server.base],
    ['ldap_scope', server.scope],
    ...(server.bind === undefined ? [] : ([['ldap_auth_dn', server.bind.dn]] as const)),
    ['ssl_client_ca_file', server.ca],
    ['ssl_client_require_valid_cert', 'yes'],
  ];
  return [
    ...sets([], pairs, state),
    ...(server.bind === undefined && state === 'present'
      ? [{op: 'unset', at: [], key: 'ldap_auth_dn'} as const]
      : []),
    ...(server.bind === undefined || state === 'absent'
      ? []
      : [{op: 'include', file: passwordFile, state, made: true} as const]),
    // 2.4.1 does not give `ssl_client_ca_file` to the LDAP library, which then trusts what its own environment says.
    ...sets([{type: 'import_environment'}], [['LDAPTLS_CACERT', server.ca]], state),
  ];
};

const sets = (
  at: readonly Block[],
  pairs: Pairs,
  state: 'present' | 'absent' = 'present',
): readonly DovecotEdit[] =>
  pairs.map(([key, value]) =>
    state === 'absent'
      ? {op: 'unset', at, key}
      : {op: 'set', at, key, value: dovecotValue(utf8(value), '2.4'), home: ldapHome},
  );

/** Settings of the password database, in the block of that name. */
export const ldapPassdb = (
  value: Extract<Passdb, {driver: 'ldap'}>,
  at: readonly Block[],
  dialect: DovecotDialect,
): readonly DovecotEdit[] => {
  if (dialect === '2.3') {
    return [...plain(at, [['args', ldapFiles['2.3']]]), ...nameFilter(value, at)];
  }

  const spelt = (pattern: string) => spelled(pattern, dialect);
  return [
    ...plain(at, [
      ['bind', 'yes'],
      ['filter', quoted(spelt(value.filter))],
    ]),
    ...nameFilter(value, at),
    ...(value.template === undefined
      ? [{op: 'unset', at, key: 'bind_userdn'} as const]
      : plain(at, [['bind_userdn', quoted(spelt(value.template))]])),
    ...plain([...at, {type: 'fields'}], [['user', '%{user}']]),
  ];
};

const nameFilter = (
  {wholeNames}: Extract<Passdb, {driver: 'ldap'}>,
  at: readonly Block[],
): readonly DovecotEdit[] =>
  wholeNames ? plain(at, [['username_filter', '*@*']]) : [{op: 'unset', at, key: 'username_filter'}];

/** Settings of the user database, but for who owns the mail. */
export const ldapUserdb = (
  value: Extract<Userdb, {driver: 'ldap'}>,
  at: readonly Block[],
  dialect: DovecotDialect,
): readonly DovecotEdit[] =>
  dialect === '2.3'
    ? plain(at, [['args', ldapFiles['2.3']]])
    : [
        ...plain(at, [
          ['filter', quoted(spelled(value.filter, dialect))],
          ['iterate_filter', quoted(utf8(value.everybody))],
        ]),
        ...plain([...at, {type: 'iterate_fields'}], [['user', value.user.replaceAll('{ldap:', '%{ldap:')]]),
      ];

const plain = (at: readonly Block[], pairs: Pairs): readonly DovecotEdit[] =>
  pairs.map(([key, value]) => ({op: 'set', at, key, value, home: ldapHome}));

// The variables stay, whatever else needs quotes; `%` of one's own is refused where it is asked.
const quoted = (value: string) => dovecotValue(value, '2.3');
const spelled = (pattern: string, dialect: DovecotDialect) => utf8(spell(pattern, ldapVariables[dialect]));

/** Rows of the file beside the configuration that a want comes to; none where it has nothing there. */
export const ldapRows = (want: DovecotWant, dialect: DovecotDialect): RowsWant | undefined => {
  const rows =
    want.kind !== 'block' ? [] : want.state === 'present' ? rowsOf(want, dialect) : leftRows(want, dialect);
  return rows.length === 0
    ? undefined
    : {
        kind: 'rows',
        file: ldapFiles[dialect],
        format: dialect === '2.3' ? 'ext' : 'settings',
        secret: true,
        ownership: {owner: 'root', group: 'root', mode: 0o600},
        rows,
      };
};

const rowsOf = (want: Extract<DovecotWant, {kind: 'block'}>, dialect: DovecotDialect): readonly Row[] => {
  if (dialect === '2.4') {
    return want.at === 'directory' ? password(want.value, dialect) : [];
  }

  switch (want.at) {
    case 'directory':
      return serverRows(want.value);
    case 'passdb':
      return want.value.driver === 'ldap' ? passdbRows(want.value) : [];
    case 'userdb':
      return want.value.driver === 'ldap'
        ? [
            row('user_filter', spelled(want.value.filter, '2.3')),
            row('iterate_filter', utf8(want.value.everybody)),
            row('iterate_attrs', iterated(want.value.user)),
          ]
        : [];
    default:
      return [];
  }
};

// What no section asks any more needs no password: it goes, and comes back with an undo.
const leftRows = ({at, value}: Extract<DovecotWant, {kind: 'block'}>, dialect: DovecotDialect) =>
  at === 'passdb' && value.driver === 'ldap' ? [gone(passwordKey[dialect])] : [];

const serverRows = (server: LdapServer): readonly Row[] => [
  row('uris', server.uris.join(' ')),
  // The older way to name them, which has no ldaps.
  gone('hosts'),
  row('tls', server.starttls ? 'yes' : 'no'),
  row('tls_ca_cert_file', server.ca),
  row('tls_require_cert', 'hard'),
  row('ldap_version', '3'),
  row('base', utf8(server.base)),
  row('scope', server.scope),
  ...(server.bind === undefined
    ? [gone('dn'), gone('dnpass')]
    : [row('dn', utf8(server.bind.dn)), ...password(server, '2.3')]),
];

// Without fields of our own, 2.3 would take the entry's `uid` for the user's name.
const passdbRows = ({filter, template}: Extract<Passdb, {driver: 'ldap'}>): readonly Row[] => [
  row('auth_bind', 'yes'),
  row('pass_filter', spelled(filter, '2.3')),
  row('pass_attrs', '=user=%u'),
  template === undefined ? gone('auth_bind_userdn') : row('auth_bind_userdn', spelled(template, '2.3')),
];

const iterated = (user: string) => {
  const attribute = /^\{ldap:([^}]+)\}$/.exec(user)?.[1];
  return attribute === undefined ? `=user=${user.replaceAll('{ldap:', '%{ldap:')}` : `${attribute}=user`;
};

const passwordKey: Readonly<Record<DovecotDialect, string>> = {
  '2.3': 'dnpass',
  '2.4': 'ldap_auth_dn_password',
};

const password = ({bind}: LdapServer, dialect: DovecotDialect): readonly Row[] => {
  const key = passwordKey[dialect];
  return bind === undefined
    ? [gone(key)]
    : bind.password === 'keep'
      ? []
      : [
          {
            key,
            state: 'present',
            content: [{text: `${key} = `}, {secret: bind.password, as: `dovecot-${dialect}`}],
          },
        ];
};

const row = (key: string, value: string): Row => ({
  key,
  state: 'present',
  content: [{text: `${key} = ${dovecotValue(value, '2.3')}`}],
});
const gone = (key: string): Row => ({key, state: 'absent'});
