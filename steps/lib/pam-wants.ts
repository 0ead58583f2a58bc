import type {Facts} from '../../src/core/facts.js';
import type {AllAnswers} from '../../src/core/question.js';
import type {Want} from '../../src/core/want.js';
import {pamGate, withGate} from './pam.js';
import {hasAddresses, homesOf, systemAccountsOf, uidRangeOf} from './people.js';

/** Numbers that may log in, only where every mail belongs to its reader: the owner of all mail may have one outside of the range. */
export const rangeWants = (all: AllAnswers): readonly Want[] => {
  const {first, last} = uidRangeOf(all);
  return hasAddresses(all) || homesOf(all) === 'virtual'
    ? []
    : [
        {kind: 'setting', in: 'dovecot', at: 'mail.first_valid_uid', op: 'set', value: first},
        {kind: 'setting', in: 'dovecot', at: 'mail.last_valid_uid', op: 'set', value: last},
      ];
};

/** The rule in the PAM stack that keeps accounts of the system out. */
export const stackWants = (all: AllAnswers, facts: Facts, path: string): readonly Want[] => {
  const text = facts.files[path];
  return text === undefined
    ? []
    : [
        {
          kind: 'file',
          path,
          state: 'present',
          content: [{text: withGate(text, pamGate(all))}],
          owner: 'root',
          group: 'root',
          mode: 0o644,
        },
      ];
};

/**
 * Only accounts that are not there: the others keep their home, their shell and their password. Nothing is written into homes that
 * exist, where the person could have put a link in the way; Dovecot makes the mailbox as that person.
 */
export const accountWants = (all: AllAnswers, facts: Facts, shell: string): readonly Want[] => {
  const {first} = uidRangeOf(all);
  const taken = new Set(facts.users.map(({uid}) => uid));
  let next = first - 1;
  const free = () => {
    do {
      next += 1;
    } while (taken.has(next));

    return next;
  };
  return fresh(all, facts).flatMap(({name}): readonly Want[] => {
    const home = `/home/${name}`;
    return [
      {
        kind: 'user',
        name,
        group: name,
        home,
        shell,
        comment: 'Mail account',
        ...(first > 1000 ? {uid: free()} : {}),
        password: [{material: `hash:${name}`}],
        state: 'present',
      },
      {kind: 'directory', path: home, owner: name, group: name, mode: 0o700, state: 'present'},
    ];
  });
};

/** A Maildir in the homes of users that are made later. */
export const skeleton: readonly Want[] = ['', '/cur', '/new', '/tmp'].map(part => ({
  kind: 'directory',
  path: `/etc/skel/Maildir${part}`,
  owner: 'root',
  group: 'root',
  mode: 0o700,
  state: 'present',
}));

/** Whether the machine has a user. */
export const isThere = (name: string, facts: Facts) => facts.users.some(user => user.name === name);

/** Accounts that the answers name and the machine does not have yet. */
export const fresh = (all: AllAnswers, facts: Facts) =>
  systemAccountsOf(all).filter(({name, password}) => password !== 'keep' && !isThere(name, facts));
