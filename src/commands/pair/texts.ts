import type {Text} from '../../core/text.js';

/** What `dovetail pair` says. */
export const pairTexts = {
  who: {en: 'Which server is the other half was not said.', ja: '相手のサーバーが指定されていません。'},
  whoRemedy: {
    en: 'Name it as root reaches it by SSH: “dovetail pair root@mail2.example.com”; or use “--export FILE” here and “--import FILE” there.',
    ja: 'root が SSH で接続できる形で指定してください: 「dovetail pair root@mail2.example.com」。または「--export ファイル」と「--import ファイル」を使います。',
  },
  notBegun: {en: 'Nothing was changed on either server.', ja: 'どちらのサーバーも変更していません。'},
  planHere: {en: '--- {host} (here)', ja: '--- {host} (こちら)'},
  planThere: {en: '--- {host} (the partner)', ja: '--- {host} (相手)'},
  already: {en: 'The two are a pair already.', ja: '2 台は既にペアです。'},
  accept: {
    en: 'Make both servers a pair, as shown above?',
    ja: '上記のとおり 2 台をペアにしますか?',
  },
  applyThere: {en: '{host} first …', ja: '{host} から始めます …'},
  applyHere: {en: 'Now {host} …', ja: '次は {host} …'},
  lost: {
    en: 'The connection to the other server broke before anything was changed.',
    ja: '変更を始める前に相手との接続が切れました。',
  },
  lostRemedy: {en: 'Run it again.', ja: '再実行してください。'},
  counts: {
    en: 'Messages now: {here} here, {there} on the partner.',
    ja: '現在のメール数: こちら {here}、相手 {there}。',
  },
  lostMail: {
    en: 'There are fewer messages than before in: {names}. Both servers go back; look at these before you try again.',
    ja: '開始前よりメールが減ったフォルダー: {names}。両方を元に戻します。再実行の前に確認してください。',
  },
  moreMail: {
    en: 'More messages than both had together, in: {names}. New mail, or mail that is there twice: look before people do.',
    ja: '両方の合計より増えたフォルダー: {names}。新着か重複です。利用者より先に確認してください。',
  },
  unsettled: {
    en: 'The mail of the two has not come together yet; it goes on by itself. “dovetail check” on either says how far it is.',
    ja: '2 台のメールの同期はまだ続いています。状況はどちらかの「dovetail check」で確認できます。',
  },
  both: {en: 'Both servers are a pair now, proved and confirmed.', ja: '2 台はペアになりました (確認済み)。'},
  neither: {en: 'Both servers are as they were before.', ja: '両方のサーバーは元の状態です。'},
  halfThere: {
    en: 'This server is as it was before. {host} could not be asked: its half ({id}) goes back by itself unless it was confirmed. To be sure: “dovetail pair --finish” here once it can be reached, or “dovetail rollback {id}” there.',
    ja: 'こちらは元の状態です。{host} に確認できません。相手側 ({id}) は未確定なら自動的に元へ戻ります。確実にするには、接続できるようになってからこちらで「dovetail pair --finish」、または相手側で「dovetail rollback {id}」を実行してください。',
  },
  halfHere: {
    en: 'This half ({id}) could not be taken back: “dovetail rollback” here, then “dovetail pair --finish”.',
    ja: 'こちらの半分 ({id}) を元に戻せませんでした。「dovetail rollback」の後に「dovetail pair --finish」を実行してください。',
  },
  waiting: {
    en: '{host} does not answer; asking again until {time}, when this half would go back by itself.',
    ja: '{host} が応答しません。こちらが自動的に元へ戻る {time} まで問い合わせを続けます。',
  },
  untold: {
    en: 'Whether {host} kept its half ({id}) cannot be told from here. This half goes back by itself where it is not confirmed. Once {host} can be reached: “dovetail pair --finish” here makes both a pair or takes both back.',
    ja: '{host} の半分 ({id}) が残ったかどうか、ここからは分かりません。こちらは未確定なら自動的に元へ戻ります。{host} に接続できるようになったら、こちらで「dovetail pair --finish」を実行すると、両方をペアにするか両方を元に戻します。',
  },
  nothingToFinish: {en: 'No pair is being made.', ja: '作成途中のペアはありません。'},
  finishing: {en: 'Asking {host} how far it is …', ja: '{host} に状態を問い合わせています …'},
  exported: {
    en: 'This half is set up. {path} holds the password and the key of the pair: bring it to the other server (scp), run “dovetail pair --import FILE” there, then remove it on both. Until then no mail crosses; “dovetail rollback” here takes it back.',
    ja: 'こちらの設定が済みました。{path} にはペアのパスワードと鍵が入っています。相手に渡し (scp)、相手で「dovetail pair --import ファイル」を実行した後、両方から削除してください。それまで複製は始まりません。こちらの「dovetail rollback」で元に戻せます。',
  },
  imported: {
    en: 'Both halves are set up. Remove {path} on both servers.',
    ja: '両方の設定が済みました。{path} を両方のサーバーから削除してください。',
  },
  notImported: {
    en: 'This half is not set up, {host} is: put right what is said above and import again, or run “dovetail rollback” there.',
    ja: 'こちらは未設定、{host} は設定済みです。上記を解決して再度取り込むか、相手で「dovetail rollback」を実行してください。',
  },
  file: {en: 'The file {path} cannot be used.', ja: 'ファイル {path} を使えません。'},
  fileNew: {en: 'Name a file that is not there yet.', ja: '存在しないファイル名を指定してください。'},
  fileGiven: {
    en: 'It must be a regular file of root’s with mode 0600 (chown root, chmod 600).',
    ja: 'root 所有、モード 0600 の通常のファイルである必要があります (chown root、chmod 600)。',
  },
  fileOthers: {
    en: 'Others can read or change it, or it is no regular file.',
    ja: '他者が読み書きできるか、通常のファイルではありません。',
  },
} satisfies Record<string, Text>;
