import {execFileSync, spawnSync} from 'node:child_process';
import {randomInt} from 'node:crypto';
import {setTimeout as wait} from 'node:timers/promises';

/** A program in a real terminal: tmux draws what it writes and sends it keys. */
export type Terminal = {
  /** Sends keys by tmux's names (`Enter`, `C-c`, `Down`), one after another. */
  readonly press: (...keys: readonly string[]) => Promise<void>;
  readonly type: (text: string) => Promise<void>;
  /** Waits until the screen shows the words, and gives the screen. */
  readonly until: (words: string | RegExp, timeout?: number) => Promise<string>;
  readonly screen: () => string;
  /** The screen with its colours, as SGR sequences. */
  readonly painted: () => string;
  /** Everything that scrolled by, and the screen. */
  readonly history: () => string;
  readonly resize: (columns: number, rows: number) => Promise<void>;
  /** Waits for the program's end; its exit code. */
  readonly exit: (timeout?: number) => Promise<number>;
  readonly close: () => void;
};

/** Why there is no real terminal to test in; undefined where there is one. */
export const terminalReason = (): string | undefined =>
  spawnSync('tmux', ['-V']).status === 0 ? undefined : 'a real terminal needs tmux';

/** Time between two looks at the screen, and between two keys, in milliseconds. */
const pause = 100;

/** Starts `command` in a terminal of its own. `term`: the value of TERM that tmux gives it. */
export const openTerminal = (command: readonly string[], {columns = 80, rows = 24} = {}): Terminal => {
  const server = `dovetail-${process.pid}-${randomInt(1_000_000)}`;
  const tmux = (...args: readonly string[]) =>
    execFileSync('tmux', ['-L', server, '-f', '/dev/null', '-u', ...args], {encoding: 'utf8'});
  const size = ['-x', String(columns), '-y', String(rows)];
  tmux(
    ...['start-server', ';', 'set-option', '-g', 'remain-on-exit', 'on', ';'],
    ...['set-option', '-g', 'history-limit', '50000', ';'],
    ...['new-session', '-d', '-s', 'test', ...size, '--', ...command],
  );
  const screen = () => tmux('capture-pane', '-p', '-t', 'test');
  const settled = async () => {
    let before = '';
    for (let now = screen(); now !== before; now = screen()) {
      before = now;
      await wait(pause);
    }
  };

  return {
    press: async (...keys) => {
      for (const key of keys) {
        tmux('send-keys', '-t', 'test', key);
        await settled();
      }
    },
    type: async text => {
      if (text !== '') {
        tmux('send-keys', '-t', 'test', '-l', text);
      }

      await settled();
    },
    until: async (words, timeout = 15_000) => {
      for (const end = Date.now() + timeout; ; await wait(pause)) {
        const shown = screen();
        if (typeof words === 'string' ? shown.includes(words) : words.test(shown)) {
          return shown;
        }

        if (Date.now() > end) {
          throw new Error(`“${words}” did not appear on:\n${shown}`);
        }
      }
    },
    screen,
    painted: () => tmux('capture-pane', '-e', '-p', '-t', 'test'),
    history: () => tmux('capture-pane', '-p', '-S', '-', '-t', 'test'),
    resize: async (toColumns, toRows) => {
      tmux('resize-window', '-t', 'test', '-x', String(toColumns), '-y', String(toRows));
      await settled();
    },
    exit: async (timeout = 15_000) => {
      for (const end = Date.now() + timeout; ; await wait(pause)) {
        const asked = '#{pid} #{pane_dead} #{pane_dead_status}';
        const [pid, dead, status] = tmux('display-message', '-p', '-t', 'test', asked).trim().split(' ');
        // tmux sometimes overlooks that its child has ended, until it is told of a child once more.
        process.kill(Number(pid), 'SIGCHLD');
        // The terminal closes a moment before the exit code is known.
        if (dead === '1' && status !== undefined && status !== '') {
          return Number(status);
        }

        if (Date.now() > end) {
          throw new Error(`It did not end:\n${screen()}`);
        }
      }
    },
    close: () => void spawnSync('tmux', ['-L', server, 'kill-server']),
  };
};
