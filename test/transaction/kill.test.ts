import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import type {Change} from '../../src/core/change.js';
import type {Plan} from '../../src/core/plan.js';
import {literal} from '../../src/core/text.js';
import {digestOf, memoryBlobs} from '../../src/system/blobs.js';
import {withFaults} from '../../src/system/faults.js';
import {directorySystem} from '../../src/system/grounds.js';
import type {System} from '../../src/system/types.js';
import {handlerOf} from '../../src/changes/index.js';
import {applyPlan, recover, rollBack} from '../../src/transaction/apply.js';
import {differences, snapshot} from '../hosts/tree.js';

const isFull = process.env['DOVETAIL_FULL'] === '1';
const me = `${process.getuid?.()}`;
const group = `${process.getgid?.()}`;
const oldText = '# keep me\nkey = old\n';
const newText = '# keep me\nkey = new\n';

const makeTree = () => {
  const root = mkdtempSync(join(tmpdir(), 'dovetail-test-'));
  for (const folder of ['etc/dovecot', 'etc/systemd/system', 'var/lib']) {
    mkdirSync(join(root, folder), {recursive: true});
  }

  writeFileSync(join(root, 'etc/dovecot/dovecot.conf'), oldText, {mode: 0o640});
  writeFileSync(join(root, 'etc/table'), 'theirs x\n', {mode: 0o600});
  writeFileSync(join(root, 'etc/gone'), 'bytes\n');
  return root;
};

const makePlan = async (system: System) => {
  const blobs = memoryBlobs();
  const before = blobs.put(Buffer.from(oldText));
  const after = blobs.put(Buffer.from(newText));
  const own = {sections: ['s'], owner: me, group};
  const changes: readonly Change[] = [
    {...own, id: 'd', kind: 'directory.create', path: '/srv/a/b', mode: 0o700},
    {
      ...own,
      id: 'f',
      kind: 'file.write',
      path: '/etc/fresh',
      content: [{text: 'fresh\n'}],
      secret: false,
      mode: 0o600,
    },
    {
      ...own,
      id: 'r',
      kind: 'rows.edit',
      path: '/etc/table',
      format: 'table',
      rows: [{section: 's', key: 'ours', state: 'present', content: [{text: 'ours y'}]}],
      secret: false,
      mode: 0o600,
    },
    {
      sections: ['s'],
      id: 'c',
      kind: 'config.edit',
      family: 'dovecot',
      path: '/etc/dovecot/dovecot.conf',
      before,
      after,
      keepOwnership: true,
    },
    {sections: ['s'], id: 'x', kind: 'file.delete', path: '/etc/gone'},
  ];
  const planned = await Promise.all(
    changes.map(async change => ({
      change,
      seen: digestOf(JSON.stringify(await handlerOf(change).observe(system, change))),
      preview: {
        action: 'update' as const,
        certainty: 'exact' as const,
        reversible: 'exact' as const,
        title: literal(change.id),
        body: [],
      },
    })),
  );
  const plan: Plan = {
    version: 1,
    id: '20260101T000000Z-000000',
    made: '2026-01-01T00:00:00Z',
    tool: 'test',
    platform: {id: 'debian12', name: 'Debian 12', forced: false},
    sections: ['s'],
    stages: [{name: 'configuration', changes: planned}],
    activations: [],
    edits: {dovecot: [], main: [], master: []},
    effective: [],
    probes: [],
    notes: [],
  };
  return {plan, blobs};
};

class Killed extends Error {}

const common = {
  resolve: (content: readonly object[]) =>
    Buffer.from(content.map(part => ('text' in part ? String(part.text) : '')).join('')),
  onEvent: () => undefined,
  boot: {file: '/usr/bin/true', args: []},
};

// A kill is an operation that never returns: from it on every operation fails, as in a process that is no more.
const killedAt = (system: System, n: number, when: 'before' | 'after') => {
  let dead = false;
  return {
    isDead: () => dead,
    system: {
      ...system,
      files: withFaults(system.files, (moment, _operation, _path, index) => {
        if (dead || (index === n && moment === when)) {
          dead = true;
          throw new Killed();
        }
      }),
    },
  };
};

const run = async (system: System, {plan, blobs}: Awaited<ReturnType<typeof makePlan>>) =>
  applyPlan({
    ...common,
    plan,
    blobs,
    system,
    interrupted: () => false,
    prove: async () => [],
    onUnproved: 'roll-back',
  });

test('applied, then rolled back: bytes, modes, owners and times are as before', async t => {
  const root = makeTree();
  const system = directorySystem(root);
  const before = snapshot(root);
  t.is(await run(system, await makePlan(system)), 'committed');
  const after = snapshot(root);
  t.is(differences(before, after).length, 7);
  t.is(await rollBack({...common, system, id: '20260101T000000Z-000000'}), 'rolled-back');
  t.deepEqual(differences(before, snapshot(root)), []);
  rmSync(root, {recursive: true});
});

test('killed before and after every operation, then recovered: as before, or as planned, never between', async t => {
  let points = 0;
  for (const when of ['before', 'after'] as const) {
    for (let n = 1; ; n += isFull ? 1 : 7) {
      const root = makeTree();
      const system = directorySystem(root);
      const before = snapshot(root);
      const made = await makePlan(system);
      const doomed = killedAt(system, n, when);
      // Whatever a process that is no more might have said does not count.
      await run(doomed.system, made).catch(() => undefined);

      await recover({...common, system});
      const left = differences(before, snapshot(root)).filter(line => !line.startsWith('/var/lib'));
      t.true(left.length === 0 || left.length === 7, `${when} ${n}: ${left.join('\n')}`);
      t.is(
        await recover({...common, system}),
        undefined,
        `${when} ${n}: a second recovery has nothing to do`,
      );
      rmSync(root, {recursive: true});
      points += 1;
      if (!doomed.isDead()) {
        break;
      }
    }
  }

  t.log(`${points} kill points`);
  t.true(points > (isFull ? 200 : 30));
});

test('a file that was changed since the plan is not touched, and nothing else is', async t => {
  const root = makeTree();
  const system = directorySystem(root);
  const made = await makePlan(system);
  writeFileSync(join(root, 'etc/dovecot/dovecot.conf'), 'mine\n');
  const before = snapshot(root);
  await t.throwsAsync(run(system, made), {message: /moved since the review/});
  t.deepEqual(differences(before, snapshot(root)), []);
  rmSync(root, {recursive: true});
});

test('an edit made after the apply is kept by the undo, and said', async t => {
  const root = makeTree();
  const system = directorySystem(root);
  await run(system, await makePlan(system));
  writeFileSync(join(root, 'etc/dovecot/dovecot.conf'), 'edited by hand\n');
  t.is(await rollBack({...common, system, id: '20260101T000000Z-000000'}), 'conflicts-kept');
  t.is(system.files.read('/etc/dovecot/dovecot.conf')?.toString(), 'edited by hand\n');
  t.is(system.files.read('/etc/table')?.toString(), 'theirs x\n');
  rmSync(root, {recursive: true});
});
