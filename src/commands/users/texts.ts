import {exitCode} from '../../core/exit-code.js';
import {ProblemError} from '../../core/finding.js';
import type {Text} from '../../core/text.js';

/** What is wrong with the words of `dovetail users`. */
export const usage = (what: Text) => new ProblemError({code: exitCode.badAnswers, what, remedy: texts.usage});

/** What the command says. */
export const texts = {
  acts: {en: 'Say what to do with accounts.', ja: 'アカウントに対する操作を指定してください。'},
  name: {en: 'Say which account.', ja: 'アカウントを指定してください。'},
  fileName: {en: 'Say which file, by its absolute path.', ja: 'ファイルを絶対パスで指定してください。'},
  usage: {
    en: 'dovetail users list [DOMAIN] | add NAME | passwd NAME | disable NAME | enable NAME | remove NAME | import FILE',
    ja: 'dovetail users list [ドメイン] | add 名前 | passwd 名前 | disable 名前 | enable 名前 | remove 名前 | import ファイル',
  },
  unknown: {en: 'There is no account {name}.', ja: 'アカウント {name} はありません。'},
  twice: {en: 'The account {name} is there already.', ja: 'アカウント {name} は既にあります。'},
  stranger: {
    en: '{name} is not in one of the domains of this server ({domains}).',
    ja: '{name} はこのサーバーのドメイン ({domains}) に属していません。',
  },
  disabled: {
    en: '{name} is disabled; “dovetail users enable” comes first.',
    ja: '{name} は無効です。先に「dovetail users enable」を実行してください。',
  },
  already: {en: '{name} is disabled already.', ja: '{name} は既に無効です。'},
  notDisabled: {en: '{name} is not disabled.', ja: '{name} は無効になっていません。'},
  off: {en: 'disabled', ja: '無効'},
  ask: {en: 'Password for {name}', ja: '{name} のパスワード'},
  again: {en: 'Once more', ja: 'もう一度'},
  stopped: {en: 'Stopped; nothing was changed.', ja: '中止しました。何も変更していません。'},
  differ: {en: 'The two passwords differ.', ja: '2 つのパスワードが一致しません。'},
  noPassword: {
    en: 'Without a terminal the password comes from “--password-from file:/PATH” or “--generate”.',
    ja: '端末がない場合は「--password-from file:/パス」または「--generate」を指定してください。',
  },
  generated: {en: 'Its password, shown only now: {password}', ja: 'パスワード (今だけ表示): {password}'},
  remove: {en: 'Remove {name}? Its mail is kept.', ja: '{name} を削除しますか? メールは残ります。'},
  kept: {en: 'Its mail is kept in {home}.', ja: 'メールは {home} に残っています。'},
  ended: {en: 'Sessions that were ended: {count}.', ja: '終了したセッション: {count}'},
} satisfies Record<string, Text>;
