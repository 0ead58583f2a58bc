import type {Text} from '../../src/core/text.js';

/** What the section `replication` says beside its questions. */
export const replicationTexts = {
  gone: {
    en: 'Dovecot 2.4 has no replication any more: its developers removed it. What exists: two servers of Dovecot 2.3 (Debian 12); one mail store that both servers mount (NFS, a cluster’s file system); or a copy by a timer (“doveadm backup”, one way, minutes behind, nobody takes over by himself).',
    ja: 'Dovecot 2.4 にはレプリケーションがありません (開発元が廃止)。代わりは、Dovecot 2.3 の 2 台 (Debian 12)、両方がマウントする共有ストレージ (NFS など)、または定期実行の複製 (「doveadm backup」、一方向、数分遅れ、自動切り替えなし) です。',
  },
  owners: {
    en: 'Mail in people’s own homes has as many owners as people; replication needs one owner of all mail on both servers.',
    ja: '各自のホームのメールは所有者がばらばらです。レプリケーションには、両サーバーで共通の所有者 1 人が必要です。',
  },
  oneFile: {
    en: 'This Dovecot reads no files of conf.d, where the settings of the pair are kept.',
    ja: 'この Dovecot は、ペアの設定を置く conf.d のファイルを読み込みません。',
  },
  other: {
    en: 'Replication is set up here by hand ({file}); it is left as it is. Remove it there first to have dovetail set it up.',
    ja: 'レプリケーションは手作業で設定済みです ({file})。そのままにします。dovetail で設定する場合は先に削除してください。',
  },
  nobody: {en: 'Name at least one address.', ja: 'アドレスを 1 つ以上指定してください。'},
  single: {
    en: 'Whole addresses of one server, no networks: whoever has the password reads all mail.',
    ja: 'ネットワークではなく、1 台のアドレスを指定してください。パスワードがあれば全メールを読めます。',
  },
  itself: {en: 'That is this machine itself.', ja: 'それはこのマシン自身です。'},
  alphabet: {
    en: 'Letters, digits and . _ ~ + / = - only, 16 to 128 of them.',
    ja: '英数字と . _ ~ + / = - のみ、16～128 文字にしてください。',
  },
  nothingToKeep: {
    en: 'This machine has none yet: give one.',
    ja: 'このマシンにはまだありません。指定してください。',
  },
  notGenerated: {
    en: 'Both servers need the same one. “dovetail pair” makes it and brings it to the partner.',
    ja: '両方のサーバーで同じものが必要です。「dovetail pair」が作成し、相手に渡します。',
  },
  notPem: {en: 'That is not PEM.', ja: 'PEM 形式ではありません。'},
  together: {
    en: 'Certificate and key come together: both from files, both kept, or both made.',
    ja: '証明書と鍵は揃えてください (両方ファイル、両方保持、両方作成のいずれか)。',
  },
  clear: {
    en: 'All mail and the password of the pair cross the network in clear: for a cable between the two alone.',
    ja: '全メールとペアのパスワードが平文で流れます。2 台だけを結ぶ回線専用です。',
  },
  open: {
    en: 'No firewall that dovetail can set is active here (firewalld, ufw): the port of the replication is open to everybody, and its password is all that guards the mail.',
    ja: '設定できるファイアウォール (firewalld, ufw) が動いていません。レプリケーション用ポートは誰にでも開き、メールを守るのはパスワードだけになります。',
  },
  openRemedy: {
    en: 'Let only {addresses} reach TCP port {port}, in the firewall that is in front.',
    ja: '手前のファイアウォールで、TCP ポート {port} への接続を {addresses} だけに許可してください。',
  },
  otherSide: {
    en: 'Replication is between two servers, no more, and both need it: {partner} must have the same accounts, the same owner and format of mail, and this password and certificate.',
    ja: 'レプリケーションは 2 台の間だけのもので、両方に設定が必要です。{partner} にも同じアカウント、同じメールの所有者と形式、このパスワードと証明書が必要です。',
  },
  otherSideRemedy: {
    en: '“dovetail pair” sets both up, or takes both back; it asks for a backup of both mail stores first.',
    ja: '「dovetail pair」は両方を設定するか、両方を元に戻します。事前に両方のメールをバックアップしてください。',
  },
} satisfies Record<string, Text>;
