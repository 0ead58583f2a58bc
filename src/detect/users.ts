import type {UserFact} from '../core/facts.js';
import type {Finding} from '../core/finding.js';
import type {Host} from '../system/types.js';
import {parsePasswd} from '../system/parse.js';

/** Milliseconds that a directory behind NSS is waited for. */
const patience = 5000;
/** Names that are asked for in one command; more than so many are not. */
const atOnce = 200;
const most = 2000;

export type FoundUsers = {readonly users: readonly UserFact[]; readonly findings: readonly Finding[]};

/**
 * Users of the machine: those of passwd(5), and on the machine itself those that other sources of nsswitch.conf(5) know (SSSD, LDAP).
 * Such a source may list nobody (sssd.conf(5), `enumerate`): then those are found who have a home or mail here, by their names.
 * `who`: others to ask for.
 */
export const usersHere = async (
  host: Host,
  own: readonly UserFact[],
  who: readonly string[],
): Promise<FoundUsers> => {
  const listed = await ask(host, []);
  if (listed === undefined) {
    return {users: own, findings: [silent]};
  }

  const known = new Set([...own, ...listed].map(({name}) => name));
  const candidates = [...new Set([...who, ...peopleIn(host)])].filter(name => !known.has(name));
  const named = await usersNamed(host, candidates);
  return {
    users: withOthers(own, [...listed, ...(named ?? [])]),
    findings: named === undefined ? [silent] : [],
  };
};

/** Users that sources other than passwd(5) know by these names; undefined where they do not answer. */
export const usersNamed = async (
  host: Host,
  names: readonly string[],
): Promise<readonly UserFact[] | undefined> => {
  // A name of digits alone would be taken for a number (getent(1)).
  const asked = names.filter(name => /^[A-Za-z_][\w.@\\-]*$/.test(name)).slice(0, most);
  const found: UserFact[] = [];
  for (let at = 0; at < asked.length; at += atOnce) {
    const users = await ask(host, asked.slice(at, at + atOnce));
    if (users === undefined) {
      return undefined;
    }

    found.push(...users);
  }

  return found;
};

/** Users with those of other sources behind them; a name that both know is passwd(5)'s. */
export const withOthers = (own: readonly UserFact[], others: readonly UserFact[]): readonly UserFact[] => {
  const known = new Set(own.map(({name}) => name));
  const more = others.filter(({name}) => !known.has(name) && known.add(name));
  return [...own, ...more.map(user => ({...user, elsewhere: true as const}))];
};

// getent(1): 2 means that some name is not known. Without names it lists all.
const ask = async (host: Host, names: readonly string[]): Promise<readonly UserFact[] | undefined> => {
  const {exitCode, stdout, missing} = await host.run('/usr/bin/getent', ['passwd', '--', ...names], {
    timeout: patience,
    limit: 64 * 1024 * 1024,
  });
  return missing ? [] : exitCode === 0 || exitCode === 2 ? parsePasswd(stdout) : undefined;
};

const peopleIn = ({files}: Host) =>
  ['/home', '/var/mail', '/var/spool/mail'].flatMap(folder => files.list(folder) ?? []);

const silent: Finding = {
  id: 'detect:users',
  severity: 'unchecked',
  summary: {
    en: 'Another source of users (nsswitch.conf) did not answer: only those of /etc/passwd are known.',
    ja: 'nsswitch.conf の別のユーザー情報源が応答しないため、/etc/passwd のユーザーだけを対象とします。',
  },
  remedy: {
    en: 'See “getent passwd NAME” and, where it is used, “systemctl status sssd”.',
    ja: '「getent passwd 名前」と、使用していれば「systemctl status sssd」を確認してください。',
  },
};
