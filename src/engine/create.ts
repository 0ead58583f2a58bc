import {join} from 'node:path';
import {closeSync, constants, openSync, writeSync} from 'node:fs';
import {answersFileLimit, printAnswers, readAnswers} from '../answers/file.js';
import {exitCode} from '../core/exit-code.js';
import type {Facts} from '../core/facts.js';
import {type Finding, ProblemError} from '../core/finding.js';
import type {Plan} from '../core/plan.js';
import type {RunEvent} from '../core/run-event.js';
import type {AllAnswers} from '../core/question.js';
import {fill, type Text, visible} from '../core/text.js';
import type {Engine, TransactionSummary} from '../session/engine.js';
import type {Files} from '../system/types.js';
import {expiredFinding} from '../transaction/confirmation.js';
import {lockHolder} from '../transaction/lock.js';
import {
  currentId,
  listTransactions,
  openStore,
  readTransaction,
  type StoredTransaction,
  stateFolder,
} from '../transaction/store.js';
import {steps} from '../../steps/index.js';
import {reality} from '../detect/reality.js';
import {adoptAll} from './adopt.js';
import {handover} from './handover.js';
import {type MadePlan, makePlan} from './make-plan.js';
import {lookAround, timelyCheck} from './live-check.js';
import {generatePassword} from './password.js';
import {accountOf} from './prove.js';
import type {Run} from './run.js';
import {confirmHere, sshConnections} from './confirm-here.js';
import type {Machine} from './machine.js';
import {follow} from '../worker/follow.js';
import type {Running} from '../worker/start.js';

type Kept = Extract<MadePlan, {kind: 'plan'}>;

/**
 * What the session asks of the world, on this machine. `start` does a run: `startRun` of the room worker; `look` detects anew, since a
 * run makes another machine of it.
 */
export const createEngine = (
  {system, facts: found, platform, vault}: Machine,
  start: (run: Run, onEvent: (event: RunEvent) => void) => Running,
  look: () => Promise<Facts>,
): Engine => {
  let made: {readonly kept: Kept; readonly answers: AllAnswers} | undefined;
  let running: Running | undefined;
  let facts = found;
  let outdated = false;
  let before: ReadonlySet<string> = new Set();
  const lock = join(system.tree, stateFolder, 'lock');
  const run = async (what: Run, onEvent: (event: RunEvent) => void) => {
    outdated = true;
    running = start(what, onEvent);
    try {
      await running.outcome;
    } finally {
      running = undefined;
    }
  };

  return {
    detect: async () => {
      if (outdated) {
        facts = await look();
        outdated = false;
      }

      const held = facts.root ? lockHolder(lock) : undefined;
      const unfinished = facts.root && held === undefined ? currentId(system.files) : undefined;
      const resumable = facts.root ? savedProgress(system.files) : undefined;
      const expired = facts.root ? expiredFinding(system.files) : undefined;
      facts =
        expired === undefined || facts.findings.some(({id}) => id === expired.id)
          ? facts
          : {...facts, findings: [expired, ...facts.findings]};
      const stored = unfinished === undefined ? undefined : readTransaction(system.files, unfinished);
      const adopted = adoptAll(steps, facts, platform);
      if (system.ground === 'machine' && held === undefined && unfinished === undefined) {
        const domains = adopted['role']?.['domains'];
        facts = await reality(facts, {domains: Array.isArray(domains) ? domains.map(String) : []});
      }

      return {
        facts,
        platform,
        steps,
        adopted,
        ...(resumable === undefined ? {} : {resumable}),
        ...(stored === undefined ? {} : {unfinished: summaryOf(stored)}),
        ...(held === undefined ? {} : {running: {by: held}}),
      };
    },
    hold: value => vault.hold(value).held,
    generate: () => {
      const value = generatePassword();
      return {...vault.hold(value), value};
    },
    // The tree is staged when the plan is made: what is needed is known only then.
    prestage: () => undefined,
    liveCheck: async check => timelyCheck(check, {system, facts, vault}),
    look: async look => lookAround(look, {system, facts, vault}),
    plan: async (answers, scope, say) => {
      made?.kept.close();
      made = undefined;
      const result = await makePlan({
        system,
        facts,
        platform,
        steps,
        scope,
        answers,
        vault,
        say,
        checked: true,
      });
      if (result.kind === 'refused') {
        return result;
      }

      made = {kept: result, answers};
      return {kind: 'plan', plan: result.plan};
    },
    apply: async (plan, onEvent) => {
      if (made === undefined || made.kept.plan.id !== plan.id) {
        throw new ProblemError({code: exitCode.stalePlan, what: texts.gone, remedy: texts.goneRemedy});
      }

      refuseUnprivileged(facts.root);
      const {kept, answers} = made;
      openStore(system.files);
      kept.keep();
      kept.close();
      before = await sshConnections(system, facts);
      const account = accountOf(answers);
      await run(
        {
          act: 'apply',
          request: {
            plan,
            facts,
            blobs: kept.blobs,
            resolve: kept.resolve,
            open: vault.open,
            ...(account === undefined ? {} : {account}),
            onUnproved: 'keep',
          },
        },
        onEvent,
      );
    },
    interrupt: () => running?.interrupt(),
    detach: () => running?.detach(),
    outlives: system.ground === 'machine',
    rollback: async ({id}, onEvent) => {
      refuseUnprivileged(facts.root);
      const wanted =
        id ??
        listTransactions(system.files).find(
          ({state, plan}) => state === 'committed' && plan.accounts === undefined,
        )?.id;
      if (wanted !== undefined) {
        await run({act: 'rollback', ids: [wanted]}, onEvent);
      }
    },
    confirm: async () => confirmHere(system, facts, {before, by: facts.session.user}),
    recover: async onEvent => {
      refuseUnprivileged(facts.root);
      await run({act: 'recover'}, onEvent);
    },
    attach: onEvent => follow(system.files, () => lockHolder(lock) !== undefined, onEvent),
    // Without root there is no place that only we can write to: nothing is kept then.
    handover: answers => handover({facts, platform, system}, answers),
    saveProgress: answers => {
      if (facts.root) {
        openStore(system.files);
        forget(system.files);
        system.files.create(progressFile, Buffer.from(printAnswers(answers)), 0o600);
      }
    },
    forgetProgress: () => facts.root && forget(system.files),
    saveDiff: async (plan, path) => saveDiff(plan, path),
  };
};

