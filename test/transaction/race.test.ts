import {chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Worker} from 'node:worker_threads';
import test from 'ava';
import type {Change} from '../../src/core/change.js';
import {ProblemError} from '../../src/core/finding.js';
import {memoryBlobs} from '../../src/system/blobs.js';
import {directorySystem} from '../../src/system/grounds.js';
import {applyPlan} from '../../src/transaction/apply.js';
import type {Race} from '../helpers/racer.js';
import {common, makePlan} from '../helpers/tree-plan.js';

const rounds = process.env['DOVETAIL_FULL'] === '1' ? 1000 : 40;
const secret = 'root’s own\n';
const names = ['conf', 'gone', 'table'];

test('a user lets links and directories change places under us: nothing that they lead to is touched', async t => {
  t.timeout(20 * 60_000);
  const root = mkdtempSync(join(tmpdir(), 'dovetail-test-'));
  for (const folder of ['etc/dovecot', 'var/lib', 'srv/mail/box', 'etc/victim']) {
    mkdirSync(join(root, folder), {recursive: true});
  }

  const victim = join(root, 'etc/victim');
  for (const name of names) {
    writeFileSync(join(root, 'srv/mail/box', name), secret);
    writeFileSync(join(victim, name), secret);
  }

  for (const name of ['dovecot/dovecot.conf', 'table', 'gone']) {
    writeFileSync(join(root, 'etc', name), 'x y\n');
  }

  const system = directorySystem(root);
  const {plan} = await makePlan(system);
  const [shown] = plan.stages[0]?.changes ?? [];
  // Others may write here, as in a directory of their own.
  chmodSync(join(root, 'srv/mail'), 0o777);
  const cells = new Int32Array(new SharedArrayBuffer(8));
  const told: Race = {path: join(root, 'srv/mail/box'), victim, cells};
  const racer = new Worker(new URL('../helpers/racer.js', import.meta.url), {workerData: told});
  t.teardown(() => racer.terminate());
  const ended = new Map<string, number>();
  for (let round = 0; round < rounds && shown !== undefined; round += 1) {
    const blobs = memoryBlobs();
    const before = blobs.put(Buffer.from(secret));
    const change = attack(round, before, blobs.put(Buffer.from('taken over\n')));
    const id = `20260101T000000Z-${String(round).padStart(6, '0')}`;
    const outcome = await applyPlan({
      ...common,
      plan: {...plan, id, stages: [{name: 'configuration', changes: [{...shown, change, seen: ''}]}]},
      blobs,
      system,
      interrupted: () => false,
      prove: async () => [],
      onUnproved: 'roll-back',
    }).catch((error: unknown) => {
      if (error instanceof ProblemError) {
        return 'refused';
      }

      throw error;
    });
    ended.set(outcome, (ended.get(outcome) ?? 0) + 1);
  }

  const ending = new Promise(resolve => racer.once('exit', resolve));
  Atomics.store(cells, 0, 1);
  await ending;
  t.deepEqual(readdirSync(victim), names);
  for (const name of names) {
    t.is(readFileSync(join(victim, name), 'utf8'), secret);
    t.is(readFileSync(join(root, 'srv/mail/box', name), 'utf8'), secret);
  }

  // Refused before anything was done, or while the way was looked at once more: never applied, never stuck.
  t.is((ended.get('refused') ?? 0) + (ended.get('rolled-back') ?? 0), rounds, [...ended.keys()].join());
  t.true(Atomics.load(cells, 1) > rounds, 'the user was at it all the time');
  t.log(
    `${rounds} of ${rounds} rounds: ${[...ended].map(([end, count]) => `${count} ${end}`).join(', ')}; ${Atomics.load(cells, 1)} turns of the user’s`,
  );
  rmSync(root, {recursive: true});
});

const attack = (round: number, before: string, after: string): Change => {
  const own = {
    id: 'c',
    sections: ['s'],
    owner: `${process.getuid?.()}`,
    group: `${process.getgid?.()}`,
    mode: 0o600,
    secret: false,
  };
  const folder = '/srv/mail/box';
  const ways: readonly Change[] = [
    {...own, kind: 'file.write', path: `${folder}/fresh`, content: [{text: 'taken over\n'}]},
    {...own, kind: 'directory.create', path: `${folder}/new`},
    {...own, kind: 'file.delete', path: `${folder}/gone`},
    {
      ...own,
      kind: 'rows.edit',
      path: `${folder}/table`,
      format: 'table',
      rows: [{section: 's', key: 'ours', state: 'present', content: [{text: 'ours y'}]}],
    },
    {
      id: 'c',
      sections: ['s'],
      kind: 'config.edit',
      family: 'other',
      path: `${folder}/conf`,
      before,
      after,
      keepOwnership: true,
    },
    {...own, kind: 'file.write', path: `${folder}/conf`, content: [{text: 'taken over\n'}]},
  ];
  return ways[round % ways.length] ?? (ways[0] as Change);
};
