import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {isEmpty, planChanges} from '../core/plan.js';
import type {Outcome, RunEvent} from '../core/run-event.js';
import {fill, type Text} from '../core/text.js';
import {accountOf} from '../engine/prove.js';
import {openStore} from '../transaction/store.js';
import {type CommandContext, findingLines, needRoot, openMachine} from './context.js';
import {loadAnswers} from './load-answers.js';
import {planFor, printPlan} from './plan.js';
import {runAndWait} from './run.js';
import {confirmRequest} from './seconds.js';

/** `dovetail apply --answers FILE --yes`: plans, applies and proves without asking. */
export const apply = async (context: CommandContext): Promise<number> => {
  const answers = loadAnswers(context);
  needRoot(context);
  const confirm = confirmRequest(context);
  const machine = await openMachine(context);
  const {system, facts, vault} = machine;
  const made = await planFor(context, machine, answers);
  if (made === undefined) {
    return exitCode.badAnswers;
  }

  printPlan(made.plan, context);
  if (isEmpty(made.plan) || context.options['dry-run'] === true) {
    made.close();
    return isEmpty(made.plan) ? exitCode.done : exitCode.pending;
  }

  if (context.options['yes'] !== true) {
    made.close();
    throw new ProblemError({code: exitCode.needsRootOrTerminal, what: texts.unconfirmed, remedy: texts.yes});
  }

  openStore(system.files);
  made.keep();
  made.close();
  const account = accountOf(answers);
  const {plan, blobs, resolve} = made;
  const outcome = await runAndWait(
    context,
    system,
    {
      act: 'apply',
      request: {
        plan,
        facts,
        blobs,
        resolve,
        open: vault.open,
        ...(account === undefined ? {} : {account}),
        onUnproved: context.options['keep'] === true ? 'keep' : 'roll-back',
        confirm,
      },
    },
    printer(context, planChanges(plan).length),
  );
  return codeOf(outcome);
};

/** What a run's outcome means as an exit code. */
export const codeOf = (outcome: Outcome): number =>
  ({
    committed: exitCode.done,
    unproved: exitCode.pending,
    'rolled-back': exitCode.rolledBack,
    'conflicts-kept': exitCode.conflictsKept,
    stuck: exitCode.stuck,
    interrupted: exitCode.interrupted,
  })[outcome];

/** What an undo's outcome means as an exit code: that it was rolled back is what was asked for. */
export const undone = (outcome: Outcome) => (outcome === 'rolled-back' ? exitCode.done : codeOf(outcome));

/** Prints events as lines, the same for a log and for a terminal. */
export const printer = ({lang, out}: Pick<CommandContext, 'lang' | 'out'>, total: number) => {
  const count = {pass: 0, unchecked: 0, warning: 0, fail: 0};
  return (event: RunEvent) => {
    switch (event.type) {
      case 'change-start':
        return out(`[${event.index + 1}/${total}] ${event.title[lang]}`);
      case 'line':
        return out(`    ${event.text}`);
      case 'activation':
        return out(`    systemctl ${event.act} ${event.unit}`);
      case 'proving':
        return out(texts.proving[lang]);
      case 'finding':
        count[event.finding.severity] += 1;
        return findingLines(event.finding, lang).forEach(line => void out(line));
      case 'pending':
        return findingLines(event.finding, lang).forEach(line => void out(line));
      case 'failed':
        out(`${event.problem.what[lang]} ${event.problem.cause?.[lang] ?? ''}`);
        return out(event.problem.remedy[lang]);
      case 'undo-start':
        return out(texts.undoing[lang]);
      case 'undone':
        return event.conflict === undefined
          ? undefined
          : findingLines(event.conflict, lang).forEach(line => void out(line));
      case 'finished':
        // What was not checked is not proved.
        return out(
          `${fill(event.outcome === 'committed' && count.unchecked > 0 ? texts.partly : texts[event.outcome], count)[lang]} (${(event.ms / 1000).toFixed(1)} s)`,
        );
      default:
        return undefined;
    }
  };
};

const texts = {
  unconfirmed: {
    en: 'Nothing was changed: the plan above was not accepted.',
    ja: '上記の計画が承認されていないため、何も変更していません。',
  },
  yes: {en: 'Add “--yes” to accept it.', ja: '承認するには「--yes」を付けてください。'},
  proving: {en: 'Proving …', ja: '確認中 …'},
  undoing: {en: 'Putting everything back …', ja: '元に戻しています …'},
  partly: {
    en: 'Done. {pass} checks passed, {unchecked} could not be made (see above).',
    ja: '完了しました。{pass} 件の確認に合格し、{unchecked} 件は確認できませんでした (上記参照)。',
  },
  committed: {en: 'Done and proved.', ja: '完了し、動作を確認しました。'},
  unproved: {
    en: 'Done, but not all checks passed. “dovetail rollback” undoes it.',
    ja: '完了しましたが、一部の確認に失敗しました。「dovetail rollback」で戻せます。',
  },
  'rolled-back': {en: 'Everything is as it was before.', ja: 'すべて元の状態に戻りました。'},
  'conflicts-kept': {
    en: 'Put back, except what others changed since (see above).',
    ja: '他者による変更 (上記) を除き、元に戻しました。',
  },
  stuck: {
    en: 'It could not be put back safely; everything needed is kept.',
    ja: '安全に戻せませんでした。必要なものはすべて残してあります。',
  },
  interrupted: {en: 'Stopped; everything is as it was before.', ja: '停止しました。すべて元の状態です。'},
} satisfies Record<string, Text>;
