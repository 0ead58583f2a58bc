import {type Plan, planChanges} from '../core/plan.js';
import type {Outcome} from '../core/run-event.js';
import {folderBlobs} from '../system/blobs.js';
import type {Program, System} from '../system/types.js';
import {closeOrLeave, orStuck} from './close.js';
import {armConfirm, disarmConfirm} from './confirm-unit.js';
import {type ConfirmTerms, pendingFinding, pendingOf, termsOf, unconfirmed} from './confirmation.js';
import {activate, type Execution, enter, takeBack, tell} from './execute.js';
import {openJournal} from './journal.js';
import {armAtBoot, executionOf, type RunInput} from './open.js';
import {refuseUnfinished} from './problems.js';
import {blobsOf, journalOf, listTransactions, makeCurrent, openStore} from './store.js';

/** What goes back unless somebody confirms it in time, and the program that waits for that. */
export type Countdown = {readonly terms: ConfirmTerms; readonly program: Program};

/** Durable before the first change: whatever that does to this session, somebody waits. */
export const startCountdown = async (execution: Execution, countdown: Countdown | undefined) => {
  if (countdown !== undefined) {
    arm(execution, countdown);
    await armConfirm(execution.system, countdown.program);
  }
};

/** The time that was asked for begins now. */
export const arm = ({journal}: Execution, countdown: Countdown | undefined) => {
  if (countdown !== undefined) {
    journal.add(armed(countdown.terms, countdown.terms.within, new Date()));
  }
};

/** Tells what waits for a confirmation, where something does. */
export const sayPending = (execution: Execution, plan: Plan) => {
  const pending = pendingOf({
    id: plan.id,
    state: 'committed',
    entries: execution.journal.entries(),
  });
  if (pending !== undefined) {
    const changes = planChanges(plan).map(({change}) => change);
    tell(execution, {
      type: 'pending',
      deadline: pending.deadline.toISOString(),
      finding: pendingFinding(pending, changes),
    });
  }
};

/** Ends the countdown of a transaction for good, or gives it `extend` more seconds from now. */
export const answerCountdown = (system: System, id: string, extend?: number) => {
  const journal = openJournal(system.files, journalOf(id));
  const terms = termsOf(journal.entries());
  const at = new Date();
  if (extend !== undefined && terms !== undefined) {
    journal.add(armed(terms, extend, at));
    return;
  }

  journal.add({t: 'confirm', act: 'confirmed', at: at.toISOString()});
  disarmConfirm(system.files);
};

/**
 * Puts back what nobody confirmed in time, and only that: packages, accounts and mail stay. Undefined where nothing waits, or
 * there is still time.
 */
export const expire = async (input: RunInput & {readonly now?: number}): Promise<Outcome | undefined> => {
  const {system, now = Date.now()} = input;
  openStore(system.files);
  refuseUnfinished({system});
  const stored = listTransactions(system.files).find(one => pendingOf(one) !== undefined);
  const pending = stored === undefined ? undefined : pendingOf(stored);
  if (stored === undefined || pending === undefined) {
    disarmConfirm(system.files);
    return undefined;
  }

  if (now < pending.deadline.getTime()) {
    return undefined;
  }

  const {id, plan} = stored;
  const started = Date.now();
  const execution = executionOf({...input, blobs: folderBlobs(system.files, blobsOf(id))}, id);
  makeCurrent(system.files, id);
  armAtBoot(input);
  tell(execution, {type: 'transaction', id, total: unconfirmed(stored.entries, pending.terms).length});
  const outcome = await revertUnconfirmed(execution, plan);
  tell(execution, {type: 'finished', outcome, ms: Date.now() - started});
  return outcome;
};

/** Puts back what was to be confirmed, and only that; also where that was cut short. */
export const revertUnconfirmed = (execution: Execution, plan: Plan) =>
  orStuck(execution, async () => {
    const {journal, system} = execution;
    const terms = termsOf(journal.entries());
    const chosen = new Set(
      terms === undefined ? [] : unconfirmed(journal.entries(), terms).map(({index}) => index),
    );
    const conflicts = await takeBack(execution, {state: 'reverting', which: index => chosen.has(index)});
    await activate(execution, plan.activations);
    journal.add({t: 'confirm', act: 'expired', at: new Date().toISOString()});
    enter(execution, 'committed');
    closeOrLeave(execution);
    disarmConfirm(system.files);
    return conflicts.length > 0 ? 'conflicts-kept' : 'rolled-back';
  });

const armed = (terms: ConfirmTerms, seconds: number, at: Date) =>
  ({
    t: 'confirm',
    act: 'armed',
    at: at.toISOString(),
    deadline: new Date(at.getTime() + seconds * 1000).toISOString(),
    terms,
  }) as const;
