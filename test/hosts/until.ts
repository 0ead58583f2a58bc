import {existsSync} from 'node:fs';
import type {LabHost} from './host.js';

/** Looks again and again until something is so; true, or false after five minutes (a machine that tests three hosts at once is slow). */
export const until = async (done: () => Promise<boolean>): Promise<boolean> => {
  const end = Date.now() + 300_000;
  while (Date.now() < end) {
    if (await done()) {
      return true;
    }

    await new Promise(resolve => setTimeout(resolve, 50));
  }

  return false;
};

/** Waits for a file of a host. It is looked at from here: a program started in the host for each look would slow down what is waited for. */
export const appears = async ({tree}: Pick<LabHost, 'tree'>, path: string): Promise<boolean> =>
  until(async () => existsSync(`${tree}${path}`));
