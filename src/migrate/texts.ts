import type {Text} from '../core/text.js';

/** Why something is lost or left to a person, and what to do instead; in the order in which the report tells it. */
export const notes = {
  replication: {
    en: 'Replication is gone in 2.4: no replicator, no plugin. Shared storage, or “doveadm sync” by a timer.',
    ja: '2.4 ではレプリケーション機能が廃止されました。共有ストレージか、タイマーでの doveadm sync が代わりです。',
  },
  director: {
    en: 'The director is gone in 2.4. Keep a user on one server by a proxy or by shared storage.',
    ja: '2.4 では director が廃止されました。プロキシーか共有ストレージで代替してください。',
  },
  driver: {
    en: 'This back end is gone in 2.4; PAM, a list, LDAP, SQL or Lua can take its place.',
    ja: 'このバックエンドは 2.4 で廃止されました。PAM、リスト、LDAP、SQL、Lua で置き換えてください。',
  },
  crypt: {
    en: 'Encrypted mail: without these settings it cannot be read. Write them with the crypt_ names of 2.4.',
    ja: '暗号化メール: この設定がないと読めません。2.4 の crypt_ で始まる設定で書き直してください。',
  },
  location: {
    en: 'The mail location needs a decision; without it 2.4 does not find the mail.',
    ja: 'メール格納先に判断が必要です。指定がないと 2.4 はメールを見つけられません。',
  },
  notRead: {
    en: 'The file that it names could not be read, so its settings are missing here.',
    ja: '参照先のファイルを読めないため、その設定はここに含まれません。',
  },
  oldStats: {
    en: 'The old statistics are gone; write “metric” blocks instead.',
    ja: '旧統計機能は廃止されました。metric ブロックで置き換えてください。',
  },
  plugin: {
    en: 'This plugin is gone or has another name; what it did needs a decision.',
    ja: 'このプラグインは廃止または改名されました。代わりを決めてください。',
  },
  built: {
    en: 'What this plugin did is built into 2.4.',
    ja: 'このプラグインの機能は 2.4 本体に含まれています。',
  },
  variables: {
    en: 'It holds variables that have no certain counterpart; rewrite it with 2.4’s variables.',
    ja: '確実に対応する変数がありません。2.4 の変数で書き直してください。',
  },
  logVariables: {
    en: 'Log lines have other variables in 2.4; its default takes this place.',
    ja: 'ログの変数は 2.4 で異なります。2.4 の既定値になります。',
  },
  fileContent: {
    en: 'The value is read from a file; say in 2.4’s way where it comes from.',
    ja: '値をファイルから読んでいます。2.4 の書き方で指定してください。',
  },
  shared: {
    en: 'Folders of other users: 2.4 says whose they are with $user and %{owner_home}; write this namespace anew.',
    ja: '他のユーザーのフォルダー: 2.4 では $user と %{owner_home} で表します。この namespace を書き直してください。',
  },
  folders: {
    en: 'Folders are made by “auto” in mailbox blocks now, and emptied by “autoexpunge”.',
    ja: 'フォルダーの作成は mailbox の auto、期限による削除は autoexpunge で指定します。',
  },
  quota: {
    en: 'Quotas have blocks in 2.4; this rule needs a decision.',
    ja: '2.4 のクォータはブロックで書きます。この規則は判断が必要です。',
  },
  sieve: {
    en: '2.4 writes this as sieve_script blocks, and this one needs a decision.',
    ja: '2.4 では sieve_script ブロックで書きます。判断が必要です。',
  },
  fields: {
    en: 'A field of it has no certain counterpart.',
    ja: '確実に対応するものがない項目があります。',
  },
  syntax: {
    en: '2.4 knows the name, but the value is written another way.',
    ja: '名前は 2.4 にもありますが、値の書き方が異なります。',
  },
  unknown: {
    en: '2.4 does not know this name and would not start. Look it up in Dovecot’s upgrade guide.',
    ja: '2.4 にこの名前はなく、起動しません。Dovecot のアップグレードガイドを確認してください。',
  },
  understood: {
    en: 'This line was not understood.',
    ja: 'この行は解釈できませんでした。',
  },
  ldapCa: {
    en: '2.4.1 ignores this CA for LDAP: add the CA to the system’s store too.',
    ja: '2.4.1 は LDAP でこの CA を無視します。システムの証明書ストアにも追加してください。',
  },
  default: {
    en: '2.4 has another default here; 2.3’s is written out.',
    ja: '2.4 では既定値が異なるため、2.3 の既定値を明記しました。',
  },
  mailField: {
    en: 'A column named “mail” or “quota_rule” has no meaning in 2.4; it wants mail_driver, mail_path, quota_storage_size.',
    ja: '列名 mail と quota_rule は 2.4 では無効です。mail_driver、mail_path、quota_storage_size に分けてください。',
  },
  sslv3: {
    en: 'Protocols cannot be listed any more, only the oldest allowed.',
    ja: 'プロトコルの列挙はできず、最低バージョンだけを指定します。',
  },
} satisfies Record<string, Text>;
