import {work} from '../worker/main.js';
import type {CommandContext} from './context.js';

/** Does the run that it is given over the socket it is named; dovetail starts it, nobody else. */
export const worker = async ({args: [socket = ''], self}: CommandContext): Promise<number> =>
  work(socket, self);
