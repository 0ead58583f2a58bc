import {goesBack, type ConfirmScope} from '../core/cut-off.js';
import type {Change} from '../core/change.js';
import {exitCode} from '../core/exit-code.js';
import {type Finding, ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import type {Files, ReadFiles} from '../system/types.js';
import {isUndone, recorded} from './entries.js';
import type {Entry} from './journal.js';
import {listTransactions, type StoredTransaction} from './store.js';

/** What tells one login from another; each is missing where it is not known. */
export type LoginSession = {
  /** Number of the login by the kernel's audit (`/proc/self/sessionid`). */
  readonly audit?: string;
  /** SSH_CONNECTION: both addresses and ports of the connection. */
  readonly ssh?: string;
  /** Path of the terminal. */
  readonly tty?: string;
};

/** What was agreed before the change. */
export type ConfirmTerms = {
  readonly scope: ConfirmScope;
  /** Seconds from the end of the apply. */
  readonly within: number;
  /** Who made the change: the confirmation comes from another login. */
  readonly session: LoginSession;
  /** Port that the session came in by, where it is SSH's. */
  readonly sshPort?: number;
};

/** Default time for a confirmation, seconds: as in Junos. */
export const defaultWithin = 600;

/** A transaction that goes back in part unless somebody confirms it. */
export type Pending = {readonly id: string; readonly terms: ConfirmTerms; readonly deadline: Date};

/** What waits for a confirmation in this transaction; undefined where nothing does. */
export const pendingOf = ({id, state, entries}: Pick<StoredTransaction, 'id' | 'state' | 'entries'>) => {
  const last = confirmations(entries).at(-1);
  const pending: Pending | undefined =
    last?.act === 'armed' && state === 'committed'
      ? {id, terms: last.terms, deadline: new Date(last.deadline)}
      : undefined;
  return pending;
};

/** The transaction on this machine that waits for a confirmation: there is one at most. `all` where they are read already. */
export const pendingHere = (files: Files, all = listTransactions(files)): Pending | undefined =>
  all.map(pendingOf).find(pending => pending !== undefined);

/** Terms of a transaction that was armed, confirmed or not. */
export const termsOf = (entries: readonly Entry[]): ConfirmTerms | undefined =>
  confirmations(entries).findLast(entry => entry.act === 'armed')?.terms;

/** When a transaction went back in part because nobody confirmed it. */
export const expiredAt = (entries: readonly Entry[]): string | undefined =>
  confirmations(entries).findLast(({act}) => act === 'expired')?.at;

/** Whether these are two logins; undefined where nothing of them can be compared. */
export const isOtherSession = (one: LoginSession, other: LoginSession): boolean | undefined => {
  for (const key of ['ssh', 'audit', 'tty'] as const) {
    if (one[key] !== undefined && other[key] !== undefined) {
      return one[key] !== other[key];
    }
  }

  // One came over the network and the other did not: that is a difference too.
  return one.ssh !== other.ssh ? true : undefined;
};

/** Changes that go back when nobody confirms, with their place in the transaction. */
export const unconfirmed = (entries: readonly Entry[], {scope, sshPort}: ConfirmTerms) =>
  recorded(entries).filter(
    ({index, change}) => goesBack(change, scope, sshPort) && !isUndone(entries, index),
  );

/** Refuses where an earlier transaction still waits: two countdowns at once could not be told apart. */
export const refusePending = (files: Files) => {
  const pending = pendingHere(files);
  if (pending !== undefined) {
    throw new ProblemError({
      code: exitCode.locked,
      what: fill(texts.waits, {id: pending.id, time: timeOf(pending.deadline)}),
      remedy: texts.waitsRemedy,
    });
  }
};

/** Said when the change is made: what happens, and how to prevent it. */
export const pendingFinding = ({id, terms, deadline}: Pending, changes: readonly Change[]): Finding => ({
  id: `confirm:${id}`,
  severity: 'warning',
  summary: fill(terms.scope === 'whole' ? texts.pendingAll : texts.pendingSome, {
    time: timeOf(deadline),
    count: changes.filter(change => goesBack(change, terms.scope, terms.sshPort)).length,
  }),
  remedy: texts.pendingRemedy,
});

/** What the next start says of what went back by itself. */
export const expiredFinding = (files: Files, all = listTransactions(files)): Finding | undefined => {
  const last = all.find(({plan}) => plan.accounts === undefined);
  const at = last === undefined ? undefined : expiredAt(last.entries);
  return last === undefined || at === undefined
    ? undefined
    : {
        id: `expired:${last.id}`,
        severity: 'warning',
        summary: fill(texts.expired, {id: last.id, time: timeOf(new Date(at))}),
        remedy: fill(texts.expiredRemedy, {id: last.id}),
      };
};

/** UTC, to the second. */
export const timeOf = (when: Date) => `${when.toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** Whole seconds that are left; never below 0. */
export const secondsLeft = ({deadline}: Pick<Pending, 'deadline'>, now = Date.now()) =>
  Math.max(0, Math.ceil((deadline.getTime() - now) / 1000));

/** Where the record of a login can be read. */
export const sessionFrom = (
  files: ReadFiles,
  {pid, ssh}: {readonly pid: number; readonly ssh?: string},
): LoginSession => {
  const audit = files.read('/proc/self/sessionid')?.toString('latin1').trim();
  const tty = [0, 1, 2]
    .map(number => files.readLink(`/proc/self/fd/${number}`))
    .find(path => path !== undefined && /^\/dev\/(?:pts\/\d+|tty\w+|console)$/.test(path));
  const connection = ssh ?? sshOfParents(files, pid);
  return {
    // 4294967295: no login is known (audit_getloginuid(3)).
    ...(audit === undefined || audit === '' || audit === '4294967295' ? {} : {audit}),
    ...(connection === undefined ? {} : {ssh: connection}),
    ...(tty === undefined ? {} : {tty}),
  };
};

// sudo(8) does not hand SSH_CONNECTION on: a process above us has it.
const sshOfParents = (files: ReadFiles, pid: number): string | undefined => {
  for (let at = pid, steps = 0; at > 1 && steps < 32; steps += 1) {
    const found = /(?:^|\0)SSH_CONNECTION=([^\0]+)/.exec(
      files.read(`/proc/${at}/environ`)?.toString('latin1') ?? '',
    )?.[1];
    if (found !== undefined) {
      return found;
    }

    // proc_pid_stat(5): the name in parentheses may hold anything.
    const stat = files.read(`/proc/${at}/stat`)?.toString('latin1') ?? '';
    at = Number(/^\) \S (\d+) /.exec(stat.slice(stat.lastIndexOf(')')))?.[1] ?? 0);
  }

  return undefined;
};

const confirmations = (entries: readonly Entry[]) =>
  entries.filter((entry): entry is Extract<Entry, {t: 'confirm'}> => entry.t === 'confirm');

const texts = {
  waits: {
    en: 'The transaction {id} waits for a confirmation until {time}.',
    ja: 'トランザクション {id} は {time} まで確認待ちです。',
  },
  waitsRemedy: {
    en: 'Confirm it from a new session (“dovetail confirm”), or undo it (“dovetail rollback”).',
    ja: '新しいセッションから「dovetail confirm」で確定するか、「dovetail rollback」で元に戻してください。',
  },
  pendingAll: {
    en: 'Unless it is confirmed by {time}, the {count} changes of configuration go back by themselves; packages, accounts and mail stay.',
    ja: '{time} までに確定しないと、設定の変更 {count} 件は自動的に元に戻ります。パッケージ、アカウント、メールは残ります。',
  },
  pendingSome: {
    en: '{count} changes could have cut this session off: unless they are confirmed by {time}, they go back by themselves.',
    ja: '接続が切れる可能性のある変更が {count} 件あります。{time} までに確定しないと自動的に元に戻ります。',
  },
  pendingRemedy: {
    en: 'Log in anew, in another window, and run “dovetail confirm” there; “dovetail confirm --extend 600” gives more time.',
    ja: '別の画面で新しくログインし、「dovetail confirm」を実行してください。「dovetail confirm --extend 600」で延長できます。',
  },
  expired: {
    en: 'Nobody confirmed {id}, so its changes went back by themselves ({time}).',
    ja: '{id} は確定されなかったため、変更を自動的に元に戻しました ({time})。',
  },
  expiredRemedy: {
    en: '“dovetail show {id}” says which; apply again and confirm from a new session.',
    ja: '内容は「dovetail show {id}」で確認できます。もう一度適用し、新しいセッションから確定してください。',
  },
} satisfies Record<string, Text>;
