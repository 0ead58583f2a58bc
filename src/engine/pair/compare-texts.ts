/** What is said of two servers that are to become a pair. */
export const compareTexts = {
  version: {
    en: 'Both run Dovecot 2.3 ({here} here, {there} there).',
    ja: '両方とも Dovecot 2.3 です (こちら {here}、相手 {there})。',
  },
  versionBad: {
    en: 'Dovecot is {here} here and {there} there: only 2.3 replicates, on both sides.',
    ja: 'Dovecot はこちら {here}、相手 {there} です。両方が 2.3 の場合だけ複製できます。',
    remedy: {
      en: 'Set Dovecot 2.3 up on both (Debian 12).',
      ja: '両方に Dovecot 2.3 を用意してください (Debian 12)。',
    },
  },
  owner: {
    en: 'The mail has one owner, the same on both ({here}).',
    ja: 'メールの所有者は両方で同じです ({here})。',
  },
  ownerBad: {
    en: 'The mail belongs to {here} here and to {there} there.',
    ja: 'メールの所有者は、こちら {here}、相手 {there} です。',
    remedy: {
      en: 'Give the owner of all mail the same user and group number on both.',
      ja: 'メールの所有者の UID と GID を両方で揃えてください。',
    },
  },
  location: {en: 'Both keep mail alike ({here}).', ja: '両方ともメールの保存方法が同じです ({here})。'},
  locationBad: {
    en: 'Mail is kept as {here} here and as {there} there.',
    ja: 'メールの保存方法は、こちら {here}、相手 {there} です。',
    remedy: {
      en: 'Answer the section “storage” alike on both.',
      ja: '両方の「storage」の回答を揃えてください。',
    },
  },
  backends: {
    en: 'Both ask the same kinds of databases ({here}).',
    ja: '両方とも同じ種類の認証先を使います ({here})。',
  },
  backendsBad: {
    en: 'Accounts come from {here} here and from {there} there.',
    ja: 'アカウントは、こちら {here}、相手 {there} にあります。',
    remedy: {en: 'Answer the section “auth” alike on both.', ja: '両方の「auth」の回答を揃えてください。'},
  },
  users: {en: 'Both have the same {count} accounts.', ja: '両方に同じ {count} アカウントがあります。'},
  usersBad: {
    en: 'Accounts that the partner does not have: {missing}; that only it has: {more}.',
    ja: '相手にないアカウント: {missing}。相手だけにあるアカウント: {more}。',
    remedy: {
      en: 'Make them on both (“dovetail users add”), or use one back end for both.',
      ja: '両方で作成する (「dovetail users add」) か、共通のバックエンドを使ってください。',
    },
  },
  noList: {
    en: "Dovecot cannot list its accounts on one of the two (“doveadm user '*'”).",
    ja: "片方の Dovecot がアカウントを一覧できません (「doveadm user '*'」)。",
    remedy: {
      en: 'The user database must be able to list its users (iterate_query, iterate_filter).',
      ja: 'ユーザーデータベースを一覧に対応させてください (iterate_query、iterate_filter)。',
    },
  },
  clocks: {en: 'The clocks differ by {seconds} s.', ja: '時計の差は {seconds} 秒です。'},
  clocksBad: {
    en: 'The clocks differ by {seconds} s; {bound} s at most may be.',
    ja: '時計の差が {seconds} 秒あります (上限 {bound} 秒)。',
    remedy: {
      en: 'Switch time synchronisation on, on both (“timedatectl set-ntp true”).',
      ja: '両方で時刻同期を有効にしてください (「timedatectl set-ntp true」)。',
    },
  },
  nobodys: {en: 'Nobody set replication up by hand.', ja: '手作業のレプリケーション設定はありません。'},
  somebodys: {
    en: 'Replication was set up by hand on one of the two.',
    ja: '片方にレプリケーションの手作業の設定があります。',
    remedy: {
      en: 'Remove it there first (grep mail_replica).',
      ja: '先に削除してください (grep mail_replica)。',
    },
  },
  counts: {
    en: 'Messages before: {here} here, {there} on the partner.',
    ja: '開始前のメール数: こちら {here}、相手 {there}。',
  },
  folders: {
    en: 'No folder was made on both apart.',
    ja: '両方で別々に作られたフォルダーはありません。',
  },
  foldersBad: {
    en: 'Folders that were made on both apart, which Dovecot never merges: {names}.',
    ja: '両方で別々に作られ、Dovecot が統合できないフォルダー: {names}。',
    remedy: {
      en: 'Give them one identity by these commands on the partner (no message is lost by it), then run this again.',
      ja: '相手で次のコマンドを実行して ID を揃え (メールは失われません)、再実行してください。',
    },
  },
  copies: {
    en: 'No message would be there twice ({here} of here were compared with {there} of the partner).',
    ja: '重複するメールはありません (こちらの {here} 通と相手の {there} 通を比較)。',
  },
  copiesBad: {
    en: '{count} messages are on both as copies that do not know of each other: they would be there twice.',
    ja: '{count} 通は互いに無関係な複製として両方にあり、二重になります。',
    remedy: {
      en: 'Empty the partner’s mail store (after a backup), or bring the mail over with “doveadm backup”, which keeps identities.',
      ja: 'バックアップの後に相手のメールを空にするか、ID を保つ「doveadm backup」で移してください。',
    },
  },
  foldersUnchecked: {
    en: 'Whether folders were made on both apart.',
    ja: '両方で別々に作られたフォルダーがあるかどうか。',
  },
  copiesUnchecked: {
    en: 'Whether messages are on both as copies that do not know of each other.',
    ja: '互いに無関係な複製が両方にあるかどうか。',
  },
  noneOnBoth: {en: 'Neither server has any.', ja: 'どちらのサーバーにもありません。'},
  noneHere: {en: 'This server has none.', ja: 'こちらのサーバーにはありません。'},
  noneThere: {en: 'The partner has none.', ja: '相手のサーバーにはありません。'},
  uncheckedRemedy: {
    en: "Nothing to do, unless there should be mail: then see first why Dovecot does not find it (“doveadm mailbox status -A messages '*'”).",
    ja: "メールがあるはずでなければ、対処は不要です。あるはずなら、Dovecot が見つけられない理由を先に確認してください (「doveadm mailbox status -A messages '*'」)。",
  },
  versionHere: {en: 'This server runs Dovecot 2.3 ({here}).', ja: 'Dovecot 2.3 です ({here})。'},
  versionHereBad: {
    en: 'Dovecot is {here} here: only 2.3 replicates. What exists instead: one mail store that both servers mount, or a copy by a timer (“doveadm backup”).',
    ja: 'こちらの Dovecot は {here} です。複製できるのは 2.3 だけです。代わりに、共有ストレージか定期実行の複製 (「doveadm backup」) を使えます。',
    remedy: {
      en: 'Set Dovecot 2.3 up here first (“dovetail”, on Debian 12).',
      ja: '先に Dovecot 2.3 を設定してください (Debian 12 で「dovetail」)。',
    },
  },
  usersHere: {en: 'This server lists its {count} accounts.', ja: '{count} アカウントを一覧できます。'},
  noListHere: {
    en: "Dovecot cannot list its accounts here (“doveadm user '*'”).",
    ja: "こちらの Dovecot がアカウントを一覧できません (「doveadm user '*'」)。",
    remedy: {
      en: 'See whether Dovecot runs; its user database must be able to list its users (iterate_query, iterate_filter).',
      ja: 'Dovecot の稼働を確認し、ユーザーデータベースを一覧に対応させてください (iterate_query、iterate_filter)。',
    },
  },
  nobodysHere: {
    en: 'Nobody set replication up here by hand.',
    ja: '手作業のレプリケーション設定はありません。',
  },
  somebodysHere: {
    en: 'Replication was set up by hand here.',
    ja: 'こちらにレプリケーションの手作業の設定があります。',
    remedy: {
      en: 'Remove it first (grep mail_replica).',
      ja: '先に削除してください (grep mail_replica)。',
    },
  },
  backup: {
    en: 'From now on a deletion on one is a deletion on both.',
    ja: '今後は片方での削除が両方に反映されます。',
  },
  backupRemedy: {
    en: 'Have a backup of both mail stores before you go on.',
    ja: '続ける前に、両方のメールをバックアップしてください。',
  },
} as const;
