import {join} from 'node:path';
import {complete} from '../answers/complete.js';
import {exitCode} from '../core/exit-code.js';
import type {Facts} from '../core/facts.js';
import {type Finding, ProblemError} from '../core/finding.js';
import {type Plan, planChanges} from '../core/plan.js';
import type {ProbeAccount} from '../core/probe.js';
import type {Outcome, RunEvent} from '../core/run-event.js';
import type {Secret, SecretRef} from '../core/secret.js';
import {fill, type Text} from '../core/text.js';
import {queuedMail} from '../changes/package-install.js';
import {detect} from '../detect/index.js';
import {platformOf} from '../platforms/index.js';
import {applicable, contextOf} from '../planner/wants.js';
import type {Blobs, Program, System} from '../system/types.js';
import {type ApplyInput, applyPlan} from '../transaction/apply.js';
import {expire} from '../transaction/countdown.js';
import {recover} from '../transaction/recover.js';
import {rollBack} from '../transaction/roll-back.js';
import {canCutOff} from '../core/cut-off.js';
import {bootUnit, bootUnitPath} from '../transaction/boot-unit.js';
import {confirmUnit, confirmUnitPath} from '../transaction/confirm-unit.js';
import {type ConfirmTerms, defaultWithin, type LoginSession} from '../transaction/confirmation.js';
import {takeLock} from '../transaction/lock.js';
import {openStore, readTransaction, type StoredTransaction, stateFolder} from '../transaction/store.js';
import {steps} from '../../steps/index.js';
import {adoptAll} from './adopt.js';
import {against, baselineOf, prove} from './prove.js';

/** A plan with everything that applying and proving it takes. */
export type ApplyRequest = {
  readonly plan: Plan;
  readonly facts: Facts;
  readonly blobs: Blobs;
  readonly resolve: ApplyInput['resolve'];
  /** The secret that a reference means; undefined for one that is not known. */
  readonly open: (ref: SecretRef) => Secret | undefined;
  readonly account?: ProbeAccount;
  readonly onUnproved: ApplyInput['onUnproved'];
  /** Who asks, and what waits for a confirmation; without it nothing ever does (undo of a section, accounts). */
  readonly confirm?: ConfirmRequest;
};

/** Seconds to confirm the whole of a change in, where that was asked for; what can cut the session off waits in any case. */
export type ConfirmRequest = {readonly session: LoginSession; readonly within?: number};

/** What a run does. */
export type Run =
  | {readonly act: 'apply'; readonly request: ApplyRequest}
  /** Undoes these transactions, in this order. */
  | {
      readonly act: 'rollback';
      readonly ids: readonly string[];
      /** Files that go back although somebody else changed them since; of others that change is kept. */
      readonly putBack?: readonly string[];
    }
  /** Finishes what was cut short. */
  | {readonly act: 'recover'}
  /** Puts back what nobody confirmed in time. */
  | {readonly act: 'expire'};

/** Where a run happens, and who is told of it. */
export type World = {
  readonly system: System;
  /** How this program is started again inside a namespace. */
  readonly player: Program;
  /** How it is started at the next boot, where a run that was cut short is to be finished then. */
  readonly boot?: Program;
  /** How it is started to wait for a confirmation; missing where nothing could start it. */
  readonly countdown?: Program;
  /** Who asked for it, for those who find the lock taken. */
  readonly by: string;
  readonly onEvent: (event: RunEvent) => void;
  readonly interrupted: () => boolean;
};

/** Does a run in this process, as the only one on this machine. Throws a ProblemError where it cannot begin. */
export const perform = async (run: Run, world: World): Promise<Outcome> => {
  const {system} = world;
  openStore(system.files);
  const release = takeLock(join(system.tree, stateFolder, 'lock'), `${world.by}, ${run.act}`);
  try {
    switch (run.act) {
      case 'apply':
        return await applyAndProve(run.request, world);
      case 'rollback':
        return await undoAll(run.ids, world, run.putBack);
      case 'recover':
        return (await recover(common(world))) ?? 'rolled-back';
      case 'expire':
        return (await expire(common(world))) ?? 'committed';
    }
  } finally {
    release();
  }
};

/**
 * Makes systemd forget our units once they are gone from the disk: the one for the next boot, which the package manager makes it
 * read, and the one that waits for a confirmation.
 */
export const forgetUnits = async (system: System) => {
  for (const [unit, path] of [
    [bootUnit, bootUnitPath],
    [confirmUnit, confirmUnitPath],
  ] as const) {
    if (
      system.ground === 'machine' &&
      system.files.lstat(path) === undefined &&
      (await system.services.state(unit)).exists
    ) {
      await system.run('/usr/bin/systemctl', ['--no-block', 'daemon-reload']);
    }
  }
};

