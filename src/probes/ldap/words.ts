import type {Text} from '../../core/text.js';
import type {LdapResult} from './client.js';

/** A failure in the admin's words; `evidence` is what the other side said. */
export type Explained = {
  readonly summary: Text;
  readonly remedy: Text;
  readonly evidence?: string;
  readonly values?: Readonly<Record<string, string>>;
};

/** What went wrong on the way to the directory. */
export const ofError = (error: unknown): Explained => {
  const {
    code = '',
    message = '',
    cert,
  } = error as {
    code?: string;
    message?: string;
    cert?: {subjectaltname?: string; subject?: {CN?: string}};
  };
  const kind = kinds.find(({codes}) => codes.test(code) || codes.test(message)) ?? other;
  const names = cert?.subjectaltname ?? cert?.subject?.CN ?? '';
  return {
    summary: texts[kind.text],
    remedy: texts[`${kind.text}Remedy`],
    evidence: `${code} ${message}`.trim(),
    values: {names},
  };
};

const other = {codes: /^/, text: 'broken'} as const;
const kinds = [
  {codes: /^(?:ENOTFOUND|EAI_)/, text: 'unknownName'},
  {codes: /^ECONNREFUSED/, text: 'refused'},
  {codes: /^(?:ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|timeout)/, text: 'silent'},
  {codes: /ALTNAME_INVALID/, text: 'wrongName'},
  {codes: /^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)/, text: 'expired'},
  {codes: /SELF_SIGNED|UNABLE_TO_(?:GET_ISSUER|VERIFY)|ISSUER|CERT_UNTRUSTED|INVALID_CA/, text: 'wrongCa'},
  {codes: /^(?:EPROTO|ERR_SSL|ECONNRESET)/, text: 'noTls'},
  {codes: /^not LDAP|^too /, text: 'broken'},
] as const;

/** What a directory means by a code (RFC 4511, appendix A). */
export const ofResult = ({code, message}: LdapResult): Explained => {
  const text =
    code === 32 || code === 34 || code === 10
      ? 'noBase'
      : code === 50 || code === 1 || code === 48
        ? 'noRight'
        : code === 8 || code === 13
          ? 'wantsTls'
          : code === 49
            ? 'bind'
            : code === 3 || code === 51 || code === 52
              ? 'silent'
              : 'answered';
  return {
    summary: texts[text],
    remedy: texts[`${text}Remedy`],
    evidence: `${code} ${message}`.trim(),
  };
};

