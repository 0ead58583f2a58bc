import test from 'ava';
import {renderDovecot} from '../../src/planner/dialects/index.js';
import {readDovecot} from '../../src/planner/dialects/read.js';
import {localAt} from '../../src/planner/dialects/settings.js';
import {nologinProblem} from '../../steps/lib/nologin.js';
import {gateThere, withGate} from '../../steps/lib/pam.js';
import {completeAnswers, debian12Facts, debian12Platform} from '../helpers/facts.js';
import {
  cautionOf,
  mainItems,
  mainSettings,
  probesOf,
  refusal,
  rowsWanted,
  stepOf,
  wantsOf,
} from '../helpers/sections.js';

const users = [
  {name: 'root', uid: 0, gid: 0, home: '/root', shell: '/bin/bash'},
  {name: 'www-data', uid: 33, gid: 33, home: '/var/www', shell: '/usr/sbin/nologin'},
  {name: 'karl', uid: 1000, gid: 1000, home: '/home/karl', shell: '/bin/bash'},
  {name: 'nobody', uid: 65_534, gid: 65_534, home: '/nonexistent', shell: '/usr/sbin/nologin'},
];
const stack = '#%PAM-1.0\n\n@include common-auth\n@include common-account\n@include common-session\n';
const facts = debian12Facts({users, files: {'/etc/pam.d/dovecot': stack}});
const anna = {name: 'anna', password: {held: 'a'}};
const pam = completeAnswers({auth: {backends: ['pam']}, 'auth-pam': {accounts: [anna]}});
const both = completeAnswers({auth: {backends: ['passwd-file', 'pam']}, 'auth-pam': {accounts: [anna]}});
const gate = 'auth requisite pam_succeed_if.so uid >= 1000 uid <= 60000 quiet_success';

test('a server without a place for accounts, or without a method, is refused', t => {
  t.truthy(refusal('auth', 'backends', []));
  t.truthy(refusal('auth', 'backends', ['pam', 'pam']));
  t.truthy(refusal('auth', 'mechanisms', []));
  t.truthy(refusal('auth', 'mechanisms', ['login']));
  t.is(refusal('auth', 'backends', ['pam']), undefined);
});

test('with a list alone PAM is switched off; with users alone the list is', t => {
  const off = (answers: typeof pam) =>
    wantsOf('auth', {answers, facts}).flatMap(want =>
      want.kind === 'block' && want.at === 'passdb' && want.state === 'absent' ? [want.value.driver] : [],
    );
  t.deepEqual(off(completeAnswers()), ['pam', 'sql']);
  t.deepEqual(off(pam), ['passwd-file', 'sql']);
  t.deepEqual(off(both), ['sql']);
});

test('names that both places could answer for do not exist: PAM is asked for bare names only', t => {
  const passdb = (answers: typeof pam) =>
    wantsOf('auth-pam', {answers, facts}).find(want => want.kind === 'block' && want.at === 'passdb');
  t.like(passdb(both), {value: {driver: 'pam', bareNames: true}});
  t.like(passdb(pam), {value: {driver: 'pam', bareNames: false}});
  t.regex(cautionOf('auth', 'backends', ['pam', 'passwd-file']) ?? '', /never in both/);
});

test('the rule that keeps root out stands before every other, and nothing else of the stack changes', t => {
  t.is(withGate(stack, gate), stack.replace('@include common-auth', `${gate}\n@include common-auth`));
  t.is(withGate(withGate(stack, gate), gate), withGate(stack, gate));
  const rhel =
    '#%PAM-1.0\r\nauth       required     pam_nologin.so\r\nauth       include      password-auth\r\n';
  t.is(withGate(rhel, gate), rhel.replace('auth  ', `${gate}\r\nauth  `));
  const late = `auth sufficient pam_unix.so\n${gate}\n`;
  t.is(withGate(late, gate), `${gate}\nauth sufficient pam_unix.so\n`);
  t.is(
    withGate(withGate(stack, gate), gate.replace('1000', '2000')),
    withGate(stack, gate.replace('1000', '2000')),
  );
});

test('that root is refused is proved by the same rule that is written', t => {
  t.like(probesOf('auth', {answers: pam, facts})[0], {
    user: 'root',
    gate: {file: '/etc/pam.d/dovecot', rule: gate},
  });
  t.false('gate' in (probesOf('auth', {facts})[0] ?? {}));
});

test('an account that is not there is made for mail only; nothing is written into homes that are', t => {
  const wants = wantsOf('auth-pam', {
    answers: {...pam, 'auth-pam': {accounts: [anna, {name: 'karl', password: {held: 'k'}}]}},
    facts,
  });
  t.deepEqual(
    wants.flatMap(want => (want.kind === 'user' ? [[want.name, want.shell, want.home]] : [])),
    [['anna', '/usr/sbin/nologin', '/home/anna']],
  );
  t.deepEqual(
    wants.flatMap(want => (want.kind === 'directory' && want.path.startsWith('/home') ? [want.path] : [])),
    ['/home/anna'],
  );
});

