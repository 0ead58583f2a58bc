import test from 'ava';
import {splitLines} from '../../src/config/lines.js';
import type {Facts} from '../../src/core/facts.js';
import type {AllAnswers} from '../../src/core/question.js';
import {compile, foldAll} from '../../src/planner/compile.js';
import {contradictions} from '../../src/planner/owners.js';
import {readDovecot} from '../../src/planner/dialects/read.js';
import {steps} from '../../steps/index.js';
import {completeAnswers} from '../helpers/facts.js';
import {allWants} from '../helpers/sections.js';
import {stocks, type Stock} from '../helpers/stock.js';

const {there, missing} = stocks();
if (missing.length > 0) {
  console.warn(`skipped: no stock configuration of ${missing.join(', ')}`);
}

// Every pair of values of these questions occurs in at least one row.
const rows = [
  ['imap', 'tls-only', 'maildir', 'encrypt', '465'],
  ['imap', 'tls-and-starttls', 'sdbox', 'may', '587'],
  ['both', 'tls-only', 'sdbox', 'may', '465'],
  ['both', 'tls-and-starttls', 'maildir', 'may', '587'],
  ['both', 'tls-and-starttls', 'mdbox', 'encrypt', '465'],
  ['imap', 'tls-only', 'mdbox', 'encrypt', '587'],
] as const;

const answersOf = ([services, ports, format, inbound, submission]: (typeof rows)[number]): AllAnswers =>
  completeAnswers({
    protocols: {services: services === 'both' ? ['imap', 'pop3'] : ['imap'], ports},
    storage: {format},
    'smtp-tls': {inbound},
    submission: {ports: [submission]},
  });

const planned = ({facts, platform}: Stock, answers: AllAnswers) => {
  const wants = allWants({answers, facts, platform});
  const compiled = compile({wants, facts, platform, put: text => text});
  const {dovecot, main, master} = foldAll(compiled.edits, facts, facts.dovecot?.dialect ?? '2.3');
  const files = {...facts.files, ...Object.fromEntries([...dovecot.files, ...main.files, ...master.files])};
  return {wants, compiled, dovecot, after: {...facts, files} satisfies Facts};
};

for (const stock of there) {
  for (const row of rows) {
    const answers = answersOf(row);
    const title = `${stock.name}, ${row.join(' ')}`;

    test(`${title}: planned without a refusal or a trap, and means what was asked for`, t => {
      const {wants, compiled, dovecot, after} = planned(stock, answers);
      t.deepEqual(contradictions(wants, steps), []);
      t.deepEqual(
        compiled.findings.filter(({severity}) => severity === 'fail'),
        [],
      );
      t.deepEqual(dovecot.refused, []);
      const now = readDovecot(after);
      t.like(now.settings, {
        'mail.store': {format: row[2], path: '~/mail'},
        'tls.mode': 'required',
        'tls.certificate': '/etc/ssl/dovetail/server.crt',
        'auth.cleartext': false,
        'auth.username': 'lower',
      });
      t.true(['imap', 'lmtp'].every(name => now.lists.protocols?.includes(name)));
      t.is(now.lists.protocols?.includes('pop3'), row[0] === 'both');
      t.deepEqual(
        now.passdbs.map(({driver}) => driver),
        ['passwd-file'],
      );
      t.deepEqual(
        now.userdbs.map(({driver}) => driver),
        ['passwd-file'],
      );
      const plain = now.listeners.find(({service, name}) => service === 'imap-login' && name === 'imap');
      t.is(plain?.port, row[1] === 'tls-only' ? 0 : 143);
    });

    test(`${title}: planned again, nothing is left to do`, t => {
      const {compiled, after} = planned(stock, answers);
      const again = foldAll(compiled.edits, after, stock.facts.dovecot?.dialect ?? '2.3');
      t.deepEqual(
        [...again.dovecot.files.keys(), ...again.main.files.keys(), ...again.master.files.keys()],
        [],
      );
    });

    test(`${title}: each file keeps every line that no edit names`, t => {
      const {dovecot} = planned(stock, answers);
      for (const [path, text] of dovecot.files) {
        const touched = dovecot.placed.filter(({file, how}) => file === path && how !== 'unchanged').length;
        const left = new Map<string, number>();
        for (const line of splitLines(text)) {
          left.set(line, (left.get(line) ?? 0) + 1);
        }

        const gone = splitLines(stock.facts.files[path] ?? '').filter(line => {
          const count = left.get(line) ?? 0;
          left.set(line, count - 1);
          return count <= 0;
        });
        t.true(gone.length <= touched, `${path}: ${gone.join('')}`);
      }
    });
  }
}

for (const stock of there.filter(({name}) => name.startsWith('own-'))) {
  test(`${stock.name}: what would be written, to be read`, t => {
    const {after} = planned(stock, answersOf(rows[0]));
    const changed = Object.entries(after.files).filter(([path, text]) => text !== stock.facts.files[path]);
    t.snapshot(changed.map(([path, text]) => `==> ${path}\n${text}`).join('\n'));
  });
}

test('trees of both dialects are looked at', t => {
  t.is(new Set(there.map(({facts}) => facts.dovecot?.dialect)).size, 2);
});
