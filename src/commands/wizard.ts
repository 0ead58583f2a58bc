import {setFlagsFromString} from 'node:v8';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import type {Text} from '../core/text.js';
import {deferredEngine} from '../session/deferred.js';
import type {CommandContext} from './context.js';
import {systemOf} from './system-of.js';

/**
 * `dovetail [SECTION…]`: the questions on a terminal, as line prompts, or numbered where the terminal can do no more. The screen
 * is there first; what looks at the machine is loaded behind it.
 */
export const wizard = async (context: CommandContext): Promise<number> => {
  if (context.args.length > 0) {
    (await import('./wizard-engine.js')).refuseUnknown(context);
  }

  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new ProblemError({
      code: exitCode.needsRootOrTerminal,
      what: texts.terminal,
      remedy: texts.terminalRemedy,
    });
  }

  // Before the first question: answers that lead to no preview would be lost work.
  if (!context.root) {
    throw new ProblemError({code: exitCode.needsRootOrTerminal, what: texts.root, remedy: texts.rootRemedy});
  }

  const open = async () => (await import('./wizard-engine.js')).openEngine(context);
  const common = {
    lang: context.lang,
    sections: context.args,
    dryRun: context.options['dry-run'] === true,
    stdin: process.stdin,
    stdout: process.stdout,
    onInterrupt: (listener: () => void) => listen(['SIGINT'], listener),
    onHangUp: (listener: () => void) => untilTheEnd(['SIGHUP', 'SIGTERM'], listener),
  };
  const term = process.env['TERM'] ?? 'dumb';
  const numbered = term === 'dumb' || context.options['numbered'] === true;
  if (numbered || context.options['plain'] === true) {
    const engine = await open();
    const {runLinear} = await import('../linear/index.js');
    return runLinear({...common, engine, prompter: numbered ? 'numbered' : 'inquirer'});
  }

  const color = process.env['NO_COLOR'] === undefined && context.options['no-color'] !== true;
  if (!color) {
    // Ink's colours are decided while it is loaded, and it does not know NO_COLOR.
    process.env['FORCE_COLOR'] = '0';
  }

  keepSmall();
  const {runTui} = await import('../ui/index.js');
  const locale = process.env['LC_ALL'] ?? process.env['LC_CTYPE'] ?? process.env['LANG'] ?? '';
  const {promise: refused, reject: refuse} = Promise.withResolvers<never>();
  const opening = async () => {
    // After the first frame, which nothing may hold up.
    await new Promise(resolve => setImmediate(resolve));
    return open().catch((error: unknown) => {
      refuse(error);
      throw error;
    });
  };
  return runTui({
    ...common,
    engine: deferredEngine(opening, systemOf(context).ground === 'machine'),
    refused,
    color,
    unicode: /utf-?8/i.test(locale),
  });
};

// A screen that waits for a person gains nothing from optimising compilers, and is a sixth smaller without them.
const keepSmall = () => {
  for (const flag of ['--no-opt', '--no-maglev', '--optimize-for-size']) {
    setFlagsFromString(flag);
  }
};

const listen = (signals: readonly NodeJS.Signals[], listener: () => void) => {
  for (const signal of signals) {
    process.on(signal, listener);
  }

  return () => {
    for (const signal of signals) {
      process.off(signal, listener);
    }
  };
};

// A terminal that goes away is told of twice, by its streams and by signals. Once the session has ended, what is still at work for
// it (packages in a staged tree) need not be waited for; but nobody would tidy up after a process that dies of a signal.
const untilTheEnd = (signals: readonly NodeJS.Signals[], listener: () => void) => {
  const stop = listen(signals, listener);
  return () => {
    stop();
    listen(signals, () => process.exit(exitCode.interrupted));
  };
};

const texts = {
  terminal: {en: 'The wizard needs a terminal.', ja: 'ウィザードには端末が必要です。'},
  terminalRemedy: {
    en: 'Without one, use “dovetail apply --answers FILE”.',
    ja: '端末がない場合は「dovetail apply --answers ファイル」を使ってください。',
  },
  root: {
    en: 'Changes are shown on a private copy of this machine first, and to make one needs root.',
    ja: '変更はまずこのマシンの複製の上で示します。複製を作るには root 権限が必要です。',
  },
  rootRemedy: {
    en: 'Start it with sudo; nothing on the machine changes before you accept, and “--dry-run” never changes anything.',
    ja: 'sudo で起動してください。承認するまで何も変更しません。「--dry-run」なら最後まで変更しません。',
  },
} satisfies Record<string, Text>;
