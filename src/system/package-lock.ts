import {setTimeout as wait} from 'node:timers/promises';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text, visibleLine} from '../core/text.js';
import {type PackageManager, textAt} from './package-manager.js';
import type {ReadFiles} from './types.js';

/** Seconds that another run of the package manager is waited for, where nothing else is asked. */
export const packageLockWait = 120;

/**
 * Waits until no other program holds the package manager's locks, says who does, and gives up with a problem (exit code 75).
 * Nothing has been changed then.
 */
export const waitForPackageLock = async (
  {lockHolder}: Pick<PackageManager, 'lockHolder'>,
  files: ReadFiles,
  say: (text: Text) => void,
  seconds = packageLockWait,
): Promise<void> => {
  const until = Date.now() + seconds * 1000;
  let told = '';
  for (;;) {
    const holder = lockHolder(files);
    if (holder === undefined) {
      return;
    }

    if (Date.now() >= until) {
      throw new ProblemError({
        code: exitCode.locked,
        what: texts.what,
        cause: fill(texts.holder, {holder}),
        remedy: texts.remedy,
      });
    }

    if (holder !== told) {
      say(fill(texts.waiting, {holder, seconds}));
      told = holder;
    }

    await wait(500);
  }
};

/** Program and process number of who holds one of these locks (proc_locks(5), fcntl(2)); undefined where nobody does. */
export const holderOf = (files: ReadFiles, locks: readonly string[]): string | undefined => {
  const table = textAt(files, '/proc/locks');
  for (const path of locks) {
    const inode = files.lstat(path)?.ino;
    const pid = new RegExp(`POSIX +ADVISORY +WRITE +(\\d+) [0-9a-f]+:[0-9a-f]+:${inode} `).exec(table)?.[1];
    // Inode numbers are unique in one file system only: whose it is, is what the process has open.
    if (pid !== undefined && hasOpen(files, pid, path)) {
      return processName(files, pid);
    }
  }

  return undefined;
};

const hasOpen = (files: ReadFiles, pid: string, path: string) =>
  (files.list(`/proc/${pid}/fd`) ?? []).some(name => files.readLink(`/proc/${pid}/fd/${name}`) === path);

/** Name and number of a process, for people. */
export const processName = (files: ReadFiles, pid: string) =>
  `${visibleLine(textAt(files, `/proc/${pid}/comm`).trim())} (${pid})`;

const texts = {
  waiting: {
    en: 'The package manager is in use by {holder}; waiting for up to {seconds} s.',
    ja: 'パッケージマネージャーは {holder} が使用中です。最大 {seconds} 秒待ちます。',
  },
  what: {
    en: 'The package manager is in use by another program; nothing was changed.',
    ja: 'パッケージマネージャーが別のプログラムに使用されています。何も変更していません。',
  },
  holder: {en: 'Its lock is held by {holder}.', ja: 'ロックの保持者: {holder}'},
  remedy: {
    en: 'Wait until that is done (an automatic update, often), then try again.',
    ja: '完了 (多くは自動更新) を待ってから再実行してください。',
  },
} satisfies Record<string, Text>;
