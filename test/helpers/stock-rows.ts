import type {Facts} from '../../src/core/facts.js';
import type {AllAnswers} from '../../src/core/question.js';
import {compile, foldAll} from '../../src/planner/compile.js';
import {completeAnswers} from './facts.js';
import {pairwise, type PairRow} from './pairwise.js';
import {allWants} from './sections.js';
import type {Stock} from './stock.js';

/** The answers that decide which files are written and how. */
export const dimensions = {
  role: ['complete', 'dovecot-only', 'null-client'],
  accounts: ['passwd-file', 'pam', 'both'],
  services: ['imap', 'both'],
  ports: ['tls-only', 'tls-and-starttls'],
  format: ['maildir', 'sdbox', 'mdbox', 'mbox'],
  inbound: ['may', 'encrypt'],
  submission: ['465', '587', 'both'],
  relay: ['direct', 'smarthost'],
  filter: ['off', 'on'],
} as const;

export type StockRow = PairRow<typeof dimensions>;

/** Every pair of values occurs in at least one of them. */
export const stockRows: readonly StockRow[] = pairwise(dimensions);

export const titleOf = (row: StockRow) => Object.values(row).join(' ');

/** Answers of a row, as a person would write them into a file. */
export const stockAnswers = (row: StockRow): AllAnswers => {
  const relay =
    row.relay === 'smarthost' || row.role === 'null-client'
      ? {how: 'smarthost', host: 'relay.example.net', user: 'me', password: {held: 'r'}}
      : {how: 'direct'};
  const role = {kind: row.role, hostname: 'mail.example.com'};
  if (row.role === 'null-client') {
    return {role, smtp: {admin: 'anna@example.com'}, relay};
  }

  const accounts = [{name: 'anna@example.com', password: {held: 'a1'}}];
  const system = [{name: 'bert', password: {held: 'b1'}}];
  return completeAnswers({
    role: row.role === 'complete' ? {...role, domains: ['example.com']} : role,
    auth: {backends: row.accounts === 'both' ? ['passwd-file', 'pam'] : [row.accounts]},
    'auth-passwdfile': row.accounts === 'pam' ? {} : {accounts},
    'auth-pam': row.accounts === 'passwd-file' ? {} : {accounts: system},
    protocols: {services: row.services === 'both' ? ['imap', 'pop3'] : ['imap'], ports: row.ports},
    storage: {format: row.format},
    sieve: {filter: row.filter === 'on'},
    ...(row.role === 'complete'
      ? {
          'smtp-tls': {inbound: row.inbound},
          submission: {ports: row.submission === 'both' ? ['465', '587'] : [row.submission]},
          relay,
        }
      : {}),
  });
};

/** What a row comes to on a stock machine, and the machine with its files as they are then. */
export const plannedOn = ({facts, platform}: Stock, answers: AllAnswers) => {
  const wants = allWants({answers, facts, platform});
  const compiled = compile({wants, facts, platform, put: text => text});
  const folded = foldAll(compiled.edits, facts, facts.dovecot?.dialect ?? '2.3');
  const {dovecot, main, master} = folded;
  const files = {...facts.files, ...Object.fromEntries([...dovecot.files, ...main.files, ...master.files])};
  return {wants, compiled, folded, after: {...facts, files} satisfies Facts};
};
