import type {Facts} from '../core/facts.js';
import type {Finding} from '../core/finding.js';
import type {Platform} from '../core/platform.js';
import type {AllAnswers} from '../core/question.js';
import {fill, type Text} from '../core/text.js';
import type {waitingElsewhere} from '../system/other-mta.js';

/** Mail waits at the server that would be replaced: it would never be sent. */
export const queueOfOther = (waits: NonNullable<ReturnType<typeof waitingElsewhere>>): Finding => ({
  id: 'packages:other-queue',
  section: 'packages',
  severity: 'fail',
  summary: fill(texts.otherQueue, waits),
  remedy: texts.otherQueueRemedy,
});

/** Nothing that is installed goes without consent. */
export const makesRoom = (names: readonly string[]): Finding => ({
  id: 'packages:removes',
  section: 'packages',
  severity: 'fail',
  summary: fill(texts.makesRoom, {names: names.join(', ')}),
  remedy: fill(texts.makesRoomRemedy, {names: names.join(' ')}),
});

/** Package scripts want a machine that runs; a tree gets its packages from whoever builds it. */
export const needsPackages = (names: readonly string[]): Finding => ({
  id: 'tree:packages',
  section: 'packages',
  severity: 'fail',
  summary: fill(texts.packages, {names: names.join(' ')}),
  remedy: texts.packagesRemedy,
});

/** Every other section of that transaction stands on the files that started again. */
export const wholeOnly = (id: string): Finding => ({
  id: 'packages:whole-only',
  section: 'packages',
  severity: 'fail',
  summary: fill(texts.wholeOnly, {id}),
  remedy: fill(texts.wholeOnlyRemedy, {id}),
});

/**
 * Dovecot is installed and its configuration is gone, as after an old advice to rename its folder and install again: the package's own
 * files come back only where that is asked for (ucf(1) on Debian: none of them; rpm(8) brings them back).
 */
export const missingConfiguration = (
  {dovecot, files, packages, root}: Pick<Facts, 'dovecot' | 'files' | 'packages' | 'root'>,
  answers: AllAnswers,
  {packageManager}: Pick<Platform, 'packageManager'>,
): Finding | undefined => {
  const kind = answers['role']?.['kind'] ?? 'complete';
  if (
    // Others than root may not see what is there.
    !root ||
    dovecot === undefined ||
    files[dovecot.root] !== undefined ||
    !['complete', 'dovecot-only'].includes(String(kind))
  ) {
    return undefined;
  }

  const names = Object.keys(packages)
    .filter(name => name.startsWith('dovecot'))
    .sort()
    .join(' ');
  return {
    id: 'packages:configuration',
    section: 'packages',
    severity: 'fail',
    summary: fill(texts.configuration, {path: dovecot.root}),
    remedy: fill(packageManager === 'apt' ? texts.aptRemedy : texts.dnfRemedy, {names}),
  };
};

const texts = {
  configuration: {
    en: 'Dovecot is installed here, but its configuration is gone: {path} is not there. Installing it again does not bring it back by itself.',
    ja: 'Dovecot は導入済みですが、設定ファイル {path} がありません。再インストールだけでは元に戻りません。',
  },
  aptRemedy: {
    en: 'Answer “packages.fresh_dovecot: true”, or have the package’s own files put back and start again: “UCF_FORCE_CONFFMISS=1 apt-get install --reinstall {names}”.',
    ja: '「packages.fresh_dovecot: true」と回答するか、パッケージの設定ファイルを戻してから再実行してください: 「UCF_FORCE_CONFFMISS=1 apt-get install --reinstall {names}」',
  },
  wholeOnly: {
    en: 'In {id} Dovecot started again from its packages’ own files: that is taken back as a whole, not by section.',
    ja: '{id} では Dovecot の設定を初期ファイルから作り直しました。セクション単位では元に戻せません。',
  },
  wholeOnlyRemedy: {
    en: 'Take the whole transaction back: “dovetail rollback {id}”.',
    ja: 'トランザクション全体を元に戻してください: 「dovetail rollback {id}」',
  },
  dnfRemedy: {
    en: 'Have the package’s own files put back, then start again: “dnf reinstall {names}”.',
    ja: 'パッケージの設定ファイルを戻してから再実行してください: 「dnf reinstall {names}」',
  },
  otherQueue: {
    en: '{count} messages wait in the queue of the other mail server ({path}); removed, it would never send them.',
    ja: '別のメールサーバーのキュー ({path}) にメールが {count} 通あり、削除すると送信されません。',
  },
  otherQueueRemedy: {
    en: 'Send them (“mailq” shows them, “exim4 -qff” or “sendmail -q” sends) or remove them there, then start again.',
    ja: '送信するか (「mailq」で確認、「exim4 -qff」「sendmail -q」で送信) 削除してから、再実行してください。',
  },
  makesRoom: {
    en: 'These packages cannot stand beside those that are needed: {names}.',
    ja: '必要なパッケージと共存できないパッケージがあります: {names}',
  },
  makesRoomRemedy: {
    en: 'Remove them first (“apt-get remove {names}”), then start again.',
    ja: '先に「apt-get remove {names}」で削除してから再実行してください。',
  },
  packages: {
    en: 'The tree lacks packages: {names}.',
    ja: 'ツリーに必要なパッケージがありません: {names}',
  },
  packagesRemedy: {
    en: 'Install them into it first (mmdebstrap, chroot), then run this again.',
    ja: '先に mmdebstrap や chroot で導入してから、もう一度実行してください。',
  },
} satisfies Record<string, Text>;
