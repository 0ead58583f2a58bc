import {refuseStale} from './stale.js';
import type {ChangeContext} from '../changes/types.js';
import {exitCode} from '../core/exit-code.js';
import {type Finding, type Problem, ProblemError} from '../core/finding.js';
import {type Plan, type PlannedStage, planChanges} from '../core/plan.js';
import type {Outcome, RunEvent} from '../core/run-event.js';
import {fill, literal, type Text, visibleLine} from '../core/text.js';
import type {Content} from '../core/want.js';
import {folderBlobs} from '../system/blobs.js';
import type {Blobs, Program, System} from '../system/types.js';
import {
  activate,
  capture,
  carryOut,
  type Execution,
  enter,
  Interrupted,
  removePins,
  takeBack,
  tell,
  verifyAll,
} from './execute.js';
import {armBoot, disarmBoot} from './boot-unit.js';
import {armConfirm, confirmUnitPath, disarmConfirm} from './confirm-unit.js';
import {
  type ConfirmTerms,
  pendingFinding,
  pendingOf,
  refusePending,
  termsOf,
  unconfirmed,
} from './confirmation.js';
import {type Entry, openJournal, stateOf} from './journal.js';
import {refuseFull} from './room.js';
import {
  blobsOf,
  currentId,
  dropCurrent,
  dropUnbegun,
  folderOf,
  forgetTransaction,
  freeReserve,
  journalOf,
  keptTransactions,
  listTransactions,
  makeCurrent,
  makeReserve,
  openStore,
  readTransaction,
  type StoredTransaction,
  stateFolder,
} from './store.js';

export type ApplyInput = {
  readonly plan: Plan;
  readonly blobs: Blobs;
  readonly system: System;
  readonly resolve: ChangeContext['resolve'];
  readonly onEvent: (event: RunEvent) => void;
  /** Asked between changes: true = stop and take back. */
  readonly interrupted: () => boolean;
  /** Proves the result and tells each finding as it is made; runs after activation, before the point of no return. */
  readonly prove: (tell: (finding: Finding) => void) => Promise<readonly Finding[]>;
  /** Whether a failed proof takes everything back (unattended), or is left for the admin to decide. */
  readonly onUnproved: 'roll-back' | 'keep';
  /** How this program is started at the next boot, should this run be cut short; nothing is arranged where it is missing. */
  readonly boot?: Program;
  /** What goes back unless somebody confirms it in time, and the program that waits for that. */
  readonly confirm?: {readonly terms: ConfirmTerms; readonly program: Program};
};

/** What every run needs, whatever it does. */
type Common = Pick<ApplyInput, 'system' | 'resolve' | 'onEvent' | 'boot'>;

/** The only executor: applies a plan, or leaves the machine as it was and says why. */
export const applyPlan = async (input: ApplyInput): Promise<Outcome> => {
  const {plan} = input;
  const started = Date.now();
  const execution = await untouched(async () => {
    openStore(input.system.files);
    refuseUnfinished(input);
    dropUnbegun(input.system.files);
    refusePending(input.system.files);
    await refuseStale(input.plan, input.system);
    refuseFull(input);
    return prepareOrForget(input);
  });
  let outcome: Outcome;
  try {
    await startCountdown(execution, input);
    await runStages(execution, input);
    outcome = await conclude(execution, input);
  } catch (error) {
    tell(execution, {
      type: 'failed',
      problem: problemOf(error),
      evidence: evidenceOf(error),
    });
    outcome = await rollBackNow(
      execution,
      plan,
      error instanceof Interrupted ? 'interrupted' : 'rolled-back',
    );
  }

  tell(execution, {type: 'finished', outcome, ms: Date.now() - started});
  return outcome;
};

