import {complete} from '../answers/complete.js';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {isEmpty, planChanges} from '../core/plan.js';
import {fill, type Text} from '../core/text.js';
import {adoptAll} from '../engine/adopt.js';
import {prove} from '../engine/prove.js';
import {holdsSection, planUndoOfSection} from '../engine/undo-section.js';
import {applicable, contextOf} from '../planner/wants.js';
import {applyPlan} from '../transaction/apply.js';
import {listTransactions} from '../transaction/store.js';
import {steps} from '../../steps/index.js';
import {codeOf, printer} from './apply.js';
import {type CommandContext, findingLines, openMachine} from './context.js';
import {printPlan} from './plan.js';

/**
 * `dovetail rollback --section NAME [ID]`: a new transaction that takes one section's part of an earlier one back. What the
 * server is afterwards is proved; where it would not work any more the undo is taken back, unless `--keep` is given.
 */
export const rollbackSection = async (context: CommandContext, section: string): Promise<number> => {
  const machine = await openMachine(context);
  const {system} = machine;
  const all = listTransactions(system.files);
  const stored = all.find(
    transaction =>
      (context.args[0] === undefined || transaction.id === context.args[0]) &&
      holdsSection(transaction, section, all),
  );
  if (stored === undefined) {
    throw new ProblemError({
      code: exitCode.badAnswers,
      what: fill(texts.none, {section}),
      remedy: fill(texts.noneRemedy, {sections: steps.map(({id}) => id).join(', ')}),
    });
  }

  const made = await planUndoOfSection(machine, stored, section);
  if (made.kind === 'refused') {
    made.findings
      .flatMap(finding => findingLines(finding, context.lang))
      .forEach(line => void context.err(line));
    return exitCode.stuck;
  }

  made.close();
  context.out(fill(texts.undoing, {section, id: stored.id})[context.lang]);
  printPlan(made.plan, context);
  if (isEmpty(made.plan) || context.options['dry-run'] === true) {
    return isEmpty(made.plan) ? exitCode.done : exitCode.pending;
  }

  const since = new Date().toISOString();
  const outcome = await applyPlan({
    plan: made.plan,
    blobs: made.blobs,
    system,
    resolve: made.resolve,
    interrupted: () => false,
    onEvent: printer(context, planChanges(made.plan).length),
    // What must hold is what the server is without the section, not what was planned with it.
    prove: async () => {
      const {facts, platform, vault} = await openMachine(context);
      const answers = complete(steps, adoptAll(steps, facts, platform), {facts, platform});
      const scenario = {steps, facts, platform, answers};
      return prove(
        applicable(scenario).flatMap(step => step.probes(contextOf(scenario, step, {}))),
        {
          system,
          facts,
          vault,
          since,
          player: context.self,
          onFinding: () => undefined,
          applied: made.plan.stages,
        },
      );
    },
    onUnproved: context.options['keep'] === true ? 'keep' : 'roll-back',
  });
  return made.plan.notes.length > 0 && outcome === 'committed' ? exitCode.conflictsKept : codeOf(outcome);
};

const texts = {
  none: {
    en: 'No transaction holds anything of the section “{section}” that could be undone.',
    ja: 'セクション「{section}」の、元に戻せる変更はありません。',
  },
  noneRemedy: {
    en: '“dovetail history” shows what was applied; sections: {sections}.',
    ja: '適用内容は「dovetail history」で確認できます。セクション: {sections}',
  },
  undoing: {
    en: 'The part of “{section}” in transaction {id} goes back:',
    ja: 'トランザクション {id} の「{section}」の部分を元に戻します:',
  },
} satisfies Record<string, Text>;
