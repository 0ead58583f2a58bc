import {dropSecondNames, filesOf} from '../changes/beside.js';
import {handlerOf} from '../changes/index.js';
import type {FileBefore} from '../changes/capture.js';
import {pinOf, unpin} from '../changes/names.js';
import {oddText} from '../changes/odd-text.js';
import type {ChangeContext} from '../changes/types.js';
import type {Change} from '../core/change.js';
import {type Finding, ProblemError} from '../core/finding.js';
import type {Activation} from '../core/plan.js';
import type {RunEvent} from '../core/run-event.js';
import {fill, type Text} from '../core/text.js';
import {digestAt} from '../system/blobs.js';
import type {System} from '../system/types.js';
import {begun, beforeOf, doneOf, isUndone, recorded} from './entries.js';
import {type Journal, type State, stateOf} from './journal.js';
import {blobsOf, freeReserve} from './store.js';

export type Execution = {
  readonly system: System;
  readonly journal: Journal;
  readonly context: ChangeContext;
  readonly onEvent: (event: RunEvent) => void;
};

/** Records a state, durably. */
export const enter = ({journal}: Execution, state: State) =>
  journal.add({t: 'state', state, at: new Date().toISOString()});

/** Tells and records what happens. A journal that cannot be written stops the next act, not the telling. */
export const tell = ({journal, onEvent}: Execution, event: RunEvent) => {
  try {
    journal.add({t: 'event', event});
  } catch {
    // The journal knows; its next entry goes into a new file, or fails and is dealt with there.
  }

  onEvent(event);
};

/** Captures what the changes need for undoing; all of it is durable when this returns. */
export const capture = async (execution: Execution, changes: readonly Change[], from: number) => {
  for (const [offset, change] of changes.entries()) {
    // What somebody did to a table since the review.
    const odd = oddText(execution.system.files, change, execution.context);
    if (odd !== undefined) {
      throw new ProblemError(odd);
    }

    const before = await handlerOf(change).capture(execution.system, change, execution.context);
    execution.journal.add({t: 'change', index: from + offset, change, before});
  }
};

/** Carries out captured changes in order; the intent of each is durable before it begins. */
export const carryOut = async (
  execution: Execution,
  changes: readonly {
    readonly change: Change;
    readonly title: Extract<RunEvent, {type: 'change-start'}>['title'];
  }[],
  from: number,
  interrupted: () => boolean,
) => {
  for (const [offset, {change, title}] of changes.entries()) {
    if (interrupted()) {
      throw new Interrupted();
    }

    const index = from + offset;
    const started = Date.now();
    tell(execution, {type: 'change-start', id: change.id, index, title});
    execution.journal.add({t: 'intent', index});
    const after = await handlerOf(change).apply(
      execution.system,
      change,
      beforeOf(execution.journal.entries(), index),
      contextAt(execution, index),
    );
    execution.journal.add({t: 'done', index, after});
    dropSecondNames(
      execution.system.files,
      change,
      beforeOf(execution.journal.entries(), index),
      contextAt(execution, index).transaction,
    );
    await heed(execution, change);
    tell(execution, {type: 'change-done', id: change.id, ms: Date.now() - started});
  }
};

// A file may be changed more than once in a transaction: each change has a pin of its own.
const contextAt = ({context}: Execution, index: number): ChangeContext => ({
  ...context,
  transaction: `${context.transaction}.${index}`,
});

// Holding mail back, and letting it go, must be heeded at once and not when all is over.
const heed = async ({system: {services}}: Execution, change: Change) => {
  if (change.kind === 'config.edit' && change.hold !== undefined) {
    const {unit} = change.hold;
    if ((await services.state(unit)).active) {
      await services.reload(unit);
    }
  }
};

/** Thrown where the admin asked to stop; the changes so far are taken back. */
export class Interrupted extends Error {}