/** Undoes a transaction that was committed: everything in it, in reverse. */
export const rollBack = async (
  input: Common & Pick<ChangeContext, 'others'> & {readonly id: string},
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

/** Finishes what was cut short: before the point of no return everything goes back, after it the rest is cleaned up. */
export const recover = async (input: Common): Promise<Outcome | undefined> => {
  const {system} = input;
  openStore(system.files);
  const id = currentId(system.files);
  const stored = id === undefined ? undefined : readTransaction(system.files, id);
  if (id === undefined || stored === undefined) {
    disarmBoot(system.files);
    dropCurrent(system.files);
    dropUnbegun(system.files);
    return undefined;
  }

  // What could not be put back before may be possible now (a full disk, a service manager that was going down), and undoing
  // never writes over what others did. A journal that is damaged says nothing that could be relied on.
  if (stored.state === 'damaged') {
    throw new ProblemError({
      code: exitCode.stuck,
      what: fill(texts.stuck, {id, folder: folderOf(id)}),
      remedy: texts.stuckRemedy,
    });
  }

  const started = Date.now();
  const execution = executionOf({...input, blobs: folderBlobs(system.files, blobsOf(id))}, id);
  const outcome = await finishCut(execution, stored);
  tell(execution, {type: 'finished', outcome, ms: Date.now() - started});
  return outcome;
};

/**
 * Puts back what nobody confirmed in time, and only that: packages, accounts and mail stay. Undefined where nothing waits, or
 * there is still time.
 */
export const expire = async (input: Common & {readonly now?: number}): Promise<Outcome | undefined> => {
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

const revertUnconfirmed = async (execution: Execution, plan: Plan): Promise<Outcome> => {
  const {journal, system} = execution;
  const terms = termsOf(journal.entries());
  const chosen = new Set(
    terms === undefined ? [] : unconfirmed(journal.entries(), terms).map(({index}) => index),
  );
  try {
    const conflicts = await takeBack(execution, {state: 'reverting', which: index => chosen.has(index)});
    await activate(execution, plan.activations);
    journal.add({t: 'confirm', act: 'expired', at: new Date().toISOString()});
    enter(execution, 'committed');
    closeOrLeave(execution);
    disarmConfirm(system.files);
    return conflicts.length > 0 ? 'conflicts-kept' : 'rolled-back';
  } catch (error) {
    recordStuck(execution);
    tell(execution, {type: 'failed', problem: problemOf(error), evidence: evidenceOf(error)});
    return 'stuck';
  }
};

const finishCut = async (execution: Execution, {plan, state}: StoredTransaction): Promise<Outcome> => {
  if (isReverting(execution.journal.entries())) {
    return revertUnconfirmed(execution, plan);
  }

  if (!['committed', 'rolled-back', 'closed'].includes(state)) {
    return rollBackNow(execution, plan, 'rolled-back');
  }

  close(execution);
  return state === 'rolled-back' ? 'rolled-back' : 'committed';
};

// Also where it got stuck in that: what was to stay still stays.
const isReverting = (entries: readonly Entry[]) =>
  entries.findLast(
    (entry): entry is Extract<Entry, {t: 'state'}> => entry.t === 'state' && entry.state !== 'stuck',
  )?.state === 'reverting';

const runStages = async (execution: Execution, {plan, interrupted}: ApplyInput) => {
  for (const stage of plan.stages.filter(({name}) => name !== 'release')) {
    await runStage(execution, plan, stage, interrupted);
  }

  await activate(execution, plan.activations);
};

const runStage = async (
  execution: Execution,
  plan: Plan,
  stage: PlannedStage,
  interrupted: () => boolean,
) => {
  const from = plan.stages
    .slice(0, plan.stages.indexOf(stage))
    .reduce((sum, {changes}) => sum + changes.length, 0);
  tell(execution, {type: 'stage', name: stage.name});
  // Captured when the stage begins: what a package brings is the "before" of its configuration.
  await capture(
    execution,
    stage.changes.map(({change}) => change),
    from,
  );
  enter(execution, 'applying');
  await carryOut(
    execution,
    stage.changes.map(({change, preview}) => ({change, title: preview.title})),
    from,
    interrupted,
  );
};

const conclude = async (execution: Execution, input: ApplyInput): Promise<Outcome> => {
  const {prove, onUnproved, plan} = input;
  enter(execution, 'verifying');
  tell(execution, {type: 'proving', total: plan.probes.length});
  const say = (finding: Finding) => tell(execution, {type: 'finding', finding});
  const verified = await verifyAll(execution);
  verified.forEach(say);
  const failed = [...verified, ...(await prove(say))].some(({severity}) => severity === 'fail');
  if (failed && onUnproved === 'roll-back') {
    return rollBackNow(execution, plan, 'rolled-back');
  }

  for (const stage of plan.stages.filter(({name}) => name === 'release')) {
    await runStage(execution, plan, stage, () => false);
    const wrong = (await verifyAll(execution)).filter(({severity}) => severity === 'fail');
    wrong.forEach(say);
    if (wrong.length > 0) {
      return rollBackNow(execution, plan, 'rolled-back');
    }
  }

  // The time that was asked for begins now: a countdown from before the packages would be shorter.
  arm(execution, input);
  enter(execution, 'committed');
  sayPending(execution, plan);
  closeOrLeave(execution);
  return failed ? 'unproved' : 'committed';
};

const rollBackNow = async (execution: Execution, plan: Plan, outcome: Outcome): Promise<Outcome> => {
  try {
    const conflicts = await takeBack(execution);
    await activate(execution, plan.activations);
    enter(execution, 'rolled-back');
    closeOrLeave(execution);
    return conflicts.length > 0 ? 'conflicts-kept' : outcome;
  } catch (error) {
    recordStuck(execution);
    tell(execution, {
      type: 'failed',
      problem: problemOf(error),
      evidence: evidenceOf(error),
    });
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

// Nothing outside the transaction's folder was touched yet: it goes again, and the machine is as it was.
const prepareOrForget = (input: ApplyInput): Execution => {
  try {
    return prepare(input);
  } catch (error) {
    const {files} = input.system;
    try {
      disarmBoot(files);
      dropCurrent(files);
      forgetTransaction(files, input.plan.id);
    } catch {
      // The next start finds it without an act, and removes it.
    }

    throw error;
  }
};

// Before the first change there is nothing to take back: what went wrong is said, and that is all.
const untouched = async <R>(act: () => Promise<R>): Promise<R> => {
  try {
    return await act();
  } catch (error) {
    throw error instanceof ProblemError
      ? error
      : new ProblemError({...problemOf(error), what: texts.notBegun, remedy: texts.notBegunRemedy});
  }
};

const prepare = (input: ApplyInput): Execution => {
  const {plan, system, blobs} = input;
  const {files} = system;
  const folder = folderOf(plan.id);
  for (const path of [folder, blobsOf(plan.id)]) {
    files.makeDirectory(path, 0o700);
  }

  const own = folderBlobs(files, blobsOf(plan.id));
  for (const digest of digestsOf(plan)) {
    own.put(blobs.get(digest));
  }

  makeReserve(files, plan.id);
  files.create(`${folder}/plan.json`, Buffer.from(JSON.stringify(plan)), 0o600);
  files.syncFile(`${folder}/plan.json`);
  files.syncDirectory(folder);
  files.syncDirectory(`${stateFolder}/tx`);
  const execution = executionOf({...input, blobs: own}, plan.id);
  enter(execution, 'prepared');
  makeCurrent(files, plan.id);
  armAtBoot(input);
  tell(execution, {type: 'transaction', id: plan.id, total: planChanges(plan).length});
  return execution;
};

const executionOf = (
  {system, blobs, resolve, onEvent, others}: Common & Pick<ChangeContext, 'others'> & {readonly blobs: Blobs},
  id: string,
): Execution => {
  const journal = openJournal(system.files, journalOf(id));
  return {
    system,
    journal,
    onEvent,
    context: {
      blobs,
      resolve,
      transaction: id,
      say: text => onEvent({type: 'line', text}),
      ...(others === undefined ? {} : {others}),
    },
  };
};

// Durable before the first change: whatever that does to this session, somebody waits.
const startCountdown = async (execution: Execution, input: ApplyInput) => {
  const {confirm, system} = input;
  if (confirm !== undefined) {
    arm(execution, input);
    await armConfirm(system, confirm.program);
  }
};

const arm = ({journal}: Execution, {confirm}: ApplyInput) => {
  if (confirm !== undefined) {
    journal.add(armed(confirm.terms, confirm.terms.within, new Date()));
  }
};

const armed = (terms: ConfirmTerms, seconds: number, at: Date) =>
  ({
    t: 'confirm',
    act: 'armed',
    at: at.toISOString(),
    deadline: new Date(at.getTime() + seconds * 1000).toISOString(),
    terms,
  }) as const;

const sayPending = (execution: Execution, plan: Plan) => {
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

const armAtBoot = ({system, boot}: Common) => {
  if (boot !== undefined) {
    armBoot(system.files, boot);
  }
};

// How it ended is durable: what cannot be cleaned up now is by the next start.
const closeOrLeave = (execution: Execution) => {
  try {
    close(execution);
  } catch (error) {
    tell(execution, {type: 'line', text: visibleLine(String((error as Error).message))});
  }
};

const close = (execution: Execution) => {
  const {system, journal} = execution;
  removePins(execution);
  freeReserve(system.files, execution.context.transaction);
  const state = stateOf(journal.entries());
  disarmBoot(system.files);
  if (state === 'rolled-back' && system.files.lstat(confirmUnitPath) !== undefined) {
    disarmConfirm(system.files);
  }

  dropCurrent(system.files);
  prune(system);
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

/** Blobs that a plan stands on. */
export const digestsOf = (plan: Plan) =>
  planChanges(plan).flatMap(({change}) => {
    switch (change.kind) {
      case 'config.edit':
        return [change.after, ...(change.before === null ? [] : [change.before])];
      case 'file.write':
        return blobsIn(change.content);
      case 'rows.edit':
        return change.rows.flatMap(({content}) => blobsIn(content ?? []));
      default:
        return [];
    }
  });

const blobsIn = (content: Content) => content.flatMap(part => ('blob' in part ? [part.blob] : []));

/** Refuses where a transaction was cut short: a machine in between is no ground for anything but putting it back. */
export const refuseUnfinished = ({system}: Pick<ApplyInput, 'system'>) => {
  const id = currentId(system.files);
  if (id !== undefined) {
    throw new ProblemError({
      code: exitCode.stuck,
      what: fill(texts.unfinished, {id}),
      remedy: texts.unfinishedRemedy,
    });
  }
};

const problemOf = (error: unknown): Problem => {
  if (error instanceof ProblemError) {
    return error.problem;
  }

  return error instanceof Interrupted
    ? {code: exitCode.interrupted, what: texts.interrupted, remedy: texts.interruptedRemedy}
    : {
        code: exitCode.rolledBack,
        what: texts.failed,
        cause: literal(messageOf(error)),
        remedy: texts.failedRemedy,
      };
};

const messageOf = (error: unknown) => visibleLine(String((error as Error).message));

// What a problem does not say by itself.
const evidenceOf = (error: unknown) =>
  error instanceof ProblemError || error instanceof Interrupted ? [] : [messageOf(error)];

const texts = {
  notBegun: {
    en: 'Nothing was changed: the machine could not be read, or the record of the run could not be made.',
    ja: 'マシンの状態を読めないか、実行記録を作成できないため、何も変更していません。',
  },
  notBegunRemedy: {
    en: 'Look at the cause: “df -h /var/lib”, “df -i /var/lib” and “dmesg” tell more.',
    ja: '原因を確認してください (「df -h /var/lib」「df -i /var/lib」「dmesg」)。',
  },
  unfinished: {en: 'The transaction {id} was cut short.', ja: 'トランザクション {id} が中断されたままです。'},
  unfinishedRemedy: {
    en: 'Run “dovetail rollback” first: it puts back what was there.',
    ja: '先に「dovetail rollback」を実行すると元の状態に戻ります。',
  },
  interrupted: {
    en: 'Stopped as asked; the machine is put back as it was.',
    ja: '要求に応じて停止し、マシンを元の状態に戻します。',
  },
  interruptedRemedy: {
    en: 'Start again whenever you like.',
    ja: 'いつでも再実行できます。',
  },
  failed: {
    en: 'A change failed; the machine is put back as it was.',
    ja: '変更に失敗したため、マシンを元の状態に戻します。',
  },
  failedRemedy: {
    en: 'Look at the cause, then try again. “dovetail show” has the whole record.',
    ja: '原因を確認して再実行してください。記録は「dovetail show」で確認できます。',
  },
  notUndoable: {
    en: 'The transaction {id} cannot be undone (state: {state}).',
    ja: 'トランザクション {id} は元に戻せません (状態: {state})。',
  },
  notUndoableRemedy: {
    en: '“dovetail history” lists those that can.',
    ja: '戻せるものは「dovetail history」で確認できます。',
  },
  stuck: {
    en: 'The transaction {id} is in a state that cannot be resolved safely; everything is kept in {folder}.',
    ja: 'トランザクション {id} は安全に解決できない状態です。すべて {folder} に残っています。',
  },
  stuckRemedy: {
    en: '“dovetail rollback” shows it file by file and leads through it.',
    ja: '「dovetail rollback」でファイルごとの状態を確認しながら解決できます。',
  },
} satisfies Record<string, Text>;
