import {authorityProblems, type Order} from '../core/acme.js';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text, visibleLine} from '../core/text.js';
import type {RunResult} from './types.js';

type Reason = {readonly what: Text; readonly remedy: Text};
type Said = Pick<RunResult, 'exitCode' | 'stdout' | 'stderr' | 'timedOut' | 'missing'>;

/** Why certbot(1) has no certificate, in words of the admin's; what it or the authority said stands beside it. */
export const certbotProblem = ({names, server, challenge}: Order, said: Said): ProblemError => {
  const text = `${said.stdout}\n${said.stderr}`;
  const {what, remedy} = reasonOf(text, said, challenge.type);
  const values = {names: names.join(', '), server: hostOf(server), line: lineOf(text)};
  return new ProblemError({
    code: exitCode.internal,
    what: fill(what, values),
    ...(values.line === '' ? {} : {cause: fill(texts.said, values)}),
    remedy: fill(remedy, values),
  });
};

/** Somebody else's run of certbot goes on and on. */
export const inUse = (holder: string): ProblemError =>
  new ProblemError({
    code: exitCode.locked,
    what: fill(texts.inUse, {holder}),
    remedy: texts.inUseRemedy,
  });

const reasonOf = (text: string, {timedOut, missing}: Said, challenge: 'standalone' | 'webroot'): Reason =>
  missing
    ? {what: texts.missing, remedy: texts.missingRemedy}
    : timedOut
      ? {what: texts.late, remedy: texts.againRemedy}
      : (reasons.find(({seen}) => seen.test(text)) ??
        (/Type: +(?:connection|tls)/.test(text)
          ? {
              what: texts.unreached,
              remedy: challenge === 'standalone' ? texts.unreachedRemedy : texts.webrootRemedy,
            }
          : {what: texts.failed, remedy: texts.failedRemedy}));

// The first that is found counts: what is said of DNS stands in the details of a failed connection too. Error types: RFC 8555, 6.7.
const reasons: readonly (Reason & {readonly seen: RegExp})[] = [
  {
    seen: /CERTIFICATE_VERIFY_FAILED/,
    what: authorityProblems.untrusted.summary,
    remedy: authorityProblems.untrusted.remedy,
  },
  {
    seen: /Could not bind TCP port 80/,
    what: {en: 'Another program answers on port 80.', ja: 'ポート 80 は別のプログラムが使用中です。'},
    remedy: {
      en: 'Stop it, or answer that a web server shows the authority’s file (“webroot”).',
      ja: '停止するか、Web サーバーのフォルダー (webroot) で示す方法を選んでください。',
    },
  },
  {
    seen: /rateLimited|too many (?:certificates|failed|registrations|new orders)/i,
    what: {
      en: 'The authority {server} has issued, or refused, too many for {names} lately.',
      ja: '認証局 {server} の {names} に対する発行または失敗の回数制限に達しました。',
    },
    remedy: {
      en: 'Wait as long as it says; use the certificate that there is, or a self-signed one, meanwhile.',
      ja: '指定の時間を待ってください。その間は既存または自己署名の証明書を使います。',
    },
  },
  {
    seen: /invalidContact|unsupportedContact|invalid email|contact.*(?:invalid|forbidden)/i,
    what: {
      en: 'The authority {server} does not take the mail address of the account.',
      ja: '認証局 {server} がアカウントのメールアドレスを受け付けません。',
    },
    remedy: {en: 'Give another address, or none.', ja: '別のアドレスにするか、空にしてください。'},
  },
  {
    seen: /externalAccountRequired|external account binding/i,
    what: authorityProblems.external.summary,
    remedy: authorityProblems.external.remedy,
  },
  {
    seen: /rejectedIdentifier|Policy forbids|not issue for/i,
    what: {
      en: 'The authority {server} issues nothing for {names}.',
      ja: '認証局 {server} は {names} に証明書を発行しません。',
    },
    remedy: {
      en: 'It must be a name of the public DNS, of an authority that is let by the domain’s CAA record.',
      ja: '公開 DNS の名前で、ドメインの CAA レコードがその認証局を許可している必要があります。',
    },
  },
  {
    seen: /Type: +(?:dns|caa)|NXDOMAIN|no such host|resolving (?:URL|host)|no valid A(?:AAA)? records/i,
    what: {
      en: 'The authority {server} does not find the address of {names} in DNS.',
      ja: '認証局 {server} が {names} のアドレスを DNS で見つけられません。',
    },
    remedy: {
      en: 'Publish A (and AAAA, where it has IPv6) for each name, wait until the old answer is forgotten, then try again.',
      ja: '各名前の A (IPv6 があれば AAAA) を登録し、古い応答が消えてから再試行してください。',
    },
  },
  {
    seen: /Type: +(?:unauthorized|incorrectResponse)|not authorized/i,
    what: {
      en: 'Another server answered the authority {server} on port 80 of {names}.',
      ja: '{names} のポート 80 で、認証局 {server} に別のサーバーが応答しました。',
    },
    remedy: {
      en: 'See whether each name leads to this machine, IPv6 too, and whether something between answers in its place.',
      ja: '各名前が IPv6 も含めてこのマシンを指すか、途中で別のものが応答していないか確認してください。',
    },
  },
  {
    seen: /Connection refused'?\)?$|NewConnectionError|ConnectTimeout|ReadTimeout|Requesting \S+: /m,
    what: {
      en: 'The authority {server} cannot be reached from this machine.',
      ja: 'このマシンから認証局 {server} に接続できません。',
    },
    remedy: {
      en: 'See whether https to it is let out, and whether its name is known here; then try again.',
      ja: 'https での外向き通信と名前解決を確認し、再試行してください。',
    },
  },
];

