import {existsSync, rmdirSync, rmSync} from 'node:fs';
import {connect, type Socket} from 'node:net';
import {dirname} from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {exitCode} from '../core/exit-code.js';
import {type Problem, ProblemError} from '../core/finding.js';
import type {Outcome} from '../core/run-event.js';
import {literal, visibleLine} from '../core/text.js';
import {forgetUnits, perform} from '../engine/run.js';
import {machineSystem} from '../system/grounds.js';
import type {Program} from '../system/types.js';
import {type Job, unpackJob} from './job.js';
import {line, readLines, type Said, type Told} from './messages.js';

/**
 * Applies, proves or undoes in a process of its own, so that it goes on when who asked for it is gone: a closed terminal, a
 * dropped connection. Its journal is the result; what it says is for whoever still listens.
 */
export const work = async (socketPath: string, player: Program): Promise<number> => {
  const socket = connect(socketPath);
  const {promise: closed, resolve: close} = Promise.withResolvers<void>();
  // Nobody listens any more, or was killed and reset the connection: that is no reason to stop.
  socket.on('error', () => undefined);
  socket.once('close', () => close());
  const told = listen(socket);
  const first = await told.first;
  removeMeetingPlace(socketPath);
  if (first === undefined) {
    return exitCode.interrupted;
  }

  const say = (said: Said) => void (socket.writable && socket.write(line(said)));
  const {job, by, boot, countdown} = first;
  let asked = false;
  const ask = () => {
    asked = true;
  };
  told.onInterrupt(ask);
  const system = machineSystem();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => void stop(ask));
  }

  process.on('SIGHUP', () => undefined);
  const last = await finish(() =>
    perform(unpackJob(job), {
      system,
      player,
      by,
      interrupted: () => asked,
      onEvent: event => say({t: 'event', event}),
      ...(boot === undefined ? {} : {boot}),
      ...(countdown === undefined ? {} : {countdown}),
    }),
  );
  say(last);
  socket.end();
  await Promise.race([closed, setTimeout(lastWordsTime, undefined, {ref: false})]);
  socket.destroy();
  await forgetUnits(system);
  return last.t === 'end' ? exitCode.done : last.problem.code;
};

// Milliseconds: somebody may have stopped listening without going away.
const lastWordsTime = 5000;

/** What a worker is given first. */
export type Order = {
  readonly job: Job;
  readonly by: string;
  readonly boot?: Program;
  readonly countdown?: Program;
};

// Whoever made it may be gone; nobody else is to come.
const removeMeetingPlace = (socketPath: string) => {
  rmSync(socketPath, {force: true});
  if (existsSync(dirname(socketPath))) {
    rmdirSync(dirname(socketPath));
  }
};

// While the machine goes down no service can be started again, so nothing can be taken back well: the next boot does it.
const stop = async (ask: () => void) => {
  const {stdout} = await machineSystem().run('/usr/bin/systemctl', ['is-system-running']);
  if (stdout.trim() === 'stopping') {
    process.kill(process.pid, 'SIGKILL');
  }

  ask();
};

const finish = async (run: () => Promise<Outcome>): Promise<Extract<Said, {t: 'end' | 'problem'}>> => {
  try {
    return {t: 'end', outcome: await run()};
  } catch (error) {
    return {t: 'problem', problem: problemOf(error)};
  }
};

const problemOf = (error: unknown): Problem =>
  error instanceof ProblemError
    ? error.problem
    : {
        code: exitCode.internal,
        what: literal(visibleLine(String((error as Error).stack ?? error))),
        remedy: {
          en: 'This is a mistake in dovetail. “dovetail status” says whether something is unfinished.',
          ja: 'dovetail の不具合です。未完了の処理の有無は「dovetail status」で確認できます。',
        },
      };

const listen = (socket: Socket) => {
  const {promise, resolve} = Promise.withResolvers<Order | undefined>();
  let interrupt: () => void = () => undefined;
  let order: Order | undefined;
  readLines<Order | Told>(
    socket,
    message => {
      if (order === undefined) {
        order = message as Order;
        resolve(order);
      } else {
        interrupt();
      }
    },
    () => resolve(undefined),
  );
  return {
    first: promise,
    onInterrupt: (listener: () => void) => {
      interrupt = listener;
    },
  };
};
