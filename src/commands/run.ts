import {exitCode} from '../core/exit-code.js';
import type {Outcome, RunEvent} from '../core/run-event.js';
import type {Run} from '../engine/run.js';
import type {System} from '../system/types.js';
import {startRun} from '../worker/start.js';
import {type CommandContext, nameOf} from './context.js';

/**
 * Does a run and waits for its end. Ctrl-C asks it to stop and put things back; where the terminal goes away, it goes on
 * without us.
 */
export const runAndWait = async (
  context: CommandContext,
  system: System,
  run: Run,
  onEvent: (event: RunEvent) => void,
): Promise<Outcome> => {
  const running = startRun(run, {
    system,
    player: context.self,
    script: context.script,
    by: nameOf(context),
    onEvent,
  });
  const leave = () => {
    if (!running.outlives) {
      running.interrupt();
      return;
    }

    running.detach();
    process.exit(exitCode.interrupted);
  };
  const listeners = [
    ['SIGINT', running.interrupt],
    ['SIGTERM', running.interrupt],
    ['SIGHUP', leave],
  ] as const;
  for (const [signal, listener] of listeners) {
    process.on(signal, listener);
  }

  // Whoever reads this may go away; the run has nothing to do with that.
  const ignore = () => undefined;
  process.stdout.on('error', ignore);
  try {
    return await running.outcome;
  } finally {
    process.stdout.off('error', ignore);
    for (const [signal, listener] of listeners) {
      process.off(signal, listener);
    }
  }
};
