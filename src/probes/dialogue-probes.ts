import {setTimeout as wait} from 'node:timers/promises';
import type {Finding} from '../core/finding.js';
import type {Text} from '../core/text.js';
import {doorsTo, ownDoor, trustedDoor} from './doors.js';
import {reachedBy} from './kept-out.js';
import {common, fail, pass, unchecked} from './result.js';
import {forStrangers, playAsWanted, putOff, putOffBy} from './smtp-replies.js';
import type {ProbeContext, ProbeHandler, Script, ScriptResult} from './types.js';

/** A name that no account has; the check never tries a wrong password for somebody real. */
export const nobody = 'dovetail-check-no-such-user';

/** A recipient that does not exist is refused while the sender waits, so that no bounce is ever made. */
export const unknownRecipientRefused: ProbeHandler<'unknown-recipient-refused'> = async (probe, context) => {
  const {holding} = context;
  const recipient = `${nobody}@${probe.domain}`;
  const result = await settled(() => askFor(recipient, context));
  const reply = result.replies[3] ?? '';
  const off = offFor(result);
  const values = {recipient};
  if (off !== undefined) {
    return [putOff(probe, {summary: texts.unknown, values}, off)];
  }

  if (/^5/.test(reply) || (holding && /^450 4\.1\.1 /.test(reply) && !/unverified address/.test(reply))) {
    return [pass(probe, {summary: texts.unknownRefused, values})];
  }

  return /^2/.test(reply)
    ? [fail(probe, {summary: texts.unknownTaken, values, remedy: texts.unknownRemedy, evidence: [reply]})]
    : [
        fail(probe, {
          summary: texts.unknownUnclear,
          values,
          remedy: common.logRemedy,
          evidence: evidenceOf(result),
        }),
      ];
};

/** Mail to the role addresses is taken at RCPT. */
export const roleAddresses: ProbeHandler<'role-addresses'> = async (probe, context) => {
  const findings: Finding[] = [];
  for (const recipient of probe.addresses) {
    const result = await settled(() => askFor(recipient, context));
    const off = offFor(result);
    const own = {...probe, id: `${probe.id}:${recipient}`};
    const values = {recipient};
    findings.push(
      off !== undefined
        ? putOff(own, {summary: texts.role, values}, off)
        : /^2/.test(result.replies[3] ?? '')
          ? pass(own, {summary: texts.roleTaken, values})
          : fail(own, {
              summary: texts.roleRefused,
              values,
              remedy: texts.roleRemedy,
              evidence: evidenceOf(result),
            }),
    );
  }

  return findings;
};

/** From an address that nobody named, the port does not answer; silence counts only beside a port that does answer. */
export const closedToStrangers: ProbeHandler<'closed-to-strangers'> = async (probe, context) => {
  const {outside} = context;
  const values = {port: probe.port};
  if (outside === undefined) {
    return [
      unchecked(probe, {
        summary: texts.strangers,
        values,
        cause: common.noOutside,
        remedy: texts.strangersElsewhere,
      }),
    ];
  }

  const findings: Finding[] = [];
  for (const {family, address} of outside.addresses) {
    const own = {...probe, id: `${probe.id}:${family}`};
    const shown = {...values, family};
    // What is answered after the connection does not count: a port with TLS says nothing to who speaks in clear.
    const result = await outside.play({
      address,
      port: probe.port,
      protocol: 'smtp',
      tls: 'wrapper',
      lines: [],
    });
    const reached = await reachedBy(result, {address, port: probe.port}, context);
    switch (reached.kind) {
      case 'closed':
        findings.push(pass(own, {summary: texts.strangersOut, values: shown}));
        break;
      case 'filtered':
        findings.push(pass(own, {summary: texts.strangersFiltered, values: {...shown, by: reached.by}}));
        break;
      case 'unknown':
        findings.push(
          unchecked(own, {
            summary: texts.strangers,
            values: shown,
            cause: common.noAnswer,
            remedy: texts.strangersElsewhere,
          }),
        );
        break;
      case 'open':
        findings.push(
          fail(own, {
            summary: texts.strangersIn,
            values: shown,
            remedy: texts.strangersRemedy,
            evidence: evidenceOf(result),
          }),
        );
    }
  }

  return findings;
};

// From outside, as others do; where a firewall of somebody else keeps them out (its own probe says so) or nothing listens for them,
// from here. Who is refused or put off before the recipient is looked at asks as one who is trusted: recipients are judged alike.
const askFor = async (recipient: string, context: ProbeContext): Promise<ScriptResult> => {
  const {outside, play} = context;
  const ask = (by: typeof play, address: string) => playAsWanted(by, scriptFor(recipient, address));
  const door = (await doorsTo(25, context)).find(({open}) => open);
  const heard =
    outside === undefined || door === undefined ? undefined : await ask(outside.play, door.address);
  const result =
    heard === undefined || isKeptOut(heard) ? await ask(play, await ownDoor(25, context)) : heard;
  const trusted =
    offFor(result) === undefined && !forStrangers(result.replies[3] ?? '')
      ? undefined
      : await trustedDoor(25, context);
  return trusted === undefined ? result : ask(play, trusted);
};

