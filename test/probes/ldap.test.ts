import {createServer, type Socket} from 'node:net';
import {TLSSocket} from 'node:tls';
import test from 'ava';
import type {LiveCheck} from '../../src/core/question.js';
import {secret} from '../../src/core/secret.js';
import {makeKey} from '../../src/pki/certificate.js';
import {selfSigned} from '../../src/pki/self-signed.js';
import {element, elementsIn, numberOf, whole} from '../../src/probes/ldap/ber.js';
import {askDirectory} from '../../src/probes/ldap/check.js';
import {filterBytes} from '../../src/probes/ldap/client.js';
import {parseFilter} from '../../src/core/ldap/filter.js';
import type {ProbeContext} from '../../src/probes/types.js';

const dn = 'uid=anna,dc=x';
const context = {
  host: {
    files: {read: () => undefined, lstat: () => undefined, list: () => undefined, readLink: () => undefined},
  },
  open: () => secret('right'),
} as unknown as ProbeContext;

type Answer = (asked: {readonly tag: number; readonly at: number}, socket: Socket) => readonly Buffer[];

/** A server that says whatever a test wants it to. */
const served = async (answer: Answer, use: (port: number) => Promise<void>) => {
  const server = createServer(socket => {
    socket.on('error', () => undefined);
    socket.on('data', bytes => {
      for (const {content} of elementsIn(bytes)) {
        const [id, operation] = elementsIn(content);
        const at = id === undefined ? 0 : numberOf(id);
        for (const message of answer({tag: operation?.tag ?? 0, at}, socket)) {
          socket.write(element(0x30, whole(at), message));
        }
      }
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()));
  await use((server.address() as {port: number}).port);
  server.close();
};

const result = (tag: number, code: number, words = '') =>
  element(tag, whole(code, 0x0a), element(0x04, ''), element(0x04, Buffer.from(words)));
const entry = (name: string) => element(0x64, element(0x04, Buffer.from(name)), element(0x30));
const check = (port: number, stage: Extract<LiveCheck, {kind: 'ldap'}>['stage'] = 'login') =>
  ({
    kind: 'ldap',
    section: 'auth-ldap',
    stage,
    server: {
      uris: [`ldap://127.0.0.1:${port}`],
      starttls: false,
      ca: '/nowhere',
      base: 'dc=x',
      scope: 'subtree',
    },
    filter: '(mail={user})',
    person: 'anna@example.com',
    password: {held: 'p'},
  }) as const;

const honest =
  (people: readonly Buffer[], login = 0): Answer =>
  ({tag, at}) =>
    tag === 0x63
      ? at === 1
        ? [entry('dc=x'), result(0x65, 0)]
        : [...people, result(0x65, 0)]
      : [result(0x61, login)];

test('a directory that is right is: one person, who logs in', async t => {
  await served(honest([entry(dn)]), async port => {
    const findings = await askDirectory(check(port), context);
    t.like(findings, [{severity: 'pass'}]);
    t.regex(findings[0]?.summary.en ?? '', /can log in, as uid=anna,dc=x/);
  });
});

test('nobody, two people, and a wrong password are told apart', async t => {
  for (const [answer, said] of [
    [honest([]), /finds nobody at all/],
    [honest([entry(dn), entry('uid=other,dc=x')]), /More than one entry/],
    [honest([entry(dn)], 49), /does not take anna@example\.com/],
    [(() => [result(0x65, 32)]) as Answer, /no entry dc=x/],
    [(() => [result(0x65, 50)]) as Answer, /may not read dc=x/],
    [(() => [result(0x65, 1, 'a successful bind must be completed')]) as Answer, /may not read dc=x/],
  ] as const) {
    await served(answer, async port => {
      const findings = await askDirectory(check(port), context);
      t.like(findings, [{severity: 'fail'}]);
      t.regex(findings[0]?.summary.en ?? '', said);
      t.truthy(findings[0]?.remedy?.en);
    });
  }
});

test('what an entry is called cannot speak to the terminal', async t => {
  await served(honest([entry('cn=\u001b]52;c;ZXZpbA==\u0007,dc=x')]), async port => {
    const said = JSON.stringify(await askDirectory(check(port), context));
    t.false(said.includes('\u001b') || said.includes('\\u001b') || said.includes('\\u0007'), said);
  });
});

test('referrals are not followed', async t => {
  const referral = element(0x73, element(0x04, 'ldap://evil.example/dc=x'));
  await served(honest([referral, entry(dn)]), async port => {
    t.like(await askDirectory(check(port), context), [{severity: 'pass'}]);
  });
  await served(
    ({tag}) => [result(tag === 0x63 ? 0x65 : 0x61, 10)],
    async port => {
      t.like(await askDirectory(check(port), context), [{severity: 'fail'}]);
    },
  );
});

test('an answer without an end, of any kind, ends the question', async t => {
  const answers: readonly Answer[] = [
    // A value of a megabyte, and one that only says so.
    () => [element(0x64, element(0x04, Buffer.alloc(1_100_000, 0x61)))],
    (_asked, socket) => {
      socket.write(Buffer.from([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff]));
      return [];
    },
    () => Array.from({length: 500}, () => entry(dn)),
    (_asked, socket) => {
      socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
      return [];
    },
    (_asked, socket) => {
      socket.destroy();
      return [];
    },
  ];
  for (const answer of answers) {
    await served(answer, async port => {
      const started = Date.now();
      t.like(await askDirectory(check(port), context), [{severity: 'fail'}]);
      t.true(Date.now() - started < 5000);
    });
  }
});

test('a directory that never answers is given up within the time of a probe', async t => {
  await served(
    () => [],
    async port => {
      const started = Date.now();
      const findings = await askDirectory(check(port), context);
      t.regex(findings[0]?.summary.en ?? '', /did not answer within 5 seconds/);
      t.true(Date.now() - started < 8000);
    },
  );
});

test('of several directories one is enough, and the others are named', async t => {
  await served(honest([entry(dn)]), async port => {
    const {server, ...rest} = check(port);
    const findings = await askDirectory(
      {...rest, server: {...server, uris: ['ldap://127.0.0.1:1', ...server.uris]}},
      context,
    );
    t.deepEqual(
      findings.map(({severity}) => severity),
      ['warning', 'pass'],
    );
    t.regex(findings[0]?.summary.en ?? '', /Nothing listens at ldap:\/\/127\.0\.0\.1:1/);
  });
});

const key = makeKey({algorithm: 'ec-p256'});

/** A server that goes on encrypted when it is asked to, with this certificate; `heard` is what it is told afterwards, by its operations. */
const startsTls = async (cert: string, use: (port: number) => Promise<void>) => {
  const heard: number[] = [];
  const server = createServer(socket => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(element(0x30, whole(1), result(0x78, 0)));
      const secure = new TLSSocket(socket, {isServer: true, key, cert});
      secure.on('error', () => undefined);
      secure.on('data', bytes => {
        for (const {content} of elementsIn(bytes)) {
          const [id, operation] = elementsIn(content);
          const at = id === undefined ? 0 : numberOf(id);
          heard.push(operation?.tag ?? 0);
          const answers =
            operation?.tag === 0x63
              ? [entry(heard.length === 1 ? 'dc=x' : dn), result(0x65, 0)]
              : [result(0x61, 0)];
          answers.forEach(answer => void secure.write(element(0x30, whole(at), answer)));
        }
      });
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()));
  await use((server.address() as {port: number}).port);
  server.close();
  return heard;
};

test('after STARTTLS a directory is asked on only where its certificate is good, for its name, and of today', async t => {
  const long = new Date(Date.now() - 20 * 86_400_000);
  const soon = new Date(Date.now() + 20 * 86_400_000);
  const good = selfSigned(key, {CN: 'localhost'}, ['localhost'], 10);
  for (const [cert, ca, severity, words, asked] of [
    [good, good, 'pass', /can log in, as uid=anna,dc=x/, [0x63, 0x63, 0x60]],
    [selfSigned(key, {CN: 'localhost'}, ['localhost'], 10, long), undefined, 'fail', /not valid today/, []],
    [selfSigned(key, {CN: 'localhost'}, ['localhost'], 10, soon), undefined, 'fail', /not valid today/, []],
    [
      selfSigned(key, {CN: 'other'}, ['other.example'], 10),
      undefined,
      'fail',
      /other name: DNS:other\.ex/,
      [],
    ],
    [selfSigned(key, {CN: 'localhost'}, ['localhost'], 10), good, 'fail', /does not come from an auth/, []],
  ] as const) {
    const heard = await startsTls(cert, async port => {
      const {server, ...rest} = check(port);
      const files = {...context.host.files, read: () => Buffer.from(ca ?? cert)};
      const [finding] = await askDirectory(
        {...rest, server: {...server, uris: [`ldap://localhost:${port}`], starttls: true}},
        {...context, host: {...context.host, files}} as ProbeContext,
      );
      t.is(finding?.severity, severity, finding?.summary.en);
      t.regex(finding?.summary.en ?? '', words);
      // The failure names a remedy; the password is not for whoever answered.
      t.is(finding?.remedy === undefined, severity === 'pass');
    });
    t.deepEqual(heard, [...asked]);
  }
});

test('an empty password is nobody’s, and proves nothing', async t => {
  await served(honest([entry(dn)]), async port => {
    const findings = await askDirectory(check(port), {...context, open: () => secret('')});
    t.like(findings, [{severity: 'unchecked'}]);
  });
});

test('filters go over the wire as RFC 4511 has them', t => {
  const hex = (filter: string) => {
    const parsed = parseFilter(filter);
    return parsed === undefined ? '' : filterBytes(parsed).toString('hex');
  };
  t.is(hex('(a=b)'), 'a306040161040162');
  t.is(hex('(a=*)'), '870161');
  t.is(hex('(!(a=b))'), 'a208a306040161040162');
  t.is(hex('(a=x*y*z)'), 'a40e040161300980017881017982017a');
  t.is(hex('(a:1.2:=2)'), 'a90b8103312e32820161830132');
});
