import test from 'ava';
import {readAnswers} from '../../src/answers/file.js';
import {problemOf} from '../../src/answers/check.js';
import {passwordProblem} from '../../src/core/password-policy.js';
import type {Question} from '../../src/core/question.js';
import {steps} from '../../steps/index.js';
import {debian12Facts, debian12Platform} from '../helpers/facts.js';
import {oddPasswords} from '../helpers/odd-passwords.js';
import {answersOf, cautionOf, refusal, stepOf} from '../helpers/sections.js';

const osc52 = '\u001b]52;c;eA==\u0007';
const account = (name: string) => [{name, password: {held: 'a1'}}];
const users = [
  {name: 'www-data', uid: 33, gid: 33, home: '/var/www', shell: '/usr/sbin/nologin'},
  {name: 'admin', uid: 1000, gid: 1000, home: '/home/admin', shell: '/bin/bash'},
  {name: 'carl', uid: 1001, gid: 1001, home: '/home/carl', shell: '/bin/bash'},
  {name: 'toor', uid: 0, gid: 0, home: '/root', shell: '/bin/sh'},
];
const scene = {facts: debian12Facts({users})};

const label64 = 'a'.repeat(64);
const long = Array.from({length: 64}, () => 'abc').join('.');

/** What each question must refuse; the same rules count in both faces and in an answers file. */
const refused: Readonly<Record<string, readonly unknown[]>> = {
  'role.hostname': [
    'mail.example.com\nmynetworks = 0.0.0.0/0',
    `mail.example.com${osc52}`,
    'localhost',
    'mail.localhost',
    'mail',
    '-a.b',
    'a-.example.com',
    'a..b',
    '.example.com',
    `${'a'.repeat(64)}.example.com`,
    `${'a.'.repeat(126)}com`,
    '192.0.2.1',
    '0x7f.1',
    '127.1',
    '0300.0250.0.1',
    'mail.example.1',
    'xn--.example.com',
    'a_b.example.com',
    'mail.example.com:25',
    'user@example.com',
    'mail%2eexample.com',
    '$mydestination',
    '[::1]',
    '',
    ' ',
    0,
    null,
    ['mail.example.com'],
    'mail.example.com\u0000',
    'mail.example.com\u001b[2J',
    'mail.example.com\u202e',
    `${label64}.example.com`,
    `${long}.example.com`,
    'mail.example.com.',
    'MAIL.example.com',
    ' mail.example.com',
    'bücher.example',
    '$mydomain',
    '%{host}',
    'a'.repeat(100_000),
    42,
    {toString: 'x'},
  ],
  'role.domains': [
    ['*.example.com'],
    ['example.com,evil.com'],
    ['example.com evil.com'],
    ['$mydestination'],
    ['hash:/etc/shadow'],
    ['/etc/shadow'],
    ['!example.com'],
    ['example.com\u0000'],
    ['example.com', 'Example.com.'],
    [],
    'example.com',
    [['example.com']],
    ['example.com', 'example.com'],
    ['example.com\nx'],
  ],
  'vmail.user': [
    'root',
    'toor',
    'dovecot',
    'dovenull',
    'www-data',
    'admin',
    'a:b',
    '-x',
    'a b',
    '../x',
    '0',
    '',
    'Vmail',
    '-v',
    'x'.repeat(40),
    'nobody',
  ],
  'vmail.root': [
    '/srv/a%nb',
    '/srv/a%b',
    '/srv/a:b',
    '../../etc/shadow',
    '/srv/../etc',
    '/etc/passwd',
    '/',
    '//',
    '/proc/1',
    '/tmp/mail',
    '/var/tmp/mail',
    '/home',
    '/home/',
    '/var',
    '/root/mail',
    '/var/mail',
    '/var/spool/postfix/x',
    '/usr/local/mail',
    'var/vmail',
    '~/mail',
    '/srv/mail\u0000',
    '/srv/%{user}{x}',
    '/srv/$HOME',
    '/srv/a b',
    '/srv/a;rm',
    '/var/vmail\u0000',
    '/var/vmail\nmail_location = x',
    '/var/../etc',
    '/var//vmail',
    '/var/vmail/%{user}/../../x',
    '/usr/lib',
  ],
  'storage.system_path': [
    '%{user}/../../x',
    '~/../x',
    '~/..',
    '~/a/b',
    '%n$HOME',
    '/etc',
    '~/',
    '~/a b',
    '~/%{user}',
    '~/.',
  ],
  'auth-passwdfile.accounts': [
    account('a:b@example.com'),
    account('a@b:{PLAIN}x::0:0'),
    account('root'),
    account('vmail'),
    account("a' OR '1'='1"),
    account('*)(uid=*@example.com'),
    account('a/../b@example.com'),
    account('.@example.com'),
    account('%{x}@example.com'),
    account('a@example.com\nb@example.com'),
    account('--help@example.com'),
    account('anna@elsewhere.example'),
    account(`${'a'.repeat(65)}@example.com`),
    [...account('anna@example.com'), ...account('Anna@Example.com.')],
    [{name: 'anna@example.com', password: 'typed-right-here'}],
    [{name: 'anna@example.com', password: {held: 'x'}, uid: 0}],
    [{name: 'anna@example.com', password: {from: 'https://example.com/x'}}],
    [{name: 'anna@example.com', password: {from: 'file:relative'}}],
    [JSON.parse('{"name": "anna@example.com", "password": {"held": "x"}, "__proto__": {"a": 1}}')],
  ],
  'smtp.admin': [
    'a@b@c',
    'root',
    '|/bin/sh',
    '"a b"@example.com',
    'a,b@example.com',
    '/etc/passwd',
    ':include:/x',
    'nobody',
    'anna@example.com\nroot: |/bin/sh',
    '/etc/x',
  ],
  'smtp.networks': [
    ['0.0.0.0/0'],
    ['::/0'],
    ['0.0.0.0/1', '128.0.0.0/1'],
    ['2002::/16'],
    ['1.2.3.4/33'],
    ['::ffff:0.0.0.0/96'],
    ['::ffff:192.0.2.0/120'],
    ['64:ff9b::/96'],
    ['!10.0.0.0/8'],
    ['hash:/etc/x'],
    ['$mynetworks'],
    ['10.0.0.0/8, 0.0.0.0/0'],
    ['10.0.0.0/8\n'],
    ['10.0.0.0/8\n0.0.0.0/0'],
    ['x'],
    ['hash:/etc/passwd'],
    ['!10.0.0.1'],
    ['010.0.0.1'],
    ['1.2.3'],
    ['::1%eth0'],
  ],
  'smtp.banner': [
    'x',
    '$mydestination ESMTP',
    '$myhostname ESMTP $' + '{x}',
    '$myhostname ESMTP\n250 x',
    `a ESMTP ${osc52}`,
    'hello',
    'x\ny',
    '$myhostname ESMTP\u001b[2J',
  ],
  'smtp.message_size_limit': [-1, 0, 1.5, 1e300, '52428800', Number.NaN, true],
  'relay.host': [
    'relay',
    '127.0.0.1',
    'mail.example.com',
    'http://relay.example.net',
    'a]:25',
    'h user=root',
    'a b',
    'relay.example.net\nx',
    '[x',
    '',
    '$relayhost',
    'u:p@relay.example.net',
  ],
  'relay.port': [0, 65_536, -1, '25 ', 'imap', '2 5', 22, 25.5, 2.5],
  'relay.user': ['a b', 'a:b', 'a\nb', 'x'.repeat(300)],
  'tls.certificate': [
    '/proc/self/environ',
    '/dev/zero',
    'cert.pem',
    '/etc/../dev/zero',
    '/etc/ssl/a b',
    '</etc/shadow',
    'mail.pem',
    '/etc/../x',
    '/proc/self/mem',
    '/etc/ssl/a\nb',
    '/etc/ssl/$x',
  ],
  'hardening.nologin_accounts': [['root'], ['toor'], ['a b'], ['$(id)']],
  'smtp.addresses': [['127.0.0.1/32'], ['203.0.113.77'], ['x'], []],
  'tls.key': ['../key', '/dev/random', '/etc/ssl/a b'],
  'smtp.mailbox_size_limit': [-1, '0', 1.5, 5],
  'role.kind': ['Complete', '', 'constructor', '__proto__', 0, null, []],
  'protocols.listen': [
    [],
    ['198.51.100.77'],
    ['192.0.2.10/32'],
    ['[::1]'],
    ['localhost'],
    ['*', '127.0.0.1'],
    ['::1', '0:0::1'],
    ['*', '*'],
  ],
  'auth-pam.last_uid': [65_534, 65_535, 4_294_967_295, 500],
  'protocols.services': [['imap', 'imap'], ['telnet'], 'imap', [0]],
};