/** Verifies every change that was made. */
export const verifyAll = async ({system, journal}: Execution): Promise<readonly Finding[]> => {
  const findings: Finding[] = [];
  const all = recorded(journal.entries());
  for (const {change, index} of all) {
    // What a later change wrote over is that one's to verify.
    const isOver = all.some(
      later =>
        later.index > index &&
        change.kind === 'config.edit' &&
        later.change.kind === 'config.edit' &&
        later.change.path === change.path,
    );
    if (isOver) {
      continue;
    }

    const done = doneOf(journal.entries(), index);
    if (done !== undefined) {
      findings.push(...(await handlerOf(change).verify(system, change, done.after)));
    }
  }

  return findings;
};

/** Reloads and restarts, once. A unit that is not active is left alone. */
export const activate = async (execution: Execution, activations: readonly Activation[]) => {
  for (const {unit, act} of activations) {
    const started = Date.now();
    const {services} = execution.system;
    const state = await services.state(unit);
    if (state.active) {
      await services[act](unit);
    }

    tell(execution, {type: 'activation', unit, act, ok: true, ms: Date.now() - started});
  }
};

/** Takes changes back in reverse order, those that were begun and not undone yet. Conflicts are collected, never overwritten. */
export const takeBack = async (
  execution: Execution,
  {
    state = 'rolling-back',
    which = () => true,
  }: {readonly state?: State; readonly which?: (index: number) => boolean} = {},
): Promise<readonly Finding[]> => {
  const {journal, system} = execution;
  // On a full disk there must be room for saying that things go back.
  freeReserve(system.files, execution.context.transaction);
  if (stateOf(journal.entries()) !== state) {
    enter(execution, state);
  }

  const pending = recorded(journal.entries()).filter(
    ({index}) => which(index) && begun(journal.entries(), index) && !isUndone(journal.entries(), index),
  );
  tell(execution, {type: 'undo-start', total: pending.length});
  for (const {change, index, before} of pending.toReversed()) {
    const result = await handlerOf(change).revert(
      system,
      change,
      before,
      doneOf(journal.entries(), index)?.after,
      contextAt(execution, index),
    );
    await heed(execution, change);
    const conflict = result.kind === 'conflict' ? result.finding : undefined;
    journal.add({t: 'undone', index, ...(conflict === undefined ? {} : {conflict})});
    tell(execution, {type: 'undone', id: change.id, ...(conflict === undefined ? {} : {conflict})});
  }

  return journal
    .entries()
    .flatMap(entry => (entry.t === 'undone' && entry.conflict !== undefined ? [entry.conflict] : []));
};

/** Removes the pins that made undoing exact; from here on it works from blobs. */
export const removePins = (execution: Execution) => {
  const {system, journal} = execution;
  for (const {change, index, before} of recorded(journal.entries())) {
    const {transaction} = contextAt(execution, index);
    for (const {path, file} of filesOf(change, before)) {
      keepLate(execution, path, file, transaction);
      unpin(system.files, path, transaction);
    }
  }
};

// Somebody who had the old file open may have written into it after it was replaced: that is kept, and said.
const keepLate = (execution: Execution, path: string, file: FileBefore, transaction: string) => {
  const {system, context} = execution;
  const name = pinOf(path, transaction);
  const stat = file?.type === 'file' ? system.files.lstat(name) : undefined;
  if (
    file?.type !== 'file' ||
    String(stat?.ino) !== file.ino ||
    digestAt(system.files, name) === file.digest
  ) {
    return;
  }

  const digest = context.blobs.put(system.files.read(name) ?? Buffer.alloc(0));
  tell(execution, {
    type: 'finding',
    finding: {
      id: `late:${path}`,
      severity: 'warning',
      summary: fill(texts.late, {path}),
      remedy: fill(texts.lateRemedy, {path: `${blobsOf(context.transaction)}/${digest}`}),
    },
  });
};

const texts = {
  late: {
    en: 'Somebody wrote into the old {path} while it was replaced.',
    ja: '{path} の置き換え中に、元のファイルへ書き込みがありました。',
  },
  lateRemedy: {
    en: 'What they saved is in {path}: look what of it should go into the new file.',
    ja: 'その内容は {path} にあります。必要な部分を新しいファイルに反映してください。',
  },
} satisfies Record<string, Text>;
