import type {Finding} from '../core/finding.js';
import type {Probe} from '../core/probe.js';
import type {Text} from '../core/text.js';
import {evidenceOf} from './dialogue-probes.js';
import {doorsTo, trustedDoor} from './doors.js';
import {reachedBy} from './kept-out.js';
import {common, fail, pass, unchecked} from './result.js';
import {playAsWanted, putOff, putOffBy} from './smtp-replies.js';
import type {ProbeContext, ProbeHandler, Script} from './types.js';

type StrangersProbe = Extract<Probe, {kind: 'strangers-judged'}>;

/**
 * A stranger with a bad greeting or sender is refused at RCPT, by that rule and no other; the machine itself, which is trusted,
 * is let through with the same. All end at RCPT.
 */
export const strangersJudged: ProbeHandler<'strangers-judged'> = async (probe, context) => {
  const {outside} = context;
  const findings: Finding[] = [await trustedJudged({...probe, id: `${probe.id}:trusted`}, context)];
  const doors = await doorsTo(25, context);
  const door = doors.find(({open}) => open) ?? doors[0];
  if (outside === undefined || door === undefined) {
    return [
      ...findings,
      unchecked(probe, {
        summary: texts.strangers,
        cause: common.noOutside,
        remedy: texts.elsewhere,
      }),
    ];
  }

  const cases = [
    ...(probe.helo
      ? [{what: 'helo' as const, greeting: 'x', sender: '', said: /Helo command rejected/i}]
      : []),
    ...(probe.sender
      ? [
          {
            what: 'sender' as const,
            greeting: 'probe.invalid',
            sender: 'someone@short',
            said: /Sender address rejected/i,
          },
        ]
      : []),
  ];
  for (const {what, greeting, sender, said} of cases) {
    const at = {address: door.address, port: 25};
    const script = dialogue(door.address, probe.recipient, greeting, sender);
    const result = await playAsWanted(outside.play, script);
    const reply = result.replies[3] ?? '';
    const off = putOffBy(result.replies.slice(0, 4));
    const tried = {...probe, id: `${probe.id}:${what}`};
    const isClosed =
      !door.open && ['closed', 'filtered'].includes((await reachedBy(result, at, context)).kind);
    findings.push(
      off !== undefined
        ? putOff(tried, {summary: texts.strangers}, off)
        : isClosed
          ? pass(tried, {summary: common.closedToOutside, values: {port: 25}})
          : /^[45]/.test(reply) && said.test(reply)
            ? pass(tried, {summary: texts[what]})
            : // Another rule of the machine's own was quicker.
              /^[45]/.test(reply)
              ? unchecked(tried, {summary: texts.other, remedy: texts.elsewhere, evidence: [reply]})
              : /^2/.test(reply)
                ? fail(tried, {summary: texts[`${what}Taken`], remedy: common.logRemedy, evidence: [reply]})
                : unchecked(tried, {
                    summary: texts.strangers,
                    cause: common.noAnswer,
                    remedy: texts.elsewhere,
                    evidence: evidenceOf(result),
                  }),
    );
  }

  return findings;
};

const trustedJudged = async (probe: StrangersProbe, context: ProbeContext): Promise<Finding> => {
  const address = await trustedDoor(25, context);
  if (address === undefined) {
    return unchecked(probe, {
      summary: texts.trusting,
      cause: texts.noLoopback,
      remedy: texts.noLoopbackRemedy,
    });
  }

  const result = await playAsWanted(context.play, dialogue(address, probe.recipient, 'x', 'someone@short'));
  const off = putOffBy(result.replies.slice(0, 4));
  const reply = result.replies[3] ?? '';
  return off !== undefined
    ? putOff(probe, {summary: texts.trusting}, off)
    : /^2/.test(reply)
      ? pass(probe, {summary: texts.trusted})
      : /^[45]/.test(reply)
        ? fail(probe, {summary: texts.locked, remedy: texts.lockedRemedy, evidence: [reply]})
        : unchecked(probe, {
            summary: texts.trusting,
            cause: common.noAnswer,
            remedy: common.logRemedy,
            evidence: evidenceOf(result),
          });
};

const dialogue = (address: string, recipient: string, greeting: string, sender: string): Script => ({
  address,
  port: 25,
  protocol: 'smtp',
  tls: 'none',
  lines: [`EHLO ${greeting}`, `MAIL FROM:<${sender}>`, `RCPT TO:<${recipient}>`, 'QUIT'],
});

const texts = {
  trusting: {
    en: 'Whether who is trusted is let in, however they greet.',
    ja: '信頼済みの相手が、どう名乗っても受け付けられるかどうか。',
  },
  noLoopback: {
    en: 'Port 25 does not listen on 127.0.0.1 or ::1, and only there does this machine count as trusted.',
    ja: 'ポート 25 が 127.0.0.1 でも ::1 でも待ち受けておらず、このマシンはそこからしか信頼されません。',
  },
  noLoopbackRemedy: {
    en: 'Name 127.0.0.1 among the addresses: “dovetail smtp”. Then run “dovetail check”.',
    ja: '「dovetail smtp」のアドレスに 127.0.0.1 を加え、「dovetail check」を実行してください。',
  },
  trusted: {
    en: 'Who is trusted is not refused, however they greet.',
    ja: '信頼済みの相手は、どう名乗っても拒否されません。',
  },
  locked: {
    en: 'This machine itself is refused by the rules for strangers.',
    ja: 'このマシン自身が、外部向けの規則で拒否されます。',
  },
  lockedRemedy: {
    en: 'permit_mynetworks must come first in every list of restrictions: “dovetail spam”.',
    ja: 'どの制限リストでも permit_mynetworks を先頭に置く必要があります: 「dovetail spam」。',
  },
  strangers: {
    en: 'Whether strangers with a bad greeting or sender are refused.',
    ja: '不正な挨拶や差出人の相手が拒否されるかどうか。',
  },
  elsewhere: {
    en: 'From another network run: swaks --server THIS-SERVER --helo x --from a@short --to postmaster@YOUR-DOMAIN --quit-after RCPT',
    ja: '別のネットワークから実行してください: swaks --server このサーバー --helo x --from a@short --to postmaster@ドメイン --quit-after RCPT',
  },
  other: {
    en: 'Which rule refuses a stranger could not be seen: another was quicker.',
    ja: 'ほかの規則が先に拒否したため、この規則は確認できませんでした。',
  },
  helo: {en: 'A stranger with a bad greeting is refused.', ja: '不正な挨拶をする相手は拒否されます。'},
  heloTaken: {
    en: 'A stranger with a bad greeting is let in.',
    ja: '不正な挨拶をする相手が受け付けられます。',
  },
  sender: {
    en: 'A stranger with a sender that nobody could answer is refused.',
    ja: '返信できない差出人を名乗る相手は拒否されます。',
  },
  senderTaken: {
    en: 'A stranger with a sender that nobody could answer is let in.',
    ja: '返信できない差出人を名乗る相手が受け付けられます。',
  },
} satisfies Record<string, Text>;
