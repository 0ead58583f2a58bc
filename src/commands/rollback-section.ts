import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {isEmpty, planChanges} from '../core/plan.js';
import {fill, type Text} from '../core/text.js';
import {holdsSection, planUndoOfSection} from '../engine/undo-section.js';
import {listTransactions} from '../transaction/store.js';
import {steps} from '../../steps/index.js';
import {codeOf, printer} from './apply.js';
import {type CommandContext, findingLines, openMachine} from './context.js';
import {printPlan} from './plan.js';
import {runAndWait} from './run.js';

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

  const {plan, blobs, resolve} = made;
  const outcome = await runAndWait(
    context,
    system,
    {
      act: 'apply',
      request: {
        plan,
        facts: machine.facts,
        blobs,
        resolve,
        open: machine.vault.open,
        onUnproved: context.options['keep'] === true ? 'keep' : 'roll-back',
      },
    },
    printer(context, planChanges(plan).length),
  );
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
