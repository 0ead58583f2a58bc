import test from 'ava';
import type {Probe} from '../../src/core/probe.js';
import {runProbes} from '../../src/probes/index.js';
import {relaySpellings} from '../../src/probes/relay.js';
import type {ProbeContext, Script, ScriptResult} from '../../src/probes/types.js';
import type {Host} from '../../src/system/types.js';
import {debian12Facts, debian12Postfix} from '../helpers/facts.js';

type Answer = (line: string, script: Script) => string | undefined;

/** A server as seen from outside: what it answers to each line; undefined hangs up. */
const outsideOf = (answer: Answer, played: Script[] = []): ProbeContext['outside'] => ({
  addresses: [
    {family: 4, address: '192.0.2.1'},
    {family: 6, address: '2001:db8::1'},
  ],
  play: script => {
    played.push(script);
    const replies = ['220 mail'];
    for (const line of script.lines) {
      const reply = answer(line, script);
      if (reply === undefined) {
        return Promise.resolve({kind: 'refused', reason: 'closed', replies} satisfies ScriptResult);
      }

      replies.push(reply);
    }

    return Promise.resolve({kind: 'played', replies});
  },
});

const contextOf = (over: Partial<ProbeContext> = {}): ProbeContext => ({
  // Without ss(8): each address is tried.
  host: {run: () => Promise.resolve({exitCode: null, stdout: '', stderr: ''})} as unknown as Host,
  facts: debian12Facts(),
  address: '192.0.2.1',
  open: () => ({reveal: () => 'right'}) as ReturnType<ProbeContext['open']>,
  holding: false,
  applying: false,
  postfixUnit: 'postfix',
  since: '',
  play: () => Promise.reject(new Error('nothing is asked from here')),
  outside: undefined,
  ...over,
});

const severities = async (probe: Probe, over: Partial<ProbeContext>) =>
  (await runProbes([probe], contextOf(over), undefined, () => undefined)).map(({severity}) => severity);

const relay: Probe = {id: 'r', section: 'smtp', kind: 'relay-refused', port: 25, domains: ['example.com']};
const refusing: Answer = line =>
  line.startsWith('RCPT') ? '554 5.7.1 Relay access denied' : line === 'QUIT' ? '221 bye' : '250 ok';

test('a server that refuses every spelling, from strangers and as a bounce, is nobody’s relay', async t => {
  const played: Script[] = [];
  t.deepEqual(await severities(relay, {outside: outsideOf(refusing, played)}), ['pass', 'pass']);
  t.deepEqual([...new Set(played.map(({address}) => address))], ['192.0.2.1', '2001:db8::1']);
  t.deepEqual(
    [...new Set(played.flatMap(({lines}) => lines.filter(line => line.startsWith('MAIL'))))],
    ['MAIL FROM:<someone@other.invalid>', 'MAIL FROM:<>'],
  );
});

for (const spelling of relaySpellings('example.com')) {
  test(`a server that takes ${spelling} is an open relay`, async t => {
    const outside = outsideOf(line =>
      line === `RCPT TO:<${spelling}>` ? '250 ok' : refusing(line, {} as Script),
    );
    t.deepEqual(await severities(relay, {outside}), ['fail', 'fail']);
  });
}

test('one that hangs up after some refusals is tried on for the rest', async t => {
  let errors = 0;
  const last = relaySpellings('example.com').at(-1) ?? '';
  const outside = outsideOf((line, {lines}) => {
    if (!line.startsWith('RCPT')) {
      return '250 ok';
    }

    errors += 1;
    return lines.length > 5 && errors % 3 === 0 ? undefined : line.includes(last) ? '250 ok' : '554 no';
  });
  t.deepEqual(await severities(relay, {outside}), ['fail', 'fail']);
});

test('one that takes bounces for the world alone is one too', async t => {
  const outside = outsideOf((line, {lines}) =>
    line.startsWith('RCPT') && lines.includes('MAIL FROM:<>') ? '250 ok' : refusing(line, {} as Script),
  );
  t.deepEqual(await severities(relay, {outside}), ['fail', 'fail']);
});

test('without a place outside nothing is said to be safe', async t => {
  t.deepEqual(await severities(relay, {}), ['unchecked']);
});

const plaintext: Probe = {id: 'p', section: 's', kind: 'no-plaintext-login', protocol: 'smtp', port: 587};

test('AUTH before STARTTLS must be refused, offered or not', async t => {
  const server =
    (auth: string, offer = ''): Answer =>
    line =>
      line.startsWith('EHLO') ? `250-mail\n250${offer}` : line.startsWith('AUTH') ? auth : '250 ok';
  t.deepEqual(
    await severities(plaintext, {outside: outsideOf(server('530 5.7.0 STARTTLS first', ' SIZE'))}),
    ['pass'],
  );
  t.deepEqual(await severities(plaintext, {outside: outsideOf(server('535 no', ' AUTH PLAIN'))}), ['fail']);
  t.deepEqual(await severities(plaintext, {outside: outsideOf(server('334 ', ' SIZE'))}), ['fail']);
  t.deepEqual(await severities(plaintext, {outside: outsideOf(server('235 ok', ' SIZE'))}), ['fail']);
});

const stranger: Probe = {
  id: 'u',
  section: 's',
  kind: 'unknown-user-refused',
  protocol: 'submission',
  port: 465,
  name: 'mail.example.com',
};

