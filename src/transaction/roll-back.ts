import type {ChangeContext} from '../changes/types.js';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {type Plan, planChanges} from '../core/plan.js';
import type {Outcome} from '../core/run-event.js';
import {fill, type Text} from '../core/text.js';
import {folderBlobs} from '../system/blobs.js';
import {closeOrLeave, orStuck} from './close.js';
import {activate, type Execution, enter, takeBack, tell} from './execute.js';
import {armAtBoot, executionOf, type RunInput} from './open.js';
import {refuseUnfinished, untouched} from './problems.js';
import {blobsOf, makeCurrent, openStore, readTransaction} from './store.js';

/** Undoes a transaction that was committed: everything in it, in reverse. */
export const rollBack = async (
  input: RunInput & Pick<ChangeContext, 'others'> & {readonly id: string},
): Promise<Outcome> => {
  const {system, id} = input;
  const stored = await untouched(async () => {
    openStore(system.files);
    return readTransaction(system.files, id);
  });
  if (stored === undefined || !['committed', 'closed'].includes(stored.state)) {
    throw new ProblemError({
      code: exitCode.stuck,
      what: fill(texts.notUndoable, {id, state: stored?.state ?? '—'}),
      remedy: texts.notUndoableRemedy,
    });
  }

  const started = Date.now();
  const execution = await untouched(async () => {
    refuseUnfinished({system});
    const opened = executionOf({...input, blobs: folderBlobs(system.files, blobsOf(id))}, id);
    makeCurrent(system.files, id);
    armAtBoot(input);
    return opened;
  });
  tell(execution, {type: 'transaction', id, total: planChanges(stored.plan).length});
  const outcome = await rollBackNow(execution, stored.plan, 'rolled-back');
  tell(execution, {type: 'finished', outcome, ms: Date.now() - started});
  return outcome;
};

/** Takes back what an open transaction has done so far; `outcome` is what it is called where that leaves nothing behind. */
export const rollBackNow = (execution: Execution, plan: Plan, outcome: Outcome) =>
  orStuck(execution, async () => {
    const conflicts = await takeBack(execution);
    await activate(execution, plan.activations);
    enter(execution, 'rolled-back');
    closeOrLeave(execution);
    return conflicts.length > 0 ? 'conflicts-kept' : outcome;
  });

const texts = {
  notUndoable: {
    en: 'The transaction {id} cannot be undone (state: {state}).',
    ja: 'トランザクション {id} は元に戻せません (状態: {state})。',
  },
  notUndoableRemedy: {
    en: '“dovetail history” lists those that can.',
    ja: '戻せるものは「dovetail history」で確認できます。',
  },
} satisfies Record<string, Text>;
