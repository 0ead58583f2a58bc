import {spawnSync} from 'node:child_process';
import {rmSync} from 'node:fs';
import test from 'ava';
import {directorySystem} from '../../src/system/grounds.js';
import {recover} from '../../src/transaction/recover.js';
import {labReason} from '../hosts/host.js';
import {common, makePlan, makeTree, planDifferences, run} from '../helpers/tree-plan.js';
import {differences, snapshot} from '../hosts/tree.js';

const isFull = process.env['DOVETAIL_FULL'] === '1';
const program = new URL('../helpers/tree-run.js', import.meta.url).pathname;
const reason = labReason() ?? (spawnSync('strace', ['-V']).status === 0 ? undefined : 'the lab needs strace');
const lab = reason === undefined ? test.serial : test.serial.skip;

/** System calls that change something, of node and of the programs that it starts (cp, touch, perl). */
const calls = [
  'write',
  'pwrite64',
  'fsync',
  'rename',
  'renameat2',
  'link',
  'symlink',
  'unlink',
  'mkdir',
  'rmdir',
  'fchmod',
  'chmod',
  'lchown',
  'fchown',
  'utimensat',
] as const;

const errors = ['ENOSPC', 'EIO', 'EACCES', 'EROFS', 'EDQUOT', 'EMFILE'] as const;

/** Runs under strace(1) with one system call tampered with; true where that call was reached. */
const tampered = (root: string, act: string, call: string, how: string) => {
  const {status, signal, stderr, stdout} = spawnSync(
    'strace',
    ['-f', '-qq', '-e', `trace=${call}`, '-e', `inject=${call}:${how}`, process.execPath, program, root, act],
    {encoding: 'utf8', maxBuffer: 64 * 1024 * 1024},
  );
  return {
    reached: signal === 'SIGKILL' || status === 137 || /\(INJECTED\)|killed by SIGKILL/.test(stderr),
    outcome: stdout.trim(),
  };
};

const work = async (act: 'apply' | 'undo') => {
  const root = makeTree();
  const system = directorySystem(root);
  const before = snapshot(root);
  if (act === 'undo') {
    await run(system, await makePlan(system));
  }

  return {root, system, before};
};

const outside = (before: ReadonlyMap<string, string>, root: string) =>
  differences(before, snapshot(root)).filter(line => !line.startsWith('/var/lib'));

/** Recovers, and says what is wrong: neither exactly before nor exactly after, or a second recovery that finds something. */
const settled = async ({root, system, before}: Awaited<ReturnType<typeof work>>) => {
  await recover({...common, system});
  const left = outside(before, root);
  const again = await recover({...common, system});
  rmSync(root, {recursive: true});
  return [
    ...(left.length === 0 || left.length === planDifferences ? [] : left),
    ...(again === undefined ? [] : ['a second recovery finds something']),
  ];
};

for (const act of ['apply', 'undo'] as const) {
  lab(
    `${act}: the process is killed at its system calls, then recovered: as before, or as planned, never between`,
    async t => {
      let points = 0;
      for (const call of calls) {
        // A sample, another part of each kind of call; all of them in the full mode.
        for (let n = isFull ? 1 : 3; ; n += isFull ? 1 : 23) {
          const place = await work(act);
          const {reached} = tampered(place.root, act, call, `signal=KILL:when=${n}`);
          t.deepEqual(await settled(place), [], `${call} ${n}`);
          if (!reached) {
            break;
          }

          points += 1;
        }
      }

      t.log(`${points} of ${points} kills`);
      t.true(points > (isFull ? 100 : 5));
    },
  );

  lab(
    `${act}: system calls fail, once and from then on: as before, or as planned, also where it is said to be stuck`,
    async t => {
      let points = 0;
      let stuck = 0;
      // Standard output is a pipe that is written to as well: only what happens in the tree counts.
      for (const [index, call] of calls.filter(name => name !== 'write').entries()) {
        for (let n = isFull ? 1 : 2; ; n += isFull ? 1 : 41) {
          const error = errors[(index + n) % errors.length];
          const both = [`${n}`, `${n}+`];
          let any = false;
          for (const when of isFull ? both : both.slice(index % 2, (index % 2) + 1)) {
            const place = await work(act);
            const {reached, outcome} = tampered(place.root, act, call, `error=${error}:when=${when}`);
            any ||= reached;
            points += reached ? 1 : 0;
            stuck += outcome === 'stuck' ? 1 : 0;
            t.deepEqual(await settled(place), [], `${call} ${when} ${error}: ${outcome}`);
          }

          if (!any) {
            break;
          }
        }
      }

      t.log(`${points} of ${points} errors; ${stuck} said to be stuck`);
      t.true(points > (isFull ? 100 : 5));
    },
  );
}
