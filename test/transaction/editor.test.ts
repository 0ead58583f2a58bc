import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Worker} from 'node:worker_threads';
import test from 'ava';
import {digestOf, memoryBlobs} from '../../src/system/blobs.js';
import {directorySystem} from '../../src/system/grounds.js';
import {applyPlan} from '../../src/transaction/apply.js';
import {blobsOf, stateFolder} from '../../src/transaction/store.js';
import type {Order} from '../helpers/editor.js';
import {failing} from '../helpers/model.js';
import {common, makePlan} from '../helpers/tree-plan.js';

const isFull = process.env['DOVETAIL_FULL'] === '1';
const rounds = isFull ? 10_000 : 60;
const base = 'a = 1\nb = 2\nc = 3\n';

test('somebody saves a file at a random moment of a transaction, in place or by rename: no edit is lost', async t => {
  const root = mkdtempSync(join(tmpdir(), 'dovetail-test-'));
  mkdirSync(join(root, 'etc/dovecot'), {recursive: true});
  mkdirSync(join(root, 'var/lib'), {recursive: true});
  const path = join(root, 'etc/dovecot/dovecot.conf');
  const system = directorySystem(root);
  writeFileSync(path, base);
  for (const name of ['table', 'gone']) {
    writeFileSync(join(root, 'etc', name), 'x y\n');
  }

  const {plan} = await makePlan({...system, files: {...system.files}});
  const [shown] = plan.stages[0]?.changes ?? [];
  const editor = new Worker(new URL('../helpers/editor.js', import.meta.url));
  const ended = new Map<string, number>();
  let span = 60;
  for (let round = 0; round < rounds && shown !== undefined; round += 1) {
    writeFileSync(path, base);
    const blobs = memoryBlobs();
    const change = {
      id: 'c',
      sections: ['s'],
      kind: 'config.edit' as const,
      family: 'dovecot' as const,
      path: '/etc/dovecot/dovecot.conf',
      before: digestOf(base),
      after: blobs.put(Buffer.from(base.replace('a = 1', 'a = 2'))),
      keepOwnership: true as const,
    };
    blobs.put(Buffer.from(base));
    const id = `20260101T000000Z-${String(round).padStart(6, '0')}`;
    const mark = `edit ${round}`;
    const saved = new Promise(resolve => editor.once('message', resolve));
    const order: Order = {
      path,
      text: `${base}# ${mark}\n`,
      after: Math.random() * span,
      byRename: round % 2 === 0,
    };
    editor.postMessage(order);
    const started = performance.now();
    const outcome = await applyPlan({
      ...common,
      plan: {
        ...plan,
        id,
        stages: [{name: 'configuration', changes: [{...shown, change, seen: ''}]}],
      },
      blobs,
      system,
      interrupted: () => false,
      prove: async () => (round % 4 < 2 ? [failing] : []),
      onUnproved: 'roll-back',
    }).catch(() => 'refused');
    // The next one is saved within the time that this one took.
    span = (performance.now() - started) * 1.1;
    await saved;
    ended.set(outcome, (ended.get(outcome) ?? 0) + 1);
    const kept = join(root, blobsOf(id));
    const texts = [
      readFileSync(path, 'utf8'),
      ...(outcome === 'refused' ? [] : readdirSync(kept).map(name => readFileSync(join(kept, name), 'utf8'))),
    ];
    t.true(
      texts.some(text => text.includes(mark)),
      `round ${round}, ${order.byRename ? 'by rename' : 'in place'}, ${outcome}: ${texts[0]}`,
    );
    t.deepEqual(
      readdirSync(join(root, 'etc/dovecot')).filter(name => name.includes('dovetail')),
      [],
    );
  }

  await editor.terminate();
  t.log(
    `${rounds} of ${rounds} edits kept: ${[...ended].map(([end, count]) => `${count} ${end}`).join(', ')}`,
  );
  t.truthy(readdirSync(join(root, stateFolder, 'tx')).length);
  rmSync(root, {recursive: true});
});