/** Undoes transactions one after the other; stops at the first that could not be undone. Takes no lock. */
export const undoAll = async (
  ids: readonly string[],
  world: World,
  putBack: readonly string[] = [],
): Promise<Outcome> => {
  const others = (path: string) => (putBack.includes(path) ? 'put-back' : 'keep');
  let worst: Outcome = 'rolled-back';
  for (const id of ids) {
    refuseQueue(readTransaction(world.system.files, id), world.system);
    const outcome = await rollBack({...common(world), others, id});
    if (outcome !== 'rolled-back' && outcome !== 'conflicts-kept') {
      return outcome;
    }

    worst = outcome === 'conflicts-kept' ? outcome : worst;
  }

  return worst;
};

/** Removing Postfix would delete the mail that waits in it: nothing is touched until it has left. */
export const refuseQueue = (stored: StoredTransaction | undefined, {files}: System) => {
  const installed =
    stored !== undefined &&
    planChanges(stored.plan).some(
      ({change}) => change.kind === 'package.install' && change.packages.some(({name}) => name === 'postfix'),
    );
  const queued = installed ? queuedMail(files) : 0;
  if (queued > 0) {
    throw new ProblemError({
      code: exitCode.stuck,
      what: fill(texts.queue, {count: queued}),
      remedy: texts.queueRemedy,
    });
  }
};

const common = ({system, boot, onEvent}: World) => ({
  system,
  onEvent,
  // What is put back stands in blobs: nothing has to be made again.
  resolve: () => Buffer.alloc(0),
  ...(boot === undefined ? {} : {boot}),
});

const applyAndProve = async (request: ApplyRequest, world: World): Promise<Outcome> => {
  const {plan, facts, account} = request;
  const proof = {
    system: world.system,
    facts,
    open: request.open,
    since: new Date().toISOString(),
    player: world.player,
    onFinding: () => undefined,
    ...(account === undefined ? {} : {account}),
  };
  const before = plan.undoes === undefined ? await baselineOf({...proof, probes: plan.probes}) : [];
  const since = new Date().toISOString();
  const confirm = confirmOf(request, world);
  return applyPlan({
    ...common(world),
    ...(confirm === undefined ? {} : {confirm}),
    plan,
    blobs: request.blobs,
    resolve: request.resolve,
    interrupted: world.interrupted,
    onUnproved: request.onUnproved,
    prove: async tell => {
      const {probes, ...found} =
        plan.undoes === undefined ? {probes: plan.probes} : await asFound(world, request);
      const judge = against(before);
      const onFinding = (finding: Finding) => tell(judge(finding));
      return (await prove(probes, {...proof, ...found, since, onFinding, applied: plan.stages})).map(judge);
    },
  });
};

// What is asked for, or what the plan makes needed: nothing waits on a tree, where nothing can be cut off.
const confirmOf = ({plan, facts, confirm}: ApplyRequest, {system, countdown}: World) => {
  const sshPort = facts.session.ssh?.serverPort;
  const risky = planChanges(plan).some(({change}) => canCutOff(change, sshPort));
  if (system.ground !== 'machine' || confirm === undefined || (confirm.within === undefined && !risky)) {
    return undefined;
  }

  if (countdown === undefined) {
    throw new ProblemError({
      code: exitCode.unsupportedPlatform,
      what: texts.noCountdown,
      remedy: texts.noCountdownRemedy,
    });
  }

  const terms: ConfirmTerms = {
    scope: confirm.within === undefined ? 'cut-off' : 'whole',
    within: confirm.within ?? defaultWithin,
    session: confirm.session,
    ...(sshPort === undefined ? {} : {sshPort}),
  };
  return {terms, program: countdown};
};

// After a section was undone, what must hold is what the server is without it, not what was planned with it.
const asFound = async ({system}: World, {plan, facts: {root, session, platformNamed}}: ApplyRequest) => {
  const ground = system.ground === 'directory' ? 'directory' : 'machine';
  const facts = await detect(system, {
    ground,
    root,
    user: session.user,
    ...(platformNamed === undefined ? {} : {platform: platformNamed}),
  });
  const platform = platformOf(facts.os, plan.platform.id);
  if (platform === undefined) {
    throw new Error(`${plan.platform.id} is not known`);
  }

  const scenario = {
    steps,
    facts,
    platform,
    answers: complete(steps, adoptAll(steps, facts, platform), {facts, platform}),
  };
  return {facts, probes: applicable(scenario).flatMap(step => step.probes(contextOf(scenario, step, {})))};
};

const texts = {
  noCountdown: {
    en: 'Nothing was changed: this could cut your session off, and without systemd nobody would put it back.',
    ja: '何も変更していません。接続が切れる可能性がありますが、systemd がないため自動的に元へ戻せません。',
  },
  noCountdownRemedy: {
    en: 'Make it from the console, with the sections concerned left out here.',
    ja: '該当するセクションを除いて実行し、その変更はコンソールから行ってください。',
  },
  queue: {
    en: 'Nothing was undone: {count} messages wait in the queue of Postfix, which this would remove.',
    ja: '元に戻していません。削除対象の Postfix のキューにメールが {count} 通あります。',
  },
  queueRemedy: {
    en: 'Send them (“postqueue -f”), wait, or set them aside; then roll back again.',
    ja: '「postqueue -f」で送信するか、待つか、退避してから、もう一度実行してください。',
  },
} satisfies Record<string, Text>;
