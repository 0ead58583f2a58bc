import {render} from 'ink';
import {type ExitCode, exitCode} from '../core/exit-code.js';
import {type Lang, visible} from '../core/text.js';
import {translator} from '../i18n/index.js';
import type {Engine} from '../session/engine.js';
import {fitted} from '../session/fitted.js';
import {startSession} from '../session/runner.js';
import {summaryLines} from '../session/summary.js';
import {App} from './app.js';
import {frameOutput} from './frame-output.js';
import {toAscii} from './text/ascii.js';

export type TuiOptions = {
  readonly engine: Engine;
  readonly lang: Lang;
  /** Sections to ask in full; none means the wizard. */
  readonly sections: readonly string[];
  readonly dryRun: boolean;
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  /** False with NO_COLOR or `--no-color`; the caller also sets FORCE_COLOR=0 before it imports this module. */
  readonly color: boolean;
  /** False where the locale is not UTF-8. */
  readonly unicode: boolean;
  /** Rejects where there is nothing to ask: the screen goes, and the reason is thrown on. */
  readonly refused?: Promise<never>;
  /** Tells of SIGINT from outside (Ctrl-C is a key here); returns what stops that. */
  readonly onInterrupt?: (listener: () => void) => () => void;
  /** Tells of SIGHUP and SIGTERM; returns what stops that. */
  readonly onHangUp?: (listener: () => void) => () => void;
};

/** Frames a second at most: package managers talk fast, lines to far machines are slow. */
const maxFps = 15;

/**
 * The session on the whole screen. Resolves with the exit code, after the terminal is as it was and the summary is printed.
 * Only for a terminal: the caller has checked that stdin and stdout are one, and that TERM is not `dumb`.
 */
export const runTui = async (options: TuiOptions): Promise<ExitCode> => {
  const {engine, lang, sections, dryRun, stdin, stdout, color, unicode} = options;
  const session = startSession(engine, {sections, dryRun});
  let gone = false;
  const app = render(<App ui={{engine, session, t: translator(lang), lang, color, unicode}} />, {
    stdin,
    stdout: frameOutput(stdout),
    alternateScreen: true,
    interactive: true,
    exitOnCtrlC: false,
    patchConsole: false,
    maxFps,
  });

  // A terminal that went away gets no more frames; the session puts the machine in order and ends by itself.
  const hangUp = () => {
    if (!gone) {
      gone = true;
      app.unmount();
      session.dispatch({type: 'hang-up'});
    }
  };
  // Ink ends by itself only when a component failed to render: as bad as a terminal that went away, but it can be said.
  app.waitUntilExit().catch((error: unknown) => {
    hangUp();
    stdout.write(`${visible(error instanceof Error ? error.message : String(error))}\n`);
  });
  const stops = [options.onInterrupt?.(() => session.dispatch({type: 'quit'})), options.onHangUp?.(hangUp)];
  for (const stream of [stdin, stdout]) {
    stream.on('error', hangUp);
  }

  stdin.on('end', hangUp);
  const {code, problem} = await Promise.race([
    session.ended.then(({code: ended}) => ({code: ended, problem: undefined})),
    ...(options.refused === undefined ? [] : [options.refused]),
  ]).catch((error: unknown) => ({code: exitCode.internal, problem: {error}}));
  if (!gone) {
    app.unmount();
    await app.waitUntilExit();
    for (const line of summaryLines(session.state(), lang, engine)) {
      const columns = (stdout as {readonly columns?: number}).columns ?? Infinity;
      for (const {text} of fitted(
        [{tone: 'plain', text: visible(unicode ? line : toAscii(line))}],
        columns,
      )) {
        stdout.write(`${text}\n`);
      }
    }
  }

  stdin.off('end', hangUp);
  stops.forEach(stop => void stop?.());
  if (problem !== undefined) {
    throw problem.error;
  }

  return code;
};
