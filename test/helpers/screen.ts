import {PassThrough} from 'node:stream';
import xterm from '@xterm/headless';
import type {ExitCode} from '../../src/core/exit-code.js';
import {runTui, type TuiOptions} from '../../src/ui/index.js';
import type {FakeEngine} from './fake-engine.js';

/** A terminal in memory: what the program writes is interpreted as a real one would. */
export type FakeScreen = {
  /** Sends keys and waits until the screen rests. */
  readonly press: (...keys: readonly string[]) => Promise<void>;
  /** Waits until the screen shows the words. */
  readonly until: (words: string | RegExp) => Promise<void>;
  readonly frame: () => string;
  /** Bytes written since the last call. */
  readonly bytes: () => number;
  /** Everything that was ever written. */
  readonly written: () => string;
  readonly resize: (columns: number, rows: number) => Promise<void>;
  readonly cursor: () => {readonly x: number; readonly y: number};
  readonly hangUp: () => void;
  readonly ended: Promise<ExitCode>;
};

export const keys = {
  enter: '\r',
  escape: '\u001b',
  up: '\u001b[A',
  down: '\u001b[B',
  tab: '\t',
  pageDown: '\u001b[6~',
  delete: '\u001b[3~',
  ctrlC: '\u0003',
  ctrlG: '\u0007',
  ctrlN: '\u000e',
  ctrlU: '\u0015',
  space: ' ',
} as const;

/** Milliseconds without output after which a screen is at rest; one frame is a fifteenth of a second. */
const rest = 120;

export const openScreen = (
  engine: FakeEngine,
  over: Partial<Omit<TuiOptions, 'engine' | 'stdin' | 'stdout'>> & {
    readonly columns?: number;
    readonly rows?: number;
  } = {},
): FakeScreen => {
  const {columns = 80, rows = 24, ...options} = over;
  const terminal = new xterm.Terminal({cols: columns, rows, allowProposedApi: true, convertEol: true});
  const stdout = Object.assign(new PassThrough(), {isTTY: true, columns, rows});
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: () => stdin,
    ref: () => stdin,
    unref: () => stdin,
  });
  let written = '';
  let counted = 0;
  let last = Date.now();
  stdout.on('data', (chunk: Buffer) => {
    written += chunk.toString('utf8');
    last = Date.now();
    terminal.write(chunk);
  });

  const settled = async () => {
    last = Date.now();
    while (Date.now() - last < rest) {
      await new Promise(resolve => setTimeout(resolve, 15));
    }

    await new Promise<void>(resolve => terminal.write('', resolve));
  };
  const frame = () =>
    Array.from({length: terminal.rows}, (_, row) =>
      (terminal.buffer.active.getLine(row)?.translateToString(true, 0, terminal.cols) ?? '').trimEnd(),
    )
      .join('\n')
      .trimEnd();

  let hangUp: () => void = () => undefined;
  const ended = runTui({
    engine,
    lang: 'en',
    sections: [],
    dryRun: false,
    color: true,
    unicode: true,
    ...options,
    stdin,
    stdout,
    onHangUp: listener => {
      hangUp = listener;
      return () => undefined;
    },
  });

  return {
    press: async (...pressed) => {
      for (const key of pressed) {
        const before = written.length;
        const began = Date.now();
        stdin.write(key);
        await settled();
        // Nearly every key changes something: on a busy machine its frame may come late.
        while (written.length === before && Date.now() - began < 500) {
          await settled();
        }
      }
    },
    until: async words => {
      const deadline = Date.now() + 10_000;
      while (!(typeof words === 'string' ? frame().includes(words) : words.test(frame()))) {
        if (Date.now() > deadline) {
          throw new Error(`“${words}” did not appear on:\n${frame()}`);
        }

        await settled();
      }
    },
    frame,
    bytes: () => {
      const count = Buffer.byteLength(written.slice(counted));
      counted = written.length;
      return count;
    },
    written: () => written,
    resize: async (toColumns, toRows) => {
      terminal.resize(toColumns, toRows);
      Object.assign(stdout, {columns: toColumns, rows: toRows});
      stdout.emit('resize');
      await settled();
    },
    cursor: () => ({x: terminal.buffer.active.cursorX, y: terminal.buffer.active.cursorY}),
    hangUp: () => hangUp(),
    ended,
  };
};
