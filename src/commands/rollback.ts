import {join} from 'node:path';
import {queuedMail} from '../changes/package-install.js';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {isEmpty, planChanges} from '../core/plan.js';
import type {Outcome} from '../core/run-event.js';
import {fill, type Text} from '../core/text.js';
import {openView} from '../stage/view.js';
import {systemOf} from './system-of.js';
import type {System} from '../system/types.js';
import {recover, rollBack} from '../transaction/apply.js';
import {takeLock} from '../transaction/lock.js';
import {
  currentId,
  listTransactions,
  openStore,
  type StoredTransaction,
  stateFolder,
} from '../transaction/store.js';
import {codeOf, printer} from './apply.js';
import {confirm} from './confirm.js';
import {type CommandContext, needRoot} from './context.js';
import {rollbackSection} from './rollback-section.js';

/** `dovetail rollback [ID] [--section NAME] [--dry-run]`: finishes what was cut short, or undoes, newest first. */
export const rollback = async (context: CommandContext): Promise<number> => {
  needRoot(context);
  const system = systemOf(context);
  openStore(system.files);
  const release = takeLock(join(system.tree, stateFolder, 'lock'));
  try {
    if (currentId(system.files) !== undefined) {
      context.out(texts.recovering[context.lang]);
      const common = {system, resolve: () => Buffer.alloc(0), onEvent: printer(context, 0)};
      return undone((await recover(common)) ?? 'rolled-back');
    }

    return typeof context.options['section'] === 'string'
      ? await rollbackSection(context, context.options['section'])
      : await rollbackWhole(context, system);
  } finally {
    release();
  }
};

/** What an undo's outcome means as an exit code: that it was rolled back is what was asked for. */
export const undone = (outcome: Outcome) => (outcome === 'rolled-back' ? exitCode.done : codeOf(outcome));

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

  return undoAll(context, system, chosen);
};

const undoAll = async (context: CommandContext, system: System, chosen: readonly StoredTransaction[]) => {
  let worst: number = exitCode.done;
  for (const {id} of chosen) {
    const outcome = await rollBack({
      system,
      resolve: () => Buffer.alloc(0),
      onEvent: printer(context, 0),
      id,
    });
    if (outcome !== 'rolled-back' && outcome !== 'conflicts-kept') {
      return undone(outcome);
    }

    worst = outcome === 'conflicts-kept' ? exitCode.conflictsKept : worst;
  }

  return worst;
};

// The same undo, on a scratch copy of the machine: what would be kept, and why, is seen before anything happens.
const rehearse = async (context: CommandContext, system: System, chosen: readonly StoredTransaction[]) => {
  const view = await openView(system);
  try {
    const code = await undoAll(context, view.system, chosen);
    context.out(texts.rehearsed[context.lang]);
    return code === exitCode.done ? exitCode.pending : code;
  } finally {
    view.close();
  }
};

const tell = ({lang, out}: CommandContext, {id, plan}: StoredTransaction) => {
  out(fill(texts.undoing, {id})[lang]);
  for (const {preview} of planChanges(plan).toReversed()) {
    out(`    ${preview.title[lang]}`);
  }

  if (isEmpty(plan)) {
    out(texts.nothing[lang]);
  }
};

// Removing Postfix would delete the mail that waits in it: nothing is touched until it has left.
const refuseQueue = ({plan}: StoredTransaction, {files}: System) => {
  const installed = planChanges(plan).some(
    ({change}) => change.kind === 'package.install' && change.packages.some(({name}) => name === 'postfix'),
  );
  const queued = installed ? queuedMail(files) : 0;
  if (queued > 0) {
    throw new ProblemError({
      code: exitCode.stuck,
      what: fill(texts.queue, {count: queued}),
      remedy: texts.queueRemedy,
    });
  }
};

const texts = {
  queue: {
    en: 'Nothing was undone: {count} messages wait in the queue of Postfix, which this would remove.',
    ja: '元に戻していません。削除対象の Postfix のキューにメールが {count} 通あります。',
  },
  queueRemedy: {
    en: 'Send them (“postqueue -f”), wait, or set them aside; then roll back again.',
    ja: '「postqueue -f」で送信するか、待つか、退避してから、もう一度実行してください。',
  },
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
