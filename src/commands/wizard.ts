import {nearest} from '../answers/nearest.js';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import {createEngine} from '../engine/create.js';
import {steps} from '../../steps/index.js';
import {startRun} from '../worker/start.js';
import {type CommandContext, openMachine} from './context.js';
import {nameOf} from './run.js';
import {commands} from './table.js';

/** `dovetail [SECTION…]`: the questions on a terminal, as line prompts, or numbered where the terminal can do no more. */
export const wizard = async (context: CommandContext): Promise<number> => {
  const known = steps.filter(({questions}) => Object.keys(questions).length > 0).map(({id}) => id);
  const unknown = context.args.find(name => !known.includes(name));
  if (unknown !== undefined) {
    const near = nearest(unknown, [...Object.keys(commands), ...known]);
    throw new ProblemError({
      code: exitCode.badAnswers,
      what: fill(near === undefined ? texts.section : texts.sectionNear, {name: unknown, near: near ?? ''}),
      remedy: fill(texts.sections, {known: known.join(', ')}),
    });
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

  const machine = await openMachine(context);
  // A section is changed on a server; where there is none yet, all of them are needed.
  if (context.args.length > 0 && !machine.facts.configured.dovecot && !machine.facts.configured.postfix) {
    throw new ProblemError({code: exitCode.badAnswers, what: texts.bare, remedy: texts.bareRemedy});
  }

  const term = process.env['TERM'] ?? 'dumb';
  const common = {
    engine: createEngine(machine, (run, onEvent) =>
      startRun(run, {
        system: machine.system,
        player: context.self,
        script: context.script,
        by: nameOf(context),
        onEvent,
      }),
    ),
    lang: context.lang,
    sections: context.args,
    dryRun: context.options['dry-run'] === true,
    stdin: process.stdin,
    stdout: process.stdout,
    onInterrupt: (listener: () => void) => listen(['SIGINT'], listener),
    onHangUp: (listener: () => void) => listen(['SIGHUP', 'SIGTERM'], listener),
  };
  const numbered = term === 'dumb' || context.options['numbered'] === true;
  if (numbered || context.options['plain'] === true) {
    const {runLinear} = await import('../linear/index.js');
    return runLinear({...common, prompter: numbered ? 'numbered' : 'inquirer'});
  }

  const color = process.env['NO_COLOR'] === undefined && context.options['no-color'] !== true;
  if (!color) {
    // Ink's colours are decided while it is loaded, and it does not know NO_COLOR.
    process.env['FORCE_COLOR'] = '0';
  }

  const {runTui} = await import('../ui/index.js');
  const locale = process.env['LC_ALL'] ?? process.env['LC_CTYPE'] ?? process.env['LANG'] ?? '';
  return runTui({...common, color, unicode: /utf-?8/i.test(locale)});
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

const texts = {
  terminal: {en: 'The wizard needs a terminal.', ja: 'ウィザードには端末が必要です。'},
  terminalRemedy: {
    en: 'Without one, use “dovetail apply --answers FILE”.',
    ja: '端末がない場合は「dovetail apply --answers ファイル」を使ってください。',
  },
  section: {
    en: 'There is neither a command nor a section with questions “{name}”.',
    ja: 'コマンドにも、質問のあるセクションにも「{name}」はありません。',
  },
  root: {
    en: 'Changes are shown on a private copy of this machine first, and to make one needs root.',
    ja: '変更はまずこのマシンの複製の上で示します。複製を作るには root 権限が必要です。',
  },
  rootRemedy: {
    en: 'Start it with sudo; nothing on the machine changes before you accept, and “--dry-run” never changes anything.',
    ja: 'sudo で起動してください。承認するまで何も変更しません。「--dry-run」なら最後まで変更しません。',
  },
  bare: {
    en: 'There is no mail server on this machine yet, so no section of it can be changed.',
    ja: 'このマシンにはまだメールサーバーがないため、セクションだけの変更はできません。',
  },
  bareRemedy: {
    en: 'Set it up first: “dovetail” without the name of a section.',
    ja: '先にセクション名なしの「dovetail」で設定してください。',
  },
  sectionNear: {
    en: 'There is neither a command nor a section with questions “{name}”. Was “{near}” meant?',
    ja: 'コマンドにも、質問のあるセクションにも「{name}」はありません。「{near}」のことですか。',
  },
  sections: {
    en: 'Sections: {known}. Commands: see --help.',
    ja: 'セクション: {known}。コマンドは --help を参照してください。',
  },
} satisfies Record<string, Text>;
