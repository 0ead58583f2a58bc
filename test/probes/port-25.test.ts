import test from 'ava';
import type {Probe} from '../../src/core/probe.js';
import {play} from '../../src/probes/dialogue.js';
import {runProbes} from '../../src/probes/index.js';
import {relaySpellings} from '../../src/probes/relay.js';
import {playAsWanted} from '../../src/probes/smtp-replies.js';
import type {ProbeContext, Script} from '../../src/probes/types.js';
import type {Host} from '../../src/system/types.js';
import {debian12Facts} from '../helpers/facts.js';
import {certificate, type Says, smtpServer} from '../helpers/smtpd.js';

type Play = ProbeContext['play'];

/** A server as it is seen in one dialogue; a 421 ends it. */
const serverOf =
  (says: Says, {greeting = '220 mail', played = []}: {greeting?: string; played?: Script[]} = {}): Play =>
  script => {
    played.push(script);
    const replies = [greeting];
    for (const line of script.lines) {
      if (replies.at(-1)?.startsWith('421') === true) {
        return Promise.resolve({kind: 'refused', reason: 'closed', replies, connected: true});
      }

      replies.push(says(line, script.tls !== 'none'));
    }

    return Promise.resolve({kind: 'played', replies});
  };

const refusing: Play = () => Promise.resolve({kind: 'refused', reason: 'connection-refused', replies: []});

const own = {four: '10.7.0.2', six: '2001:db8::2'};

/** A machine with an address of each family, where Postfix's ports listen on these, as ss(8) writes it. */
const contextOf = (
  outside: Play,
  {
    here = refusing,
    listens = ['0.0.0.0', '[::]'],
    port = 25,
  }: {here?: Play; listens?: readonly string[]; port?: number} = {},
): ProbeContext => {
  const facts = debian12Facts();
  const sockets = [port, 465, 587].flatMap(number => listens.map(at => `LISTEN 0 100 ${at}:${number} *:*\n`));
  const run = (file: string) =>
    Promise.resolve({exitCode: file === 'ss' ? 0 : null, stdout: sockets.join(''), stderr: ''});
  return {
    host: {run, files: {read: () => Buffer.from(certificate)}} as unknown as Host,
    facts: {...facts, host: {...facts.host, addresses: [own.four, own.six]}},
    address: own.four,
    open: () => ({reveal: () => 'right'}) as ReturnType<ProbeContext['open']>,
    holding: false,
    applying: false,
    postfixUnit: 'postfix',
    since: '',
    play: here,
    outside: {
      addresses: [
        {family: 4, address: own.four},
        {family: 6, address: own.six},
      ],
      play: outside,
    },
  };
};

const judge = async (probe: Probe, context: ProbeContext) =>
  (await runProbes([probe], context, undefined, () => undefined)).map(
    ({id, severity}) => `${id} ${severity}`,
  );

const common = {section: 's', name: 'mail.example.com'};
const account = {user: 'anna@example.com', password: {held: 'a'}};
const probes = {
  unknown: {...common, id: 'u', kind: 'unknown-recipient-refused', domain: 'example.com'},
  roles: {...common, id: 'r', kind: 'role-addresses', addresses: ['postmaster@example.com']},
  relay: {...common, id: 'o', kind: 'relay-refused', port: 25, domains: ['example.com']},
  strangers: {
    ...common,
    id: 's',
    kind: 'strangers-judged',
    recipient: 'postmaster@example.com',
    helo: true,
    sender: true,
  },
  greeting: {...common, id: 'g', kind: 'strict-greeting', port: 25, vrfy: true, helo: true},
  plaintext: {...common, id: 'p', kind: 'no-plaintext-login', protocol: 'smtp', port: 25},
  login: {...common, id: 'l', kind: 'unknown-user-refused', protocol: 'submission', port: 465},
  foreign: {...common, id: 'f', kind: 'foreign-sender-refused', port: 465, tls: 'wrapper', account},
} as const satisfies Record<string, Probe>;

