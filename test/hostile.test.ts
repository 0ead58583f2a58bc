import test from 'ava';
import {readAnswers} from '../src/answers/file.js';
import {problemOf} from '../src/answers/check.js';
import type {AllAnswers, Question} from '../src/core/question.js';
import {steps} from '../steps/index.js';
import {debian12Facts, debian12Platform} from './helpers/facts.js';

// Answers under which each question below is asked.
const around: AllAnswers = {
  role: {kind: 'complete', hostname: 'mail.example.com', domains: ['example.com']},
  auth: {backends: ['passwd-file', 'pam']},
  'auth-pam': {homes: 'real'},
  tls: {source: 'own-files', certificate: '/etc/ssl/mail.pem', key: '/etc/ssl/mail.key'},
  smtp: {interfaces: 'list'},
  relay: {how: 'smarthost', host: 'relay.example.net', user: 'someone'},
};

const ask = (place: string, value: unknown, answers: AllAnswers = around) => {
  const [section = '', question = ''] = place.split('.');
  const found = steps.find(({id}) => id === section)?.questions[question] as Question | undefined;
  if (found === undefined) {
    throw new Error(`there is no question ${place}`);
  }

  const context = {facts: debian12Facts(), platform: debian12Platform, answers};
  if (!(found.when?.(context) ?? true)) {
    throw new Error(`${place} is not asked here`);
  }

  return problemOf(found, value, context)?.en;
};

const label64 = 'a'.repeat(64);
const long = Array.from({length: 64}, () => 'abc').join('.');

/** Values that must be refused, by question; the same rules count in both faces and in an answers file. */
const refused: Readonly<Record<string, readonly unknown[]>> = {
  'role.hostname': [
    'mail.example.com\nmynetworks = 0.0.0.0/0',
    'mail.example.com\u0000',
    'mail.example.com\u001b[2J',
    'mail.example.com\u202e',
    'localhost',
    'mail',
    '-a.b',
    'a..b',
    `${label64}.example.com`,
    `${long}.example.com`,
    'mail.example.com.',
    'MAIL.example.com',
    ' mail.example.com',
    'bücher.example',
    '192.0.2.1',
    '$mydomain',
    '%{host}',
    '',
    'a'.repeat(100_000),
    42,
    ['mail.example.com'],
    {toString: 'x'},
    null,
  ],
  'role.domains': [
    ['*.example.com'],
    ['example.com,evil.com'],
    ['$mydestination'],
    ['example.com', 'example.com'],
    ['example.com\nx'],
    [],
    'example.com',
    [['example.com']],
  ],
  'vmail.root': [
    '../../etc/shadow',
    '/etc/passwd',
    '/',
    '/proc/1',
    'var/vmail',
    '/var/vmail\u0000',
    '/var/vmail\nmail_location = x',
    '/var/../etc',
    '/var//vmail',
    '/var/vmail/%{user}/../../x',
    '/srv/$HOME',
    '/srv/a b',
    '/usr/lib',
    '/var/mail',
  ],
  'vmail.user': ['root', 'a:b', 'Vmail', '-v', 'a b', 'x'.repeat(40), 'nobody'],
  'storage.system_path': ['/etc', '~/../x', '~/a/b', '~/', '~/%{user}', '~/.', '~/..'],
  'smtp.admin': [
    'nobody',
    'anna@example.com\nroot: |/bin/sh',
    '|/bin/sh',
    'a@b@c',
    '"a b"@example.com',
    '/etc/x',
  ],
  'smtp.networks': [
    ['0.0.0.0/0'],
    ['::/0'],
    ['1.2.3.4/33'],
    ['10.0.0.0/8\n0.0.0.0/0'],
    ['x'],
    ['hash:/etc/passwd'],
    ['!10.0.0.1'],
    ['010.0.0.1'],
    ['1.2.3'],
    ['::1%eth0'],
  ],
  'smtp.addresses': [['127.0.0.1/32'], ['203.0.113.77'], ['x'], []],
  'smtp.banner': ['hello', 'x\ny', '$myhostname ESMTP\u001b[2J'],
  'smtp.message_size_limit': [0, -1, 1.5, Number.NaN, 1e300, '52428800'],
  'relay.host': [
    'a b',
    'relay.example.net\nx',
    '[x',
    '',
    'mail.example.com',
    '$relayhost',
    'u:p@relay.example.net',
  ],
  'relay.port': [0, 65_536, 22, '25 ', 'imap', '2 5', 2.5],
  'tls.certificate': ['mail.pem', '/etc/../x', '/dev/zero', '/proc/self/mem', '/etc/ssl/a\nb', '/etc/ssl/$x'],
  'tls.key': ['../key', '/dev/random', '/etc/ssl/a b'],
  'smtp.mailbox_size_limit': [-1, '0', 1.5, 5],
  'role.kind': ['Complete', '', 'constructor', '__proto__', 0, null, []],
  'protocols.services': [['imap', 'imap'], ['telnet'], 'imap', [0]],
};

