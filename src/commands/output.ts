import {writeSync} from 'node:fs';
import {exitCode} from '../core/exit-code.js';
import {visible} from '../core/text.js';

/** A writer of lines for a descriptor; control characters are made visible. */
export type LineWriter = (line: string) => void;

/**
 * Writes to the descriptor itself: Node's stream for it takes longer to load than `status` works. Where the descriptor
 * does not take all at once (EAGAIN, write(2)) the stream does the rest. Whoever read along may stop (EPIPE, `| head`),
 * and the work goes on; `failed` is told of everything else.
 */
export const lineWriter = (
  fd: number,
  stream: () => NodeJS.WritableStream,
  failed: (error: NodeJS.ErrnoException) => void,
): LineWriter => {
  let slow: NodeJS.WritableStream | undefined;
  return line => {
    let rest = Buffer.from(`${visible(line)}\n`);
    while (slow === undefined && rest.length > 0) {
      try {
        rest = rest.subarray(writeSync(fd, rest));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') {
          failed(error as NodeJS.ErrnoException);
          return;
        }

        slow = stream();
      }
    }

    if (rest.length > 0) {
      slow?.write(rest);
    }
  };
};

/** What could not be written is not called done: the exit code says so, and standard error where it can. */
export const unwritten = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'EPIPE') {
    process.exitCode = exitCode.internal;
    process.stderr.write(`${visible(String(error))}\n`);
  }
};

/** Standard output as a stream, for what needs one: the screens, and a descriptor that is slow. */
export const watchedOutput = (): NodeJS.WriteStream => {
  const {stdout} = process;
  return stdout.listeners('error').includes(unwritten) ? stdout : stdout.on('error', unwritten);
};