const refuseUnprivileged = (root: boolean) => {
  if (!root) {
    throw new ProblemError({
      code: exitCode.needsRootOrTerminal,
      what: texts.root,
      remedy: texts.rootRemedy,
    });
  }
};

const progressFile = `${stateFolder}/progress.yaml`;

const forget = (files: Files) => {
  if (files.lstat(progressFile) !== undefined) {
    files.unlink(progressFile);
  }
};

// Secrets are asked again: an account whose password was typed comes back without it.
const savedProgress = (files: Files): AllAnswers | undefined => {
  const text = files.read(progressFile, {limit: answersFileLimit})?.toString('utf8');
  const read = text === undefined ? undefined : readAnswers(text, steps);
  return read?.ok === true ? read.answers : undefined;
};

const summaryOf = ({id, plan, state}: StoredTransaction): TransactionSummary => ({
  id,
  when: plan.made,
  sections: plan.sections,
  outcome: state,
  changes: plan.stages.flatMap(({changes}) => changes).length,
});

// 0600 and never over something that is there.
const saveDiff = (plan: Plan, path: string): Finding | undefined => {
  try {
    const descriptor = openSync(
      path,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      0o600,
    );
    for (const {change, preview} of plan.stages.flatMap(({changes}) => changes)) {
      writeSync(descriptor, visible(`${change.id}\n${preview.body.join('\n')}\n\n`));
    }

    closeSync(descriptor);
    return undefined;
  } catch (error) {
    return {
      id: 'save',
      severity: 'fail',
      summary: fill(texts.save, {path}),
      cause: fill(texts.said, {message: String((error as Error).message)}),
      remedy: texts.saveRemedy,
    };
  }
};

const texts = {
  root: {en: 'This changes the machine and needs root.', ja: 'マシンを変更するため root 権限が必要です。'},
  rootRemedy: {en: 'Start dovetail with sudo.', ja: 'sudo で dovetail を起動してください。'},
  gone: {en: 'That plan is not the one that was made last.', ja: '最後に作られた計画ではありません。'},
  goneRemedy: {en: 'Plan again.', ja: 'もう一度計画を作ってください。'},
  save: {en: 'The diff could not be saved to {path}.', ja: '差分を {path} に保存できませんでした。'},
  said: {en: 'It said: {message}', ja: '出力: {message}'},
  saveRemedy: {en: 'Name a file that is not there yet.', ja: '存在しないファイル名を指定してください。'},
} satisfies Record<string, Text>;
