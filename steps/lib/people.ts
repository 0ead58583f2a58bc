import {type Facts, isPersonal, mostUid} from '../../src/core/facts.js';
import type {ProbeAccount} from '../../src/core/probe.js';
import type {AccountAnswer, AllAnswers} from '../../src/core/question.js';
import type {SecretRef} from '../../src/core/secret.js';
import {answer, domainsOf, hasDovecot, isGateway, mailUserOf} from './read.js';
import {madeAccountsOf, sampleOf} from './sql.js';

/** Kinds of places where accounts live. */
export type Backend = 'passwd-file' | 'pam' | 'sql' | 'ldap';

/** Where accounts live. */
export const backendsOf = (all: AllAnswers): readonly Backend[] => {
  const backends = answer<readonly Backend[] | Backend>(all, 'auth', 'backends') ?? ['passwd-file'];
  return typeof backends === 'string' ? [backends] : backends;
};

/** Whether accounts live in a list on this server. */
export const hasList = (all: AllAnswers) => backendsOf(all).includes('passwd-file');

/** Whether the machine's own users have mail. */
export const hasPam = (all: AllAnswers) => hasDovecot(all) && backendsOf(all).includes('pam');

/** Whether accounts live in a database. */
export const hasSql = (all: AllAnswers) => backendsOf(all).includes('sql');

/** Whether accounts live in a directory. */
export const hasLdap = (all: AllAnswers) => backendsOf(all).includes('ldap');

/** Whether names of accounts are whole addresses, with mail that belongs to one owner: so in all places but the machine itself. */
export const hasAddresses = (all: AllAnswers) => backendsOf(all).some(backend => backend !== 'pam');

/**
/**
 * Which of Postfix's address classes the mail domains are in. With accounts that are addresses they are virtual; where only the
 * machine's own users have mail they are local, and their users are what the machine says. A gateway's are virtual: its own
 * users have no mail.
 */
export const domainClassOf = (all: AllAnswers): 'virtual' | 'local' =>
  hasAddresses(all) || isGateway(all) ? 'virtual' : 'local';

/** Whether mail of the machine's users is in their own homes, or belongs to the owner of all mail. */
export const homesOf = (all: AllAnswers) => answer<'real' | 'virtual'>(all, 'auth-pam', 'homes') ?? 'real';

/** Whether some mail belongs to one owner of its own. */
export const hasMailOwner = (all: AllAnswers) => hasAddresses(all) || homesOf(all) === 'virtual';

/** The format in which mail is kept. */
export const formatOf = (all: AllAnswers) =>
  answer<'maildir' | 'sdbox' | 'mdbox' | 'mbox'>(all, 'storage', 'format') ?? 'maildir';

/** Where mail of the machine's users is, below their homes. */
export const systemPathOf = (all: AllAnswers) =>
  answer<string>(all, 'storage', 'system_path') ?? (formatOf(all) === 'maildir' ? '~/Maildir' : '~/mail');

/** Numbers of the users who are people, as login.defs(5) has them. */
export const uidRangeOf = (all: AllAnswers) => ({
  first: answer<number>(all, 'auth-pam', 'first_uid') ?? 1000,
  last: answer<number>(all, 'auth-pam', 'last_uid') ?? 60_000,
});

/**
 * The highest number that people of this machine may have. Those of a directory have far higher ones: by default SSSD gives up to
 * 2,000,200,000 to those of Active Directory (sssd-ad(5), `ldap_idmap_range_max`).
 */
export const lastUidOf = ({users}: Facts) => {
  const highest = users.reduce(
    (found, {elsewhere, uid}) => (elsewhere === true && uid <= mostUid ? Math.max(found, uid) : found),
    0,
  );
  return highest <= 60_000 ? 60_000 : Math.max(2_000_200_000, highest);
};

/** Accounts of the machine that the answers name. */
export const systemAccountsOf = (all: AllAnswers) =>
  answer<readonly AccountAnswer[]>(all, 'auth-pam', 'accounts') ?? [];