/** What every server of these tests says, once it looks at what it is told. */
const good: Says = line =>
  /^EHLO/.test(line)
    ? '250-mail\r\n250 SIZE'
    : /^VRFY/.test(line)
      ? '502 5.5.1 VRFY command is disabled'
      : /^AUTH/.test(line)
        ? '535 5.7.8 Error: authentication failed'
        : /^RCPT TO:<postmaster@example.com>/.test(line)
          ? '250 2.1.5 Ok'
          : /^RCPT TO:<dovetail-check-no-such-user@/.test(line)
            ? '550 5.1.1 User unknown'
            : /^RCPT/.test(line)
              ? '554 5.7.1 Relay access denied'
              : '250 2.0.0 Ok';

const first = '530 5.7.0 Must issue a STARTTLS command first';
/** The same with smtpd_tls_security_level = encrypt. */
const encrypting: Says = (line, tls) => (tls || /^(?:EHLO|QUIT)/.test(line) ? good(line, tls) : first);

const asStranger =
  (says: Says): Says =>
  (line, tls) =>
    /^RCPT/.test(line) && says(line, tls).startsWith('2')
      ? '504 5.5.2 <x>: Helo command rejected: need fully-qualified hostname'
      : says(line, tls);

test('a dialogue is played by TLS where the server wants that first, and in clear where it does not', async t => {
  const heard: string[] = [];
  const server = await smtpServer((line, tls) => {
    heard.push(`${tls ? 'tls' : 'clear'} ${line}`);
    return encrypting(line, tls);
  });
  const lines = ['EHLO probe.invalid', 'MAIL FROM:<>', 'RCPT TO:<postmaster@example.com>', 'QUIT'];
  const script = {address: '127.0.0.1', port: server.port, protocol: 'smtp', tls: 'none', lines} as const;
  const {kind, replies} = await playAsWanted(play, script);
  server.close();
  t.deepEqual([kind, replies[3]], ['played', '250 2.1.5 Ok']);
  t.true(heard.includes(`clear ${lines[1]}`));
  t.true(heard.includes(`tls ${lines[2]}`));
  const played: Script[] = [];
  await playAsWanted(serverOf(good, {played}), script);
  t.deepEqual(
    played.map(({tls}) => tls),
    ['none'],
  );
});

for (const words of [first, first.replace('530 5', '430 4')]) {
  test(`a server that takes no mail without TLS is proved by TLS (${words.slice(0, 9)})`, async t => {
    const server: Says = (line, tls) => encrypting(line, tls).replace(first, words);
    const context = contextOf(serverOf(server), {here: serverOf(server)});
    t.deepEqual(await judge(probes.unknown, context), ['u pass']);
    t.deepEqual(await judge(probes.roles, context), ['r:postmaster@example.com pass']);
    t.deepEqual(await judge(probes.relay, context), ['o:4 pass', 'o:6 pass']);
    t.deepEqual(await judge(probes.plaintext, context), ['p pass']);
    const strangers = contextOf(serverOf(asStranger(server)), {here: serverOf(server)});
    t.deepEqual(await judge({...probes.strangers, sender: false}, strangers), [
      's:trusted pass',
      's:helo pass',
    ]);
  });
}

test('VRFY and mail without a greeting are refused by such a server inside of TLS too, or it is said', async t => {
  const greeted =
    (vrfy: string): Says =>
    (line, tls) =>
      !tls && !/^(?:EHLO|QUIT)/.test(line)
        ? first
        : /^VRFY/.test(line)
          ? vrfy
          : /^MAIL/.test(line)
            ? '503 5.5.1 Error: send HELO/EHLO first'
            : '250 2.0.0 Ok';
  for (const [vrfy, severity] of [
    ['502 5.5.1 VRFY command is disabled', 'pass'],
    ['252 2.0.0 postmaster', 'fail'],
  ] as const) {
    const server = await smtpServer(greeted(vrfy));
    const context = contextOf(refusing, {here: play, port: server.port});
    const found = await judge({...probes.greeting, port: server.port}, context);
    server.close();
    t.deepEqual(found, [`g:vrfy ${severity}`, 'g:helo pass']);
  }
});

