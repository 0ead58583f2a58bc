import {createInterface} from 'node:readline';
import type {Readable} from 'node:stream';
import type {Problem} from '../core/finding.js';
import type {Outcome, RunEvent} from '../core/run-event.js';

/** What a worker says, one JSON object a line. The last is `end`, or `problem` where it could not begin. */
export type Said =
  | {readonly t: 'event'; readonly event: RunEvent}
  | {readonly t: 'end'; readonly outcome: Outcome}
  | {readonly t: 'problem'; readonly problem: Problem};

/** What it is told after its job. */
export type Told = {readonly t: 'interrupt'};

export const line = (message: unknown) => `${JSON.stringify(message)}\n`;

/** Reads lines of JSON; `onEnd` once, when the other side is gone. */
export const readLines = <T>(from: Readable, onMessage: (message: T) => void, onEnd: () => void) => {
  const lines = createInterface({input: from, crlfDelay: Infinity});
  lines.on('line', text => onMessage(JSON.parse(text) as T));
  from.once('close', () => {
    lines.close();
    onEnd();
  });
};