// The authority's own words where it gave some, else the reason that certbot gives up with.
const lineOf = (text: string) => {
  const lines = text.split('\n').map(line => line.trim());
  const found =
    lines.find(line => line.startsWith('Detail:'))?.slice('Detail:'.length) ??
    lines.find(line => /^(?:\w+\.)*\w*(?:Error|Exception|Timeout)\b/.test(line)) ??
    lines.find(line => /(?:Error|error|Could not|failed)/.test(line) && !line.startsWith('An unexpected')) ??
    '';
  return visibleLine(found.trim()).slice(0, 400);
};

const hostOf = (server: string) => {
  try {
    return new URL(server).host;
  } catch {
    return visibleLine(server);
  }
};

const texts = {
  said: {en: 'It was said: {line}', ja: '応答: {line}'},
  missing: {en: 'certbot is not on this machine.', ja: 'このマシンに certbot がありません。'},
  missingRemedy: {en: 'Plan again: it is installed then.', ja: '計画を作り直すと導入されます。'},
  late: {
    en: 'The authority {server} did not come to an end within five minutes.',
    ja: '認証局 {server} の処理が 5 分以内に終わりませんでした。',
  },
  againRemedy: {en: 'Try again later.', ja: '時間をおいて再試行してください。'},
  unreached: {
    en: 'The authority {server} does not get to port 80 of {names}.',
    ja: '認証局 {server} が {names} のポート 80 に到達できません。',
  },
  unreachedRemedy: {
    en: 'Open port 80 on the way here (router, provider’s firewall), IPv6 too where the name has an AAAA record.',
    ja: '経路上 (ルーター、クラウド側のファイアウォール) のポート 80 を開いてください。AAAA があれば IPv6 も必要です。',
  },
  webrootRemedy: {
    en: 'See whether the web server shows the folder that was named, on port 80 and for each name.',
    ja: 'Web サーバーが指定のフォルダーを、各名前のポート 80 で公開しているか確認してください。',
  },
  failed: {
    en: 'certbot got no certificate for {names} from {server}.',
    ja: 'certbot は {server} から {names} の証明書を取得できませんでした。',
  },
  failedRemedy: {
    en: 'Look at the end of /var/log/letsencrypt/letsencrypt.log.',
    ja: '/var/log/letsencrypt/letsencrypt.log の末尾を確認してください。',
  },
  inUse: {
    en: 'certbot is at work already ({holder}), and does not end.',
    ja: 'certbot ({holder}) が実行中で、終了しません。',
  },
  inUseRemedy: {en: 'Wait until it is done, then try again.', ja: '終わるのを待って再試行してください。'},
} satisfies Record<string, Text>;