const smarthost = answersOf({}) && {
  role: {kind: 'complete', hostname: 'mail.example.com', domains: ['example.com']},
  auth: {backends: ['passwd-file', 'pam']},
  'auth-passwdfile': {accounts: account('anna@example.com')},
  'auth-pam': {accounts: [{name: 'berta', password: {held: 'b1'}}], homes: 'real'},
  tls: {source: 'own-files', certificate: '/etc/ssl/a.pem', key: '/etc/ssl/a.key'},
  smtp: {interfaces: 'list'},
  relay: {how: 'smarthost', host: 'relay.example.net', user: 'me'},
};

for (const [place, values] of Object.entries(refused)) {
  test(`${place} refuses what is no answer, with the reason in both languages`, t => {
    const [section = '', id = ''] = place.split('.');
    const question = stepOf(section).questions[id] as Question;
    const context = {
      ...scene,
      platform: debian12Platform,
      answers: answersOf({...scene, answers: smarthost}),
    };
    for (const value of values) {
      const reason = problemOf(question, value, context);
      t.truthy(reason, JSON.stringify(value));
      for (const text of [reason?.en ?? '', reason?.ja ?? '']) {
        t.regex(text, /[.。…)）]$|[A-Za-z0-9]$/, JSON.stringify(value));
        t.notRegex(text, /[\u0000-\u0009\u000b-\u001f\u007f]|\{[a-z]+\}/, JSON.stringify(value));
      }
    }
  });
}

