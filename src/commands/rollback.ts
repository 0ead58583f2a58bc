import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import {recover, rollBack} from '../transaction/apply.js';
import {queuedMail} from '../changes/package-install.js';
import type {System} from '../system/types.js';
import {takeLock} from '../transaction/lock.js';
import {
  currentId,
  listTransactions,
  openStore,
  readTransaction,
  type StoredTransaction,
  stateFolder,
} from '../transaction/store.js';
import {machineSystem} from '../system/grounds.js';
import {codeOf, printer} from './apply.js';
import {type CommandContext, needRoot} from './context.js';

/** `dovetail rollback [ID]`: finishes what was cut short, or undoes the last transaction, or the named one if nothing stands on it. */
export const rollback = async (context: CommandContext): Promise<number> => {
  needRoot(context);
  const system = machineSystem();
  openStore(system.files);
  const release = takeLock(`${stateFolder}/lock`);
  const common = {system, resolve: () => Buffer.alloc(0), onEvent: printer(context, 0)};
  try {
    if (currentId(system.files) !== undefined) {
      context.out(texts.recovering[context.lang]);
      return codeOf((await recover(common)) ?? 'rolled-back');
    }

    const applied = listTransactions(system.files).filter(({state}) => state === 'committed');
    const id = context.args[0] ?? applied[0]?.id;
    if (id === undefined) {
      context.out(texts.nothing[context.lang]);
      return exitCode.done;
    }

    // Later transactions stand on earlier ones: they go back first.
    for (const later of applied.filter(transaction => transaction.id > id)) {
      throw new ProblemError({
        code: exitCode.stuck,
        what: fill(texts.later, {id, later: later.id}),
        remedy: fill(texts.laterRemedy, {later: later.id}),
      });
    }

    refuseQueue(
      applied.find(transaction => transaction.id === id),
      system,
    );
    const outcome = await rollBack({...common, id});
    return outcome === 'rolled-back' ? exitCode.done : codeOf(outcome);
  } finally {
    release();
  }
};

// Removing Postfix would delete the mail that waits in it: nothing is touched until it has left.
const refuseQueue = (transaction: StoredTransaction | undefined, {files}: System) => {
  const installed = transaction?.plan.stages.some(({changes}) =>
    changes.some(
      ({change}) => change.kind === 'package.install' && change.packages.some(({name}) => name === 'postfix'),
    ),
  );
  const queued = installed === true ? queuedMail(files) : 0;
  if (queued > 0) {
    throw new ProblemError({
      code: exitCode.stuck,
      what: fill(texts.queue, {count: queued}),
      remedy: texts.queueRemedy,
    });
  }
};

/** `dovetail history`: every transaction, newest first. */
export const history = async (context: CommandContext): Promise<number> => {
  needRoot(context);
  const all = listTransactions(machineSystem().files).map(({id, plan, state}) => ({
    id,
    when: plan.made,
    state,
    changes: plan.stages.flatMap(({changes}) => changes).length,
  }));
  if (context.options['json'] === true) {
    context.out(JSON.stringify(all, null, 2));
  } else {
    for (const {id, state, changes} of all) {
      context.out(`${id}  ${state.padEnd(12)} ${changes}`);
    }
  }

  return exitCode.done;
};

/** `dovetail show ID`: what a transaction changed, and what was found. */
export const show = async (context: CommandContext): Promise<number> => {
  needRoot(context);
  const {printPlan} = await import('./plan.js');
  const {files} = machineSystem();
  const id = context.args[0] ?? listTransactions(files)[0]?.id ?? '';
  const stored = readTransaction(files, id);
  if (stored === undefined) {
    throw new ProblemError({
      code: exitCode.badAnswers,
      what: fill(texts.unknown, {id}),
      remedy: texts.unknownRemedy,
    });
  }

  context.out(`${id}  ${stored.state}`);
  printPlan(stored.plan, context);
  const print = printer(context, 0);
  for (const entry of stored.entries) {
    if (entry.t === 'event') {
      print(entry.event);
    }
  }

  return exitCode.done;
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
  later: {en: '{later} was applied after {id}.', ja: '{id} の後に {later} が適用されています。'},
  laterRemedy: {en: 'Undo {later} first.', ja: '先に {later} を元に戻してください。'},
  unknown: {en: 'There is no transaction {id}.', ja: 'トランザクション {id} はありません。'},
  unknownRemedy: {en: '“dovetail history” lists them.', ja: '「dovetail history」で一覧を確認できます。'},
} satisfies Record<string, Text>;