test('root, services and names of the system get no mailbox, and a new account needs a password', t => {
  for (const name of ['root', 'www-data', 'nobody', 'vmail', 'Anna', 'a:b', '-p', 'anna@example.com', '']) {
    t.truthy(refusal('auth-pam', 'accounts', [{name, password: {held: 'x'}}], {answers: pam, facts}), name);
  }

  t.truthy(refusal('auth-pam', 'accounts', [{name: 'new', password: 'keep'}], {answers: pam, facts}));
  t.is(refusal('auth-pam', 'accounts', [{name: 'karl', password: 'keep'}], {answers: pam, facts}), undefined);
  t.regex(
    cautionOf('auth-pam', 'accounts', [{name: 'karl', password: 'keep'}], {answers: pam, facts}) ?? '',
    /karl/,
  );
});

const john = {
  name: 'john',
  uid: 1_234_600_500,
  gid: 1_234_600_513,
  home: '/home/john',
  shell: '/bin/bash',
  elsewhere: true,
} as const;
const joined = debian12Facts({users: [...users, john], files: {'/etc/pam.d/dovecot': stack}});

test('users of a directory may log in by their high numbers, and nobody still may not', t => {
  const answers = {...pam, 'auth-pam': {accounts: [{name: 'john', password: 'keep' as const}]}};
  const rule = 'auth requisite pam_succeed_if.so uid >= 1000 uid <= 2000200000 uid ne 65534 quiet_success';
  const wants = wantsOf('auth-pam', {answers, facts: joined});
  const file = wants.find(want => want.kind === 'file' && want.path === '/etc/pam.d/dovecot');
  t.regex(JSON.stringify(file), new RegExp(rule));
  t.like(
    wants.find(want => want.kind === 'setting' && want.at === 'mail.last_valid_uid'),
    {value: 2_000_200_000},
  );
  t.is(withGate(withGate(stack, gate), rule), withGate(stack, rule));
  t.is(withGate(withGate(stack, rule), rule), withGate(stack, rule));
  t.deepEqual(gateThere(withGate(stack, rule)), {first: 1000, last: 2_000_200_000});
  t.like(probesOf('auth', {answers, facts: joined})[0], {gate: {rule}});
});

test('a user of a directory is there: none is made, none gets a row that leads elsewhere, and none is adopted by name', t => {
  const answers = {...pam, 'auth-pam': {accounts: [{name: 'john', password: {held: 'j'}}]}};
  t.deepEqual(
    wantsOf('auth-pam', {answers, facts: joined}).filter(({kind}) => kind === 'user'),
    [],
  );
  t.is(
    refusal('auth-pam', 'accounts', [{name: 'john', password: 'keep'}], {answers, facts: joined}),
    undefined,
  );
  const narrow = {...answers, 'auth-pam': {...answers['auth-pam'], last_uid: 60_000}};
  t.regex(
    refusal('auth-pam', 'accounts', [{name: 'john', password: 'keep'}], {answers: narrow, facts: joined}) ??
      '',
    /directory with the number 1234600500.*last_uid/,
  );
  const rows = rowsWanted(
    wantsOf('smtp', {answers: {...narrow, smtp: {admin: 'anna@example.com'}}, facts: joined}),
    '/etc/aliases',
  );
  t.false(rows.some(row => row.startsWith('john')));
  t.true(rows.includes('nobody: root'));
  t.regex(refusal('vmail', 'user', 'john', {facts: joined}) ?? '', /kept in a directory/);
  t.regex(nologinProblem('john', joined)?.en ?? '', /kept in a directory/);
});

test('mail for users who may not have any goes to who reads root’s', t => {
  const rows = rowsWanted(
    wantsOf('smtp', {answers: {...pam, smtp: {admin: 'anna@example.com'}}, facts}),
    '/etc/aliases',
  );
  t.true(rows.includes('www-data: root') && rows.includes('nobody: root'));
  t.false(rows.some(row => row.startsWith('karl') || row === 'root: root'));
  t.deepEqual(
    rowsWanted(
      wantsOf('smtp', {facts, answers: completeAnswers({smtp: {admin: 'anna@example.com'}})}),
      '/etc/aliases',
    ).filter(row => /www-data/.test(row)),
    [],
  );
});

