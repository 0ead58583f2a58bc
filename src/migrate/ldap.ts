import {unquote} from '../config/dovecot/parse.js';
import {fieldOf} from './fields.js';
import {type BackendFile, entriesOf, fileItems} from './file-lines.js';
import {quoted} from './quote.js';
import {notes} from './texts.js';
import {byHand, changed, type Entry, type Item, type Ruling, type Setting} from './types.js';
import {renewVariables} from './variables.js';

/** `dovecot-ldap.conf.ext` (2.3: LDAP). Everything goes into the block that named it; 2.3’s defaults are written out. */
export const ldapFile = (backend: BackendFile): readonly Entry[] => {
  const {path, beside} = backend;
  const written = fileItems(backend);
  const type = path[0]?.type === 'userdb' ? 'userdb' : 'passdb';
  const binds = written.some(({key, value}) => key === 'auth_bind' && unquote(value) === 'yes');
  const template = written.some(({key}) => key === 'auth_bind_userdn');
  const place = {type, path, binds, template, fixed: fixedFields(beside)} as const;
  const entries = entriesOf(written, item => rule(item, place));
  const first = written[0];
  const missing = Object.entries(defaults[type]).filter(([key]) => !written.some(item => item.key === key));
  return first === undefined
    ? entries
    : [
        ...entries,
        ...missing.flatMap(([key, value]): readonly Entry[] => {
          const was = {...first, key, value};
          const {now} = rule(was, place);
          return now.length === 0 ? [] : [{was: {...was, value: ''}, ...changed(now, notes.default)}];
        }),
      ];
};

// doc/example-config/dovecot-ldap.conf.ext of 2.3.
const defaults: Readonly<Record<'passdb' | 'userdb', Readonly<Record<string, string>>>> = {
  passdb: {
    pass_attrs: 'uid=user,userPassword=password',
    pass_filter: '(&(objectClass=posixAccount)(uid=%u))',
    default_pass_scheme: 'CRYPT',
  },
  userdb: {
    user_attrs: 'homeDirectory=home,uidNumber=uid,gidNumber=gid',
    user_filter: '(&(objectClass=posixAccount)(uid=%u))',
    iterate_attrs: 'uid=user',
    iterate_filter: '(objectClass=posixAccount)',
  },
};

type Place = {
  readonly type: 'passdb' | 'userdb';
  readonly path: Setting['path'];
  readonly binds: boolean;
  /** The name to bind with is known: the directory is not asked for fields. */
  readonly template: boolean;
  /** Fields that the block overrides: the directory’s are not asked for. */
  readonly fixed: ReadonlySet<string>;
};

const fixedFields = (beside: readonly Item[]) =>
  new Set(
    beside
      .filter(({key}) => key === 'override_fields')
      .flatMap(({value}) => [...unquote(value).matchAll(/(?:^|\s)(\w+)=/g)].map(([, name]) => name ?? '')),
  );

const global: Readonly<Record<string, string>> = {
  uris: 'ldap_uris',
  dn: 'ldap_auth_dn',
  dnpass: 'ldap_auth_dn_password',
  sasl_authz_id: 'ldap_auth_sasl_authz_id',
  sasl_mech: 'ldap_auth_sasl_mechanisms',
  sasl_realm: 'ldap_auth_sasl_realm',
  tls: 'ldap_starttls',
  base: 'ldap_base',
  deref: 'ldap_deref',
  scope: 'ldap_scope',
  ldap_version: 'ldap_version',
  debug_level: 'ldap_debug_level',
  tls_cert_file: 'ssl_client_cert_file',
  tls_key_file: 'ssl_client_key_file',
  tls_cipher_suite: 'ssl_cipher_list',
};

const own: Readonly<Record<Place['type'], Readonly<Record<string, string>>>> = {
  passdb: {pass_filter: 'ldap_filter', auth_bind_userdn: 'ldap_bind_userdn'},
  userdb: {user_filter: 'ldap_filter', iterate_filter: 'ldap_iterate_filter'},
};
const others = /^(?:pass|user|iterate)_(?:filter|attrs)$|^auth_bind_userdn$/;

const rule = ({key, value: raw}: Item, {type, path, binds, template, fixed}: Place): Ruling => {
  const value = unquote(raw);
  const put = (name: string, note?: Ruling['note']): Ruling => {
    const written = renewVariables(value);
    return written === undefined
      ? byHand(notes.variables)
      : changed([{path, key: name, value: quoted(written)}], note);
  };
  const name = global[key] ?? own[type][key];
  if (key === 'dnpass') {
    return changed([{path, key: 'ldap_auth_dn_password', value: raw}]);
  }

  if (name !== undefined) {
    return put(name);
  }

  switch (key) {
    case 'hosts':
      return changed([
        {
          path,
          key: 'ldap_uris',
          value: value
            .split(/\s+/)
            .map(host => `ldap://${host}`)
            .join(' '),
        },
      ]);
    case 'tls_ca_cert_file':
      return put('ssl_client_ca_file', notes.ldapCa);
    case 'tls_ca_cert_dir':
      return put('ssl_client_ca_dir', notes.ldapCa);
    case 'tls_require_cert':
      return changed([
        {
          path,
          key: 'ssl_client_require_valid_cert',
          value: /^(?:never|allow|try)$/.test(value) ? 'no' : 'yes',
        },
      ]);
    case 'auth_bind':
      return type === 'passdb' ? put('ldap_bind') : changed([]);
    case 'default_pass_scheme':
      // A bind leaves the password to the directory.
      return type === 'passdb' && !binds ? put('default_password_scheme') : changed([]);
    case 'blocking':
      return changed([]);
    case `${type === 'passdb' ? 'pass' : 'user'}_attrs`:
      if (type === 'passdb' && template) {
        return changed([]);
      }

      return attributes(
        value,
        [...path, {type: 'fields'}],
        new Set([...fixed, ...(binds ? ['password'] : [])]),
      );
    case 'iterate_attrs':
      return type === 'userdb'
        ? attributes(value, [...path, {type: 'iterate_fields'}], new Set())
        : changed([]);
    default:
      return others.test(key) ? changed([]) : byHand(notes.unknown);
  }
};

// `uid=user,=home=/var/vmail/%{ldap:uid}` (2.3: LDAP, attribute templates).
const attributes = (value: string, path: Setting['path'], without: ReadonlySet<string>): Ruling => {
  const all = value
    .split(',')
    .map(part => part.trim())
    .filter(Boolean)
    .map(part => {
      const [, attribute = '', field = '', template] = /^([\w;-]*)=([\w.]+)(?:=(.*))?$/s.exec(part) ?? [];
      const from = attribute === '' ? template : template?.replaceAll('%$', `%{ldap:${attribute}}`);
      return field === ''
        ? undefined
        : without.has(field)
          ? []
          : template === undefined
            ? attribute === '' || field === 'mail' || field === 'quota_rule'
              ? undefined
              : [[field, `%{ldap:${attribute}}`] as const]
            : fieldOf(field, from ?? '');
    });
  const now = all.flatMap(pairs =>
    (pairs ?? []).map(([field, text]) => ({path, key: field, value: quoted(text)})),
  );
  return all.includes(undefined) ? {...byHand(notes.fields), now} : changed(now);
};
