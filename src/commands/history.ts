import {join} from 'node:path';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import {systemOf} from './system-of.js';
import {refuseUnfinished} from '../transaction/problems.js';
import {takeLock} from '../transaction/lock.js';
import {expiredAt, pendingOf} from '../transaction/confirmation.js';
import {
  forgetTransaction,
  listTransactions,
  readTransaction,
  type StoredTransaction,
  stateFolder,
} from '../transaction/store.js';
import {confirm} from './confirm.js';
import {type CommandContext, nameOf, needRoot} from './context.js';

/** `dovetail history`: every transaction, newest first; `history forget ID` removes one with its secrets. */
export const history = async (context: CommandContext): Promise<number> => {
  needRoot(context);
  if (context.args[0] === 'forget') {
    return forget(context);
  }

  const all = listTransactions(systemOf(context).files).map(({id, plan, state, entries}) => ({
    id,
    when: plan.made,
    state,
    changes: plan.stages.flatMap(({changes}) => changes).length,
    sections: plan.sections,
    ...(plan.undoes === undefined ? {} : {undoes: plan.undoes}),
    ...(plan.accounts === undefined ? {} : {accounts: plan.accounts}),
    ...waiting({id, state, entries}),
  }));
  if (context.options['json'] === true) {
    context.out(JSON.stringify(all, null, 2));
  } else {
    for (const {id, state, changes, sections, undoes, accounts, confirm, expired} of all) {
      const what =
        accounts !== undefined
          ? `users ${accounts.act} ${accounts.name}`
          : undoes === undefined
            ? sections.join(' ')
            : `− ${undoes.section} (${undoes.id})`;
      const note = expired !== undefined ? texts.expired : confirm !== undefined ? texts.pending : undefined;
      context.out(
        `${id}  ${state.padEnd(12)} ${String(changes).padStart(3)}  ${what}${note === undefined ? '' : `  (${note[context.lang]})`}`,
      );
    }
  }

  return exitCode.done;
};

const waiting = (
  stored: Pick<StoredTransaction, 'id' | 'state' | 'entries'>,
): {readonly confirm?: string; readonly expired?: string} => {
  const pending = pendingOf(stored);
  const expired = expiredAt(stored.entries);
  return {
    ...(pending === undefined ? {} : {confirm: pending.deadline.toISOString()}),
    ...(expired === undefined ? {} : {expired}),
  };
};

// The folder of a transaction holds what files were before, secrets included.
const forget = async (context: CommandContext): Promise<number> => {
  const system = systemOf(context);
  const id = context.args[1] ?? '';
  const stored = readTransaction(system.files, id);
  if (stored === undefined) {
    throw new ProblemError({
      code: exitCode.badAnswers,
      what: fill(texts.unknown, {id}),
      remedy: texts.unknownRemedy,
    });
  }

  const release = takeLock(join(system.tree, stateFolder, 'lock'), `${nameOf(context)}, history forget`);
  try {
    refuseUnfinished({system});
    if (stored.state === 'committed' && !(await confirm(context, fill(texts.sure, {id})))) {
      return exitCode.interrupted;
    }

    forgetTransaction(system.files, id);
    context.out(fill(texts.forgotten, {id})[context.lang]);
    return exitCode.done;
  } finally {
    release();
  }
};

const texts = {
  expired: {en: 'went back: nobody confirmed it', ja: '未確定のため自動的に復元'},
  pending: {en: 'waits for “dovetail confirm”', ja: '「dovetail confirm」待ち'},
  unknown: {en: 'There is no transaction “{id}”.', ja: 'トランザクション「{id}」はありません。'},
  unknownRemedy: {
    en: 'Name one that “dovetail history” lists.',
    ja: '「dovetail history」の一覧から指定してください。',
  },
  sure: {
    en: '{id} is in force: without its record it cannot be undone any more. Forget it?',
    ja: '{id} は適用中です。記録を削除すると元に戻せなくなります。削除しますか?',
  },
  forgotten: {
    en: 'The record of {id} is gone, with every secret in it. The machine was not changed.',
    ja: '{id} の記録を秘密情報ごと削除しました。マシンは変更していません。',
  },
} satisfies Record<string, Text>;