test('that a server wants TLS first says nothing of relaying: it is asked by TLS, or not checked', async t => {
  const open: Says = (line, tls) => (tls && /^RCPT/.test(line) ? '250 2.1.5 Ok' : encrypting(line, tls));
  t.deepEqual(await judge(probes.relay, contextOf(serverOf(open))), ['o:4 fail', 'o:6 fail']);
  const broken: Play = async script =>
    script.tls === 'none'
      ? serverOf(encrypting)(script)
      : {kind: 'refused', reason: 'tls', replies: ['220 mail'], connected: true};
  t.deepEqual(await judge(probes.relay, contextOf(broken)), ['o:4 unchecked', 'o:6 unchecked']);
  t.deepEqual(await judge(probes.roles, contextOf(broken, {here: broken})), [
    'r:postmaster@example.com fail',
  ]);
});

const full = '421 4.7.0 mail.example.com Error: too many connections from 198.51.100.2';
const much = '450 4.7.1 Error: too much mail from 198.51.100.2';
const limited =
  (word: RegExp, reply: string): Says =>
  (line, tls) =>
    word.test(line) ? reply : /^RCPT/.test(line) ? '503 5.5.1 Error: need MAIL command' : good(line, tls);
const limits: readonly (readonly [string, Play])[] = [
  ['connections', serverOf(good, {greeting: full})],
  ['messages', serverOf(limited(/^MAIL/, much))],
  ['recipients', serverOf(limited(/^RCPT/, '450 4.7.1 Error: too many recipients from 198.51.100.2'))],
];

for (const [what, server] of limits) {
  test(`what a limit of ${what} keeps from being asked is not checked, and neither right nor wrong`, async t => {
    const context = contextOf(server, {here: server});
    const found = [
      await judge(probes.unknown, context),
      await judge(probes.roles, context),
      await judge(probes.relay, context),
      await judge(probes.strangers, context),
    ].flat();
    t.deepEqual(
      found.filter(line => !line.endsWith(' unchecked')),
      [],
    );
    t.is(found.length, 7);
    const [finding] = await runProbes([probes.unknown], context, undefined, () => undefined);
    t.regex(finding?.cause?.en ?? '', /puts off who connects or sends too often/);
    t.regex(finding?.remedy?.en ?? '', /dovetail limits/);
    t.regex(finding?.evidence?.[0] ?? '', /Error: too (?:many|much)/);
  });

  test(`recipients are judged as this machine itself is answered, which no limit of ${what} is for`, async t => {
    const context = contextOf(server, {here: serverOf(good)});
    t.deepEqual(await judge(probes.unknown, context), ['u pass']);
    t.deepEqual(await judge(probes.roles, context), ['r:postmaster@example.com pass']);
  });
}

test('logins that a limit keeps from being tried are not checked', async t => {
  const auth = '450 4.7.1 Error: too many AUTH commands from 198.51.100.2';
  const after =
    (reply: string): Says =>
    line =>
      /^AUTH/.test(line) ? '235 2.7.0 Ok' : /^MAIL/.test(line) ? reply : good(line, true);
  for (const server of [
    serverOf(good, {greeting: full}),
    serverOf(line => (/^AUTH/.test(line) ? auth : good(line, true))),
  ]) {
    t.deepEqual(await judge(probes.login, contextOf(server)), ['l unchecked']);
    t.deepEqual(await judge(probes.foreign, contextOf(server)), ['f unchecked']);
    t.deepEqual(await judge(probes.plaintext, contextOf(server)), ['p unchecked']);
  }

  t.deepEqual(await judge(probes.foreign, contextOf(serverOf(after(much)))), ['f unchecked']);
  t.deepEqual(await judge(probes.foreign, contextOf(serverOf(after('553 5.7.1 not owned')))), ['f pass']);
});

