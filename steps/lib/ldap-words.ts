import {parseFilter} from '../../src/core/ldap/filter.js';
import {parseName} from '../../src/core/ldap/name.js';
import {foundBy, neutralPattern, variablesIn} from '../../src/core/ldap/pattern.js';
import {isPrivate, parseLdapUri} from '../../src/core/ldap/server.js';
import {fill, type Text} from '../../src/core/text.js';

/** Characters that no name or filter needs, and that configuration files could not carry. */
const control = /[\u0000-\u001f\u007f]/;

/** Why a text is not the address of a directory. */
export const uriProblem = (uri: string): Text | undefined =>
  parseLdapUri(uri) === undefined ? texts.uri : undefined;

/** Why addresses cannot be used in clear. */
export const clearProblem = (uris: readonly string[], starttls: boolean): Text | undefined => {
  const open = uris.find(uri => {
    const parsed = parseLdapUri(uri);
    return parsed !== undefined && !isPrivate(parsed, starttls);
  });
  return open === undefined ? undefined : fill(texts.clear, {uri: open});
};

/** Why a text is not a distinguished name (RFC 4514). */
export const nameProblem = (name: string): Text | undefined =>
  control.test(name) || /[%{}]/.test(name) || name === '' || parseName(name) === undefined
    ? texts.name
    : undefined;

/** Why a text is nobody that can ask: a distinguished name, or user@domain as Active Directory takes it. */
export const binderProblem = (name: string): Text | undefined =>
  /^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+$/.test(name) ? undefined : nameProblem(name);

/** Why a text is not a pattern of names that people bind with. */
export const templateProblem = (pattern: string): Text | undefined => {
  const variables = variablesIn(pattern);
  if (variables === undefined || control.test(pattern)) {
    return texts.variables;
  }

  if (!variables.includes('user') && !variables.includes('name')) {
    return texts.nobody;
  }

  const sample = neutralPattern(pattern).replaceAll(/\{(?:user|name|domain)\}/g, 'x');
  return sample.includes('=')
    ? parseName(sample) === undefined
      ? texts.name
      : undefined
    : /^x(?:@[A-Za-z0-9.-]+)?$/.test(sample)
      ? undefined
      : texts.name;
};

/** Why a text is not a filter that finds one person (RFC 4515). */
export const filterProblem = (filter: string): Text | undefined => {
  if (variablesIn(filter) === undefined || control.test(filter)) {
    return texts.variables;
  }

  return parseFilter(neutralPattern(filter)) === undefined
    ? texts.filter
    : foundBy(filter) === undefined
      ? texts.everybody
      : undefined;
};

const texts = {
  uri: {
    en: 'Write ldaps://NAME or ldap://NAME, with :PORT where it is another; no user, password or path.',
    ja: 'ldaps://名前 か ldap://名前 (必要なら :ポート) で指定してください。ユーザー、パスワード、パスは書けません。',
  },
  clear: {
    en: 'Passwords would go to {uri} readable for everybody on the way.',
    ja: 'パスワードが {uri} まで平文で流れます。',
  },
  name: {
    en: 'This is not a distinguished name such as ou=people,dc=example,dc=com (RFC 4514).',
    ja: 'ou=people,dc=example,dc=com のような識別名 (RFC 4514) ではありません。',
  },
  variables: {
    en: 'Only {user}, {name} and {domain} may stand in braces; % and control characters have no place here.',
    ja: '波括弧には {user}、{name}、{domain} だけを書けます。% や制御文字は使えません。',
  },
  nobody: {
    en: 'Without {user} or {name} everybody would be the same person.',
    ja: '{user} か {name} がないと、全員が同じ人になります。',
  },
  filter: {
    en: 'This is not a search filter such as (&(objectClass=inetOrgPerson)(mail={user})) (RFC 4515): look at the brackets.',
    ja: '(&(objectClass=inetOrgPerson)(mail={user})) のような検索フィルター (RFC 4515) ではありません。括弧を確認してください。',
  },
  everybody: {
    en: 'The filter must compare an attribute with {user} or {name}; as it is, it would find everybody.',
    ja: '属性を {user} か {name} と比べる条件が必要です。このままでは全員に当てはまります。',
  },
} satisfies Record<string, Text>;
