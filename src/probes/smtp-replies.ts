import type {Finding} from '../core/finding.js';
import type {Probe} from '../core/probe.js';
import type {Text} from '../core/text.js';
import {unchecked} from './result.js';
import type {Outside, Script, ScriptResult} from './types.js';

/** Plays a dialogue in clear and, where the server wants STARTTLS before it looks at anything (RFC 3207, 4), once more by TLS. */
export const playAsWanted = async (play: Outside['play'], script: Script): Promise<ScriptResult> => {
  const result = await play(script);
  return script.tls === 'none' && result.replies.some(wantsTls) ? play({...script, tls: 'starttls'}) : result;
};

/** smtpd(8) says it to every command but HELO, EHLO, STARTTLS, NOOP and QUIT; with soft_bounce as a 4xx. */
export const wantsTls = (reply: string) => /^[45]30 [45]\.7\.0 .*STARTTLS/i.test(reply);

/**
 * A reply of smtpd(8) by a rule that has nothing to do with recipient or relaying: the place from which probes look has no name
 * in DNS, and a server may want one. That the port is closed to everybody who has not logged in is another matter.
 */
export const forStrangers = (reply: string) =>
  /Client host rejected: cannot find your|Helo command rejected: Host not found/i.test(reply);

/**
 * The first of these replies that puts the client off, whatever it asked: the server has no time (421; RFC 5321, 3.8), or one of
 * its limits for a client is over (smtpd(8): connections, TLS sessions, messages, recipients, logins).
 */
export const putOffBy = (replies: readonly string[]): string | undefined =>
  replies.find(reply => /^(?:421\b|45\d 4\.7\.\d Error: too (?:many|much) )/.test(reply));

/** The same of what a mail client failed with. */
export const putOffIn = (error: unknown): string | undefined => {
  const {response} = error as {readonly response?: unknown};
  return typeof response === 'string' ? putOffBy([response]) : undefined;
};

/** A check that the server put off: it says nothing of what was asked. */
export const putOff = (
  probe: Probe,
  words: {readonly summary: Text; readonly values?: Readonly<Record<string, string | number>>},
  reply: string,
): Finding => unchecked(probe, {...words, cause: texts.cause, remedy: texts.remedy, evidence: [reply]});

const texts = {
  cause: {
    en: 'The server puts off who connects or sends too often, or has no time; it did not look at what was asked.',
    ja: '接続や送信の多い相手を制限しているか、処理が追いつかないため、確認内容まで進みませんでした。',
  },
  remedy: {
    en: 'Raise the limit (“dovetail limits”), then run “dovetail check”; where there is none, check again later.',
    ja: '「dovetail limits」で上限を上げて「dovetail check」を実行してください。上限がなければ後でもう一度確認してください。',
  },
} satisfies Record<string, Text>;
