import {createInterface} from 'node:readline';
import {exitCode} from '../core/exit-code.js';
import {play as playScript} from '../probes/dialogue.js';
import type {Played, ToPlay} from '../probes/player.js';

/**
 * Plays dialogues that are given on standard input, one a line, and answers each with a line; `check` starts it once in a namespace
 * of its own.
 */
export const play = async (): Promise<number> => {
  const running: Promise<void>[] = [];
  for await (const line of createInterface({input: process.stdin})) {
    const {id, script} = JSON.parse(line) as ToPlay;
    running.push(
      playScript(script).then(result => {
        process.stdout.write(`${JSON.stringify({id, result} satisfies Played)}\n`);
      }),
    );
  }

  await Promise.all(running);
  return exitCode.done;
};
