import {type AskContext, yesNo} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import {fill, type Text} from '../src/core/text.js';
import {answer, hasDovecot, hasPostfix, servicesOf} from './lib/read.js';

/** What must be installed. Asked only where another mail server has to make room. */
export const packages = defineStep({
  id: 'packages',
  title: {en: 'Packages', ja: 'パッケージ'},
  why: {
    en: 'Only what the answers need is installed, and nothing starts before it is configured.',
    ja: '必要なものだけを入れ、設定前には何も起動しません。',
  },
  needs: ['role', 'protocols'],
  owns: ['alternative:mta'],
  questions: {
    replace_mta: yesNo({
      ask: {
        en: 'Another mail server is installed here. Shall Postfix take its place?',
        ja: '別のメールサーバーが入っています。Postfix に置き換えますか。',
      },
      help: {
        en: 'It is stopped. Where both cannot be installed, its packages are removed: their files and its configuration are kept. An undo puts it back. Mail that waits in its queue is never given up: it has to be sent first.',
        ja: '停止します。共存できない場合はパッケージを削除しますが、ファイルと設定は保存され、取り消せば元に戻ります。キューのメールは先に送信が必要です。',
      },
      why: {
        en: 'Only one program can receive mail on port 25 and answer as “sendmail”.',
        ja: 'ポート 25 で受信し「sendmail」として働けるのは 1 つだけです。',
      },
      level: 'basic',
      initial: () => false,
      when: context => hasOtherMta(context),
      validate: (value, {facts}) =>
        value ? undefined : fill(texts.beside, {names: facts.otherMtas.join(', ')}),
    }),
  },
  packages: ({all}) => [
    ...(hasDovecot(all)
      ? ([
          'dovecot',
          'dovecot-imap',
          ...(hasPostfix(all) ? (['dovecot-lmtp'] as const) : []),
          ...(servicesOf(all).includes('pop3') ? (['dovecot-pop3'] as const) : []),
        ] as const)
      : []),
    ...(hasPostfix(all) ? (['postfix'] as const) : []),
  ],
  adopt: () => ({}),
  // Where mail servers stand side by side, the name goes over and the other stays installed.
  plan: ({all, platform}) =>
    answer<boolean>(all, 'packages', 'replace_mta') === true && platform.mta !== undefined
      ? [{kind: 'alternative', name: 'mta', path: platform.mta, state: 'present'}]
      : [],
  probes: () => [],
});

const hasOtherMta = ({facts, answers, platform}: AskContext) =>
  hasPostfix(answers) &&
  facts.otherMtas.length > 0 &&
  (facts.packages['postfix'] === undefined ||
    (facts.mta !== undefined &&
      facts.mta !== platform.mta &&
      facts.units[platform.units.postfix]?.active !== true));

const texts = {
  beside: {
    en: 'Postfix cannot stand beside {names}. Let it take its place, or remove that one by hand first.',
    ja: 'Postfix は {names} と共存できません。置き換えを選ぶか、先に手作業で削除してください。',
  },
} satisfies Record<string, Text>;
