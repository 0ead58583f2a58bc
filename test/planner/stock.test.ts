import test from 'ava';
import {splitLines} from '../../src/config/lines.js';
import {readDovecot} from '../../src/planner/dialects/read.js';
import {contradictions} from '../../src/planner/owners.js';
import {foldAll} from '../../src/planner/compile.js';
import {steps} from '../../steps/index.js';
import {applyWants, contentsOf, stockImage, undoAll} from '../helpers/law.js';
import {differing} from '../helpers/oracle.js';
import {plannedOn, stockAnswers, stockRows, titleOf} from '../helpers/stock-rows.js';
import {stocks} from '../helpers/stock.js';

const {there, missing} = stocks();
if (missing.length > 0) {
  console.warn(`skipped: no stock configuration of ${missing.join(', ')}`);
}

const isFull = process.env['DOVETAIL_FULL'] === '1';

for (const [which, stock] of there.entries()) {
  for (const row of stockRows) {
    const title = `${stock.name}, ${titleOf(row)}`;
    const answers = stockAnswers(row);

    test(`${title}: planned without a refusal or a trap, means what was asked for, and leaves nothing to plan`, t => {
      const {wants, compiled, folded, after} = plannedOn(stock, answers);
      t.deepEqual(contradictions(wants, steps), []);
      t.deepEqual(
        compiled.findings.filter(({severity}) => severity === 'fail'),
        [],
      );
      t.deepEqual(folded.dovecot.refused, []);
      const again = foldAll(compiled.edits, after, stock.facts.dovecot?.dialect ?? '2.3');
      t.deepEqual(
        [...again.dovecot.files.keys(), ...again.main.files.keys(), ...again.master.files.keys()],
        [],
      );
      if (row.role === 'null-client') {
        t.is(folded.dovecot.files.size, 0);
        return;
      }

      const now = readDovecot(after);
      const drivers = {
        'passwd-file': ['passwd-file'],
        pam: ['pam'],
        both: stockAnswers(row)['auth']?.['backends'],
      };
      t.like(now.settings, {
        'mail.store': {format: row.format, path: '~/mail'},
        'tls.mode': 'required',
        'tls.certificate': `${stock.platform.paths.certificates}/server.crt`,
        'auth.cleartext': false,
      });
      t.true(now.lists.protocols?.includes('imap'));
      t.is(now.lists.protocols?.includes('pop3'), row.services === 'both');
      t.deepEqual(
        now.passdbs.map(({driver}) => driver),
        drivers[row.accounts],
      );
      const plain = now.listeners.find(({service, name}) => service === 'imap-login' && name === 'imap');
      t.is(plain?.port, row.ports === 'tls-only' ? 0 : 143);
    });

    test(`${title}: each file keeps every line that no edit names`, t => {
      const {dovecot} = plannedOn(stock, answers).folded;
      t.is(dovecot.files.size > 0, row.role !== 'null-client');
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

  // Every third row for each tree, another third for the next one; all of them in the full mode.
  const applied = stockRows.filter((_row, index) => isFull || index % 3 === which % 3);
  test(`${stock.name}: applied and taken back, it is as it was, byte for byte (${applied.length} rows)`, async t => {
    const bare = stockImage(stock);
    for (const row of applied) {
      const answers = stockAnswers(row);
      const {image, id} = await applyWants(stock, bare, plannedOn(stock, answers).wants, stock.facts);
      t.not(differing(contentsOf(bare), contentsOf(image)).length, 0, titleOf(row));
      t.deepEqual(differing(contentsOf(bare), contentsOf(await undoAll(image, id))), [], titleOf(row));
    }
  });
}

for (const stock of there.filter(({name}) => name.startsWith('own-'))) {
  test(`${stock.name}: what would be written, to be read`, t => {
    const row = stockRows[0];
    const {after} = plannedOn(stock, row === undefined ? {} : stockAnswers(row));
    const changed = Object.entries(after.files).filter(([path, text]) => text !== stock.facts.files[path]);
    t.snapshot(changed.map(([path, text]) => `==> ${path}\n${text}`).join('\n'));
  });
}

test('every pair of answers occurs, in far fewer rows than there are combinations', t => {
  const [names, rows] = [Object.keys(stockRows[0] ?? {}), stockRows as readonly Record<string, string>[]];
  for (const [index, one] of names.entries()) {
    for (const other of names.slice(index + 1)) {
      const pairs = new Set(rows.map(row => `${row[one]} ${row[other]}`));
      const values = (name: string) => new Set(rows.map(row => row[name])).size;
      t.is(pairs.size, values(one) * values(other), `${one} ${other}`);
    }
  }

  t.true(rows.length < 25, String(rows.length));
});

test('trees of both dialects are looked at', t => {
  t.is(new Set(there.map(({facts}) => facts.dovecot?.dialect)).size, 2);
});