test('accounts with plain names and references to their passwords are taken', t => {
  const question = stepOf('auth-passwdfile').questions['accounts'] as Question;
  const context = {...scene, platform: debian12Platform, answers: answersOf({...scene, answers: smarthost})};
  const given = (name: string, password: unknown) => problemOf(question, [{name, password}], context);
  t.is(given('anna@example.com', {from: 'file:/root/x'}), undefined);
  t.is(given('anna.b+c-d_e@example.com', 'generate'), undefined);
  for (const password of ['correct-horse-battery', {from: 'env:X'}, {from: 'x'}, {}, 7]) {
    t.truthy(given('anna@example.com', password), JSON.stringify(password));
  }
});

test('every text and list refuses line breaks, NUL and escapes', t => {
  const context = {...scene, platform: debian12Platform, answers: answersOf({...scene, answers: smarthost})};
  let seen = 0;
  for (const step of steps) {
    for (const [id, question] of Object.entries<Question>(step.questions)) {
      if ((question.kind !== 'text' && question.kind !== 'list') || question.when?.(context) === false) {
        continue;
      }

      seen += 1;
      for (const bad of ['a\nb', 'a\rb', 'a\u0000b', 'a\u001b[31mb', 'a\u0085b', 'a\u007fb', '\n']) {
        const value = question.kind === 'list' ? [bad] : bad;
        t.truthy(problemOf(question, value, context), `${step.id}.${id}`);
      }
    }
  }

  t.true(seen >= 10, String(seen));
});

test('another spelling of a good answer is named as it has to be written', t => {
  t.regex(refusal('role', 'hostname', 'Mail.Example.COM.') ?? '', /Write it as mail\.example\.com/);
  t.regex(refusal('role', 'domains', ['bücher.example']) ?? '', /Write it as xn--bcher-kva\.example/);
  t.notRegex(refusal('role', 'hostname', '0x7f.1') ?? '', /127/);
});

test('host bits are cleared, and that is said', t => {
  t.is(refusal('smtp', 'networks', ['10.7.0.9/24']), undefined);
  t.regex(cautionOf('smtp', 'networks', ['10.7.0.9/24']) ?? '', /10\.7\.0\.0\/24/);
});

test('a directory that is full of somebody else’s files is named, and left to people', t => {
  const facts = debian12Facts({
    users,
    paths: {'/var/vmail': {type: 'directory', mode: 0o755, uid: 33, gid: 33, empty: false}},
  });
  const notes = stepOf('vmail').notes?.({
    answers: {},
    all: answersOf({facts}),
    facts,
    platform: debian12Platform,
    materials: {},
  });
  t.regex(notes?.[0]?.summary.en ?? '', /\/var\/vmail has files in it and belongs to www-data, not to vmail/);
});

