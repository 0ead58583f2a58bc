import {createInterface} from 'node:readline';
import {execa} from 'execa';
import {inOwnDomain} from '../system/domain.js';
import type {Program} from '../system/types.js';
import type {Script, ScriptResult} from './types.js';

/** A dialogue on its way to the player, and its result on the way back; `id` tells which belong together. */
export type ToPlay = {readonly id: number; readonly script: Script};
export type Played = {readonly id: number; readonly result: ScriptResult};

export type Player = {
  /** Rejects with the code UNPLAYED where the program that plays is gone: that says nothing of the server. */
  readonly play: (script: Script) => Promise<ScriptResult>;
  readonly close: () => Promise<void>;
};

/** Milliseconds for a whole dialogue. */
const limit = 60_000;

/**
 * Starts a program that plays dialogues in a network namespace: one for all of them, since a start costs more than a dialogue.
 * One that ends before its time has played nothing of what was still asked.
 */
export const startPlayer = (namespace: string, {file, args}: Program): Player => {
  const waiting = new Map<number, (result: ScriptResult | undefined) => void>();
  let next = 0;
  let ended = false;
  const [tool, ...words] = inOwnDomain('/usr/sbin/ip', ['netns', 'exec', namespace, file, ...args]);
  const child = execa(tool, words, {
    stdin: 'pipe',
    stderr: 'ignore',
    buffer: false,
    reject: false,
    extendEnv: false,
    env: {PATH: '/usr/sbin:/usr/bin:/sbin:/bin'},
  });
  const tooLong: ScriptResult = {kind: 'refused', reason: 'timeout', replies: []};
  const gone = () => Object.assign(new Error('the program that plays dialogues ended'), {code: 'UNPLAYED'});
  const settle = (id: number, result: ScriptResult | undefined) => {
    waiting.get(id)?.(result);
    waiting.delete(id);
  };
  child.stdin.on('error', () => undefined);
  createInterface({input: child.stdout}).on('line', line => {
    const {id, result} = JSON.parse(line) as Played;
    settle(id, result);
  });
  const end = child.then(() => {
    ended = true;
    for (const id of [...waiting.keys()]) {
      settle(id, undefined);
    }
  });
  return {
    play: async script => {
      if (ended) {
        throw gone();
      }

      const id = next++;
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => settle(id, tooLong), limit);
        waiting.set(id, result => {
          clearTimeout(late);
          if (result === undefined) {
            reject(gone());
          } else {
            resolve(result);
          }
        });
        child.stdin.write(`${JSON.stringify({id, script} satisfies ToPlay)}\n`);
      });
    },
    close: async () => {
      child.stdin.end();
      // Nothing that is still asked matters to anybody.
      child.kill('SIGTERM');
      await end;
    },
  };
};
