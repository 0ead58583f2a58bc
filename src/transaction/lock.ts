import {closeSync, constants, existsSync, ftruncateSync, openSync, readFileSync, writeSync} from 'node:fs';
import {join} from 'node:path';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text, visibleLine} from '../core/text.js';
import {flock} from '../system/flock.js';
import type {System} from '../system/types.js';
import {stateFolder} from './store.js';

/**
 * Takes the lock that lets one wizard apply. flock(1) locks the open file description that this process goes on holding, so
 * the kernel lets go of it at the very moment the process ends, however it ends. `by`: who asks, for those who come later.
 */
export const takeLock = (path: string, by: string): (() => void) => {
  const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  if (!flock(descriptor, graceTime)) {
    const holder = readFileSync(path, 'utf8').trim();
    closeSync(descriptor);
    throw locked(visibleLine(holder));
  }

  ftruncateSync(descriptor);
  writeSync(descriptor, `${by}, process ${process.pid}, since ${new Date().toISOString()}\n`, 0);
  return () => closeSync(descriptor);
};

/** Who holds the lock now; undefined where nobody does. */
export const lockHolder = (path: string): string | undefined => {
  if (!existsSync(path)) {
    return undefined;
  }

  const descriptor = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
  try {
    return flock(descriptor, 0) ? undefined : visibleLine(readFileSync(path, 'utf8').trim());
  } finally {
    closeSync(descriptor);
  }
};

/** Refuses where another dovetail is changing this machine. */
export const refuseBusy = ({tree, files, ground}: System) => {
  const path = `${stateFolder}/lock`;
  const holder =
    ground === 'view' || files.lstat(path) === undefined ? undefined : lockHolder(join(tree, path));
  if (holder !== undefined) {
    throw locked(holder);
  }
};

const locked = (holder: string) =>
  new ProblemError({
    code: exitCode.locked,
    what: texts.locked,
    cause: fill(texts.holder, {holder: holder === '' ? '?' : holder}),
    remedy: texts.remedy,
  });

// Seconds: whoever only looks whether it is held holds it for a moment.
const graceTime = 1;

const texts = {
  locked: {en: 'Another dovetail is changing this machine.', ja: '別の dovetail がこのマシンを変更中です。'},
  holder: {en: 'It is held by {holder}.', ja: '実行者: {holder}'},
  remedy: {
    en: 'Wait until it is done; “dovetail history” shows its result.',
    ja: '完了を待ってください。結果は「dovetail history」で確認できます。',
  },
} satisfies Record<string, Text>;
