import type {ExitCode} from '../core/exit-code.js';
import {type Lang, visible} from '../core/text.js';
import {translator} from '../i18n/index.js';
import type {Engine} from '../session/engine.js';
import {fitted} from '../session/fitted.js';
import {startSession} from '../session/runner.js';
import {summaryLines} from '../session/summary.js';
import {inquirerPrompter} from './inquirer.js';
import type {Input} from './lines.js';
import {numberedPrompter} from './numbered.js';
import {screens} from './screens.js';
import type {Linear} from './steering.js';

export type LinearOptions = {
  readonly engine: Engine;
  readonly lang: Lang;
  /** `inquirer` for `--plain`; `numbered` for TERM=dumb and screen readers: one byte a key, nothing is repainted. */
  readonly prompter: 'inquirer' | 'numbered';
  /** Sections to ask in full; none means the wizard. */
  readonly sections: readonly string[];
  readonly dryRun: boolean;
  readonly stdin: Input;
  readonly stdout: NodeJS.WritableStream;
  /** Tells of SIGINT; returns what stops that. */
  readonly onInterrupt?: (listener: () => void) => () => void;
  /** Tells of SIGHUP and SIGTERM; returns what stops that. */
  readonly onHangUp?: (listener: () => void) => () => void;
};

/** The session as lines: the same questions, review and run as in the full screen. Resolves with the exit code. */
export const runLinear = async (options: LinearOptions): Promise<ExitCode> => {
  const {engine, lang, sections, dryRun, stdin, stdout} = options;
  const t = translator(lang);
  let gone = false;
  const print = (text: string) => {
    if (!gone) {
      stdout.write(text);
    }
  };
  const prompter =
    options.prompter === 'inquirer' ? inquirerPrompter(stdin, stdout, t) : numberedPrompter(stdin, print, t);
  const session = startSession(engine, {sections, dryRun});
  const linear: Linear = {
    engine,
    prompter,
    session,
    t,
    lang,
    say: (line = '') => {
      // The terminal would break words; into a pipe a line goes as one.
      const columns = (stdout as {readonly columns?: number}).columns ?? Infinity;
      for (const {text} of fitted([{tone: 'plain', text: visible(line)}], columns)) {
        print(`${text}\n`);
      }
    },
  };

  const hangUp = () => {
    gone = true;
    session.dispatch({type: 'hang-up'});
  };
  const stops = [
    options.onInterrupt?.(() => session.dispatch({type: 'leave', save: true})),
    options.onHangUp?.(hangUp),
  ];
  stdout.on('error', hangUp);

  const ended = session.ended.then(() => 'ended' as const);
  for (;;) {
    const {screen} = session.state();
    if (screen.at === 'ended' || (await Promise.race([screens[screen.at](linear), ended])) === 'ended') {
      break;
    }
  }

  const {code} = await session.ended;
  prompter.close();
  summaryLines(session.state(), lang, engine).forEach(line => void linear.say(line));
  stdout.off('error', hangUp);
  stops.forEach(stop => void stop?.());
  return code;
};
