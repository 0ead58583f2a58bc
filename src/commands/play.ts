import {text as readAll} from 'node:stream/consumers';
import {exitCode} from '../core/exit-code.js';
import {play as playScript} from '../probes/dialogue.js';
import type {Script} from '../probes/types.js';

/** Plays one dialogue given on standard input; `check` starts it in a namespace of its own. */
export const play = async (): Promise<number> => {
  const script = JSON.parse(await readAll(process.stdin)) as Script;
  process.stdout.write(JSON.stringify(await playScript(script)));
  return exitCode.done;
};
