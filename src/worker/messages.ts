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

/**
 * Reads lines of JSON; `onEnd` once, when the other side is gone, however it went. A line that it had begun is dropped. An
 * error of the stream is nobody's failure here: whoever is killed resets the connection, and the work goes on. (Node’s readline
 * is not used, for it raises such an error once more.)
 */
export const readLines = <T>(from: Readable, onMessage: (message: T) => void, onEnd: () => void) => {
  let rest = '';
  from.setEncoding('utf8');
  from.on('error', () => undefined);
  from.on('data', (text: string) => {
    const [first = '', ...others] = text.split('\n');
    const lines = [rest + first, ...others];
    rest = lines.pop() ?? '';
    for (const whole of lines) {
      onMessage(JSON.parse(whole) as T);
    }
  });
  from.once('close', onEnd);
};