test('a wrong password must be refused, and open nothing', async t => {
  const server =
    (auth: string, rcpt: string): Answer =>
    line =>
      line.startsWith('AUTH') ? auth : line.startsWith('RCPT') ? rcpt : '250 ok';
  t.deepEqual(await severities(stranger, {outside: outsideOf(server('535 no', '554 no'))}), ['pass']);
  t.deepEqual(await severities(stranger, {outside: outsideOf(server('235 ok', '250 ok'))}), ['fail']);
  t.deepEqual(await severities(stranger, {outside: outsideOf(server('535 no', '250 ok'))}), ['fail']);
});

test('a server that has no time for a login has refused nobody and let nobody in', async t => {
  let asked = 0;
  const late =
    (auth: (times: number) => string | undefined): Answer =>
    line => {
      if (line.startsWith('AUTH')) {
        asked += 1;
        return auth(asked);
      }

      return line.startsWith('RCPT') ? '554 no' : '250 ok';
    };
  const puts = (auth: string | undefined) => ({outside: outsideOf(late(() => auth))});
  t.deepEqual(await severities(stranger, puts('454 4.7.0 Temporary authentication failure')), ['unchecked']);
  t.deepEqual(await severities(stranger, puts(undefined)), ['unchecked']);
  asked = 0;
  // Each family asks for itself: all have it at the second try.
  const later = late(times => (times <= 2 ? '454 4.7.0 Temporary authentication failure' : '535 no'));
  t.deepEqual(await severities(stranger, {outside: outsideOf(later)}), ['pass']);
});

const foreign: Probe = {
  id: 'f',
  section: 's',
  kind: 'foreign-sender-refused',
  port: 465,
  tls: 'wrapper',
  name: 'mail.example.com',
  account: {user: 'anna@example.com', password: {held: 'a'}},
};

test('who has logged in may not write as somebody else; where the login fails nothing is said', async t => {
  const server =
    (auth: string, mail: string, rcpt: string): Answer =>
    line =>
      line.startsWith('AUTH')
        ? auth
        : line.startsWith('MAIL')
          ? mail
          : line.startsWith('RCPT')
            ? rcpt
            : '250 ok';
  const ask = (...replies: readonly [string, string, string]) =>
    severities(foreign, {outside: outsideOf(server(...replies))});
  t.deepEqual(await ask('235 ok', '250 ok', '553 5.7.1 not owned'), ['pass']);
  t.deepEqual(await ask('235 ok', '553 no', '503 no'), ['pass']);
  t.deepEqual(await ask('235 ok', '250 ok', '250 ok'), ['fail']);
  t.deepEqual(await ask('535 no', '250 ok', '554 no'), ['unchecked']);
  const {account: _none, ...nobody} = foreign as Extract<Probe, {kind: 'foreign-sender-refused'}>;
  t.deepEqual(await severities(nobody as Probe, {outside: outsideOf(refusing)}), ['unchecked']);
});

const trusted: Probe = {id: 't', section: 'smtp', kind: 'trusted-networks'};
const postconf = (
  networks: string,
  {style = 'host', relay: list = 'permit_mynetworks reject_unauth_destination'} = {},
) => {
  const stdout = `mynetworks = ${networks}\nmynetworks_style = ${style}\nsmtpd_relay_restrictions = ${list}\n`;
  return {host: {run: () => Promise.resolve({exitCode: 0, stdout, stderr: ''})} as unknown as Host};
};
const own = '127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128';

test('who may send without a password: the machine and networks of its own, never a large part of the Internet', async t => {
  t.deepEqual(await severities(trusted, postconf(`${own} 10.7.0.0/24`)), ['pass']);
  for (const wide of ['0.0.0.0/0', '[::]/0', '192.0.0.0/4', '[2000::]/3']) {
    t.deepEqual(await severities(trusted, postconf(`${own} ${wide}`)), ['fail'], wide);
  }

  t.deepEqual(await severities(trusted, postconf(`${own} 203.0.113.0/24`)), ['warning']);
  t.deepEqual(await severities(trusted, postconf(`${own} cidr:/etc/postfix/networks`)), ['unchecked']);
  t.deepEqual(await severities(trusted, postconf(own, {relay: 'permit_mynetworks permit'})), ['fail']);
  t.deepEqual(
    await severities(trusted, postconf(own, {relay: 'permit_mynetworks, defer_unauth_destination'})),
    ['pass'],
  );
});

test('networks that Postfix took from the interfaces by itself are named', async t => {
  const {mynetworks: _unset, ...settings} = debian12Postfix().settings;
  const facts = debian12Facts({postfix: {...debian12Postfix(), settings}});
  t.deepEqual(
    await severities(trusted, {...postconf('127.0.0.0/8 172.17.0.0/16', {style: 'subnet'}), facts}),
    ['warning'],
  );
});

test('who is asked at another host is asked again while the answer is not there yet; being put off is no refusal', async t => {
  const unknown: Probe = {
    id: 'd',
    section: 'delivery',
    kind: 'unknown-recipient-refused',
    domain: 'example.com',
  };
  const off = '450 4.1.1 <x>: Recipient address rejected: unverified address: Address lookup failed';
  const no = '550 5.1.1 <x>: Recipient address rejected: undeliverable address: Address lookup failed';
  let asked = 0;
  const later = outsideOf(line => {
    asked += line.startsWith('RCPT') ? 1 : 0;
    return line.startsWith('RCPT') ? (asked > 1 ? no : off) : '250 ok';
  });
  t.deepEqual(await severities(unknown, {outside: later}), ['pass']);
  t.is(asked, 2);
  const never = outsideOf(line => (line.startsWith('RCPT') ? off : '250 ok'));
  t.deepEqual(await severities(unknown, {outside: never, holding: true}), ['fail']);
});
