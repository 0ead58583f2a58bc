import type {Finding} from '../core/finding.js';
import type {Text} from '../core/text.js';
import {evidenceOf} from './dialogue-probes.js';
import {ownDoor, trustedDoor} from './doors.js';
import {common, fail, pass, unchecked} from './result.js';
import {playAsWanted, putOff, putOffBy} from './smtp-replies.js';
import type {ProbeHandler} from './types.js';

/** What is not told to anybody is not told to this machine either: VRFY is refused, and so is mail of who has not greeted. */
export const strictGreeting: ProbeHandler<'strict-greeting'> = async (probe, context) => {
  const {port} = probe;
  const address = (await trustedDoor(port, context)) ?? (await ownDoor(port, context));
  const findings: Finding[] = [];
  for (const {what, lines, refused} of doors.filter(door => probe[door.what])) {
    const own = {...probe, id: `${probe.id}:${what}`};
    const result = await playAsWanted(context.play, {
      address,
      port,
      protocol: 'smtp',
      tls: 'none',
      lines: [...lines, 'QUIT'],
    });
    const reply = result.replies[lines.length] ?? '';
    const off = putOffBy(result.replies.slice(0, lines.length + 1));
    findings.push(
      off !== undefined
        ? putOff(own, {summary: texts[what]}, off)
        : refused.test(reply)
          ? pass(own, {summary: texts[`${what}Shut`]})
          : /^\d/.test(reply)
            ? fail(own, {summary: texts[`${what}Open`], remedy: texts.remedy, evidence: [reply]})
            : unchecked(own, {
                summary: texts[what],
                remedy: common.logRemedy,
                evidence: evidenceOf(result),
              }),
    );
  }

  return findings;
};

// smtpd(8); with soft_bounce each refusal is a 4xx.
const doors = [
  {what: 'vrfy', lines: ['EHLO probe.invalid', 'VRFY postmaster'], refused: /^[45]02\b/},
  {what: 'helo', lines: ['MAIL FROM:<>'], refused: /^[45]03\b/},
] as const;

const texts = {
  vrfy: {
    en: 'Whether addresses can be asked for (VRFY).',
    ja: 'アドレスの有無を VRFY で調べられるかどうか。',
  },
  vrfyShut: {
    en: 'Nobody can ask which addresses exist (VRFY).',
    ja: 'アドレスの有無は VRFY で調べられません。',
  },
  vrfyOpen: {
    en: 'Anybody can ask which addresses exist (VRFY).',
    ja: '誰でも VRFY でアドレスの有無を調べられます。',
  },
  helo: {en: 'Whether who sends must greet first (HELO).', ja: '送信前に名乗る (HELO) 必要があるかどうか。'},
  heloShut: {en: 'Who does not greet cannot send (HELO).', ja: '名乗らない (HELO) 相手は送信できません。'},
  heloOpen: {en: 'Who does not greet can send (HELO).', ja: '名乗らない (HELO) 相手も送信できます。'},
  remedy: {
    en: 'See “postconf -M smtp/inet”, and master.cf for another value there; then “dovetail hardening”.',
    ja: '「postconf -M smtp/inet」と master.cf の個別の値を確認し、「dovetail hardening」を実行してください。',
  },
} satisfies Record<string, Text>;