test('beside a list, users of the machine have addresses in the domains that the list leaves free', t => {
  const clash = {
    ...both,
    'auth-pam': {accounts: [anna, {name: 'carl', password: {held: 'c'}}]},
  };
  const wants = wantsOf('delivery', {answers: clash, facts});
  t.deepEqual(rowsWanted(wants, '/etc/postfix/virtual'), ['carl@example.com carl@mail.example.com']);
  t.is(mainSettings(wants)['mailbox_transport'], 'lmtp:unix:private/dovecot-lmtp');
  t.deepEqual(mainItems(wants, 'virtual_alias_maps'), ['+hash:/etc/postfix/virtual']);
  const lmtp = wantsOf('lmtp', {answers: clash, facts}).find(
    want => want.kind === 'setting' && want.at === 'lmtp.username',
  );
  t.like(lmtp, {value: {localAt: 'mail.example.com'}});
  const senders = wantsOf('submission', {answers: clash, facts}).find(want => want.kind === 'file');
  const text = senders !== undefined && 'content' in senders ? JSON.stringify(senders.content) : '';
  t.regex(text, /carl\(/);
  t.notRegex(text, /anna\(/);
});

test('mail stays where it is: a list keeps its folder, users have their own', t => {
  const store = (answers: typeof pam) =>
    wantsOf('storage', {answers, facts}).find(want => want.kind === 'setting' && want.at === 'mail.store');
  t.like(store(pam), {value: {path: '~/Maildir'}});
  t.like(store(both), {value: {path: '~/mail'}});
  t.like(
    wantsOf('auth-pam', {answers: both, facts}).find(want => want.kind === 'block' && want.at === 'userdb'),
    {value: {driver: 'passwd', store: {format: 'maildir', path: '~/Maildir'}}},
  );
});

test('the owner of all mail is made only where there is mail of its own', t => {
  t.deepEqual(
    wantsOf('vmail', {answers: both, facts}).map(({kind}) => kind),
    ['user', 'directory', 'label'],
  );
  const applies = (answers: typeof pam) => stepOf('vmail').applies?.(facts, answers);
  t.false(applies(pam));
  t.true(applies({...pam, 'auth-pam': {homes: 'virtual'}}));
});

test('whose mail nobody reaches any more is said when another place takes over: of users by name, of addresses by their root', t => {
  const root = '/etc/dovecot/dovecot.conf';
  const served = (driver: string, files: Readonly<Record<string, string>> = {}) =>
    debian12Facts({
      users,
      configured: {dovecot: true, postfix: true},
      dovecot: {version: '2.3.19', dialect: '2.3', root},
      files: {[root]: `passdb {\n  driver = ${driver}\n}\n`, '/etc/pam.d/dovecot': stack, ...files},
    });
  const left = (answers: typeof pam, there: typeof facts) =>
    (
      stepOf('auth').notes?.({
        answers: {},
        all: answers,
        facts: there,
        platform: debian12Platform,
        materials: {},
      }) ?? []
    )
      .filter(({id}) => id.startsWith('auth:left-'))
      .map(({id, severity, summary, remedy}) => `${id} ${severity} ${summary.en} ${remedy?.en}`);
  const homes = left(completeAnswers(), served('pam'));
  t.is(homes.length, 1);
  t.regex(
    homes[0] ?? '',
    /^auth:left-pam warning .*: karl\. Their mail stays in their homes.*doveadm import/,
  );
  const list = {
    '/etc/dovecot/users': 'anna@example.com:{BLF-CRYPT}x::::::\nbert@example.com:{BLF-CRYPT}x::::::\n',
  };
  const lost = left(pam, served('passwd-file', list));
  t.is(lost.length, 1);
  t.regex(
    lost[0] ?? '',
    /^auth:left-list .*anna@example\.com, bert@example\.com.*\/var\/vmail, and nobody reaches/,
  );
  // Who stays where they were loses nothing.
  t.deepEqual(left(completeAnswers(), served('passwd-file', list)), []);
  t.deepEqual(left(pam, served('pam')), []);
});

test('mail that lies in /var/mail is named', t => {
  const there = debian12Facts({
    users,
    paths: {'/var/mail/karl': {type: 'file', mode: 0o660, uid: 1000, gid: 8, empty: false}},
  });
  const notes = stepOf('auth-pam').notes?.({
    answers: {},
    all: pam,
    facts: there,
    platform: debian12Platform,
    materials: {},
  });
  t.regex(notes?.[0]?.summary.en ?? '', /\/var\/mail of: karl/);
});

test('recipients of both kinds are named in words that each Dovecot takes, and read back as they were meant', t => {
  const value = {localAt: 'mail.example.com'};
  for (const dialect of ['2.3', '2.4'] as const) {
    const want = {kind: 'setting', in: 'dovecot', at: 'lmtp.username', op: 'set', value} as const;
    const format = localAt(value.localAt, dialect);
    t.true(JSON.stringify(renderDovecot(want, dialect)).includes(JSON.stringify(format).slice(1, -1)));
    // Dovecot 2.4.1 ends in a panic where an argument of a filter has a filter of its own.
    t.false(/\([^)']*\|/.test(format.replaceAll(/'[^']*'/g, '')), format);
    const text = `protocol lmtp {\n  auth_username_format = ${format}\n}\n`;
    const facts = debian12Facts({
      files: {'/etc/dovecot/dovecot.conf': text},
      dovecot: {version: `${dialect}.1`, dialect, root: '/etc/dovecot/dovecot.conf'},
    });
    t.deepEqual(readDovecot(facts).settings['lmtp.username'], value);
  }
});
