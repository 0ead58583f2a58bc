import type {Finding} from '../core/finding.js';
import type {Probe} from '../core/probe.js';
import type {Text} from '../core/text.js';
import {evidenceOf} from './dialogue-probes.js';
import {doorsTo} from './doors.js';
import {common, fail, pass, unchecked} from './result.js';
import {forStrangers, playAsWanted, putOff, putOffBy, wantsTls} from './smtp-replies.js';
import type {Outside, ProbeHandler, Script, ScriptResult} from './types.js';

type RelayProbe = Extract<Probe, {kind: 'relay-refused'}>;

/**
 * What came of recipients. `refused`: they were, or nobody is served there at all. `masked`: a rule for strangers was quicker.
 * `off`: the server puts us off. `silent`: it came to no answer.
 */
type Judged =
  | {readonly kind: 'refused' | 'masked'}
  | {readonly kind: 'taken' | 'off'; readonly said: string}
  | {readonly kind: 'silent'; readonly evidence: readonly string[]};

/** Mail from outside to outside is refused at RCPT, over IPv4 and IPv6, in every spelling that has fooled servers before. */
export const relayRefused: ProbeHandler<'relay-refused'> = async (probe, context) => {
  const {outside} = context;
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
  for (const {family, address} of await doorsTo(probe.port, context)) {
    const own = {...probe, id: `${probe.id}:${family}`};
    const values = {port: probe.port, family};
    const found = await openRelay(probe, outside, address);
    switch (found.kind) {
      case 'refused': {
        const summary = probe.tls === undefined ? texts.relayRefused : texts.relayRefusedTls;
        findings.push(pass(own, {summary, values}));
        break;
      }

      case 'taken':
        findings.push(
          fail(own, {summary: texts.relayOpen, values, remedy: texts.relayRemedy, evidence: [found.said]}),
        );
        break;
      case 'off':
        findings.push(putOff(own, {summary: texts.relay, values}, found.said));
        break;
      case 'masked':
        findings.push(
          unchecked(own, {summary: texts.relay, values, cause: texts.masked, remedy: texts.relayElsewhere}),
        );
        break;
      case 'silent':
        findings.push(
          unchecked(own, {
            summary: texts.relay,
            values,
            cause: texts.noAnswer,
            remedy: common.logRemedy,
            evidence: found.evidence,
          }),
        );
    }
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
const openRelay = async (probe: RelayProbe, outside: Outside, address: string): Promise<Judged> => {
  const recipients = relaySpellings(probe.domains[0] ?? 'localhost');
  let found: Judged = {kind: 'refused'};
  for (const sender of ['someone@other.invalid', '']) {
    let left = recipients;
    while (left.length > 0) {
      const tried = left.length === recipients.length ? left : left.slice(0, 1);
      const {judged, answered} = await tryRecipients(probe, outside, address, sender, tried);
      if (judged.kind === 'masked') {
        found = judged;
        break;
      }

      if (judged.kind !== 'refused') {
        return judged;
      }

      left = left.slice(answered);
    }
  }

  return found;
};

// What came of these recipients in one connection, and of how many of them: at least one, where they were refused.
const tryRecipients = async (
  {port, tls}: RelayProbe,
  outside: Outside,
  address: string,
  sender: string,
  recipients: readonly string[],
): Promise<{readonly judged: Judged; readonly answered: number}> => {
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
  const result = await playAsWanted(outside.play, script);
  const before = putOffBy(result.replies.slice(0, 3));
  const said = result.replies.slice(3, 3 + recipients.length);
  const late = said.findIndex(reply => putOffBy([reply]) !== undefined);
  const off = before ?? said[late];
  const answered = before !== undefined ? 0 : late < 0 ? said.length : late;
  const at = said.findIndex(reply => reply.startsWith('2'));
  if (at >= 0) {
    return {judged: {kind: 'taken', said: `RCPT TO:<${recipients[at]}> → ${said[at]}`}, answered};
  }

  if (result.replies.some(forStrangers)) {
    return {judged: {kind: 'masked'}, answered};
  }

  if (isShut(result)) {
    return {judged: {kind: 'refused'}, answered: recipients.length};
  }

  if (answered === 0 && off !== undefined) {
    return {judged: {kind: 'off', said: off}, answered};
  }

  const isSilent = answered === 0 || said.some(wantsTls) || isLate(result);
  return {judged: isSilent ? {kind: 'silent', evidence: evidenceOf(result)} : {kind: 'refused'}, answered};
};

const isLate = (result: ScriptResult) => result.kind === 'refused' && result.reason === 'timeout';

// Nobody listens there, a firewall says so, or the greeting is a refusal (RFC 5321, 3.1).
const isShut = (result: ScriptResult) =>
  result.replies.length > 0
    ? /^5/.test(result.replies[0] ?? '')
    : result.kind === 'refused' && ['connection-refused', 'unreachable'].includes(result.reason);

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
  noAnswer: {
    en: 'The server did not come to an answer about the recipient.',
    ja: 'サーバーが宛先についての応答まで進みませんでした。',
  },
} satisfies Record<string, Text>;
