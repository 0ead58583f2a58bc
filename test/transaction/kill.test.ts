import {rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {withFaults} from '../../src/system/faults.js';
import {directorySystem} from '../../src/system/grounds.js';
import type {System} from '../../src/system/types.js';
import {recover} from '../../src/transaction/recover.js';
import {rollBack} from '../../src/transaction/roll-back.js';
import {common, makePlan, makeTree, planDifferences, run, treePlanId} from '../helpers/tree-plan.js';
import {differences, snapshot} from '../hosts/tree.js';

const isFull = process.env['DOVETAIL_FULL'] === '1';
class Killed extends Error {}

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

test('applied, then rolled back: bytes, modes, owners and times are as before', async t => {
  const root = makeTree();
  const system = directorySystem(root);
  const before = snapshot(root);
  t.is(await run(system, await makePlan(system)), 'committed');
  const after = snapshot(root);
  t.is(differences(before, after).length, planDifferences);
  t.is(await rollBack({...common, system, id: treePlanId}), 'rolled-back');
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
      t.true(left.length === 0 || left.length === planDifferences, `${when} ${n}: ${left.join('\n')}`);
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
  t.is(await rollBack({...common, system, id: treePlanId}), 'conflicts-kept');
  t.is(system.files.read('/etc/dovecot/dovecot.conf')?.toString(), 'edited by hand\n');
  t.is(system.files.read('/etc/table')?.toString(), 'theirs x\n');
  rmSync(root, {recursive: true});
});
