import {existsSync, mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {history} from '../../src/commands/history.js';
import {exitCode} from '../../src/core/exit-code.js';
import {memoryBlobs} from '../../src/system/blobs.js';
import {directorySystem} from '../../src/system/grounds.js';
import {applyPlan} from '../../src/transaction/apply.js';
import {literal} from '../../src/core/text.js';
import {keptTransactions, listTransactions} from '../../src/transaction/store.js';
import {planOn, startImage} from '../helpers/model.js';

const me = String(process.getuid?.());
const group = String(process.getgid?.());
const idOf = (number: number) => `20260101T0000${String(number).padStart(2, '0')}Z-000000`;

const apply = async (root: string, number: number, fails = false) => {
  const {plan} = await planOn(startImage(), {small: true});
  return applyPlan({
    plan: {
      ...plan,
      id: idOf(number),
      stages: [
        {
          name: 'configuration',
          changes: [
            {
              ...(plan.stages[0]?.changes[1] as (typeof plan.stages)[0]['changes'][0]),
              seen: '',
              change: {
                id: 'f',
                sections: ['s'],
                kind: 'file.write',
                path: `/etc/secret-${number}`,
                content: [{text: 'canary'}],
                secret: true,
                owner: me,
                group,
                mode: 0o600,
              },
            },
          ],
        },
      ],
    },
    blobs: memoryBlobs(),
    system: directorySystem(root),
    resolve: () => Buffer.from('canary'),
    onEvent: () => undefined,
    interrupted: () => false,
    prove: async () =>
      fails ? [{id: 'p', severity: 'fail', summary: literal('no'), remedy: literal('')}] : [],
    onUnproved: 'roll-back',
  });
};

const forget = (root: string, id: string) => {
  const said: string[] = [];
  const code = history({
    lang: 'en',
    out: line => void said.push(line),
    err: line => void said.push(line),
    root: true,
    user: 'root',
    options: {root, yes: true},
    args: ['forget', id],
    self: {file: '', args: []},
    script: '',
  });
  return {code, said};
};

test('the last 20 transactions are kept, older ones are pruned; one is forgotten with all that it holds', async t => {
  const root = mkdtempSync(join(tmpdir(), 'dovetail-test-'));
  mkdirSync(join(root, 'etc'));
  mkdirSync(join(root, 'var/lib'), {recursive: true});
  for (let number = 1; number <= keptTransactions + 2; number += 1) {
    t.is(await apply(root, number), 'committed');
  }

  const {files} = directorySystem(root);
  t.deepEqual(
    listTransactions(files).map(({id}) => id),
    Array.from({length: keptTransactions}, (_, index) => idOf(keptTransactions + 2 - index)),
  );
  t.is(await forget(root, idOf(10)).code, exitCode.done);
  t.false(existsSync(join(root, 'var/lib/dovetail/tx', idOf(10))));
  t.true(existsSync(join(root, 'etc/secret-10')));
  t.is(listTransactions(files).length, keptTransactions - 1);
  await t.throwsAsync(forget(root, idOf(10)).code, {message: /no transaction/i});
  await t.throwsAsync(forget(root, '../../etc').code, {message: /no transaction/i});
  rmSync(root, {recursive: true});
});

test('attempts that came to nothing are pruned too, and push out nothing that could be undone', async t => {
  const root = mkdtempSync(join(tmpdir(), 'dovetail-test-'));
  mkdirSync(join(root, 'etc'));
  mkdirSync(join(root, 'var/lib'), {recursive: true});
  t.is(await apply(root, 1), 'committed');
  for (let number = 2; number <= keptTransactions + 4; number += 1) {
    t.is(await apply(root, number, true), 'rolled-back');
  }

  const ids = listTransactions(directorySystem(root).files).map(({id}) => id);
  t.is(ids.length, keptTransactions + 1);
  t.is(ids.at(-1), idOf(1));
  t.false(ids.includes(idOf(2)));
  rmSync(root, {recursive: true});
});
