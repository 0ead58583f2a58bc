import type {Facts} from '../../src/core/facts.js';
import type {ProbeAccount} from '../../src/core/probe.js';
import type {AccountAnswer, AllAnswers} from '../../src/core/question.js';
import {answer} from './read.js';

type Backend = 'passwd-file' | 'pam';

/** Where accounts live. */
export const backendsOf = (all: AllAnswers): readonly Backend[] => {
  const backends = answer<readonly Backend[] | Backend>(all, 'auth', 'backends') ?? ['passwd-file'];
  return typeof backends === 'string' ? [backends] : backends;
};

/**
 * Which of Postfix's address classes the mail domains are in. With a list of accounts they are virtual; where only the
 * machine's own users have mail they are local, and their users are what the machine says.
 */
export const domainClassOf = (all: AllAnswers): 'virtual' | 'local' =>
  backendsOf(all).includes('passwd-file') ? 'virtual' : 'local';

/** File that the list of accounts is in. */
export const usersFileOf = (all: AllAnswers) =>
  answer<string>(all, 'auth-passwdfile', 'file') ?? '/etc/dovecot/users';

/** Accounts of the list: those that the answers add, after those that the file has. */
export const mailUsersOf = (all: AllAnswers, facts: Facts): readonly string[] => {
  const there = (facts.files[usersFileOf(all)] ?? '')
    .split('\n')
    .filter(line => !/^\s*(?:#|$)/.test(line))
    .map(line => line.split(':', 1)[0] ?? '');
  const added = answer<readonly AccountAnswer[]>(all, 'auth-passwdfile', 'accounts') ?? [];
  return [...new Set([...there, ...added.map(({name}) => name.toLowerCase())])].filter(name =>
    name.includes('@'),
  );
};

/** The first account whose password is known in this run; login probes need one. */
export const probeAccountOf = (all: AllAnswers): {readonly account?: ProbeAccount} => {
  const accounts = answer<readonly AccountAnswer[]>(all, 'auth-passwdfile', 'accounts') ?? [];
  const known = accounts.find(({password}) => password !== 'keep');
  return known === undefined || domainClassOf(all) !== 'virtual'
    ? {}
    : {account: {user: known.name, password: known.password}};
};

/** Addresses that every domain must have: RFC 5321 4.5.1 and RFC 2142; cron and others write to root. */
export const roleNames = ['postmaster', 'abuse', 'root'] as const;
