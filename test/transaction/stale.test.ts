import {execFileSync} from 'node:child_process';
import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {ProblemError} from '../../src/core/finding.js';
import {exitCode} from '../../src/core/exit-code.js';
import {digestOf} from '../../src/system/blobs.js';
import {withFound} from '../../src/transaction/stale.js';
import {directorySystem} from '../../src/system/grounds.js';
import {makePlan, makeTree, run} from '../helpers/tree-plan.js';

// What others do between the review and the apply: the review did not show what would become of it.
const others: Readonly<Record<string, (root: string) => void>> = {
  'a file that the plan would make': root => writeFileSync(join(root, 'etc/fresh'), 'theirs\n'),
  'a directory that the plan would make': root => mkdirSync(join(root, 'srv/a/b'), {recursive: true}),
  'a row in a table': root => writeFileSync(join(root, 'etc/table'), 'theirs x\nours z\n'),
  'an edit of a configuration file': root =>
    writeFileSync(join(root, 'etc/dovecot/dovecot.conf'), 'key = hand\n'),
  'an edit of a file that the plan would delete': root => writeFileSync(join(root, 'etc/gone'), 'not yet\n'),
};

const contents = (root: string) =>
  execFileSync('find', [root, '-not', '-path', '*/var/lib/dovetail*', '-printf', '%P %y %m %s\n'], {
    encoding: 'utf8',
  })
    .split('\n')
    .filter(line => !line.startsWith('var/lib '))
    .sort();

for (const [what, act] of Object.entries(others)) {
  test(`${what}, done between the review and the apply, is left alone and a new review asked for`, async t => {
    const root = makeTree();
    const system = directorySystem(root);
    const made = await makePlan(system);
    act(root);
    const before = contents(root);
    const error = await t.throwsAsync(run(system, made), {instanceOf: ProblemError});
    t.is((error as ProblemError).problem.code, exitCode.stalePlan);
    t.deepEqual(contents(root), before);
    rmSync(root, {recursive: true});
  });

  test(`${what} is found before packages are installed, too`, async t => {
    const root = makeTree();
    const system = directorySystem(root);
    const {plan, blobs} = await makePlan(system);
    const [stage] = plan.stages;
    // As on a copy where the packages are in: nothing looks as it does here.
    const planned = (stage?.changes ?? []).map(change => ({
      ...change,
      seen: change.seen === digestOf('null') ? change.seen : digestOf('elsewhere'),
    }));
    const stages = [
      {name: 'packages' as const, changes: []},
      {name: 'configuration' as const, changes: await withFound(planned, system)},
    ];
    act(root);
    const before = contents(root);
    const applied = run(system, {plan: {...plan, stages}, blobs});
    const error = await t.throwsAsync(applied, {instanceOf: ProblemError});
    t.is((error as ProblemError).problem.code, exitCode.stalePlan);
    t.deepEqual(contents(root), before);
    rmSync(root, {recursive: true});
  });
}

test('a file that somebody made while the packages were tried on a copy is found', async t => {
  const root = makeTree();
  const system = directorySystem(root);
  const {plan, blobs} = await makePlan(system);
  writeFileSync(join(root, 'etc/fresh'), 'theirs\n');
  const stages = [
    {name: 'packages' as const, changes: []},
    {name: 'configuration' as const, changes: await withFound(plan.stages[0]?.changes ?? [], system)},
  ];
  const error = await t.throwsAsync(run(system, {plan: {...plan, stages}, blobs}), {
    instanceOf: ProblemError,
  });
  t.is((error as ProblemError).problem.code, exitCode.stalePlan);
  rmSync(root, {recursive: true});
});
