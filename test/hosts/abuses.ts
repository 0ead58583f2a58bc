import type {ExecutionContext} from 'ava';
import {play} from '../../src/probes/dialogue.js';
import type {Script, ScriptResult} from '../../src/probes/types.js';
import type {LabHost} from './host.js';

type Login = {readonly user: string; readonly pass: string};
type Answer = {readonly way: string; readonly said: string};
type Way = Pick<Script, 'port' | 'tls' | 'lines'> & {readonly way: string; readonly refusal?: RegExp};
type Dialogue = Pick<Script, 'address' | 'port' | 'tls' | 'lines'>;

/** Somebody who may send by the server, if anybody may; and the ports of it that are open to strangers. */
export type Target = {
  readonly domain: string;
  readonly login?: Login;
  readonly ports: readonly (25 | 465 | 587)[];
  /** It asks another server whether there is such a recipient, which may take it a moment (450). */
  readonly asks?: boolean;
};

const submission = [
  {port: 587, tls: 'starttls'},
  {port: 465, tls: 'wrapper'},
] as const;

/**
 * The ways in which servers have been made relays, each tried from this machine, which no server of the lab has a reason to trust: an
 * independent list beside the one that the program itself goes through. Nothing gets further than to RCPT.
 */
const waysOf = ({domain, login}: Target): readonly Way[] => {
  const victim = 'victim@elsewhere.invalid';
  const spellings = {
    plain: victim,
    percent: `victim%elsewhere.invalid@${domain}`,
    quoted: `"${victim}"@${domain}`,
    'source route': `@${domain}:${victim}`,
    'two signs': `${victim}@${domain}`,
    bang: `elsewhere.invalid!victim@${domain}`,
    literal: 'victim@[203.0.113.9]',
    dot: `${victim}.`,
  };
  const to = (sender: string, recipient: string) => [
    'EHLO probe.invalid',
    `MAIL FROM:<${sender}>`,
    `RCPT TO:<${recipient}>`,
  ];
  const known = login ?? {user: `anna@${domain}`, pass: 'correct-horse-battery'};
  return [
    ...(['someone@other.invalid', ''] as const).flatMap(sender =>
      Object.entries(spellings).map(([name, recipient]) => ({
        way: `${name} from <${sender}>`,
        port: 25,
        tls: 'none' as const,
        lines: to(sender, recipient),
      })),
    ),
    {way: 'port 25 with TLS', port: 25, tls: 'starttls', lines: to('someone@other.invalid', victim)},
    {way: 'login on port 25', port: 25, tls: 'starttls', lines: ['EHLO probe.invalid', plain(known)]},
    {
      way: 'login before TLS',
      port: 587,
      tls: 'none',
      lines: ['EHLO probe.invalid', plain(known)],
    },
    ...submission.flatMap(where => [
      {...where, way: `no login on ${where.port}`, lines: to(known.user, victim)},
      {
        ...where,
        way: `wrong password on ${where.port}`,
        lines: ['EHLO probe.invalid', plain({...known, pass: 'not-the-one'})],
      },
      ...(login === undefined
        ? []
        : [
            {
              ...where,
              way: `somebody else’s name on ${where.port}`,
              // Refused with the recipient (smtpd_delay_reject), and for no other reason than the name.
              refusal: /^553 5\.7\.1 /,
              lines: ['EHLO probe.invalid', plain(login), ...to('boss@other.invalid', victim).slice(1)],
            },
          ]),
    ]),
  ];
};

const plain = ({user, pass}: Login) => `AUTH PLAIN ${Buffer.from(`\0${user}\0${pass}`).toString('base64')}`;

/**
 * Neither taken nor refused yet: Dovecot lets who failed lately wait for longer than Postfix does (auth penalty), and the server that
 * is asked for a recipient of the own domain has not answered. Whatever else is put off was not refused.
 */
const isUndecided = ({lines}: Dialogue, {replies}: ScriptResult, {domain, asks}: Target) =>
  replies.some(reply => /^454 4\.7\.0 Temporary authentication failure/.test(reply)) ||
  (asks === true &&
    (lines.at(-1)?.endsWith(`@${domain}>`) ?? false) &&
    /^450 4\.1\.1 .*unverified address/.test(replies.at(-1) ?? ''));

const settled = async (script: Dialogue, target: Target) => {
  const end = Date.now() + 60_000;
  let result = await play({...script, protocol: 'smtp'});
  while (Date.now() < end && isUndecided(script, result, target)) {
    await new Promise(resolve => setTimeout(resolve, 1000));
    result = await play({...script, protocol: 'smtp'});
  }

  return result;
};

/** What the server said to the last line, or how far it came. */
const answerTo = async (script: Dialogue, target: Target) => {
  const result = await settled(script, target);
  const last = result.replies.at(-1) ?? '';
  return result.kind === 'played' ? last : `(${result.reason}) ${last}`;
};

/**
 * A server is nobody's relay, over IPv4 and IPv6: each way was refused for good (5xx), and on ports that are not its, answered by
 * nobody.
 */
export const nobodysRelay = async (
  t: ExecutionContext,
  host: Pick<LabHost, 'address' | 'address6'>,
  target: Target,
) => {
  const ways = waysOf(target);
  t.true(ways.length >= 23);
  const wrong: Answer[] = [];
  for (const address of [host.address, host.address6]) {
    for (const {way, refusal = /^5\d\d[ -]/, ...script} of ways) {
      const said = await answerTo({...script, address}, target);
      const open = target.ports.some(port => port === script.port);
      if (!(open ? refusal : /^\((?:connection-refused|unreachable)\)/).test(said)) {
        wrong.push({way: `${way}, ${address}`, said});
      }
    }
  }

  t.deepEqual(wrong, []);
  // The way in itself works: what was refused was refused for its own sake.
  for (const address of target.login === undefined ? [] : [host.address, host.address6]) {
    for (const where of submission) {
      const lines = ['EHLO probe.invalid', plain(target.login ?? {user: '', pass: ''}), 'QUIT'];
      const {replies} = await settled({...where, address, lines}, target);
      t.regex(replies[2] ?? '', /^235 /, `${address}, ${where.port}: ${replies.join('\n')}`);
    }
  }
};

/** Messages in a host's queue that nobody wrote, and notices that its Postfix made for senders: both say that mail bounced. */
export const bounces = async (host: Pick<LabHost, 'run'>): Promise<readonly string[]> => {
  const {stdout: queue} = await host.run('postqueue', ['-j']);
  const {stdout: log} = await host.run('journalctl', ['-t', 'postfix/bounce', '-o', 'cat']);
  return [
    ...queue.split('\n').filter(line => /"sender": ?"(?:MAILER-DAEMON)?"/.test(line)),
    ...log.split('\n').filter(line => /non-delivery notification/.test(line)),
  ];
};
