import test from 'ava';
import type {DovecotEdit} from '../../src/core/edit.js';
import {effectiveProblems} from '../helpers/effective-dovecot.js';

// As doveconf(1) of 2.3 and 2.4 writes them.
const defaults = ['auth_mechanisms = plain', 'ssl = yes', 'ssl_min_protocol = TLSv1.2'];
const before = [
  'auth_mechanisms = plain',
  'passdb {',
  '  driver = pam',
  '}',
  'service auth {',
  '  unix_listener auth-userdb {',
  '    mode = 0666',
  '  }',
  '}',
];
const after = [
  'auth_mechanisms = plain login',
  'passdb {',
  '  args = scheme=BLF-CRYPT /etc/dovecot/users',
  '  driver = passwd-file',
  '}',
  'service auth {',
  '  unix_listener /var/spool/postfix/private/auth {',
  '    user = postfix',
  '  }',
  '  unix_listener auth-userdb {',
  '    mode = 0666',
  '  }',
  '}',
  'ssl = required',
  'ssl_server {',
  '  key_file = # hidden, use -P to show it',
  '}',
];
const list = {type: 'passdb', where: {key: 'driver', value: 'passwd-file'}};
const socket = [
  {type: 'service', name: 'auth'},
  {type: 'unix_listener', name: '/var/spool/postfix/private/auth'},
];
const edits: readonly DovecotEdit[] = [
  {op: 'include', file: 'auth-system.conf.ext', state: 'absent'},
  {op: 'block', at: [{type: 'passdb', where: {key: 'driver', value: 'pam'}}], state: 'absent'},
  {op: 'include', file: 'auth-passwdfile.conf.ext', state: 'present'},
  {op: 'set', at: [list], key: 'args', value: '"scheme=BLF-CRYPT /etc/dovecot/users"'},
  {op: 'item', at: [], key: 'auth_mechanisms', value: 'login', state: 'present', base: 'plain'},
  {op: 'set', at: [], key: 'ssl', value: 'required'},
  {op: 'set', at: [], key: 'ssl_min_protocol', value: 'TLSv1.2'},
  {op: 'set', at: [], key: 'ssl_server_key_file', value: '/etc/ssl/private/key.pem'},
  {op: 'set', at: socket, key: 'mode', value: '0600'},
  {op: 'set', at: socket, key: 'user', value: 'postfix'},
];
const problems = (change: (line: string) => readonly string[], asked = edits) =>
  effectiveProblems(asked, {before, after: after.flatMap(change), defaults});

test('what was asked is in force where it is shown, where it is a default, and where it is a secret', t => {
  t.deepEqual(
    problems(line => [line]),
    [],
  );
});

test('a value that is another one, a lost word of a list and a block that stayed are named', t => {
  for (const [change, words] of [
    [(line: string) => [line.replace('required', 'yes')], /^ssl is yes and not required$/],
    [(line: string) => [line.replace(' login', '')], /^auth_mechanisms lacks login$/],
    [(line: string) => (/ssl =/.test(line) ? [] : [line]), /^ssl is yes and not required$/],
    [(line: string) => [line.replace('= postfix', '= root')], /private\/auth\/user is root and not postfix$/],
    [(line: string) => [line.replace('BLF-CRYPT', 'PLAIN')], /^passdb passwd-file\/args is scheme=PLAIN/],
  ] as const) {
    const [first = '', ...others] = problems(change);
    t.regex(first, words);
    t.deepEqual(others, []);
  }

  const pam = ['passdb {', '  args = dovecot', '  driver = pam', '}'];
  t.regex(
    problems(line => (line === 'ssl_server {' ? [...pam, line] : [line])).join(),
    /passdb pam\/args is dovecot and was undefined, which nobody asked for/,
  );
});

test('what nobody asked for is named: a value, a listener, a setting that went', t => {
  for (const [change, words] of [
    [
      (line: string) => (line.startsWith('ssl =') ? [line, 'mail_debug = yes'] : [line]),
      /^mail_debug is yes/,
    ],
    [
      (line: string) => [line.replace('0666', '0777')],
      /auth-userdb\/mode is 0777 and was 0666, which nobody/,
    ],
    [(line: string) => [line.replace('user =', 'group =')], /private\/auth\/group is postfix and was/],
    [(line: string) => (line.includes('0666') ? [] : [line]), /auth-userdb\/mode is undefined and was 0666/],
  ] as const) {
    t.regex(problems(change).join('\n'), new RegExp(words.source, 'm'));
  }

  const unset: readonly DovecotEdit[] = [...edits, {op: 'unset', at: [], key: 'ssl'}];
  t.deepEqual(
    problems(line => [line], unset),
    ['ssl is still required'],
  );
});
