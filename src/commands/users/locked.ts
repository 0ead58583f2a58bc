import {join} from 'node:path';
import {exitCode} from '../../core/exit-code.js';
import {ProblemError} from '../../core/finding.js';
import type {Machine} from '../../engine/machine.js';
import {takeLock} from '../../transaction/lock.js';
import {refuseUnfinished} from '../../transaction/problems.js';
import {openStore, stateFolder} from '../../transaction/store.js';

/** How long it is waited for another dovetail, in milliseconds. */
const patience = 60_000;

/**
 * Does something while no other dovetail changes this machine. Somebody else may be at it for a moment, by hand or with another
 * dovetail: it is tried again before it is given up, so `use` looks at everything anew.
 */
export const locked = async <R>(
  {system}: Pick<Machine, 'system'>,
  by: string,
  use: () => Promise<R>,
): Promise<R> => {
  openStore(system.files);
  for (const end = Date.now() + patience; ; ) {
    let release: (() => void) | undefined;
    try {
      release = takeLock(join(system.tree, stateFolder, 'lock'), by);
      refuseUnfinished({system});
      return await use();
    } catch (error) {
      const code = error instanceof ProblemError ? error.problem.code : undefined;
      if (Date.now() > end || (code !== exitCode.locked && code !== exitCode.stalePlan)) {
        throw error;
      }
    } finally {
      release?.();
    }

    await new Promise(resolve => setTimeout(resolve, 250));
  }
};
