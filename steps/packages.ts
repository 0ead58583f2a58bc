import {type AskContext, yesNo} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import {fill, type Text} from '../src/core/text.js';
import {answer, hasDovecot, hasPostfix, servicesOf} from './lib/read.js';

/** What must be installed. Asked only where another mail server has to make room, or Dovecot's configuration may start again. */
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
    fresh_dovecot: yesNo({
      ask: {
        en: 'Shall Dovecot’s configuration start again from its packages’ own files?',
        ja: 'Dovecot の設定を、パッケージの初期ファイルから作り直しますか。',
      },
      help: {
        en: 'For a configuration that is broken or that nobody understands any more. Mail, lists of accounts, keys and certificates stay; the review shows every line that goes, and an undo gives each back.',
        ja: '壊れた設定や、誰も把握していない設定のための機能です。メール、アカウントの一覧、鍵と証明書は残ります。消える行はすべて確認画面に出て、取り消せば元に戻ります。',
      },
      why: {
        en: 'To rename the folder and install again, as older guides say, brings none of the files back on Debian.',
        ja: '古い手順にある「ディレクトリー名を変えて再インストール」では、Debian では設定ファイルが 1 つも戻りません。',
      },
      level: 'advanced',
      initial: () => false,
      when: context => canStartAgain(context),
    }),
  },
  packages: ({all}) => [
    ...(hasDovecot(all)
      ? ([
          'dovecot',
          ...(servicesOf(all).includes('imap') ? (['dovecot-imap'] as const) : []),
          ...(hasPostfix(all) ? (['dovecot-lmtp'] as const) : []),
          ...(servicesOf(all).includes('pop3') ? (['dovecot-pop3'] as const) : []),
        ] as const)
      : []),
    ...(hasPostfix(all) ? (['postfix'] as const) : []),
  ],
  // It is asked for each time anew: what was made afresh is the machine's own way by then.
  adopt: () => ({fresh_dovecot: false}),
  // Where mail servers stand side by side, the name goes over and the other stays installed.
  plan: ({all, platform}) =>
    answer<boolean>(all, 'packages', 'replace_mta') === true && platform.mta !== undefined
      ? [{kind: 'alternative', name: 'mta', path: platform.mta, state: 'present'}]
      : [],
  probes: () => [],
});

// Of rpm(8)'s packages what is missing comes back by itself ("dnf reinstall").
const canStartAgain = ({facts, answers, platform}: AskContext) =>
  platform.packageManager === 'apt' &&
  hasDovecot(answers) &&
  facts.dovecot !== undefined &&
  (facts.configured.dovecot || facts.files[facts.dovecot.root] === undefined);

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
