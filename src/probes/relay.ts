import type {Finding} from '../core/finding.js';
import type {Probe} from '../core/probe.js';
import type {Text} from '../core/text.js';
import {forStrangers} from './for-strangers.js';
import {common, fail, pass, unchecked} from './result.js';
import type {Outside, ProbeHandler, Script} from './types.js';

type RelayProbe = Extract<Probe, {kind: 'relay-refused'}>;

/** Mail from outside to outside is refused at RCPT, over IPv4 and IPv6, in every spelling that has fooled servers before. */
export const relayRefused: ProbeHandler<'relay-refused'> = async (probe, {outside}) => {
  if (outside === undefined) {
    return [
      unchecked(probe, {
        summary: texts.relay,
        values: {port: probe.port},
        cause: common.noOutside,
        remedy: texts.relayElsewhere,
      }),
    ];
  }

  const findings: Finding[] = [];
  for (const {family, address} of outside.addresses) {
    const own = {...probe, id: `${probe.id}:${family}`};
    const values = {port: probe.port, family};
    const found = await openRelay(probe, outside, address);
    findings.push(
      found === undefined
        ? pass(own, {summary: probe.tls === undefined ? texts.relayRefused : texts.relayRefusedTls, values})
        : typeof found === 'string'
          ? fail(own, {summary: texts.relayOpen, values, remedy: texts.relayRemedy, evidence: [found]})
          : unchecked(own, {
              summary: texts.relay,
              values,
              ...(found.masked
                ? {cause: texts.masked, remedy: texts.relayElsewhere}
                : {cause: texts.noAnswer, remedy: common.logRemedy}),
            }),
    );
  }

  return findings;
};

/** Plain, percent hack, quoted, source route, two @, bang path, address literal, trailing dot: each an address outside, spelled so that it may look like ours. */
export const relaySpellings = (domain: string): readonly string[] => [
  'victim@elsewhere.invalid',
  `victim%elsewhere.invalid@${domain}`,
  `"victim@elsewhere.invalid"@${domain}`,
  `@${domain}:victim@elsewhere.invalid`,
  `victim@elsewhere.invalid@${domain}`,
  `elsewhere.invalid!victim@${domain}`,
  'victim@[203.0.113.9]',
  'victim@elsewhere.invalid.',
];

// From a stranger and from nobody (a bounce); eight refusals in one connection, since Postfix hangs up after twenty errors and
// slows down after ten (smtpd_hard_error_limit, smtpd_soft_error_limit). A refused connection or sender is as good as a
// refused recipient; where the server hangs up half-way, the rest is tried one by one.
const openRelay = async (probe: RelayProbe, outside: Outside, address: string) => {
  const recipients = relaySpellings(probe.domains[0] ?? 'localhost');
  let masked = true;
  for (const sender of ['someone@other.invalid', '']) {
    const tried = await tryRecipients(probe, outside, address, sender, recipients);
    const rest = tried.left;
    for (const result of [
      tried,
      ...(await inTurn(rest, async recipient => tryRecipients(probe, outside, address, sender, [recipient]))),
    ]) {
      if (result.taken !== undefined) {
        return result.taken;
      }

      if (result.silent) {
        return {masked: false};
      }

      masked &&= result.masked;
    }
  }

  return masked ? {masked} : undefined;
};

const tryRecipients = async (
  {port, tls}: RelayProbe,
  outside: Outside,
  address: string,
  sender: string,
  recipients: readonly string[],
) => {
  const script: Script = {
    address,
    port,
    protocol: 'smtp',
    tls: tls ?? 'none',
    lines: [
      'EHLO probe.invalid',
      `MAIL FROM:<${sender}>`,
      ...recipients.map(recipient => `RCPT TO:<${recipient}>`),
      'QUIT',
    ],
  };
  const result = await outside.play(script);
  const replies = result.replies.slice(3, 3 + recipients.length);
  const at = replies.findIndex(reply => reply.startsWith('2'));
  const hungUp = result.kind === 'refused' && replies.length > 0;
  return {
    taken: at < 0 ? undefined : `RCPT TO:<${recipients[at]}> → ${replies[at]}`,
    masked: replies.length > 0 && replies.every(forStrangers),
    silent: result.kind === 'refused' && result.reason === 'timeout',
    left: hungUp && recipients.length > 1 ? recipients.slice(replies.length) : [],
  };
};

const inTurn = async <T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<readonly R[]> => {
  const results: R[] = [];
  for (const item of items) {
    results.push(await act(item));
  }

  return results;
};

const texts = {
  relay: {
    en: 'Whether port {port} relays for strangers.',
    ja: 'ポート {port} が第三者の中継を許すかどうか。',
  },
  relayElsewhere: {
    en: 'From another network run: swaks --server THIS-SERVER --from a@other.invalid --to b@elsewhere.invalid --quit-after RCPT',
    ja: '別のネットワークから実行してください: swaks --server このサーバー --from a@other.invalid --to b@elsewhere.invalid --quit-after RCPT',
  },
  masked: {
    en: 'A rule for strangers refuses the place from which this is tried, which has no name in DNS, before relaying is looked at.',
    ja: '確認元 (DNS に名前がない) が外部向けの規則で先に拒否されるため、中継の判定まで進みません。',
  },
  relayRefused: {
    en: 'Port {port} refuses to relay for strangers (IPv{family}).',
    ja: 'ポート {port} は第三者の中継を拒否します (IPv{family})。',
  },
  relayRefusedTls: {
    en: 'Port {port} refuses to relay for strangers who speak TLS and do not log in (IPv{family}).',
    ja: 'ポート {port} は TLS で接続してもログインしない第三者の中継を拒否します (IPv{family})。',
  },
  relayOpen: {
    en: 'Port {port} relays mail for strangers (IPv{family}): spammers will find it within hours.',
    ja: 'ポート {port} は第三者のメールを中継します (IPv{family})。数時間で迷惑メールの踏み台になります。',
  },
  relayRemedy: {
    en: 'Roll back now, then check smtpd_relay_restrictions and mynetworks.',
    ja: 'ただちにロールバックし、smtpd_relay_restrictions と mynetworks を確認してください。',
  },
  noAnswer: {en: 'The server did not answer.', ja: 'サーバーが応答しません。'},
} satisfies Record<string, Text>;