test('passwords are refused for what would break them, and taken for what only looks as if', t => {
  for (const bad of [
    '',
    'short',
    'x\ny-long-enough',
    'a\u0000b-long-enough',
    `${osc52}long-enough`,
    'Straße-re\u0301sume\u0301',
    'ä'.repeat(37),
    'x1'.repeat(50_000),
    'anna@example.com',
  ]) {
    t.truthy(passwordProblem(bad, 'anna@example.com'), bad.slice(0, 40));
  }

  for (const good of [...odd, ...oddPasswords]) {
    t.is(passwordProblem(good, 'anna@example.com'), undefined, good);
  }
});

const odd = [
  'pa"ss\\word-12',
  "pa'ss # x-word",
  '</etc/shadow',
  '<<EOF-and-more',
  'inline:x-and-more',
  '$mydomain $' + '{x} $ENV:PATH',
  '%{env:HOME}%u%%',
  ' blank-before-and-after ',
  '--help --yes',
  '-p x-and-more',
  '{PLAIN}something',
  'emoji-🦄-and-more',
];

const reasons = (source: string) => {
  const read = readAnswers(source, steps);
  return read.ok ? undefined : read.problems.map(({line, reason}) => `${line}: ${reason.en}`).join('\n');
};

test('an answers file that is not one is refused with the line', t => {
  const table: readonly (readonly [string, RegExp])[] = [
    ['version: 1\nrole: {hostnam: a}\n', /^2: .*role\.hostnam.*hostname/],
    ['version: 1\nroel: {}\n', /^2: .*“roel”.*role/],
    ['version: 1\nrole: {kind: complete}\nrole: {kind: null-client}\n', /^3: /],
    ['version: 1\nrole: {kind: complete, kind: null-client}\n', /^2: /],
    ['version: 1\n__proto__: {role: {}}\n', /^2: .*__proto__/],
    ['version: 1\nconstructor: {}\n', /^2: .*constructor/],
    ['version: 1\nrole: {__proto__: {kind: complete}}\n', /^2: .*__proto__/],
    ['version: 1\nrole: {toString: x}\n', /^2: .*toString/],
    ['version: 2\n', /version: 1/],
    ['role: {kind: complete}\n', /version: 1/],
    ['', /version: 1/],
    ['- version: 1\n', /version: 1/],
    ['version: 1\n---\nversion: 1\n', /^[23]: /],
    ['version: 1\nrole: [complete]\n', /^2: /],
    ['version: 1\nrole: &a {kind: complete}\nsmtp: *a\n', /aliases/],
    [
      `version: 1\na: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'.replaceAll(/./g, c => `${c}: &${c} [*a,*a,*a]\n`)}`,
      /aliases|“a”/,
    ],
    [`version: 1\nrole: ${'['.repeat(1_000_000)}`, /nested too deeply/],
    [`version: 1\nrole: ${'{a: '.repeat(20_000)}`, /nested too deeply/],
    [
      'version: 1\nauth-passwdfile:\n  accounts:\n  - {name: a@b.cd, password: {held: hunter2hunter2}}\n',
      /^3: .*a secret is never written here/,
    ],
    ['version: 1\nrelay: {password: {held: x}}\n', /^2: .*a secret is never written here/],
    ['version: 1\nrole: {hostname: "a\\u0000b\n', /^\d+: /],
    ['version: 1\n\trole: {}\n', /^2: /],
  ];
  for (const [source, reason] of table) {
    const started = Date.now();
    t.regex(reasons(source) ?? 'accepted', reason, source.slice(0, 80));
    t.true(Date.now() - started < 20_000, source.slice(0, 40));
  }

  t.is(({} as Record<string, unknown>)['kind'], undefined);
});

test('a secret that stands in an answers file is not repeated in the refusal', t => {
  t.notRegex(
    reasons(
      'version: 1\nauth-passwdfile:\n  accounts:\n  - {name: a@b.cd, password: {held: hunter2hunter2}}\n',
    ) ?? '',
    /hunter2/,
  );
  const question = stepOf('relay').questions['password'] as Question;
  const context = {...scene, platform: debian12Platform, answers: answersOf({...scene, answers: smarthost})};
  t.notRegex(problemOf(question, 'hunter2hunter2', context)?.en ?? 'hunter2', /hunter2/);
});