const isKeptOut = (result: ScriptResult) =>
  result.kind === 'refused' &&
  result.replies.length === 0 &&
  ['timeout', 'unreachable'].includes(result.reason);

// What was said up to the recipient.
const offFor = ({replies}: ScriptResult) => putOffBy(replies.slice(0, 4));

// Where another host is asked for each recipient, Postfix waits some seconds for the answer, then puts the sender off and goes on
// asking (ADDRESS_VERIFICATION_README): who comes back gets it.
const settled = async (ask: () => Promise<ScriptResult>): Promise<ScriptResult> => {
  for (let tries = 0; ; tries += 1) {
    const result = await ask();
    if (tries === 3 || !/^450 4\.1\.[12] .*\bunverified address\b/.test(result.replies[3] ?? '')) {
      return result;
    }

    await wait(3000);
  }
};

const scriptFor = (recipient: string, address: string): Script => ({
  address,
  port: 25,
  protocol: 'smtp',
  tls: 'none',
  lines: ['EHLO probe.invalid', 'MAIL FROM:<>', `RCPT TO:<${recipient}>`, 'QUIT'],
});

/** What the other side said last. */
export const evidenceOf = (result: ScriptResult) => [
  ...result.replies.slice(-2),
  ...(result.kind === 'refused' ? [result.reason] : []),
];

const texts = {
  strangers: {
    en: 'Whether strangers reach port {port}.',
    ja: '許可していない相手がポート {port} に届くかどうか。',
  },
  strangersElsewhere: {
    en: 'From a machine that is not named, try to connect to port {port}: it must not answer.',
    ja: '許可していないマシンからポート {port} に接続し、応答しないことを確認してください。',
  },
  strangersOut: {
    en: 'Port {port} does not answer who is not named (IPv{family}).',
    ja: '許可していない相手にポート {port} は応答しません (IPv{family})。',
  },
  strangersFiltered: {
    en: 'Port {port} says nothing to who is not named, while port {by} answers them (IPv{family}).',
    ja: '許可していない相手に、ポート {by} は応答しますがポート {port} は応答しません (IPv{family})。',
  },
  strangersIn: {
    en: 'Port {port} answers who is not named (IPv{family}): anybody can put mail into the mailboxes.',
    ja: '許可していない相手にポート {port} が応答します (IPv{family})。誰でもメールボックスに配送できます。',
  },
  strangersRemedy: {
    en: 'Close it: “dovetail lmtp”, and look at the zones of the firewall: “firewall-cmd --get-active-zones”.',
    ja: '「dovetail lmtp」で閉じ、「firewall-cmd --get-active-zones」でゾーンを確認してください。',
  },
  unknown: {
    en: 'Whether mail to {recipient}, who does not exist, is refused at once.',
    ja: '存在しない {recipient} 宛のメールが即座に拒否されるかどうか。',
  },
  unknownRefused: {
    en: 'Mail to {recipient}, who does not exist, is refused at once.',
    ja: '存在しない {recipient} 宛のメールは即座に拒否されます。',
  },
  unknownTaken: {
    en: 'Mail to {recipient}, who does not exist, is accepted; it would bounce to forged senders.',
    ja: '存在しない {recipient} 宛のメールが受け付けられ、偽の差出人への戻りメールになります。',
  },
  unknownUnclear: {
    en: 'Mail to {recipient} is neither taken nor refused for good.',
    ja: '{recipient} 宛のメールの扱いがはっきりしません。',
  },
  unknownRemedy: {
    en: 'Check virtual_mailbox_maps or local_recipient_maps: “dovetail delivery”.',
    ja: 'virtual_mailbox_maps または local_recipient_maps を確認してください: 「dovetail delivery」。',
  },
  role: {
    en: 'Whether mail to {recipient} is accepted.',
    ja: '{recipient} 宛のメールが受け付けられるかどうか。',
  },
  roleTaken: {en: 'Mail to {recipient} is accepted.', ja: '{recipient} 宛のメールは受け付けられます。'},
  roleRefused: {en: 'Mail to {recipient} is refused.', ja: '{recipient} 宛のメールが拒否されます。'},
  roleRemedy: {
    en: 'Every domain must take mail for postmaster (RFC 5321, 4.5.1): “dovetail smtp”.',
    ja: 'どのドメインも postmaster 宛を受け取る必要があります (RFC 5321 4.5.1): 「dovetail smtp」。',
  },
} satisfies Record<string, Text>;
