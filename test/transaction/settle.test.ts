import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {threeVersions} from '../../src/config/three-way.js';
import {applyPlan} from '../../src/transaction/apply.js';
import {rollBack} from '../../src/transaction/roll-back.js';
import {changedSince} from '../../src/transaction/changed-since.js';
import {takeLock} from '../../src/transaction/lock.js';
import {acceptAsIs, standings} from '../../src/transaction/settle.js';
import {currentId, folderOf, listTransactions, readTransaction} from '../../src/transaction/store.js';
import {ProblemError} from '../../src/core/finding.js';
import {exitCode} from '../../src/core/exit-code.js';
import type {Files} from '../../src/system/types.js';
import {type Image, openDisk} from '../helpers/disk.js';
import {applyOn, failing, machineOn, planOn, recoverOn, startImage, transactionId} from '../helpers/model.js';
import {differing, isAs, machineOf} from '../helpers/oracle.js';

const common = {resolve: () => Buffer.alloc(0), onEvent: () => undefined};
const path = '/etc/dovecot/dovecot.conf';
const hand = '# keep me\nkey = hand\nmore = 1\n';

const applied = async () => {
  const before = startImage();
  const disk = openDisk(before);
  await applyOn(disk.files, await planOn(before, {small: true}));
  return {before, disk};
};

const failWhile = (files: Files, is: () => boolean): Files => ({
  ...files,
  exchange: (one, other) => {
    if (is()) {
      throw Object.assign(new Error('EIO: exchange'), {code: 'EIO'});
    }

    return files.exchange(one, other);
  },
});

/** A machine whose rollback failed: stuck, with everything kept. */
const stuck = async () => {
  const before = startImage();
  const disk = openDisk(before);
  let proved = false;
  const planned = await planOn(before, {small: true});
  const outcome = await applyPlan({
    ...common,
    ...planned,
    resolve: content => Buffer.from(content.map(part => ('text' in part ? String(part.text) : '')).join('')),
    system: machineOn(failWhile(disk.files, () => proved)),
    interrupted: () => false,
    prove: async () => {
      proved = true;
      return [failing];
    },
    onUnproved: 'roll-back',
  });
  return {before, disk, outcome};
};

test('what could not be put back is stuck, is shown file by file, and goes back once the cause is gone', async t => {
  const {before, disk, outcome} = await stuck();
  t.is(outcome, 'stuck');
  const stored = readTransaction(disk.files, transactionId);
  const shown = standings(disk.files, {id: transactionId, entries: stored?.entries ?? []});
  const edited = shown.find(standing => standing.path === path);
  t.is(edited?.is, 'after');
  t.is(disk.files.read(edited?.kept ?? '')?.toString(), '# keep me\nkey = old\n');
  t.is(await recoverOn(disk.files), 'rolled-back');
  t.true(isAs(disk.image(), before));
});

test('what is stuck can be accepted as it is; its record keeps what was there before', async t => {
  const {disk} = await stuck();
  const now = machineOf(disk.image());
  acceptAsIs(machineOn(disk.files), transactionId);
  t.is(currentId(disk.files), undefined);
  t.is(readTransaction(disk.files, transactionId)?.state, 'closed');
  t.true(differing(now, machineOf(disk.image())).every(line => /\.dovetail-.*\(gone\)$/.test(line)));
  t.deepEqual(
    [...machineOf(disk.image()).keys()].filter(name => name.includes('.dovetail-')),
    [],
  );
});

test('a record damaged in the middle is never acted on by itself, and can be closed', async t => {
  const {disk} = await stuck();
  const journal = `${folderOf(transactionId)}/journal`;
  const bytes = disk.files.read(journal) ?? Buffer.alloc(0);
  bytes[200] = (bytes[200] ?? 0) ^ 1;
  disk.files.overwrite(journal, bytes);
  const now = machineOf(disk.image());
  await t.throwsAsync(recoverOn(disk.files), {message: /cannot be resolved safely/});
  t.deepEqual(differing(now, machineOf(disk.image())), []);
  acceptAsIs(machineOn(disk.files), transactionId);
  t.is(currentId(disk.files), undefined);
});