for (const [place, values] of Object.entries(refused)) {
  test(`${place} refuses what does not belong there, and says why`, t => {
    for (const value of values) {
      const problem = ask(place, value);
      t.is(typeof problem, 'string', `${place} took ${JSON.stringify(value)?.slice(0, 100)}`);
      // What is shown is safe to show.
      t.notRegex(problem ?? '', /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
      t.true((problem ?? '').length < 500);
    }
  });
}

test('names of accounts that could mean something else are refused', t => {
  const named = (name: unknown) =>
    ask('auth-passwdfile.accounts', [{name, password: {from: 'file:/root/x'}}]);
  t.is(named('anna@example.com'), undefined);
  t.is(named('anna.b+c-d_e@example.com'), undefined);
  for (const name of [
    'a:b@example.com',
    'a@b:{PLAIN}x::0:0',
    'anna@elsewhere.example',
    "a' OR '1'='1@example.com",
    '*)(uid=*@example.com',
    'a/../b@example.com',
    '.@example.com',
    '..@example.com',
    '%{x}@example.com',
    '-p@example.com',
    '|/bin/sh@example.com',
    'anna@example.com\n',
    'Anna@example.com',
    '',
    `${'a'.repeat(65)}@example.com`,
    null,
    {},
  ]) {
    t.is(typeof named(name), 'string', JSON.stringify(name));
  }
});

test('passwords in an answers file are references, never values', t => {
  const given = (password: unknown) =>
    ask('auth-passwdfile.accounts', [{name: 'anna@example.com', password}]);
  t.is(given({from: 'file:/root/x'}), undefined);
  t.is(given('generate'), undefined);
  for (const password of [
    'correct-horse-battery',
    {from: 'env:X'},
    {from: 'x'},
    {from: 'file:relative'},
    {},
    7,
  ]) {
    t.is(typeof given(password), 'string', JSON.stringify(password));
  }
});

const file = (text: string) => {
  const read = readAnswers(text, steps);
  return read.ok ? [] : read.problems;
};

test('an answers file that is a trap is refused with the line', t => {
  t.deepEqual(file('version: 1\n'), []);
  const bombs = [
    'version: 1\nrole: &a [x]\nsmtp: *a\n',
    `version: 1\nrole: ${'['.repeat(20_000)}\n`,
    'version: 1\nrole:\n  kind: complete\n  kind: null-client\n',
    'version: 1\nrole: {}\nrole: {}\n',
    'version: 1\n__proto__:\n  x: 1\n',
    'version: 1\nrole:\n  __proto__: 1\n',
    'version: 1\nrole:\n  constructor: 1\n',
    'version: 2\n',
    'version: 1\nrole: complete\n',
    '- 1\n',
    '',
    'version: 1\nnonsense: {}\n',
    'version: 1\nrole:\n\tkind: complete\n',
  ];
  for (const text of bombs) {
    const problems = file(text);
    t.true(problems.length > 0, text.slice(0, 60));
    t.true(problems.every(({line}) => line >= 1));
  }
  t.is(({} as {x?: unknown}).x, undefined);
});