export const texts = {
  answers: {en: '{server} answers.', ja: '{server} が応答しました。'},
  vouched: {
    en: 'The certificate of {server} is good, by {ca}.',
    ja: '{server} の証明書は {ca} により正しいと確認できました。',
  },
  base: {en: '{who} can read {base}.', ja: '{who} は {base} を読めます。'},
  found: {en: '{person} is the entry {dn}.', ja: '{person} のエントリーは {dn} です。'},
  login: {en: '{person} can log in, as {dn}.', ja: '{person} は {dn} としてログインできます。'},
  unchecked: {
    en: 'Whether {server} lets itself be read: its password is not known to this run.',
    ja: '{server} を読めるかどうか: この実行ではパスワードがわかりません。',
  },
  uncheckedRemedy: {
    en: 'Give the password again to have it tried.',
    ja: 'パスワードをもう一度指定すると確認できます。',
  },
  unknownName: {en: 'The name in {server} is not known here.', ja: '{server} の名前を解決できません。'},
  unknownNameRemedy: {
    en: 'Check the spelling, and whether this machine’s name server knows it.',
    ja: '綴りと、このマシンのネームサーバーが知っているかを確認してください。',
  },
  refused: {en: 'Nothing listens at {server}.', ja: '{server} では何も待ち受けていません。'},
  refusedRemedy: {
    en: 'Check name and port (636 for ldaps, 389 for ldap), and whether the directory runs.',
    ja: '名前とポート (ldaps は 636、ldap は 389)、ディレクトリーが動いているかを確認してください。',
  },
  silent: {en: '{server} did not answer within 5 seconds.', ja: '{server} が 5 秒以内に応答しません。'},
  silentRemedy: {
    en: 'The directory is down, or a firewall is in between. Try again when it answers.',
    ja: 'ディレクトリーが停止しているか、間にファイアウォールがあります。応答するようになってから再試行してください。',
  },
  wrongName: {
    en: 'The certificate of {server} is for another name: {names}.',
    ja: '{server} の証明書は別の名前のものです: {names}',
  },
  wrongNameRemedy: {
    en: 'Write the server by a name that its certificate has.',
    ja: '証明書にある名前でサーバーを指定してください。',
  },
  expired: {
    en: 'The certificate of {server} is not valid today.',
    ja: '{server} の証明書は有効期間外です。',
  },
  expiredRemedy: {
    en: 'Its operator has to renew it; check this machine’s clock as well.',
    ja: '管理者による更新が必要です。このマシンの時計も確認してください。',
  },
  wrongCa: {
    en: 'The certificate of {server} does not come from an authority in {ca}.',
    ja: '{server} の証明書は {ca} の認証局が発行したものではありません。',
  },
  wrongCaRemedy: {
    en: 'Get the authority’s certificate from whoever runs the directory, as a PEM file, and name that file.',
    ja: 'ディレクトリーの管理者から認証局の証明書を PEM 形式で受け取り、そのファイルを指定してください。',
  },
  noTls: {
    en: '{server} broke off when encryption should have begun.',
    ja: '{server} は暗号化の開始時に接続を切りました。',
  },
  noTlsRemedy: {
    en: 'ldaps:// is for port 636; on 389 write ldap://, which goes on by STARTTLS.',
    ja: 'ldaps:// はポート 636 用です。389 では ldap:// と書くと STARTTLS を使います。',
  },
  noStartTls: {en: '{server} does not offer STARTTLS.', ja: '{server} は STARTTLS に対応していません。'},
  noStartTlsRemedy: {
    en: 'Use ldaps://, or have STARTTLS switched on there.',
    ja: 'ldaps:// を使うか、相手側で STARTTLS を有効にしてもらってください。',
  },
  broken: {
    en: '{server} answered with something that is not a directory’s answer.',
    ja: '{server} の応答はディレクトリーのものではありません。',
  },
  brokenRemedy: {en: 'Check name and port.', ja: '名前とポートを確認してください。'},
  noCa: {en: 'The file {ca} cannot be read.', ja: '{ca} を読み取れません。'},
  noCaRemedy: {
    en: 'Name the PEM file with the authority’s certificate.',
    ja: '認証局の証明書の PEM ファイルを指定してください。',
  },
  emptyCa: {en: '{ca} has no certificate in it.', ja: '{ca} に証明書がありません。'},
  emptyCaRemedy: {
    en: 'It must be PEM: “-----BEGIN CERTIFICATE-----”. From DER: openssl x509 -inform der -in FILE -out ca.pem',
    ja: '「-----BEGIN CERTIFICATE-----」で始まる PEM 形式が必要です。DER からは openssl x509 -inform der -in ファイル -out ca.pem で変換できます。',
  },
  privateCa: {
    en: 'Dovecot and Postfix could not read {ca}: it, or a directory on the way, is closed to others.',
    ja: 'Dovecot と Postfix が {ca} を読めません。ファイルか途中のディレクトリーが他のユーザーに開かれていません。',
  },
  privateCaRemedy: {
    en: 'It is no secret: put a copy where everybody may read it, such as /etc/ssl/certs.',
    ja: '秘密のものではないため、/etc/ssl/certs など誰でも読める場所に置いてください。',
  },
  bind: {
    en: 'The directory does not take {who} with this password.',
    ja: '{who} をこのパスワードで認証できません。',
  },
  bindRemedy: {
    en: 'Check the name of the account, written out in full, and its password.',
    ja: 'アカウントの完全な名前とパスワードを確認してください。',
  },
  wantsTls: {
    en: '{server} takes passwords only over an encrypted connection.',
    ja: '{server} は暗号化された接続でしかパスワードを受け付けません。',
  },
  wantsTlsRemedy: {en: 'Use ldaps:// or STARTTLS.', ja: 'ldaps:// か STARTTLS を使ってください。'},
  noBase: {
    en: 'There is no entry {base} that {who} may see.',
    ja: '{who} から見えるエントリー {base} がありません。',
  },
  noBaseRemedy: {
    en: 'Check the base; if it is right, {who} needs the right to read it.',
    ja: 'ベースを確認してください。正しければ、{who} に読み取り権限が必要です。',
  },
  noRight: {en: '{who} may not read {base}.', ja: '{who} には {base} を読む権限がありません。'},
  noRightRemedy: {
    en: 'Give the server an account that may read it, or give {who} that right in the directory.',
    ja: '読み取れるアカウントを指定するか、ディレクトリー側で {who} に権限を与えてください。',
  },
  answered: {en: '{server} refused the request.', ja: '{server} が要求を拒否しました。'},
  answeredRemedy: {
    en: 'See what it said, and its log.',
    ja: '応答の内容と、相手側のログを確認してください。',
  },
  filter: {
    en: 'With {person} in it the filter is none.',
    ja: '{person} を入れるとフィルターとして正しくありません。',
  },
  nobody: {
    en: 'The directory has no {person} below {base}.',
    ja: '{base} の下に {person} は見つかりません。',
  },
  nobodyRemedy: {
    en: 'Check the address, or the filter: which attribute holds what people log in with?',
    ja: 'アドレスか、フィルター (ログイン名がどの属性にあるか) を確認してください。',
  },
  nobodyAtAll: {
    en: 'With this filter {who} finds nobody at all below {base}.',
    ja: 'このフィルターでは、{who} から {base} の下に誰も見つかりません。',
  },
  nobodyAtAllRemedy: {
    en: 'Check base, scope and filter; or {who} may not read the attributes that the filter names.',
    ja: 'ベース、範囲、フィルターを確認してください。または {who} にその属性を読む権限がありません。',
  },
  two: {
    en: 'More than one entry answers to {person}: {dn}',
    ja: '{person} に当てはまるエントリーが複数あります: {dn}',
  },
  twoRemedy: {
    en: 'Nobody could log in then. Narrow the base or the filter until one is left.',
    ja: 'このままではログインできません。ベースかフィルターを絞ってください。',
  },
  wrongPassword: {
    en: 'The directory does not take {person} with this password.',
    ja: '{person} をこのパスワードで認証できません。',
  },
  wrongPasswordRemedy: {
    en: 'Type it again; if it is right, the account {dn} may be locked or expired.',
    ja: '入力し直してください。正しければ、アカウント {dn} がロックまたは期限切れかもしれません。',
  },
} satisfies Record<string, Text>;
