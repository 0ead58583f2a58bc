import {readFileSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {withFaults} from '../../src/system/faults.js';
import {directorySystem} from '../../src/system/grounds.js';
import type {System} from '../../src/system/types.js';
import {answerCountdown, expire} from '../../src/transaction/countdown.js';
import {recover} from '../../src/transaction/recover.js';
import {rollBack} from '../../src/transaction/roll-back.js';
import {confirmUnitPath} from '../../src/transaction/confirm-unit.js';
import {
  type ConfirmTerms,
  expiredAt,
  isOtherSession,
  pendingHere,
} from '../../src/transaction/confirmation.js';
import {readTransaction} from '../../src/transaction/store.js';
import {common, makePlan, makeTree, planDifferences, run, treePlanId} from '../helpers/tree-plan.js';
import {differences, snapshot} from '../hosts/tree.js';

const isFull = process.env['DOVETAIL_FULL'] === '1';
const terms: ConfirmTerms = {scope: 'whole', within: 60, session: {ssh: '192.0.2.1 1 192.0.2.2 22'}};
const confirm = {terms, program: {file: '/usr/bin/true', args: []}};
const later = () => Date.now() + 61_000;
const unitThere = (system: System) => system.files.lstat(confirmUnitPath) !== undefined;
// The record is not the machine.
const left = (before: ReadonlyMap<string, string>, root: string) =>
  differences(before, snapshot(root))
    .filter(line => !line.startsWith('/var/lib'))
    .map(line => line.replaceAll(/ \d{19} /g, ' '));
const withoutUnit = (lines: readonly string[]) =>
  lines.filter(line => !line.includes('dovetail-confirm') && !/^\/etc\/systemd\/system/.test(line));

class Killed extends Error {}

const doomed = (system: System, n: number, when: 'before' | 'after') => {
  let dead = false;
  const files = withFaults(system.files, (moment, _operation, _path, index) => {
    if (dead || (index === n && moment === when)) {
      dead = true;
      throw new Killed();
    }
  });
  return {system: {...system, files}, isDead: () => dead};
};

const applied = async () => {
  const root = makeTree();
  const system = directorySystem(root);
  const before = snapshot(root);
  const outcome = await run(system, await makePlan(system), confirm);
  return {root, system, before, outcome};
};

test('what nobody confirms goes back; folders and lists of people stay; a second time does nothing', async t => {
  const {root, system, before, outcome} = await applied();
  t.is(outcome, 'committed');
  t.is(pendingHere(system.files)?.id, treePlanId);
  t.true(unitThere(system));
  t.is(await expire({...common, system}), undefined, 'there is time left');
  t.is(withoutUnit(left(before, root)).length, planDifferences);

  t.is(await expire({...common, system, now: later()}), 'rolled-back');
  t.deepEqual(
    left(before, root).map(line => line.replace(/[: ].*/s, '')),
    ['/etc/table', '/srv', '/srv/a', '/srv/a/b'],
  );
  t.is(readFileSync(join(root, 'etc/dovecot/dovecot.conf'), 'utf8'), '# keep me\nkey = old\n');
  t.not(expiredAt(readTransaction(system.files, treePlanId)?.entries ?? []), undefined);
  t.false(unitThere(system));
  t.is(await expire({...common, system, now: later()}), undefined);

  t.is(await rollBack({...common, system, id: treePlanId}), 'rolled-back');
  t.deepEqual(left(before, root), []);
  rmSync(root, {recursive: true});
});

test('confirmed, it stays; extended, it has more time; meanwhile nothing else is applied', async t => {
  const {root, system, before} = await applied();
  await t.throwsAsync(run(system, await makePlan(system)), {message: /waits for a confirmation/});
  answerCountdown(system, treePlanId, 3600);
  t.is(await expire({...common, system, now: later()}), undefined);
  t.true(unitThere(system));
  answerCountdown(system, treePlanId);
  t.false(unitThere(system));
  t.is(await expire({...common, system, now: later() + 3_600_000}), undefined);
  t.is(left(before, root).length, planDifferences);
  rmSync(root, {recursive: true});
});

test('undone as a whole, nothing waits any more', async t => {
  const {root, system, before} = await applied();
  t.is(await rollBack({...common, system, id: treePlanId}), 'rolled-back');
  t.is(pendingHere(system.files), undefined);
  t.deepEqual(left(before, root), []);
  rmSync(root, {recursive: true});
});

test('what somebody else changed meanwhile is kept when the time is over, and said', async t => {
  const {root, system} = await applied();
  system.files.overwrite('/etc/dovecot/dovecot.conf', Buffer.from('theirs\n'));
  t.is(await expire({...common, system, now: later()}), 'conflicts-kept');
  t.is(readFileSync(join(root, 'etc/dovecot/dovecot.conf'), 'utf8'), 'theirs\n');
  rmSync(root, {recursive: true});
});

test('killed at every point of arming, of going back and of the confirmation: nothing is lost, the countdown holds', async t => {
  const whole = await applied();
  const ended = left(whole.before, whole.root);
  await expire({...common, system: whole.system, now: later()});
  const reverted = left(whole.before, whole.root);
  rmSync(whole.root, {recursive: true});
  let points = 0;
  const step = isFull ? 1 : 9;
  const each = async (point: (n: number, when: 'before' | 'after') => Promise<boolean>) => {
    for (const when of ['before', 'after'] as const) {
      for (let n = 1, more = true; more; n += step) {
        more = await point(n, when);
        points += 1;
      }
    }
  };

  await each(async (n, when) => {
    const root = makeTree();
    const system = directorySystem(root);
    const before = snapshot(root);
    const made = await makePlan(system);
    const dying = doomed(system, n, when);
    await run(dying.system, made, confirm).catch(() => undefined);
    await recover({...common, system});
    const now = left(before, root);
    const isAfter = withoutUnit(now).length === planDifferences;
    t.true(isAfter || now.length === 0, `arming, ${when} ${n}: ${now.join('\n')}`);
    // What is in force waits for its confirmation, and somebody waits for it.
    t.is(pendingHere(system.files) !== undefined, isAfter, `arming, ${when} ${n}`);
    t.is(unitThere(system), isAfter, `arming, ${when} ${n}`);
    rmSync(root, {recursive: true});
    return dying.isDead();
  });

  await each(async (n, when) => {
    const {root, system, before} = await applied();
    const dying = doomed(system, n, when);
    await expire({...common, system: dying.system, now: later()}).catch(() => undefined);
    await recover({...common, system});
    const now = withoutUnit(left(before, root));
    t.true(
      now.length === withoutUnit(ended).length || now.join() === withoutUnit(reverted).join(),
      `going back, ${when} ${n}: ${now.join('\n')}`,
    );
    await expire({...common, system, now: later()});
    t.deepEqual(left(before, root), reverted, `going back, ${when} ${n}`);
    rmSync(root, {recursive: true});
    return dying.isDead();
  });

  await each(async (n, when) => {
    const {root, system, before} = await applied();
    const dying = doomed(system, n, when);
    try {
      answerCountdown(dying.system, treePlanId);
    } catch {
      // It is no more.
    }

    // Confirmed, nothing goes back; not confirmed, all of that does; the unit is gone in the end.
    const isPending = pendingHere(system.files) !== undefined;
    await expire({...common, system, now: later()});
    t.is(left(before, root).join() === reverted.join(), isPending, `confirming, ${when} ${n}`);
    t.is(left(before, root).length, isPending ? reverted.length : planDifferences);
    rmSync(root, {recursive: true});
    return dying.isDead();
  });
  t.log(`${points} kill points`);
  t.true(points > (isFull ? 300 : 40));
});

test('a login is another one by its connection, its audit number or its terminal; what cannot be told is not', t => {
  const one = {ssh: '192.0.2.1 50000 192.0.2.2 22', audit: '3', tty: '/dev/pts/0'};
  t.false(isOtherSession(one, {...one, tty: '/dev/pts/1'}));
  t.true(isOtherSession(one, {...one, ssh: '192.0.2.1 50001 192.0.2.2 22'}));
  t.true(isOtherSession({audit: '3'}, {audit: '4', tty: '/dev/pts/0'}));
  t.false(isOtherSession({tty: '/dev/tty1'}, {tty: '/dev/tty1'}));
  t.true(isOtherSession({tty: '/dev/tty1'}, one));
  t.is(isOtherSession({}, {}), undefined);
});
