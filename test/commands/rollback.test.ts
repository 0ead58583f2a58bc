import {readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {rollback} from '../../src/commands/rollback.js';
import {exitCode} from '../../src/core/exit-code.js';
import {directorySystem} from '../../src/system/grounds.js';
import {currentId, listTransactions} from '../../src/transaction/store.js';
import {withFaults} from '../../src/system/faults.js';
import {rollBack} from '../../src/transaction/roll-back.js';
import {common, makePlan, makeTree, run, treePlanId} from '../helpers/tree-plan.js';
import {differences, snapshot} from '../hosts/tree.js';

const config = 'etc/dovecot/dovecot.conf';

const applied = async () => {
  const root = makeTree();
  const before = snapshot(root);
  const system = directorySystem(root);
  await run(system, await makePlan(system));
  return {root, before, system};
};

const does = async (root: string, options: Readonly<Record<string, string | boolean>> = {}) => {
  const said: string[] = [];
  const code = await rollback({
    lang: 'en',
    out: line => void said.push(line),
    err: line => void said.push(line),
    root: true,
    user: 'root',
    options: {root, ...options},
    args: [],
    self: {file: '', args: []},
    script: '',
  });
  return {code, said: said.join('\n')};
};

test('what somebody changed since is shown in three versions; unattended it is kept, and the exit code says so', async t => {
  const {root} = await applied();
  writeFileSync(join(root, config), '# keep me\nkey = hand\n');
  const {code, said} = await does(root);
  t.is(code, exitCode.conflictsKept);
  t.regex(said, /key\n +before dovetail: old\n +as dovetail left it: new\n +now: hand/);
  t.is(readFileSync(join(root, config), 'utf8'), '# keep me\nkey = hand\n');
  rmSync(root, {recursive: true});
});

test('when it is asked for, that goes back too, and their text is kept', async t => {
  const {root, before} = await applied();
  writeFileSync(join(root, config), '# keep me\npassword = hand\n');
  const {code, said} = await does(root, {'put-back': true});
  t.is(code, exitCode.done, said);
  t.notRegex(said, /= hand|: hand/);
  t.deepEqual(differences(before, snapshot(root)), []);
  const kept = /dovecot\.conf → (\S+)/.exec(said)?.[1] ?? '';
  t.is(readFileSync(join(root, kept), 'utf8'), '# keep me\npassword = hand\n');
  rmSync(root, {recursive: true});
});

test('an undo that is not exact says so before it begins, once more', async t => {
  const root = makeTree();
  const system = directorySystem(root);
  const {plan, blobs} = await makePlan(system);
  const caveat = {en: 'The authority does not take it back.', ja: '認証局は取り消しません。'};
  const exact = {en: 'This is said of what goes back exactly.', ja: '完全に戻せます。'};
  const stages = plan.stages.map(stage => ({
    ...stage,
    changes: stage.changes.map((one, at) => ({
      ...one,
      preview:
        at === 0
          ? {...one.preview, reversible: 'best-effort' as const, caveat}
          : {...one.preview, caveat: exact},
    })),
  }));
  await run(system, {plan: {...plan, stages}, blobs});
  const {code, said} = await does(root);
  t.is(code, exitCode.done, said);
  t.is(said.match(/^ +! The authority does not take it back\.$/gm)?.length, 1, said);
  t.false(said.includes(exact.en));
  rmSync(root, {recursive: true});
});

const stuck = async () => {
  const {root, before, system} = await applied();
  const broken = withFaults(system.files, (when, operation, path) => {
    if (when === 'before' && operation === 'removeDirectory' && path === '/srv/a/b') {
      throw Object.assign(new Error('EIO: rmdir'), {code: 'EIO'});
    }
  });
  const outcome = await rollBack({...common, system: {...system, files: broken}, id: treePlanId});
  return {root, before, system, outcome};
};

test('what is stuck is shown file by file and tried again', async t => {
  const {root, before, outcome} = await stuck();
  t.is(outcome, 'stuck');
  const {code, said} = await does(root);
  t.regex(said, /could not be put back.*\n.*EIO/);
  t.regex(said, /\/etc\/dovecot\/dovecot\.conf: as before \(\S+\)/);
  t.is(code, exitCode.done, said);
  t.deepEqual(differences(before, snapshot(root)), []);
  rmSync(root, {recursive: true});
});

test('or is accepted as it is, with its record kept', async t => {
  const {root, system} = await stuck();
  const before = snapshot(root);
  const {code, said} = await does(root, {keep: true});
  t.is(code, exitCode.done, said);
  t.is(currentId(system.files), undefined);
  t.deepEqual(differences(before, snapshot(root)), []);
  t.deepEqual(
    listTransactions(system.files).map(({state}) => state),
    ['closed'],
  );
  rmSync(root, {recursive: true});
});

test('without room for it nothing is begun', async t => {
  const root = makeTree();
  const system = directorySystem(root);
  const before = snapshot(root);
  const planned = await makePlan(system);
  const full = {...system, files: {...system.files, space: () => ({bytes: 1024, inodes: undefined})}};
  await t.throwsAsync(run(full, planned), {message: /MiB of room/});
  const none = {...system, files: {...system.files, space: () => ({bytes: 2 ** 40, inodes: 3})}};
  await t.throwsAsync(run(none, planned), {message: /MiB of room/});
  t.deepEqual(differences(before, snapshot(root)), []);
  t.is(currentId(system.files), undefined);
  rmSync(root, {recursive: true});
});

test('a plan whose folder was lost is no unfinished run', async t => {
  const {root, before, system} = await applied();
  renameSync(join(root, 'var/lib/dovetail/tx', treePlanId), join(root, 'var/lib/lost'));
  const after = snapshot(root);
  const {code, said} = await does(root);
  t.is(code, exitCode.done);
  t.regex(said, /nothing to undo/i);
  t.deepEqual(differences(after, snapshot(root)), []);
  t.true(differences(before, after).length > 0);
  t.is(currentId(system.files), undefined);
  rmSync(root, {recursive: true});
});