const undone = async (image: Image, others?: () => 'keep' | 'put-back') => {
  const disk = openDisk(image);
  const outcome = await rollBack({
    ...common,
    system: machineOn(disk.files),
    id: transactionId,
    ...(others === undefined ? {} : {others}),
  });
  return {disk, outcome};
};

test('a file changed since: three versions of each setting; kept by itself, put back when chosen, with theirs kept', async t => {
  const {before, disk} = await applied();
  disk.files.overwrite(path, Buffer.from(hand));
  const [found] = changedSince(disk.files, listTransactions(disk.files));
  t.is(found?.path, path);
  t.deepEqual(found?.settings, [
    {name: 'key', before: 'old', ours: 'new', now: 'hand'},
    {name: 'more', before: undefined, ours: undefined, now: '1'},
  ]);
  const kept = await undone(disk.image());
  t.is(kept.outcome, 'conflicts-kept');
  t.is(kept.disk.files.read(path)?.toString(), hand);
  const back = await undone(disk.image(), () => 'put-back');
  t.is(back.outcome, 'rolled-back');
  t.true(isAs(back.disk.image(), before, false));
  const blobs = (back.disk.files.list(`${folderOf(transactionId)}/blobs`) ?? []).map(name =>
    back.disk.files.read(`${folderOf(transactionId)}/blobs/${name}`)?.toString(),
  );
  t.true(blobs.includes(hand));
});

test('settings are named with the blocks that they stand in', t => {
  t.deepEqual(
    threeVersions('', 'service lmtp {\n  x = 1\n}\n', 'service lmtp {\n  x = 2\n}\nsmtp inet n\n'),
    [
      {name: 'service lmtp / x', before: undefined, ours: '1', now: '2'},
      {name: 'smtp', before: undefined, ours: undefined, now: 'inet n'},
    ],
  );
});

test('whoever comes second is told who holds the lock, since when and for what; the end of the first frees it', t => {
  const folder = mkdtempSync(join(tmpdir(), 'dovetail-test-'));
  const release = takeLock(join(folder, 'lock'), 'anna from 192.0.2.1, apply');
  const error = t.throws(() => takeLock(join(folder, 'lock'), 'berta, rollback'), {instanceOf: ProblemError});
  t.is(error?.problem.code, exitCode.locked);
  t.regex(
    error?.problem.cause?.en ?? '',
    new RegExp(`anna from 192\\.0\\.2\\.1, apply, process ${process.pid}, since \\d{4}-`),
  );
  release();
  takeLock(join(folder, 'lock'), 'berta, rollback')();
  rmSync(folder, {recursive: true});
});

test('of many that start at once one gets the lock, and the others are told who; killed, it lets go at once', async t => {
  const many = process.env['DOVETAIL_FULL'] === '1' ? 20 : 5;
  const folder = mkdtempSync(join(tmpdir(), 'dovetail-test-'));
  const program = new URL('../helpers/lock-run.js', import.meta.url).pathname;
  const started = Array.from({length: many}, (_, index) => {
    const child = spawn(process.execPath, [program, join(folder, 'lock'), `wizard-${index}`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const said = new Promise<string>(resolve => child.stdout.once('data', data => resolve(String(data))));
    return {child, said};
  });
  const answers = await Promise.all(started.map(({said}) => said));
  const holder = answers.indexOf('taken\n');
  t.is(answers.filter(answer => answer === 'taken\n').length, 1);
  t.true(answers.every((answer, index) => index === holder || answer.includes(`wizard-${holder}, process`)));
  const held = started[holder]?.child;
  const gone = new Promise(resolve => held?.once('exit', resolve));
  held?.kill('SIGKILL');
  await gone;
  takeLock(join(folder, 'lock'), 'next')();
  rmSync(folder, {recursive: true});
});
