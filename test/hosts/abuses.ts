import type {ExecutionContext} from 'ava';
import {play} from '../../src/probes/dialogue.js';
import type {Script} from '../../src/probes/types.js';
import type {LabHost} from './host.js';

type Login = {readonly user: string; readonly pass: string};
type Answer = {readonly way: string; readonly said: string};

/** Somebody who may send by the server, if anybody may; and the ports of it that are open to strangers. */
export type Target = {
  readonly domain: string;
  readonly login?: Login;
  readonly ports: readonly (25 | 465 | 587)[];
};

/**
 * The ways in which servers have been made relays, each tried from this machine, which no server of the lab has a reason to trust: an
 * independent list beside the one that the program itself goes through. Nothing gets further than to RCPT.
 */
const waysOf = ({
  domain,
  login,
}: Target): readonly (Pick<Script, 'port' | 'tls' | 'lines'> & {
  readonly way: string;
})[] => {
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
  const plain = ({user, pass}: Login) =>
    `AUTH PLAIN ${Buffer.from(`\0${user}\0${pass}`, 'latin1').toString('base64')}`;
  const known = login ?? {user: `anna@${domain}`, pass: 'correct-horse-battery'};
  const submission = [
    {port: 587, tls: 'starttls'},
    {port: 465, tls: 'wrapper'},
  ] as const;
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
              // Refused with the recipient (smtpd_delay_reject).
              lines: ['EHLO probe.invalid', plain(login), ...to('boss@other.invalid', victim).slice(1)],
            },
          ]),
    ]),
  ];
};

/** Tries all of them, over IPv4 and IPv6: what the server said to the last line, or how far it came. */
export const tryAbuses = async (
  {address, address6}: Pick<LabHost, 'address' | 'address6'>,
  target: Target,
): Promise<readonly Answer[]> => {
  const answers: Answer[] = [];
  for (const at of [address, address6]) {
    for (const {way, ...script} of waysOf(target)) {
      const result = await play({...script, address: at, protocol: 'smtp'});
      // The greeting comes before what is said to the lines.
      const wanted = script.lines.length + 1;
      const said = result.replies.length === wanted ? (result.replies.at(-1) ?? '') : '';
      answers.push({
        way: `${way}, ${at}`,
        said:
          said !== '' || result.kind !== 'refused'
            ? said
            : `(${result.reason}) ${result.replies.at(-1) ?? ''}`,
      });
    }
  }

  return answers;
};

/**
 * A server is nobody's relay: each way was answered with a refusal of its own, and on ports that are not its, by nobody.
 */
export const nobodysRelay = async (
  t: ExecutionContext,
  host: Pick<LabHost, 'address' | 'address6'>,
  target: Target,
) => {
  const answers = await tryAbuses(host, target);
  const ports = waysOf(target).map(({port}) => port);
  const wrong = answers.filter(({said}, at) =>
    target.ports.some(port => port === ports[at % ports.length])
      ? !/^[45]\d\d[ -]/.test(said)
      : !/^\((?:connection-refused|unreachable)\)/.test(said),
  );
  t.deepEqual(wrong, []);
  t.is(answers.length, 2 * ports.length);
  t.true(ports.length >= 23);
  // The way in itself works: what was refused was refused for its own sake.
  for (const address of target.login === undefined ? [] : [host.address, host.address6]) {
    const {user, pass} = target.login ?? {user: '', pass: ''};
    const token = Buffer.from(`\0${user}\0${pass}`, 'latin1').toString('base64');
    const {replies} = await play({
      address,
      port: 465,
      protocol: 'smtp',
      tls: 'wrapper',
      lines: ['EHLO probe.invalid', `AUTH PLAIN ${token}`, 'QUIT'],
    });
    t.regex(replies[2] ?? '', /^235 /, `${address}: ${replies.join('\n')}`);
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
