// Runs in a guest whose power is cut: works on the tree on its disk, and says when it begins and how the tree differs in the end.
// Arguments: the folder where the disk is mounted, and what to do with it.
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {directorySystem} from '../../src/system/grounds.js';
import {recover} from '../../src/transaction/recover.js';
import {rollBack} from '../../src/transaction/roll-back.js';
import {differences, snapshot} from '../hosts/tree.js';
import {common, makePlan, makeTree, run, treePlanId} from './tree-plan.js';

const [, , disk = '', act = ''] = process.argv;
const known = join(disk, 'before.json');
const say = (line: string) => void process.stdout.write(`\n@${line}\n`);
if (!existsSync(known)) {
  process.env['TMPDIR'] = disk;
  writeFileSync(known, JSON.stringify([...snapshot(makeTree())]));
}

const root = join(disk, readdirSync(disk).find(name => name.startsWith('dovetail-test-')) ?? '');
const system = directorySystem(root);
const left = () =>
  differences(new Map(JSON.parse(readFileSync(known, 'utf8')) as [string, string][]), snapshot(root)).filter(
    line => !line.startsWith('/var/lib'),
  );
const acts: Readonly<Record<string, () => Promise<unknown>>> = {
  prepare: async () => undefined,
  apply: async () => run(system, await makePlan(system)),
  undo: async () => rollBack({...common, system, id: treePlanId}),
  recover: async () => recover({...common, system}),
};
say('begin');
const outcome = await acts[act]?.();
say(`outcome ${String(outcome)}`);
if (act === 'recover') {
  say(`again ${String(await recover({...common, system}))}`);
}

const lines = left();
say(`left ${lines.length} ${JSON.stringify(lines)}`);
