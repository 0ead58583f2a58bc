import {createHash} from 'node:crypto';
import {join} from 'node:path';
import {exitCode} from '../../core/exit-code.js';
import {ProblemError} from '../../core/finding.js';
import {isEmpty, type Plan, planChanges} from '../../core/plan.js';
import type {AllAnswers} from '../../core/question.js';
import type {Outcome, RunEvent} from '../../core/run-event.js';
import type {Text} from '../../core/text.js';
import type {Machine} from '../../engine/machine.js';
import type {SideState} from '../../engine/pair/decide.js';
import {forgetUnits} from '../../engine/run.js';
import type {System} from '../../system/types.js';
import {expiredAt, pendingOf, sessionFrom} from '../../transaction/confirmation.js';
import {answerCountdown} from '../../transaction/countdown.js';
import {takeLock} from '../../transaction/lock.js';
import {openStore, readTransaction, stateFolder} from '../../transaction/store.js';
import {type CommandContext, nameOf} from '../context.js';
import {planFor} from '../plan.js';
import {runAndWait} from '../run.js';

/** A plan of one side, under a name that both sides know. */
export type SidePlan = Omit<NonNullable<Awaited<ReturnType<typeof planFor>>>, 'plan'> & {readonly plan: Plan};

/** Plans the section `replication` alone; throws where it cannot be (the reasons were printed). */
export const planSide = async (
  context: CommandContext,
  machine: Machine,
  answers: AllAnswers,
  id: string,
): Promise<SidePlan> => {
  const made = await planFor({...context, args: ['replication']}, machine, answers);
  if (made === undefined) {
    throw new ProblemError({code: exitCode.badAnswers, what: texts.refused, remedy: texts.refusedRemedy});
  }

  return {...made, plan: {...made.plan, id}};
};

/** What was reviewed, in short: the plan is made anew when it is applied, and must be this one. */
export const digestOf = (plan: Plan): string =>
  createHash('sha256')
    .update(
      JSON.stringify(
        planChanges(plan).map(({change, preview}) => [change.id, preview.title.en, preview.body]),
      ),
    )
    .digest('hex');

/** Applies and proves one side; it goes back by itself unless it is confirmed within so many seconds. */
export const applySide = async (
  context: CommandContext,
  {system, facts, vault}: Machine,
  {plan, blobs, resolve, keep, close}: SidePlan,
  within: number,
  onEvent: (event: RunEvent) => void,
): Promise<Outcome> => {
  openStore(system.files);
  keep();
  close();
  if (isEmpty(plan)) {
    return 'committed';
  }

  const session = sessionFrom(system.files, {
    pid: process.pid,
    ...(context.ssh === undefined ? {} : {ssh: context.ssh}),
  });
  return runAndWait(
    context,
    system,
    {
      act: 'apply',
      request: {
        plan,
        facts,
        blobs,
        resolve,
        open: vault.open,
        onUnproved: 'roll-back',
        confirm: {session, within},
      },
    },
    onEvent,
  );
};

/** How far this side is with a transaction. One that had nothing to do is for good. */
export const stateOf = (system: System, id: string, nothingToDo: boolean): SideState => {
  const stored = readTransaction(system.files, id);
  if (stored === undefined) {
    return nothingToDo ? 'kept' : 'absent';
  }

  switch (stored.state) {
    case 'committed':
      return pendingOf(stored) !== undefined
        ? 'waiting'
        : expiredAt(stored.entries) !== undefined
          ? 'absent'
          : 'kept';
    case 'rolled-back':
      return 'absent';
    default:
      return 'unknown';
  }
};

/** Ends the countdown of this transaction; false where it does not wait any more. */
export const confirmSide = async (context: CommandContext, system: System, id: string): Promise<boolean> => {
  const release = takeLock(join(system.tree, stateFolder, 'lock'), `${nameOf(context)}, pair`);
  try {
    if (stateOf(system, id, false) !== 'waiting') {
      return stateOf(system, id, false) === 'kept';
    }

    answerCountdown(system, id);
  } finally {
    release();
  }

  await forgetUnits(system);
  return true;
};

/** Takes this side back; true where nothing of it is left. */
export const undoSide = async (
  context: CommandContext,
  system: System,
  id: string,
  onEvent: (event: RunEvent) => void,
): Promise<boolean> =>
  stateOf(system, id, false) === 'absent' ||
  (await runAndWait(context, system, {act: 'rollback', ids: [id], putBack: []}, onEvent)) === 'rolled-back';

const texts = {
  refused: {en: 'This server cannot become half of a pair.', ja: 'このサーバーはペアの一方にできません。'},
  refusedRemedy: {
    en: 'Put right what is said above; nothing was changed.',
    ja: '上記を解決してください。何も変更していません。',
  },
} satisfies Record<string, Text>;
