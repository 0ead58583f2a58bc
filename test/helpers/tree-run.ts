// A process of its own that works on a tree, so that it can be killed and its system calls can be made to fail.
// Arguments: the tree, and what to do with it.
import {directorySystem} from '../../src/system/grounds.js';
import {recover} from '../../src/transaction/recover.js';
import {rollBack} from '../../src/transaction/roll-back.js';
import {common, makePlan, run, treePlanId} from './tree-plan.js';

const [, , root = '', act = ''] = process.argv;
const system = directorySystem(root);
const outcome = await {
  apply: async () => run(system, await makePlan(system)),
  undo: () => rollBack({...common, system, id: treePlanId}),
  recover: () => recover({...common, system}),
}[act as 'apply' | 'undo' | 'recover']();
process.stdout.write(`${outcome}\n`);
