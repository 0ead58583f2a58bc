import {spawnSync} from 'node:child_process';
import {closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync} from 'node:fs';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';

/**
 * Takes the lock that lets one wizard apply. flock(1) locks the open file description that this process goes on holding, so
 * the kernel lets go of it at the very moment the process ends, however it ends.
 */
export const takeLock = (path: string): (() => void) => {
  const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  const {status} = spawnSync('/usr/bin/flock', ['--nonblock', '3'], {
    stdio: ['ignore', 'ignore', 'ignore', descriptor],
  });
  if (status !== 0) {
    const holder = readFileSync(path, 'utf8').trim();
    closeSync(descriptor);
    throw new ProblemError({
      code: exitCode.locked,
      what: texts.locked,
      cause: fill(texts.holder, {holder: holder === '' ? '?' : holder}),
      remedy: texts.remedy,
    });
  }

  ftruncateSync(descriptor);
  writeSync(
    descriptor,
    `${process.env['SUDO_USER'] ?? 'root'}, process ${process.pid}, since ${new Date().toISOString()}\n`,
    0,
  );
  return () => closeSync(descriptor);
};

const texts = {
  locked: {en: 'Another dovetail is changing this machine.', ja: '別の dovetail がこのマシンを変更中です。'},
  holder: {en: 'It is held by {holder}.', ja: '実行者: {holder}'},
  remedy: {
    en: 'Wait until it is done; “dovetail history” shows its result.',
    ja: '完了を待ってください。結果は「dovetail history」で確認できます。',
  },
} satisfies Record<string, Text>;
