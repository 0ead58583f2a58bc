import type {Text} from '../core/text.js';

/** What the checks of a pair say. */
export const replicationTexts = {
  plugins: {
    en: 'Every way to change mail tells the replicator.',
    ja: 'メールのあらゆる変更がレプリケーターに通知されます。',
  },
  noPlugins: {
    en: 'Changes by {protocols} are not replicated: the plug-ins notify and replication are not in force there.',
    ja: '{protocols} による変更は複製されません (プラグイン notify と replication が無効)。',
  },
  noPluginsRemedy: {
    en: 'Let mail_plugins of that protocol begin with $mail_plugins.',
    ja: 'そのプロトコルの mail_plugins を $mail_plugins で始めてください。',
  },
  list: {
    en: 'Dovecot can list its accounts: {count}.',
    ja: 'Dovecot はアカウントを一覧できます: {count} 個。',
  },
  noList: {
    en: 'Dovecot cannot list its accounts: the mail of who gets none is never replicated.',
    ja: 'Dovecot がアカウントを一覧できません。新着のない利用者のメールは複製されません。',
  },
  noListRemedy: {
    en: "Try “doveadm user '*'” on both servers; the user database must be able to list.",
    ja: "両方のサーバーで「doveadm user '*'」を試してください。ユーザーデータベースが一覧に対応している必要があります。",
  },
  status: {
    en: 'The replicator knows {known} accounts; {soon} wait for their turn, {full} for a full comparison, and {failed} failed last time.',
    ja: 'レプリケーターの対象は {known} アカウント。順番待ち {soon}、完全な照合待ち {full}、前回失敗 {failed}。',
  },
  failedRemedy: {
    en: "They are tried again every five minutes. If it stays so: “doveadm replicator status '*'”, and “doveadm sync -u NAME -d” says why.",
    ja: "5 分ごとに再試行します。続く場合は「doveadm replicator status '*'」で確認し、「doveadm sync -u 名前 -d」で原因を調べてください。",
  },
  noStatus: {en: 'The replicator does not answer.', ja: 'レプリケーターが応答しません。'},
  partner: {en: 'Whether the other server answers.', ja: 'もう 1 台が応答するかどうか。'},
  rootRemedy: {
    en: 'Run “dovetail check” as root: the password of the pair is for root alone.',
    ja: 'root で「dovetail check」を実行してください。ペアのパスワードは root だけが読めます。',
  },
  reached: {
    en: '{partner} answers on port {port} and takes the password.',
    ja: '{partner} はポート {port} で応答し、パスワードが一致します。',
  },
  reachedTls: {
    en: '{partner} answers on port {port} with the certificate of the pair and takes the password.',
    ja: '{partner} はポート {port} でペアの証明書を提示し、パスワードも一致します。',
  },
  silent: {
    en: 'Whether mail crosses: {partner} does not answer on port {port}.',
    ja: '複製されるかどうか: {partner} がポート {port} で応答しません。',
  },
  silentRemedy: {
    en: 'Is it set up as the other half, is it up, and do both firewalls let this in? Then run “dovetail check” on both.',
    ja: '相手の設定、稼働状態、両方のファイアウォールを確認し、両方で「dovetail check」を実行してください。',
  },
  stranger: {
    en: 'What answers at {partner} port {port} does not show the certificate of the pair.',
    ja: '{partner} のポート {port} で応答した相手は、ペアの証明書を提示しません。',
  },
  strangerRemedy: {
    en: 'Both need the same certificate, with both names in it: set both up with “dovetail pair”. If it did match before, find out who answers there.',
    ja: '両方の名前が入った同じ証明書が必要です。「dovetail pair」で両方を設定してください。以前は一致していた場合、応答している相手を調べてください。',
  },
  refused: {
    en: '{partner} does not take the password of the pair.',
    ja: '{partner} はペアのパスワードを受け付けません。',
  },
  refusedRemedy: {
    en: 'Both need the same password: set both up with “dovetail pair”.',
    ja: '同じパスワードが必要です。「dovetail pair」で両方を設定してください。',
  },
  same: {
    en: 'Whether {partner} has the same accounts.',
    ja: '{partner} に同じアカウントがあるかどうか。',
  },
  sameUsers: {
    en: '{partner} has the same {count} accounts.',
    ja: '{partner} には同じ {count} アカウントがあります。',
  },
  otherUsers: {
    en: 'Accounts that {partner} does not have: {missing}; that only it has: {more}.',
    ja: '{partner} にないアカウント: {missing}。相手だけにあるアカウント: {more}。',
  },
  otherUsersRemedy: {
    en: 'Replication carries mail, not accounts: make them on both (“dovetail users”), or use one back end for both.',
    ja: '複製されるのはメールだけです。両方で作成する (「dovetail users」) か、共通のバックエンドを使ってください。',
  },
  folders: {
    en: 'No folder stands in the way of the replication with {partner}.',
    ja: '{partner} との複製を妨げるフォルダーはありません。',
  },
  conflicts: {
    en: 'Folders that were made on both servers apart, and are never merged: {folders}.',
    ja: '両方で別々に作られ、統合されないフォルダー: {folders}。',
  },
  conflictsCause: {
    en: 'Each has an identity (GUID) of its own; Dovecot 2.3 makes the two exchange them for ever, and says nothing.',
    ja: 'それぞれ固有の ID (GUID) を持ちます。Dovecot 2.3 は ID を交換し続けるだけで、何も記録しません。',
  },
  conflictsRemedy: {
    en: 'Give one side the identity of the other: “doveadm mailbox status -u NAME guid FOLDER” here, “doveadm mailbox update -u NAME --mailbox-guid GUID FOLDER” there. No message is lost by it: both sides then have all of them.',
    ja: '片方の ID をもう片方に合わせてください。こちらで「doveadm mailbox status -u 名前 guid フォルダー」、相手で「doveadm mailbox update -u 名前 --mailbox-guid GUID フォルダー」。メールは失われず、両方に揃います。',
  },
  crossing: {
    en: 'Whether a message crosses to {partner} and back.',
    ja: 'メールが {partner} との間を行き来するかどうか。',
  },
  aboveRemedy: {
    en: 'Put right what is said above, then run “dovetail check”.',
    ja: '上記を解決してから「dovetail check」を実行してください。',
  },
  there: {
    en: 'A message that was stored here was read on {partner} after {ms} ms.',
    ja: 'こちらに保存したメールを {ms} ミリ秒後に {partner} で読めました。',
  },
  thereNot: {
    en: 'A message that was stored here did not come to {partner}.',
    ja: 'こちらに保存したメールが {partner} に届きません。',
  },
  flag: {
    en: 'A flag that was set on {partner} was seen here after {ms} ms.',
    ja: '{partner} で付けたフラグが {ms} ミリ秒後にこちらに反映されました。',
  },
  flagNot: {
    en: 'A flag that was set on {partner} did not come here.',
    ja: '{partner} で付けたフラグがこちらに反映されません。',
  },
  back: {
    en: 'A message that was stored on {partner} was read here after {ms} ms.',
    ja: '{partner} に保存したメールを {ms} ミリ秒後にこちらで読めました。',
  },
  backNot: {
    en: 'A message that was stored on {partner} did not come here.',
    ja: '{partner} に保存したメールがこちらに届きません。',
  },
  gone: {
    en: 'The test message was removed, here and on {partner}.',
    ja: 'テストメールは、こちらと {partner} の両方から削除されました。',
  },
  goneNot: {
    en: 'The test message was removed here; on {partner} it had to be removed apart.',
    ja: 'テストメールの削除が {partner} に伝わらず、別途削除しました。',
  },
  crossingRemedy: {
    en: "On both: “doveadm replicator status '*'”, “doveadm sync -u NAME -d”, and the log of Dovecot.",
    ja: "両方で「doveadm replicator status '*'」「doveadm sync -u 名前 -d」と Dovecot のログを確認してください。",
  },
} satisfies Record<string, Text>;
