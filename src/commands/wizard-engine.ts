import {nearest} from '../answers/nearest.js';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import {createEngine} from '../engine/create.js';
import type {Engine} from '../session/engine.js';
import {steps} from '../../steps/index.js';
import {startRun} from '../worker/start.js';
import {type CommandContext, nameOf, openMachine} from './context.js';
import {confirmRequest} from './seconds.js';
import {commands} from './table.js';

/** Refuses names that are no section with questions, and says which one is near. */
export const refuseUnknown = ({args}: Pick<CommandContext, 'args'>) => {
  const known = steps.filter(({questions}) => Object.keys(questions).length > 0).map(({id}) => id);
  const unknown = args.find(name => !known.includes(name));
  if (unknown !== undefined) {
    const near = nearest(unknown, [...Object.keys(commands), ...known]);
    throw new ProblemError({
      code: exitCode.badAnswers,
      what: fill(near === undefined ? texts.section : texts.sectionNear, {name: unknown, near: near ?? ''}),
      remedy: fill(texts.sections, {known: known.join(', ')}),
    });
  }
};

/** Looks at the machine and makes what the session asks of; refuses a machine that there is nothing to ask about. */
export const openEngine = async (context: CommandContext): Promise<Engine> => {
  const machine = await openMachine(context);
  // A section is changed on a server; where there is none yet, all of them are needed.
  if (context.args.length > 0 && !machine.facts.configured.dovecot && !machine.facts.configured.postfix) {
    throw new ProblemError({code: exitCode.badAnswers, what: texts.bare, remedy: texts.bareRemedy});
  }

  const confirm = confirmRequest(context);
  return createEngine(
    machine,
    (run, onEvent) =>
      startRun(run.act === 'apply' ? {...run, request: {...run.request, confirm}} : run, {
        system: machine.system,
        player: context.self,
        script: context.script,
        by: nameOf(context),
        onEvent,
      }),
    async () => (await openMachine(context)).facts,
  );
};

const texts = {
  section: {
    en: 'There is neither a command nor a section with questions “{name}”.',
    ja: 'コマンドにも、質問のあるセクションにも「{name}」はありません。',
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