test('clients that are put off, for the certificate and for sending, are not checked', async t => {
  const server = await smtpServer(good, full);
  const context = contextOf(refusing, {listens: ['127.0.0.1']});
  const at = {...common, port: server.port};
  const local = {...context, address: '127.0.0.1'};
  t.deepEqual(await judge({...at, id: 't', kind: 'tls', starttls: 'smtp', certificate: '/etc/cert'}, local), [
    't unchecked',
  ]);
  t.deepEqual(await judge({...at, id: 'l', kind: 'submission-login', tls: 'starttls', account}, local), [
    'l unchecked',
  ]);
  const sends = {
    submit: {port: server.port, tls: 'starttls'},
    imap: {port: 993, starttls: false},
    account,
  } as const;
  t.deepEqual(await judge({...common, ...sends, id: 'm', kind: 'round-trip'}, local), ['m unchecked']);
  t.deepEqual(
    await judge(
      {...common, ...sends, id: 'a', kind: 'filtered-message', what: {kind: 'attachment', ending: 'exe'}},
      local,
    ),
    ['a unchecked'],
  );
  t.deepEqual(await judge({...at, id: 'o', kind: 'relay-host', host: '127.0.0.1', tls: 'none'}, local), [
    'o unchecked',
  ]);
  server.close();
});

test('one that is put off half-way through the recipients is asked on for the rest', async t => {
  // The very one that it had no answer for.
  const taking = `RCPT TO:<${relaySpellings('example.com')[3]}>`;
  const tired: (open: boolean) => Play = open => script => {
    let errors = 0;
    return serverOf(line => {
      errors += /^RCPT/.test(line) ? 1 : 0;
      return errors > 3
        ? '421 4.7.0 mail Error: too many errors'
        : open && line === taking
          ? '250 2.1.5 Ok'
          : good(line, false);
    })(script);
  };
  t.deepEqual(await judge(probes.relay, contextOf(tired(false))), ['o:4 pass', 'o:6 pass']);
  t.deepEqual(await judge(probes.relay, contextOf(tired(true))), ['o:4 fail', 'o:6 fail']);
});

/** A server that answers at these addresses alone, and what was asked where. */
const listening = (addresses: readonly string[], says = good) => {
  const asked: string[] = [];
  const at: Play = script => {
    asked.push(script.address);
    return (addresses.includes(script.address) ? serverOf(says) : refusing)(script);
  };
  return {at, asked};
};

test('where Postfix listens for IPv4 alone, IPv6 is closed, and logins are asked for where there are any', async t => {
  const {at, asked} = listening([own.four, '127.0.0.1']);
  const context = contextOf(at, {here: at, listens: ['127.0.0.1', own.four]});
  t.deepEqual(await judge(probes.login, context), ['l pass']);
  t.deepEqual(asked, [own.four]);
  t.deepEqual(await judge(probes.relay, context), ['o:4 pass', 'o:6 pass']);
  t.deepEqual(await judge(probes.plaintext, context), ['p pass']);
  const {at: signedIn} = listening([own.four], line =>
    /^AUTH/.test(line) ? '235 2.7.0 Ok' : /^RCPT/.test(line) ? '553 5.7.1 not owned' : good(line, true),
  );
  t.deepEqual(await judge(probes.foreign, contextOf(signedIn, {listens: [own.four]})), ['f pass']);
});

test('where it listens on another address than the first, that one is asked', async t => {
  const {at, asked} = listening(['10.7.0.3']);
  const context = contextOf(at, {here: at, listens: ['10.7.0.3']});
  const {facts} = context;
  const addresses = [...facts.host.addresses, '10.7.0.3'];
  const more = {...context, facts: {...facts, host: {...facts.host, addresses}}};
  t.deepEqual(await judge(probes.roles, more), ['r:postmaster@example.com pass']);
  t.deepEqual(await judge(probes.login, more), ['l pass']);
  t.deepEqual([...new Set(asked)], ['10.7.0.3']);
  t.deepEqual((await judge(probes.strangers, more))[0], 's:trusted unchecked');
});

