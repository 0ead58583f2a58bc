import type {Finding} from '../core/finding.js';
import type {Text} from '../core/text.js';
import {play} from './dialogue.js';
import {common, fail, pass, unchecked} from './result.js';
import type {ProbeHandler, Script} from './types.js';

/**
 * A stranger with a bad greeting or sender is refused at RCPT, by that rule and no other; the machine itself, which is trusted,
 * is let through with the same. All end at RCPT.
 */
export const strangersJudged: ProbeHandler<'strangers-judged'> = async (probe, {outside}) => {
  const findings: Finding[] = [];
  const trusted = await play(dialogue('127.0.0.1', probe.recipient, 'x', 'someone@short'));
  const welcome = trusted.replies[3] ?? '';
  const own = {...probe, id: `${probe.id}:trusted`};
  findings.push(
    /^2/.test(welcome)
      ? pass(own, {summary: texts.trusted})
      : fail(own, {summary: texts.locked, remedy: texts.lockedRemedy, evidence: trusted.replies.slice(-2)}),
  );
  if (outside === undefined) {
    return [
      ...findings,
      unchecked(probe, {
        summary: texts.strangers,
        cause: common.noOutside,
        remedy: texts.elsewhere,
      }),
    ];
  }

  const address = outside.addresses[0]?.address ?? '';
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
    const {replies} = await outside.play(dialogue(address, probe.recipient, greeting, sender));
    const reply = replies[3] ?? '';
    const tried = {...probe, id: `${probe.id}:${what}`};
    findings.push(
      /^[45]/.test(reply) && said.test(reply)
        ? pass(tried, {summary: texts[what]})
        : // Another rule of the machine's own was quicker.
          /^[45]/.test(reply)
          ? unchecked(tried, {summary: texts.other, remedy: texts.elsewhere, evidence: [reply]})
          : fail(tried, {
              summary: texts[`${what}Taken`],
              remedy: common.logRemedy,
              evidence: replies.slice(-2),
            }),
    );
  }

  return findings;
};

const dialogue = (address: string, recipient: string, greeting: string, sender: string): Script => ({
  address,
  port: 25,
  protocol: 'smtp',
  tls: 'none',
  lines: [`EHLO ${greeting}`, `MAIL FROM:<${sender}>`, `RCPT TO:<${recipient}>`, 'QUIT'],
});

const texts = {
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
