import test from 'ava';
import type {AllAnswers} from '../../src/core/question.js';
import {completeAnswers, debian12Facts} from '../helpers/facts.js';
import {
  answersOf,
  cautionOf,
  mainItems,
  mainSettings,
  notesOf,
  refusal,
  stepOf,
  wantsOf,
} from '../helpers/sections.js';
import {compile} from '../../src/planner/compile.js';
import {debian12} from '../../src/platforms/debian12.js';
import {debian13} from '../../src/platforms/debian13.js';
import {allWants} from '../helpers/sections.js';

const server = {
  engine: 'mysql',
  host: 'db.example.com',
  ca: '/etc/ssl/db-ca.pem',
  database: 'mail',
  user: 'dovecot',
  password: {held: 'p'},
  sample: 'anna@example.com',
  sample_password: {held: 's'},
};
const answers = (own: Readonly<Record<string, unknown>> = {}): AllAnswers => {
  const {'auth-passwdfile': _list, ...rest} = completeAnswers({
    auth: {backends: ['sql']},
    'auth-sql': {...server, ...own},
  });
  return rest;
};
const scene = (own: Readonly<Record<string, unknown>> = {}) => ({answers: answers(own)});
const asked = (question: string, value: unknown, own: Readonly<Record<string, unknown>> = {}) =>
  refusal('auth-sql', question, value, scene(own));

test('what could end a word or a statement is no name of a host, a table or a column', t => {
  for (const host of [
    'h user=root',
    '/tmp/sock;x',
    'db',
    'localhost',
    '../x',
    'db.example.com ssl=no',
    "a'b.example.com",
  ]) {
    t.truthy(asked('host', host), host);
  }

  for (const host of ['db.example.com', '10.1.2.3', '127.0.0.1', '/run/mysqld/mysqld.sock']) {
    t.is(asked('host', host), undefined, host);
  }

  for (const name of [
    'users; DROP TABLE users',
    "users'",
    'a`b',
    'a"b',
    'users --',
    'a.b.c',
    '1a',
    '',
    'a\\\nb',
  ]) {
    t.truthy(asked('table', name), name);
    t.truthy(asked('user_column', name), name);
  }

  t.is(asked('table', 'mail.users'), undefined);
  t.truthy(asked('user_column', 'users.name'));
  t.truthy(asked('sample', "a' OR '1'='1@example.com"));
  t.truthy(asked('sample', 'anna@elsewhere.test'));
});

test('blanks in the server’s password are refused by name, everything else that can be typed is taken', t => {
  const question = stepOf('auth-sql').questions['password'];
  const said = (value: string) =>
    question?.kind === 'secret'
      ? question.validateSecret?.(value, {answers: {}, facts: debian12Facts(), platform: debian12})?.en
      : undefined;
  t.regex(said('two words') ?? '', /Blanks/);
  t.regex(said('a\nb') ?? '', /Blanks/);
  t.truthy(said(''));
  t.is(said('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~é%{env:HOME}'), undefined);
});

test('a password is kept only for the server that it belongs to', t => {
  t.regex(asked('password', 'keep') ?? '', /no password for that server/);
});

test('over a network the certificate counts, on this machine nothing is asked about it', t => {
  t.true('ca' in (answersOf(scene())['auth-sql'] ?? {}));
  const here = answersOf(scene({host: '/run/mysqld/mysqld.sock'}))['auth-sql'] ?? {};
  t.false('ca' in here);
  t.false('port' in here);
});

test('Postfix finds recipients and senders in the database, and no list is left over', t => {
  const wants = wantsOf('delivery', scene());
  t.deepEqual(mainItems(wants, 'virtual_mailbox_maps'), ['+proxy:mysql:/etc/postfix/sql-accounts.cf']);
  const [file] = wants.filter(want => want.kind === 'file');
  t.like(file, {path: '/etc/postfix/sql-accounts.cf', group: 'postfix', mode: 0o640, secret: true});
  t.is(
    mainSettings(wantsOf('submission', scene()))['smtpd_sender_login_maps'],
    'proxy:mysql:/etc/postfix/sql-accounts.cf, hash:/etc/postfix/virtual',
  );
  t.deepEqual(
    mainItems(
      wantsOf('delivery', scene({engine: 'sqlite', file: '/var/lib/a/u.sqlite'})),
      'virtual_mailbox_maps',
    ),
    ['+sqlite:/etc/postfix/sql-accounts.cf'],
  );
});

