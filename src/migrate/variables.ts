import {localAt} from '../planner/dialects/settings.js';

// 2.3: Config Variables; 2.4: the same page of its own documentation. `%p`, `%$` and the rest differ by setting.
const letters: Readonly<Record<string, string>> = {
  u: 'user',
  n: 'user | username',
  d: 'user | domain',
  h: 'home',
  s: 'protocol',
  l: 'local_ip',
  r: 'remote_ip',
  m: 'mechanism',
  w: 'password',
};
const modifiers: Readonly<Record<string, string>> = {'': '', L: ' | lower', U: ' | upper'};
const words: Readonly<Record<string, string>> = {
  user: 'user',
  username: 'user | username',
  domain: 'user | domain',
  home: 'home',
  service: 'protocol',
  protocol: 'protocol',
  lip: 'local_ip',
  rip: 'remote_ip',
  mech: 'mechanism',
  password: 'password',
};

/** A value with 2.4's variables; undefined where one of them has no counterpart that is certain. */
export const renewVariables = (value: string): string | undefined => {
  const host = /^%\{if;%Ld;eq;([^;]+);%Ln;%Lu\}$/.exec(value)?.[1];
  if (host !== undefined) {
    return localAt(host, '2.4');
  }

  let certain = true;
  const renewed = value.replaceAll(
    /%(?:%|\{(ldap:[\w-]+|\w+)\}|([LU]?)([a-z])|)/g,
    (whole, word?: string, modifier?: string, letter?: string) => {
      if (whole === '%%' || word?.startsWith('ldap:') === true) {
        return whole;
      }

      const name = word === undefined ? letters[letter ?? ''] : words[word];
      certain &&= name !== undefined;
      return `%{${name}${modifiers[modifier ?? ''] ?? ''}}`;
    },
  );
  return certain ? renewed : undefined;
};
