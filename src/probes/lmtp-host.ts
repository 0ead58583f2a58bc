import type {Finding} from '../core/finding.js';
import type {Probe} from '../core/probe.js';
import type {Text} from '../core/text.js';
import {play} from './dialogue.js';
import {fail, pass, unchecked, warning} from './result.js';
import type {ProbeHandler, ScriptResult} from './types.js';

/** A name that no account has. */
const nobody = 'dovetail-check-no-such-user';

/** A user of every machine who is no person (LSB, User & Group Database). */
const service = 'daemon';

/**
 * The Dovecot of another host answers by TLS, its certificate is its own and made by the authority that was named, and at RCPT
 * it refuses who is not there, and who is only a service of that machine. Nothing is delivered.
 */
export const lmtpHost: ProbeHandler<'lmtp-host'> = async (probe, {host}) => {
  const values = {host: probe.host, port: probe.port, ca: probe.ca};
  const ca = host.files.read(probe.ca, {follow: true, limit: 4 * 1024 * 1024})?.toString('latin1');
  if (ca?.includes('-----BEGIN CERTIFICATE-----') !== true) {
    return [fail(probe, {summary: texts.noAuthority, values, remedy: texts.noAuthorityRemedy})];
  }

  const domain = probe.domain ?? probe.host;
  const result = await play({
    address: probe.host,
    port: probe.port,
    protocol: 'lmtp',
    tls: probe.tls,
    trust: {name: probe.host, ca},
    lines: [
      'LHLO probe.invalid',
      'MAIL FROM:<>',
      `RCPT TO:<${nobody}@${domain}>`,
      `RCPT TO:<${service}@${domain}>`,
      'QUIT',
    ],
  });
  const [, hello = '', , ...answers] = result.replies;
  if (!hello.startsWith('250')) {
    return [
      fail(probe, {summary: texts.unusable, values, remedy: texts.unusableRemedy, evidence: wordsOf(result)}),
    ];
  }

  return [judgeRecipients(probe, {...values, address: `${service}@${domain}`}, answers, wordsOf(result))];
};

/** What the answers at RCPT say: first for who is not there, then for a service of that machine. */
export const judgeRecipients = (
  probe: Probe,
  values: Readonly<Record<string, string | number>>,
  [unknown = '', other = '']: readonly string[],
  evidence: readonly string[] = [],
): Finding =>
  unknown.startsWith('2')
    ? fail(probe, {summary: texts.takesAll, values, remedy: texts.takesAllRemedy, evidence: [unknown]})
    : // Dovecot answers 451 where its accounts cannot be asked just now.
      !unknown.startsWith('5')
      ? unchecked(probe, {summary: texts.unclear, values, remedy: texts.unusableRemedy, evidence})
      : other.startsWith('2')
        ? warning(probe, {
            summary: texts.takesServices,
            values,
            remedy: texts.takesServicesRemedy,
            evidence: [other],
          })
        : pass(probe, {summary: texts.good, values});

const wordsOf = (result: ScriptResult): readonly string[] => [
  ...result.replies.slice(-1),
  ...(result.kind === 'refused' ? [result.words ?? result.reason] : []),
];

const texts = {
  good: {
    en: '{host}, port {port}, takes mail by TLS with its own certificate, and refuses who is not there.',
    ja: '{host} (ポート {port}) は自身の証明書による TLS でメールを受け取り、存在しない宛先を拒否します。',
  },
  noAuthority: {
    en: '{ca} has no certificate of an authority (PEM).',
    ja: '{ca} に認証局の証明書 (PEM) がありません。',
  },
  noAuthorityRemedy: {
    en: 'Put the authority’s certificate there; for a self-signed one, a copy of the other host’s certificate.',
    ja: '認証局の証明書を置いてください。自己署名なら相手の証明書のコピーです。',
  },
  unusable: {
    en: 'Mail cannot be handed to {host}, port {port}.',
    ja: '{host} (ポート {port}) にメールを渡せません。',
  },
  unusableRemedy: {
    en: 'There: “dovetail lmtp”, with the address of this machine among those that may connect; its certificate must have the name that is used here, and be made by an authority in {ca}.',
    ja: '相手側で「dovetail lmtp」を使い、このマシンのアドレスを許可してください。証明書にはここで使う名前が必要で、{ca} の認証局が発行したものでなければなりません。',
  },
  takesAll: {
    en: '{host} takes mail for anybody, also for who is not there: it would bounce to people who never wrote.',
    ja: '{host} は存在しない宛先のメールも受け取ります。無関係な人に送り返すことになります。',
  },
  takesAllRemedy: {
    en: 'Its accounts must be looked up there: no user database that answers for everybody (allow_all_users).',
    ja: '相手側でアカウントを確認する必要があります。全員に応答するユーザーデータベース (allow_all_users) は使えません。',
  },
  takesServices: {
    en: '{host} takes mail for {address}, a service of that machine: without a mailbox such mail waits, and bounces to people who never wrote.',
    ja: '{host} はそのマシンのサービス用アカウント宛 ({address}) も受け取ります。メールボックスがなければ滞留し、無関係な人に送り返すことになります。',
  },
  takesServicesRemedy: {
    en: 'There: “dovetail lmtp”, which has LMTP refuse them. Or here: delivery.recipients_by = list. If that address has a mailbox, all is well.',
    ja: '相手側で「dovetail lmtp」を使うと LMTP が拒否します。またはここで delivery.recipients_by = list にしてください。そのアドレスにメールボックスがあるなら問題ありません。',
  },
  unclear: {
    en: 'Whether {host} refuses who is not there.',
    ja: '{host} が存在しない宛先を拒否するかどうか。',
  },
} satisfies Record<string, Text>;
