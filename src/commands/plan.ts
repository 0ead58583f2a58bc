import {exitCode} from '../core/exit-code.js';
import {isEmpty, type Plan} from '../core/plan.js';
import {ProblemError} from '../core/finding.js';
import type {AllAnswers} from '../core/question.js';
import {fill, type Lang, type Text} from '../core/text.js';
import {visibleLine} from '../core/text.js';
import {reality} from '../detect/reality.js';
import type {Machine} from '../engine/machine.js';
import {makePlan} from '../engine/make-plan.js';
import {refuseUnfinished} from '../transaction/problems.js';
import {refuseBusy} from '../transaction/lock.js';
import {steps} from '../../steps/index.js';
import {type CommandContext, findingLines, needRoot, openMachine} from './context.js';
import {loadAnswers, located} from './load-answers.js';

/** `dovetail plan --answers FILE`: prints what would change. */
export const plan = async (context: CommandContext): Promise<number> => {
  const answers = answersOf(context);
  needRoot(context);
  const machine = await openMachine(context);
  const made = await planFor(context, machine, answers);
  if (made === undefined) {
    return exitCode.badAnswers;
  }

  made.close();
  if (context.options['json'] === true) {
    context.out(JSON.stringify(made.plan, null, 2));
  } else {
    printPlan(made.plan, context);
  }

  return isEmpty(made.plan) ? exitCode.done : exitCode.pending;
};

/** What was said for this run; nothing where the machine is asked how it would stay. */
export const answersOf = (context: CommandContext): AllAnswers =>
  context.options['answers'] === undefined ? {} : loadAnswers(context);

// `plan SECTION…`: these alone, and what follows from their answers.
const sectionsNamed = ({args}: CommandContext): readonly string[] => {
  const unknown = args.find(name => steps.every(({id}) => id !== name));
  if (unknown !== undefined) {
    throw new ProblemError({
      code: exitCode.badAnswers,
      what: fill(texts.section, {name: unknown}),
      remedy: fill(texts.sections, {names: steps.map(({id}) => id).join(', ')}),
    });
  }

  return args;
};

// Seconds, whole and not negative.
const lockWaitOf = ({options}: CommandContext) => {
  const given = options['lock-wait'];
  if (typeof given !== 'string') {
    return {};
  }

  if (!/^\d{1,5}$/.test(given)) {
    throw new ProblemError({code: exitCode.badAnswers, what: texts.lockWait, remedy: texts.lockWaitRemedy});
  }

  return {lockWait: Number(given)};
};

/** Plans, or prints why it cannot and returns undefined. */
export const planFor = async (
  context: CommandContext,
  {system, facts, platform, vault}: Machine,
  answers: ReturnType<typeof loadAnswers>,
) => {
  refuseBusy(system);
  refuseUnfinished({system});
  const known = await withReality(system, facts, answers);
  const made = await makePlan({
    system,
    facts: known,
    platform,
    vault,
    steps,
    answers,
    scope: {named: sectionsNamed(context), leftOut: []},
    say: line => context.options['verbose'] === true && context.err(line),
    tell: text => context.err(text[context.lang]),
    ...lockWaitOf(context),
  });
  if (made.kind === 'refused') {
    for (const finding of made.findings) {
      findingLines(located(finding, answers), context.lang).forEach(line => void context.err(line));
    }

    return undefined;
  }

  const around = known.findings.filter(({id}) => id.startsWith('reality:'));
  const notes = [...around, ...made.plan.notes].map(note => located(note, answers));
  return {...made, plan: {...made.plan, notes}};
};

// What the Internet says of a machine matters when it becomes a mail server; one that is one already has it checked by `check`.
const withReality = async (system: Machine['system'], facts: Machine['facts'], answers: AllAnswers) => {
  if (facts.configured.postfix || system.ground !== 'machine') {
    return facts;
  }

  const domains = answers['role']?.['domains'];
  return reality(facts, {domains: Array.isArray(domains) ? domains.map(String) : []});
};

/** The review as text: per change its title, its grade and its diff; then the effective settings, then the notes. */
export const printPlan = (plan: Plan, {lang, out}: Pick<CommandContext, 'lang' | 'out'>) => {
  if (isEmpty(plan)) {
    out(texts.nothing[lang]);
    return;
  }

  for (const {changes} of plan.stages) {
    for (const {change, preview} of changes) {
      out(
        `${symbols[preview.action]} ${preview.title[lang]}  [${change.sections.join(', ')}; ${grade(preview.certainty, preview.reversible, lang)}]`,
      );
      if (preview.caveat !== undefined) {
        out(`  ! ${visibleLine(preview.caveat[lang])}`);
      }

      for (const line of preview.body) {
        out(`    ${visibleLine(line)}`);
      }
    }
  }

  for (const {of, lines, unchecked} of plan.effective) {
    out('');
    out(`${texts.effective[lang]} (${of})`);
    if (unchecked !== undefined) {
      out(`  ! ${visibleLine(unchecked[lang])}`);
    }

    for (const line of lines) {
      out(`    ${visibleLine(line)}`);
    }
  }

  for (const note of plan.notes) {
    findingLines(note, lang).forEach(line => void out(line));
  }
};

const symbols = {create: '+', update: '~', delete: '-', none: ' '};

const grade = (certainty: 'exact' | 'predicted', reversible: 'exact' | 'best-effort' | 'no', lang: Lang) =>
  `${texts[certainty][lang]}; ${texts[reversible === 'exact' ? 'undoExact' : reversible === 'no' ? 'undoNo' : 'undoBest'][lang]}`;

const texts = {
  lockWait: {
    en: '“--lock-wait” takes a number of seconds.',
    ja: '「--lock-wait」には秒数を指定してください。',
  },
  lockWaitRemedy: {en: 'For example: --lock-wait 300', ja: '例: --lock-wait 300'},
  section: {en: 'There is no section “{name}”.', ja: 'セクション「{name}」はありません。'},
  sections: {en: 'Sections: {names}.', ja: 'セクション: {names}'},
  nothing: {en: 'Nothing to change.', ja: '変更するものはありません。'},
  effective: {en: 'Effective settings', ja: '有効な設定'},
  exact: {en: 'exact', ja: '確定'},
  predicted: {en: 'predicted', ja: '予測'},
  undoExact: {en: 'can be undone exactly', ja: '完全に戻せる'},
  undoBest: {en: 'undone as far as possible', ja: '可能な範囲で戻せる'},
  undoNo: {en: 'cannot be undone', ja: '戻せない'},
} satisfies Record<string, Text>;
