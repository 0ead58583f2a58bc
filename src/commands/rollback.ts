import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {isEmpty, planChanges} from '../core/plan.js';
import {fill, type Text, visibleLine} from '../core/text.js';
import {refuseQueue, undoAll} from '../engine/run.js';
import {openView} from '../stage/view.js';
import {systemOf} from './system-of.js';
import type {System} from '../system/types.js';
import {refuseBusy} from '../transaction/lock.js';
import {
  currentId,
  listTransactions,
  openStore,
  readTransaction,
  type StoredTransaction,
} from '../transaction/store.js';
import {codeOf, printer, undone} from './apply.js';
import {confirm} from './confirm.js';
import {type CommandContext, nameOf, needRoot} from './context.js';
import {runAndWait} from './run.js';
import {settle} from './settle.js';
import {chosenToPutBack} from './others.js';
import {rollbackSection} from './rollback-section.js';

/** `dovetail rollback [ID] [--section NAME] [--dry-run]`: finishes what was cut short, or undoes, newest first. */
export const rollback = async (context: CommandContext): Promise<number> => {
  needRoot(context);
  const system = systemOf(context);
  openStore(system.files);
  refuseBusy(system);
  const unfinished = currentId(system.files);
  const state = unfinished === undefined ? undefined : readTransaction(system.files, unfinished)?.state;
  if (unfinished !== undefined && (state === 'stuck' || state === 'damaged')) {
    return settle(context, system, unfinished);
  }

  if (unfinished !== undefined) {
    context.out(texts.recovering[context.lang]);
    return undone(await runAndWait(context, system, {act: 'recover'}, printer(context, 0)));
  }

  return typeof context.options['section'] === 'string'
    ? rollbackSection(context, context.options['section'])
    : rollbackWhole(context, system);
};

const rollbackWhole = async (context: CommandContext, system: System): Promise<number> => {
  const applied = listTransactions(system.files).filter(
    ({state, plan}) => state === 'committed' && plan.accounts === undefined,
  );
  const id = context.args[0] ?? applied[0]?.id;
  if (id === undefined) {
    context.out(texts.nothing[context.lang]);
    return exitCode.done;
  }

  if (!applied.some(transaction => transaction.id === id)) {
    throw new ProblemError({
      code: exitCode.badAnswers,
      what: fill(texts.unknown, {id}),
      remedy: texts.unknownRemedy,
    });
  }

  // Later transactions stand on earlier ones: they go back first.
  const chosen = applied.filter(transaction => transaction.id >= id);
  for (const transaction of chosen) {
    refuseQueue(transaction, system);
    tell(context, transaction);
  }

  if (context.options['dry-run'] === true) {
    return await rehearse(context, system, chosen);
  }

  if (chosen.length > 1 && !(await confirm(context, fill(texts.several, {count: chosen.length})))) {
    return exitCode.interrupted;
  }

  const putBack = await chosenToPutBack(context, system, chosen);
  const run = {act: 'rollback', ids: chosen.map(({id: one}) => one), putBack} as const;
  return undone(await runAndWait(context, system, run, printer(context, 0)));
};

// The same undo, on a scratch copy of the machine: what would be kept, and why, is seen before anything happens.
const rehearse = async (context: CommandContext, system: System, chosen: readonly StoredTransaction[]) => {
  const view = await openView(system);
  try {
    const outcome = await undoAll(
      chosen.map(({id}) => id),
      {
        system: view.system,
        player: context.self,
        by: nameOf(context),
        onEvent: printer(context, 0),
        interrupted: () => false,
      },
      await chosenToPutBack({...context, options: {...context.options, yes: true}}, system, chosen),
    );
    context.out(texts.rehearsed[context.lang]);
    return outcome === 'rolled-back' ? exitCode.pending : codeOf(outcome);
  } finally {
    view.close();
  }
};

const tell = ({lang, out}: CommandContext, {id, plan}: StoredTransaction) => {
  out(fill(texts.undoing, {id})[lang]);
  for (const {preview} of planChanges(plan).toReversed()) {
    out(`    ${preview.title[lang]}`);
    if (preview.reversible !== 'exact' && preview.caveat !== undefined) {
      out(`      ! ${visibleLine(preview.caveat[lang])}`);
    }
  }

  if (isEmpty(plan)) {
    out(texts.nothing[lang]);
  }
};

const texts = {
  recovering: {en: 'A run was cut short; putting things back …', ja: '中断された処理を元に戻しています …'},
  nothing: {en: 'There is nothing to undo.', ja: '元に戻すものはありません。'},
  undoing: {en: 'Transaction {id} goes back:', ja: 'トランザクション {id} を元に戻します:'},
  several: {
    en: 'Undo these {count} transactions, the newest first?',
    ja: 'これら {count} 件のトランザクションを新しいものから順に元に戻しますか?',
  },
  rehearsed: {
    en: 'Rehearsed on a copy; nothing on this machine was changed.',
    ja: '複製の上で試行しました。このマシンは変更していません。',
  },
  unknown: {
    en: 'There is no transaction {id} to undo.',
    ja: '元に戻せるトランザクション {id} はありません。',
  },
  unknownRemedy: {
    en: '“dovetail history” lists those that are applied.',
    ja: '適用済みのものは「dovetail history」で確認できます。',
  },
} satisfies Record<string, Text>;
