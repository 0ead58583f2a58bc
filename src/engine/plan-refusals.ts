import type {Finding} from '../core/finding.js';
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

const texts = {
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
