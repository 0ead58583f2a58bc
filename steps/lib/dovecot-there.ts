import type {Facts} from '../../src/core/facts.js';
import type {AccountAnswer} from '../../src/core/question.js';
import {readPattern} from '../../src/planner/dialects/pattern.js';
import {readDovecot} from '../../src/planner/dialects/read.js';
import type {DatabaseThere} from '../../src/planner/dialects/read-blocks.js';
import {domainsThere} from './domains-there.js';
import {addressProblem, nameProblem} from './validate.js';

/** Owner and place of the mail, where the machine keeps it as ROOT/domain/name of one user. */
export const mailOwnerThere = (facts: Facts): {readonly user?: string; readonly root?: string} => {
  const {userdbs, settings} = readDovecot(facts);
  const dialect = facts.dovecot?.dialect ?? '2.3';
  for (const database of userdbs) {
    const {uid, home} = fieldsOf(database);
    const pattern = home === undefined ? settings['mail.home'] : readPattern(home, dialect);
    const root = /^(\/.+)\/(?:\{domain\}|users)\/\{name\}$/.exec(pattern ?? '')?.[1];
    const user = uid ?? settings['mail.uid'];
    if (root !== undefined && user !== undefined && !/^\d+$/.test(user)) {
      return {user, root};
    }
  }

  return {};
};

/** Accounts that answers name; of more, the rest is on the list and stays there as these do. */
const shown = 1000;

/** Accounts of the list in a file, where the machine logs in by it and each is an address of its domains. */
export const accountsThere = (facts: Facts, file: string): readonly AccountAnswer[] | undefined => {
  const isRead = readDovecot(facts).passdbs.some(
    ({driver, values}) =>
      driver === 'passwd-file' &&
      (values['passwd_file_path'] ?? values['args']?.split(/\s+/).at(-1)) === file,
  );
  const text = facts.files[file];
  if (!isRead || text === undefined) {
    return undefined;
  }

  const names = text
    .split('\n')
    .filter(line => line.trim() !== '' && !line.startsWith('#'))
    .map(line => line.slice(0, line.indexOf(':')));
  const domains = domainsThere(facts);
  // Many thousand accounts share a few domains: each of these is judged once.
  const used = new Set(names.map(name => name.slice(name.indexOf('@') + 1)));
  return names.length > 0 &&
    names.every(name => addressProblem(name, () => undefined) === undefined) &&
    [...used].every(
      domain => nameProblem(domain) === undefined && (domains.length === 0 || domains.includes(domain)),
    )
    ? names.slice(0, shown).map(name => ({name, password: 'keep' as const}))
    : undefined;
};

/** Whether mail belongs to the machine's users alone, each to its reader. */
export const isSystemOnly = (facts: Facts) => {
  const {passdbs, userdbs} = readDovecot(facts);
  return (
    passdbs.length > 0 &&
    passdbs.every(({driver}) => driver === 'pam') &&
    userdbs.every(database => database.driver === 'passwd' && fieldsOf(database).uid === undefined)
  );
};

/** Where the machine's users keep mail below their homes, where that differs from everybody else's. */
export const systemStoreThere = (facts: Facts): string | undefined => {
  const passwd = readDovecot(facts).userdbs.find(({driver}) => driver === 'passwd');
  const path = passwd === undefined ? undefined : fieldsOf(passwd).store;
  return path !== undefined && /^~\/[A-Za-z0-9_.-]+$/.test(path) ? path : undefined;
};

// 2.3: `uid=vmail gid=vmail home=…` in one setting; 2.4: a block of fields.
const fieldsOf = ({values}: DatabaseThere) => {
  const words = `${values['override_fields'] ?? ''} ${values['default_fields'] ?? ''} ${values['args'] ?? ''}`;
  const word = (name: string) =>
    words
      .split(/\s+/)
      .find(entry => entry.startsWith(`${name}=`))
      ?.slice(name.length + 1);
  return {
    uid: values['fields/uid'] ?? word('uid'),
    home: values['fields/home'] ?? word('home'),
    store: values['fields/mail_path'] ?? word('mail')?.replace(/^[a-z]+:/, ''),
  };
};