test('who comes from a list keeps it out of Postfix’s tables once it is not asked any more', t => {
  const facts = debian12Facts();
  const postfix = facts.postfix;
  t.truthy(postfix);
  if (postfix !== undefined) {
    const moved = {
      ...facts,
      postfix: {
        ...postfix,
        settings: {...postfix.settings, virtual_mailbox_maps: 'hash:/etc/postfix/vmailbox'},
      },
    };
    t.deepEqual(mainItems(wantsOf('delivery', {...scene(), facts: moved}), 'virtual_mailbox_maps'), [
      '+proxy:mysql:/etc/postfix/sql-accounts.cf',
      '-hash:/etc/postfix/vmailbox',
    ]);
    // A table of another kind would read the same file and understand none of it: Postfix would answer nobody.
    for (const before of [
      'proxy:pgsql:/etc/postfix/sql-accounts.cf',
      'sqlite:/etc/postfix/sql-accounts.cf',
    ]) {
      const maps = `${before}, hash:/etc/postfix/others`;
      const other = {
        ...facts,
        postfix: {...postfix, settings: {...postfix.settings, virtual_mailbox_maps: maps}},
      };
      t.deepEqual(mainItems(wantsOf('delivery', {...scene(), facts: other}), 'virtual_mailbox_maps'), [
        '+proxy:mysql:/etc/postfix/sql-accounts.cf',
        `-${before}`,
      ]);
    }
  }
});

test('two places for addresses are said, a place of bare names beside them is no danger', t => {
  t.regex(cautionOf('auth', 'backends', ['passwd-file', 'sql']) ?? '', /two passwords/);
  t.regex(cautionOf('auth', 'backends', ['sql', 'pam']) ?? '', /never in both/);
});

for (const platform of [debian12, debian13]) {
  test(`${platform.dovecot}: no secret stands in the plan, and the file with it is root’s alone`, t => {
    const facts = debian12Facts({
      dovecot: {
        version: `${platform.dovecot}.1`,
        dialect: platform.dovecot,
        root: '/etc/dovecot/dovecot.conf',
      },
    });
    const wants = allWants({answers: answers(), facts, platform});
    const {changes, findings} = compile({wants, facts, platform, put: text => text});
    t.deepEqual(
      findings.filter(({severity}) => severity === 'fail'),
      [],
    );
    const rows = changes.filter(
      change => change.kind === 'rows.edit' && change.sections.includes('auth-sql'),
    );
    t.is(rows.length, 1);
    for (const row of rows) {
      t.like(row, {owner: 'root', group: 'root', mode: 0o600, secret: true});
      t.true(JSON.stringify(row).includes('"material":"sql.password"'));
    }
  });
}

test('whose mail nobody would reach any more is named when a place is left', t => {
  const files = {
    ...debian12Facts().files,
    '/etc/dovecot/dovecot.conf':
      'passdb {\n  driver = passwd-file\n  args = /etc/dovecot/users\n}\npassdb {\n  driver = passwd-file\n  args = /etc/dovecot/users\n}\n',
    '/etc/dovecot/users': 'anna@example.com:{PLAIN}x::::::\nberta@example.com:{PLAIN}y::::::\n',
  };
  const facts = debian12Facts({files, configured: {dovecot: true, postfix: false}});
  const notes = (backends: readonly string[]) => {
    const all = answersOf({answers: {...answers(), auth: {backends}}, facts});
    const step = stepOf('auth');
    return (step.notes?.({answers: {}, all, facts, platform: debian12, materials: {}}) ?? []).map(
      ({id, summary}) => `${id} ${summary.en}`,
    );
  };
  const [left = '', doubled = ''] = notes(['sql']);
  t.regex(left, /^auth:left-list .*anna@example\.com, berta@example\.com.*same address.*\/var\/vmail/);
  t.regex(doubled, /^auth:doubled .*passwd-file/);
  t.false(notes(['passwd-file', 'sql']).some(note => note.startsWith('auth:left')));
});

test('both queries are shown with the sample account, those of a database that is made with its first one', t => {
  const said = (own: Readonly<Record<string, unknown>>) =>
    stepOf('auth-sql')
      .notes?.({
        answers: answers(own)['auth-sql'],
        all: answers(own),
        facts: debian12Facts(),
        platform: debian12,
        materials: {},
      } as never)
      .map(({summary}) => summary.en) ?? [];
  const names = {table: 'users', user_column: 'username', password_column: 'password'};
  const [login = '', user = '', ...more] = said({...names, active_column: 'active'});
  t.deepEqual(more, []);
  t.true(
    login.endsWith(
      "SELECT `username` AS `user`, `password` AS `password` FROM `users` WHERE `username` = 'anna@example.com' AND `active` = '1'",
    ),
    login,
  );
  t.true(
    user.endsWith(
      "SELECT `username` AS `user` FROM `users` WHERE `username` = 'anna@example.com' AND `active` = '1'",
    ),
    user,
  );
  t.deepEqual(said({...names, sample: ''}), []);
  const made = said({
    ...names,
    engine: 'sqlite',
    file: '/var/lib/mail-accounts/users.sqlite',
    make: true,
    sample: '',
    accounts: [{name: 'berta@example.com', password: {held: 'b'}}],
  });
  t.is(made.filter(text => text.includes("'berta@example.com'")).length, 2);
});

test('FIPS mode and a database over the network: what TLS it must speak is said; on this machine nothing is', t => {
  const notes = (own: Readonly<Record<string, unknown>>, fips: boolean) =>
    notesOf('auth-sql', {answers: answers(own), facts: debian12Facts({fips})});
  t.true(notes({}, true).includes('auth-sql:fips'));
  t.false(notes({}, false).includes('auth-sql:fips'));
  t.false(notes({host: '/run/mysqld/mysqld.sock'}, true).includes('auth-sql:fips'));
});
