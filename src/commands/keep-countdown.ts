import {setTimeout} from 'node:timers/promises';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import {forgetUnits, perform} from '../engine/run.js';
import {machineSystem} from '../system/grounds.js';
import type {ReadFiles, System} from '../system/types.js';
import {type Pending, pendingHere, secondsLeft, timeOf} from '../transaction/confirmation.js';
import {currentId, journalOf, listTransactions, stateFolder} from '../transaction/store.js';
import {printer, undone} from './apply.js';
import type {CommandContext} from './context.js';

/** Waits until a transaction is confirmed or its time is over, and puts it back then; a unit made for it runs this. */
export const keepCountdown = async (context: CommandContext): Promise<number> => {
  if (!context.root) {
    return exitCode.needsRootOrTerminal;
  }

  const system = machineSystem();
  let warned = '';
  let known = '';
  let pending: Pending | undefined;
  for (;;) {
    // Plans are large: they are read again only when something happened.
    const mark = markOf(system.files, pending);
    if (mark !== known) {
      known = mark;
      pending = pendingHere(system.files);
    }

    // The apply that armed us may still be at work: nothing waits yet, and something will.
    if (pending === undefined && currentId(system.files) === undefined) {
      await forgetUnits(system);
      return exitCode.done;
    }

    const left = pending === undefined ? Infinity : secondsLeft(pending);
    if (pending !== undefined && left === 0) {
      const outcome = await goBack(context, system);
      if (outcome !== undefined) {
        await forgetUnits(system);
        return undone(outcome);
      }
    } else if (
      pending !== undefined &&
      left <= warnAt(pending) &&
      warned !== pending.deadline.toISOString()
    ) {
      warned = pending.deadline.toISOString();
      await warn(system, pending);
    }

    await setTimeout(pollTime);
  }
};

const markOf = (files: ReadFiles, pending: Pending | undefined) =>
  [
    currentId(files),
    files.list(`${stateFolder}/tx`)?.length,
    pending === undefined ? undefined : files.lstat(journalOf(pending.id))?.mtimeNs,
  ].join(' ');

// Milliseconds.
const pollTime = 1000;

// Seconds before the end; half of the time where that is short.
const warnAt = ({terms}: Pending) => Math.min(60, Math.floor(terms.within / 2));

// Whoever holds the lock (a confirmation in the last second) comes first; then it is looked again.
const goBack = async (context: CommandContext, system: System) => {
  try {
    return await perform(
      {act: 'expire'},
      {
        system,
        player: context.self,
        by: 'the countdown',
        boot: {...context.self, args: [context.script, 'recover-at-boot']},
        onEvent: printer(context, 0),
        interrupted: () => false,
      },
    );
  } catch (error) {
    if (error instanceof ProblemError && error.problem.code === exitCode.locked) {
      return undefined;
    }

    throw error;
  }
};

// wall(1): everybody who is logged in should know why the machine changes under them. Both languages: theirs is not known.
const warn = async (system: System, pending: Pending) => {
  const {plan} = listTransactions(system.files).find(({id}) => id === pending.id) ?? {};
  const text = fill(texts.soon, {
    id: pending.id,
    time: timeOf(pending.deadline),
    sections: plan?.sections.join(', ') ?? '',
  });
  await system.run('/usr/bin/wall', [], {input: `${text.en}\n${text.ja}\n`});
};

const texts = {
  soon: {
    en: 'dovetail: transaction {id} ({sections}) goes back at {time} unless “dovetail confirm” is run from a new session.',
    ja: 'dovetail: 新しいセッションで「dovetail confirm」を実行しないと、{time} にトランザクション {id} ({sections}) を元に戻します。',
  },
} satisfies Record<string, Text>;