/** People of the machine who have mail: those that are there, then those that the answers add. */
export const systemPeopleOf = (all: AllAnswers, facts: Facts): readonly string[] => {
  const {first, last} = uidRangeOf(all);
  const there = facts.users
    .filter(({uid}) => uid >= first && uid <= last && (uid < 1000 || isPersonal(uid)))
    .map(({name}) => name);
  return [...new Set([...there, ...systemAccountsOf(all).map(({name}) => name)])].filter(
    name => name !== mailUserOf(all) && /^[a-z_][a-z0-9_-]*$/.test(name),
  );
};

/** File that the list of accounts is in. */
export const usersFileOf = (all: AllAnswers) =>
  answer<string>(all, 'auth-passwdfile', 'file') ?? '/etc/dovecot/users';

/**
 * Accounts of the list: those that the answers add, after those that the file has. Of a gateway: those that it knows of. Those of
 * other places are known there alone.
 */
export const mailUsersOf = (all: AllAnswers, facts: Facts): readonly string[] => {
  if (isGateway(all)) {
    return answer<readonly string[]>(all, 'delivery', 'recipients') ?? [];
  }

  if (!hasList(all)) {
    return [];
  }

  const there = namesIn(facts, usersFileOf(all));
  const added = answer<readonly AccountAnswer[]>(all, 'auth-passwdfile', 'accounts') ?? [];
  return [...new Set([...there, ...added.map(({name}) => name.toLowerCase())])].filter(name =>
    name.includes('@'),
  );
};

// A list may have 100,000 accounts, and every section asks for them.
const namesIn = ({files}: Facts, path: string): readonly string[] => {
  const text = files[path] ?? '';
  const known = lists.get(files);
  if (known?.text === text) {
    return known.names;
  }

  const names = text
    .split('\n')
    .filter(line => !/^\s*(?:#|$)/.test(line))
    .map(line => line.split(':', 1)[0] ?? '');
  lists.set(files, {text, names});
  return names;
};

const lists = new WeakMap<Facts['files'], {readonly text: string; readonly names: readonly string[]}>();

/** Whether this machine itself knows every account. Those of a database or a directory are known to that alone. */
export const knowsAll = (all: AllAnswers) =>
  backendsOf(all).every(backend => backend === 'pam' || backend === 'passwd-file');

/** Addresses in the mail domains that end in a mailbox here. */
export const addressesOf = (all: AllAnswers, facts: Facts): readonly string[] => {
  const names = hasAddresses(all)
    ? hasPam(all)
      ? systemAccountsOf(all).map(({name}) => name)
      : []
    : hasPam(all)
      ? systemPeopleOf(all, facts)
      : [];
  const system = names.flatMap(name => domainsOf(all).map(domain => `${name}@${domain}`));
  const known = hasSql(all)
    ? [answer<string>(all, 'auth-sql', 'sample') ?? '', ...madeAccountsOf(all).map(({name}) => name)]
    : [];
  const person = hasLdap(all) ? (answer<string>(all, 'auth-ldap', 'sample') ?? '') : '';
  return [
    ...new Set([...mailUsersOf(all, facts), ...[...known, person].filter(name => name !== ''), ...system]),
  ];
};

/** The first account whose password is known in this run; login probes need one. */
export const probeAccountOf = (all: AllAnswers): {readonly account?: ProbeAccount} => {
  const listed = answer<readonly AccountAnswer[]>(all, 'auth-passwdfile', 'accounts') ?? [];
  const sample = hasSql(all) ? sampleOf(all) : undefined;
  const accounts = [
    ...(hasList(all) ? listed : []),
    ...(sample === undefined ? [] : [sample]),
    ...(hasLdap(all) ? directorySample(all) : []),
    ...(hasPam(all) ? systemAccountsOf(all) : []),
  ];
  const known = accounts.find(({password}) => password !== 'keep');
  return known === undefined ? {} : {account: {user: known.name, password: known.password}};
};

// Somebody of the directory, with the password that was typed in for the proof.
const directorySample = (all: AllAnswers): readonly AccountAnswer[] => {
  const name = answer<string>(all, 'auth-ldap', 'sample') ?? '';
  const password = answer<SecretRef>(all, 'auth-ldap', 'sample_password');
  return name === '' || password === undefined ? [] : [{name, password}];
};

/** Addresses that every domain must have: RFC 5321 4.5.1 and RFC 2142; cron and others write to root. */
export const roleNames = ['postmaster', 'abuse', 'root'] as const;
