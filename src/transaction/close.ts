import {removeEmpty} from '../changes/directory-create.js';
import type {Outcome} from '../core/run-event.js';
import {visibleLine} from '../core/text.js';
import type {System} from '../system/types.js';
import {disarmBoot} from './boot-unit.js';
import {confirmUnitPath, disarmConfirm} from './confirm-unit.js';
import {doneChanges} from './entries.js';
import {type Execution, enter, removePins, tell} from './execute.js';
import {stateOf} from './journal.js';
import {evidenceOf, problemOf} from './problems.js';
import {dropCurrent, forgetTransaction, freeReserve, keptTransactions, listTransactions} from './store.js';

/** Clears away what a run needed while it ran. */
export const close = (execution: Execution) => {
  const {system, journal} = execution;
  removePins(execution);
  removeEmptied(execution);
  freeReserve(system.files, execution.context.transaction);
  const state = stateOf(journal.entries());
  disarmBoot(system.files);
  if (state === 'rolled-back' && system.files.lstat(confirmUnitPath) !== undefined) {
    disarmConfirm(system.files);
  }

  dropCurrent(system.files);
  prune(system);
};

// Second names stood in them until now.
const removeEmptied = ({system, journal}: Execution) => {
  for (const {change} of doneChanges(journal.entries())) {
    if (change.kind === 'directory.remove') {
      removeEmpty(system.files, change.paths);
    }
  }
};

/** How it ended is durable: what cannot be cleaned up now is by the next start. */
export const closeOrLeave = (execution: Execution) => {
  try {
    close(execution);
  } catch (error) {
    tell(execution, {type: 'line', text: visibleLine(String((error as Error).message))});
  }
};

/** Carries out what puts things back; where that fails, everything stays as it is for the next start. */
export const orStuck = async (execution: Execution, act: () => Promise<Outcome>): Promise<Outcome> => {
  try {
    return await act();
  } catch (error) {
    recordStuck(execution);
    tell(execution, {type: 'failed', problem: problemOf(error), evidence: evidenceOf(error)});
    return 'stuck';
  }
};

// A disk that takes no more entries keeps the journal as it is: the next start finds a run that was cut short.
const recordStuck = (execution: Execution) => {
  try {
    enter(execution, 'stuck');
  } catch {
    // Said to the caller by the outcome.
  }
};

// Attempts that came to nothing do not push out what could still be undone.
const prune = ({files}: System) => {
  const all = listTransactions(files);
  const inForce = all.filter(one => one.state === 'committed');
  const others = all.filter(one => one.state !== 'committed');
  for (const {id} of [...inForce.slice(keptTransactions), ...others.slice(keptTransactions)]) {
    forgetTransaction(files, id);
  }
};
