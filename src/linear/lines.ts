import {StringDecoder} from 'node:string_decoder';

/** Input as a terminal or a pipe gives it. */
export type Input = NodeJS.ReadableStream & {
  readonly isTTY?: boolean;
  readonly setRawMode?: (raw: boolean) => unknown;
};

/** Reads one line at a time and never writes a byte: in cooked mode the terminal itself echoes. */
export type LineReader = {
  /** The next line without its end; undefined at the end of the input, on Ctrl-C, or after `close`. */
  readonly next: (options?: {readonly hidden?: boolean}) => Promise<string | undefined>;
  readonly close: () => void;
};

export const createLineReader = (input: Input): LineReader => {
  const decoder = new StringDecoder('utf8');
  let pending = '';
  let over = false;
  let wake: (() => void) | undefined;

  const onData = (chunk: Buffer | string) => {
    pending += typeof chunk === 'string' ? chunk : decoder.write(chunk);
    wake?.();
  };
  const onEnd = () => {
    over = true;
    wake?.();
  };

  input.on('data', onData);
  input.on('end', onEnd);
  input.on('error', onEnd);

  const next = async (hidden: boolean): Promise<string | undefined> => {
    for (;;) {
      const end = /\r\n|\r|\n|\u0003/.exec(pending);
      if (end !== null) {
        const line = pending.slice(0, end.index);
        pending = pending.slice(end.index + end[0].length);
        return end[0] === '\u0003' ? undefined : hidden ? edited(line) : line;
      }

      if (over || (hidden && pending.startsWith('\u0004'))) {
        return undefined;
      }

      const {promise, resolve} = Promise.withResolvers<void>();
      wake = resolve;
      await promise;
      wake = undefined;
    }
  };

  return {
    next: async ({hidden = false} = {}) => {
      // Raw mode is the only way to switch the terminal's own echo off from here.
      const raw = hidden && input.isTTY === true && input.setRawMode !== undefined;
      if (raw) {
        input.setRawMode?.(true);
      }

      try {
        return await next(raw);
      } finally {
        if (raw) {
          input.setRawMode?.(false);
        }
      }
    },
    close: () => {
      input.off('data', onData);
      input.off('end', onEnd);
      input.off('error', onEnd);
      input.pause();
      onEnd();
    },
  };
};

// What the terminal's line discipline would have done: Backspace takes one character, Ctrl-U all.
const edited = (typed: string) => {
  let kept: string[] = [];
  for (const character of typed) {
    if (character === '\u0015') {
      kept = [];
    } else if (character === '\u007f' || character === '\b') {
      kept.pop();
    } else {
      kept.push(character);
    }
  }

  return kept.join('');
};