test('where it listens to the machine alone, that is who is asked, and strangers find it closed', async t => {
  const {at} = listening(['127.0.0.1', '::1']);
  const context = contextOf(refusing, {here: at, listens: ['127.0.0.1', '[::1]']});
  t.deepEqual(await judge(probes.unknown, context), ['u pass']);
  t.deepEqual(await judge(probes.roles, context), ['r:postmaster@example.com pass']);
  t.deepEqual(await judge(probes.login, context), ['l pass']);
  t.deepEqual(await judge(probes.relay, context), ['o:4 pass', 'o:6 pass']);
  const closed = await runProbes([probes.plaintext, probes.strangers], context, undefined, () => undefined);
  t.deepEqual(
    closed.map(({severity, summary}) => `${severity} ${summary.en}`),
    [
      'pass Port 25 is closed to the outside.',
      'pass Who is trusted is not refused, however they greet.',
      'pass Port 25 is closed to the outside.',
      'pass Port 25 is closed to the outside.',
    ],
  );
});

test('a port that should answer strangers and refuses them is not called closed by rules for them', async t => {
  const context = contextOf(refusing, {here: serverOf(good)});
  t.deepEqual(await judge(probes.strangers, context), [
    's:trusted pass',
    's:helo unchecked',
    's:sender unchecked',
  ]);
  t.deepEqual(await judge(probes.login, context), ['l fail']);
});

test('who is trusted and gets no answer is not called refused; who is refused is', async t => {
  const trusted = async (here: Play) => (await judge(probes.strangers, contextOf(serverOf(good), {here})))[0];
  t.is(await trusted(refusing), 's:trusted unchecked');
  t.is(await trusted(serverOf(asStranger(good))), 's:trusted fail');
});

const ports = (on: readonly string[]): Probe => ({
  ...common,
  id: 'w',
  kind: 'ports',
  open: [25],
  closed: [],
  on,
});

test('Postfix listens on the addresses that were asked for, and on no other', async t => {
  const said = async (on: readonly string[], listens: readonly string[]) =>
    judge(ports(on), contextOf(refusing, {listens}));
  t.deepEqual(await said(['0.0.0.0', '::'], ['0.0.0.0', '[::]']), ['w pass']);
  t.deepEqual(await said(['0.0.0.0', '::'], ['*']), ['w pass']);
  t.deepEqual(await said(['0.0.0.0', '::'], ['0.0.0.0']), ['w fail']);
  t.deepEqual(await said(['0.0.0.0'], ['0.0.0.0']), ['w pass']);
  t.deepEqual(await said(['0.0.0.0'], ['0.0.0.0', '[::]']), ['w fail']);
  t.deepEqual(await said(['127.0.0.1', '::1'], ['127.0.0.1', '[::1]']), ['w pass']);
  t.deepEqual(await said(['127.0.0.1', '::1'], ['127.0.0.1', '127.0.1.1']), ['w pass']);
  t.deepEqual(await said(['127.0.0.1', '::1'], ['127.0.0.1', own.four]), ['w fail']);
  t.deepEqual(await said(['127.0.0.1', own.four], ['127.0.0.1', own.four]), ['w pass']);
  t.deepEqual(await said(['127.0.0.1', own.four], ['127.0.0.1']), ['w fail']);
  t.deepEqual(await said(['127.0.0.1', own.four], ['0.0.0.0']), ['w fail']);
  t.deepEqual(await said(['::1'], []), ['w fail']);
});

test('a machine without IPv6 does not listen there, and nothing is wrong with that', async t => {
  const context = contextOf(refusing, {listens: ['0.0.0.0']});
  const {facts} = context;
  const four = {...context, facts: {...facts, host: {...facts.host, addresses: [own.four]}}};
  t.deepEqual(await judge(ports(['0.0.0.0', '::']), four), ['w pass']);
});
