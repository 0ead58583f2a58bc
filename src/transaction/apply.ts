import {digestsOf, type Plan, type PlannedStage, planChanges} from '../core/plan.js';
import type {Finding} from '../core/finding.js';
import type {Outcome} from '../core/run-event.js';
import {folderBlobs} from '../system/blobs.js';
import type {Blobs} from '../system/types.js';
import {disarmBoot} from './boot-unit.js';
import {closeOrLeave} from './close.js';
import {refusePending} from './confirmation.js';
import {arm, type Countdown, sayPending, startCountdown} from './countdown.js';
import {activate, capture, carryOut, type Execution, enter, Interrupted, tell, verifyAll} from './execute.js';
import {armAtBoot, executionOf, type RunInput} from './open.js';
import {evidenceOf, problemOf, refuseUnfinished, untouched} from './problems.js';
import {rollBackNow} from './roll-back.js';
import {refuseFull} from './room.js';
import {refuseStale} from './stale.js';
import {
  blobsOf,
  dropCurrent,
  dropUnbegun,
  folderOf,
  forgetTransaction,
  makeCurrent,
  makeReserve,
  openStore,
  stateFolder,
} from './store.js';

/** A plan, what it stands on, and who is asked and told while it is carried out. */
export type ApplyInput = RunInput & {
  readonly plan: Plan;
  readonly blobs: Blobs;
  /** Asked between changes: true = stop and take back. */
  readonly interrupted: () => boolean;
  /** Proves the result and tells each finding as it is made; runs after activation, before the point of no return. */
  readonly prove: (tell: (finding: Finding) => void) => Promise<readonly Finding[]>;
  /** Whether a failed proof takes everything back (unattended), or is left for the admin to decide. */
  readonly onUnproved: 'roll-back' | 'keep';
  readonly confirm?: Countdown;
};

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
    await startCountdown(execution, input.confirm);
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
  arm(execution, input.confirm);
  enter(execution, 'committed');
  sayPending(execution, plan);
  closeOrLeave(execution);
  return failed ? 'unproved' : 'committed';
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
