import {randomBytes} from 'node:crypto';
import {spawn, spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, rmSync} from 'node:fs';
import {createServer, type Socket} from 'node:net';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import type {Outcome} from '../core/run-event.js';
import {fill, type Text, visibleLine} from '../core/text.js';
import {asUnit} from '../core/unit-word.js';
import {perform, type Run, type World} from '../engine/run.js';
import type {Program} from '../system/types.js';
import {packJob} from './job.js';
import type {Order} from './main.js';
import {line, readLines, type Said} from './messages.js';
import {ownRuntime} from './runtime.js';

/** A run that is under way. */
export type Running = {
  readonly outcome: Promise<Outcome>;
  /** Asks it to stop and put things back. */
  readonly interrupt: () => void;
  /** Stops listening; a run in a process of its own goes on. */
  readonly detach: () => void;
  /** Whether it goes on when this process ends. */
  readonly outlives: boolean;
};

export type StartInput = Pick<World, 'system' | 'player' | 'by' | 'onEvent'> & {
  /** The program that runs, for a copy of its own: the script without arguments. */
  readonly script: string;
};

/**
 * Starts a run: on the machine in a unit of its own, from a copy of this program that nobody but root can write, so that it
 * goes on whatever becomes of the terminal; on a tree (`--root`) in this process.
 */
export const startRun = (run: Run, input: StartInput): Running => {
  if (input.system.ground !== 'machine') {
    let asked = false;
    return {
      outcome: perform(run, {...input, interrupted: () => asked}),
      interrupt: () => {
        asked = true;
      },
      detach: () => undefined,
      outlives: false,
    };
  }

  const {player, script, by, onEvent} = input;
  const own = ownRuntime(player.file, script);
  const order: Order = {
    job: packJob(run),
    by,
    ...(isSystemd()
      ? {
          boot: {file: own.file, args: [...own.args, 'recover-at-boot']},
          countdown: {file: own.file, args: [...own.args, 'keep-countdown']},
        }
      : {}),
  };
  const {promise, resolve, reject} = Promise.withResolvers<Outcome>();
  const folder = `/run/dovetail-${randomBytes(6).toString('hex')}`;
  let socket: Socket | undefined;
  let stopping = false;
  let over = false;
  mkdirSync(folder, {mode: 0o700});
  const server = createServer(connected => {
    server.close();
    socket = connected;
    connected.on('error', () => undefined);
    connected.write(line(order));
    if (stopping) {
      connected.write(line({t: 'interrupt'}));
    }

    readLines<Said>(
      connected,
      said => {
        switch (said.t) {
          case 'event':
            return onEvent(said.event);
          case 'end':
            over = true;
            return resolve(said.outcome);
          case 'problem':
            over = true;
            return reject(new ProblemError(said.problem));
        }
      },
      () => over || reject(problem(texts.gone, undefined, texts.goneRemedy)),
    );
  });
  const close = () => {
    server.close();
    rmSync(folder, {recursive: true, force: true});
  };
  server.listen(`${folder}/socket`, () => {
    const failed = launch({file: own.file, args: [...own.args, 'worker', `${folder}/socket`]});
    if (failed !== undefined) {
      reject(problem(texts.start, fill(texts.said, {text: visibleLine(failed)}), texts.startRemedy));
    }
  });
  server.once('error', reject);
  const late = setTimeout(() => {
    if (socket === undefined) {
      reject(problem(texts.start, undefined, texts.startRemedy));
    }
  }, startTime);
  const outcome = promise.finally(() => {
    clearTimeout(late);
    close();
  });
  return {
    outcome,
    interrupt: () => {
      stopping = true;
      socket?.write(line({t: 'interrupt'}));
    },
    detach: () => {
      over = true;
      clearTimeout(late);
      close();
      socket?.destroy();
    },
    outlives: true,
  };
};

// Milliseconds for a worker to call back.
const startTime = 60_000;

const isSystemd = () => existsSync('/run/systemd/system') && existsSync('/usr/bin/systemd-run');

// Undefined where it could be started, else what was said. Neither arguments nor environment hold anything of the job.
const launch = ({file, args}: Program): string | undefined => {
  if (!isSystemd()) {
    spawn(file, args, {detached: true, stdio: 'ignore', cwd: '/'}).unref();
    return undefined;
  }

  const {status, stderr} = spawnSync(
    '/usr/bin/systemd-run',
    [
      '--quiet',
      '--collect',
      '--service-type=exec',
      `--unit=dovetail-worker-${randomBytes(4).toString('hex')}`,
      '--description=dovetail changes the mail server',
      // Time to take things back, and no signal to the package manager in the middle of its work.
      '--property=KillMode=mixed',
      '--property=TimeoutStopSec=5min',
      '--',
      ...asUnit([file, ...args]),
    ],
    {encoding: 'utf8', timeout: startTime},
  );
  return status === 0 ? undefined : stderr;
};

const problem = (what: Text, cause: Text | undefined, remedy: Text) =>
  new ProblemError({code: exitCode.stuck, what, remedy, ...(cause === undefined ? {} : {cause})});

const texts = {
  start: {
    en: 'The process that applies changes could not be started; nothing was changed.',
    ja: '変更を適用するプロセスを起動できませんでした。何も変更していません。',
  },
  said: {en: 'systemd-run said: {text}', ja: 'systemd-run の出力: {text}'},
  startRemedy: {
    en: 'Look at “systemctl status” and “journalctl -b”, then try again.',
    ja: '「systemctl status」と「journalctl -b」を確認して再実行してください。',
  },
  gone: {
    en: 'The process that applied the changes ended in the middle of its work.',
    ja: '変更を適用するプロセスが途中で終了しました。',
  },
  goneRemedy: {
    en: 'Start dovetail again, or “dovetail rollback”: it puts back what was there.',
    ja: 'dovetail をもう一度起動するか「dovetail rollback」を実行すると、元の状態に戻ります。',
  },
} satisfies Record<string, Text>;
