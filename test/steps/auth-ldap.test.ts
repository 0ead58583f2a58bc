import test from 'ava';
import {completeAnswers, debian12Facts, debian13Platform} from '../helpers/facts.js';
import {
  allWants,
  cautionOf,
  mainItems,
  mainSettings,
  probesOf,
  refusal,
  rowsWanted,
  stepOf,
  wantsOf,
} from '../helpers/sections.js';
import {compile} from '../../src/planner/compile.js';
import {stocks} from '../helpers/stock.js';

const directory = {
  servers: ['ldaps://ldap.example.com'],
  ca: '/etc/ssl/certs/ca.pem',
  base: 'ou=people,dc=example,dc=com',
  bind_dn: 'cn=mail,dc=example,dc=com',
  bind_password: {held: 'b'},
};
const answers = (over: Readonly<Record<string, unknown>> = {}, backends: readonly string[] = ['ldap']) =>
  completeAnswers({auth: {backends}, 'auth-ldap': {...directory, ...over}});
const refused = (question: string, value: unknown, over = {}) =>
  refusal('auth-ldap', question, value, {answers: answers(over)});
const userdb = (over = {}) =>
  wantsOf('auth-ldap', {answers: answers(over)}).find(want => want.kind === 'block' && want.at === 'userdb');

test('hostile directories, names and filters are refused where they are typed', t => {
  for (const uri of ['ldap://u:p@h', 'ldap://h/../', 'http://h', 'ldap://h:99999']) {
    t.truthy(refused('servers', [uri]), uri);
  }

  t.truthy(refused('servers', []));
  for (const name of ['cn=a,dc=x\u0000', 'cn="a,dc=x', '#a', 'ou=%u', 'ou={user}', '']) {
    t.truthy(refused('base', name), name);
  }

  t.is(refused('base', 'cn=Smith\\, J,dc=x'), undefined);
  for (const filter of ['(uid={user}', '(uid=*)', '(uid=%x)', '(a=b)', '(uid=%{user}', '(uid={user})\n']) {
    t.truthy(refused('filter', filter), filter);
  }

  t.is(refused('filter', '(&(uid=%{user})(|(x=y)))'), undefined);
  for (const template of ['uid=anna,dc=x', 'uid={name},', '{name}', 'uid={user},dc=%n%s']) {
    const bad = refused('template', template, {way: 'template'});
    t.is(bad === undefined, template === '{name}', template);
  }

  t.truthy(refused('ca', '../ca.pem'));
  t.truthy(refused('bind_password', 'generate'));
  t.truthy(refused('bind_password', 'keep'));
  t.is(refused('bind_dn', 'reader@example.com'), undefined);
});

test('passwords never go to another machine in clear', t => {
  const clear = {servers: ['ldap://ldap.example.com']};
  t.regex(refused('starttls', false, clear) ?? '', /readable/);
  t.is(refused('starttls', true, clear), undefined);
  t.is(refused('starttls', false, {servers: ['ldap://127.0.0.1']}), undefined);
});

test('Postfix knows people, and who may send as whom, from the directory itself', t => {
  const table = 'proxy:ldap:/etc/postfix/ldap-accounts.cf';
  const wants = wantsOf('delivery', {answers: answers()});
  t.deepEqual(mainItems(wants, 'virtual_mailbox_maps'), [`+${table}`]);
  t.true(
    rowsWanted(wants, '/etc/postfix/ldap-accounts.cf').includes(
      'query_filter = (&(objectClass=inetOrgPerson)(mail=%s))',
    ),
  );
  t.true(rowsWanted(wants, '/etc/postfix/ldap-accounts.cf').includes('bind_pw = •'));
  t.true(rowsWanted(wants, '/etc/postfix/ldap-accounts.cf').includes('result_format = %S'));
  // Nothing is expanded in that file (ldap_table(5), dict_ldap): what is written is what is asked.
  t.true(
    rowsWanted(
      wantsOf('delivery', {answers: answers({base: 'ou=a$b,dc=example'})}),
      '/etc/postfix/ldap-accounts.cf',
    ).includes('search_base = ou=a$b,dc=example'),
  );
  const file = wants.find(want => want.kind === 'rows');
  t.like(file, {secret: true, ownership: {owner: 'root', group: 'postfix', mode: 0o640}});
  t.is(
    mainSettings(wantsOf('submission', {answers: answers()}))['smtpd_sender_login_maps'],
    `${table}, hash:/etc/postfix/virtual`,
  );
  t.deepEqual(
    mainItems(wantsOf('delivery', {answers: answers({}, ['passwd-file', 'ldap'])}), 'virtual_mailbox_maps'),
    ['+hash:/etc/postfix/vmailbox', `+${table}`],
  );
});

test('a name that is built has a user database that works: static where nobody may look people up', t => {
  t.like(userdb(), {
    value: {driver: 'ldap', everybody: '(&(objectClass=inetOrgPerson)(mail=*))', user: '{ldap:mail}'},
  });
  t.like(userdb({way: 'template'}), {value: {driver: 'ldap'}});
  t.like(userdb({way: 'template', bind_dn: ''}), {value: {driver: 'static', everybody: true}});
});

test('mailboxes alone, by names that are built, need no right to search: only that the login works is tried', t => {
  const built = {way: 'template', template: 'uid={name},ou=people,dc=example,dc=com', bind_dn: ''};
  const live = (kind: string, over: Readonly<Record<string, unknown>>) => {
    const all = {...answers(over), role: {kind, hostname: 'mail.example.com', domains: ['example.com']}};
    const context = {answers: all, facts: debian12Facts(), platform: debian13Platform};
    const {bind_dn: binder, sample, sample_password: password} = stepOf('auth-ldap').questions;
    return [
      binder?.live?.('' as never, context),
      sample?.live?.('anna@example.com' as never, context),
      password?.live?.({held: 's'} as never, context),
    ].map(check => (check?.kind === 'ldap' ? check.stage : undefined));
  };
  const person = {sample: 'anna@example.com'};
  t.deepEqual(live('dovecot-only', {...built, ...person}), [undefined, undefined, 'login']);
  // Postfix has to find people, and without such a name so has Dovecot.
  t.deepEqual(live('complete', {...built, ...person}), ['base', 'person', 'login']);
  t.deepEqual(live('dovecot-only', {...person, bind_dn: ''}), ['base', 'person', 'login']);
});

test('where the directory knows bare names, a bare name is the account of the first domain', t => {
  const realm = (over: Readonly<Record<string, unknown>>, backends?: readonly string[]) =>
    wantsOf('auth-ldap', {answers: answers(over, backends)}).find(want => want.kind === 'setting');
  t.is(realm({}), undefined);
  t.like(realm({filter: '(uid={name})'}), {at: 'auth.realm', value: 'example.com'});
  t.is(realm({filter: '(uid={name})'}, ['ldap', 'pam']), undefined);
  t.like(userdb({filter: '(uid={name})'}), {value: {user: '{ldap:uid}@example.com'}});
  t.regex(
    cautionOf('auth-ldap', 'filter', '(uid={name})', {
      answers: {
        ...answers(),
        role: {kind: 'complete', hostname: 'mail.example.com', domains: ['a.example', 'b.example']},
      },
    }) ?? '',
    /same person in each/,
  );
});

test('two places that could answer for one address are named', t => {
  t.regex(
    cautionOf('auth', 'backends', ['passwd-file', 'ldap'], {answers: answers()}) ?? '',
    /two passwords/,
  );
  t.regex(cautionOf('auth', 'backends', ['ldap', 'pam'], {answers: answers()}) ?? '', /never in both/);
});

test('the directory is asked for by its own packages, and proved with the person that was named', t => {
  t.deepEqual(stepOf('auth-ldap').packages?.({answers: {}, all: answers(), platform: debian13Platform}), [
    'dovecot-ldap',
    'postfix-ldap',
  ]);
  t.like(
    probesOf('auth-ldap', {answers: answers({sample: 'anna@example.com', sample_password: {held: 's'}})})[0],
    {
      kind: 'directory',
      person: 'anna@example.com',
    },
  );
});

test('in FIPS mode what the directory must speak is said', t => {
  const notes = stepOf('auth-ldap').notes?.({
    answers: {},
    all: answers(),
    facts: debian12Facts({fips: true}),
    platform: debian13Platform,
    materials: {},
  });
  t.regex(notes?.[0]?.summary.en ?? '', /Extended Master Secret/);
});

for (const stock of stocks().there) {
  test(`${stock.name}: what is written for a directory is adopted as the same answers`, t => {
    for (const over of [
      {},
      {shape: 'active-directory', base: 'dc=example,dc=com'},
      {shape: 'active-directory', way: 'template', template: '{user}', bind_dn: 'reader@example.com'},
      {way: 'template', template: 'uid={name},ou=people,dc=example,dc=com', bind_dn: ''},
      {
        servers: ['ldap://a.example.com:1389', 'ldaps://b.example.com'],
        scope: 'onelevel',
        filter: '(uid={name})',
      },
    ]) {
      const wants = allWants({answers: answers(over), facts: stock.facts, platform: stock.platform});
      const texts: string[] = [];
      const {changes, findings} = compile({
        wants,
        facts: stock.facts,
        platform: stock.platform,
        put: text => String(texts.push(text) - 1),
      });
      t.deepEqual(
        findings.filter(({severity}) => severity === 'fail'),
        [],
      );
      const files: Record<string, string> = {...stock.facts.files};
      for (const change of changes) {
        if (change.kind === 'config.edit') {
          files[change.path] = texts[Number(change.after)] ?? '';
        } else if (change.kind === 'rows.edit' && (change.format === 'settings' || change.format === 'ext')) {
          const rows = change.rows.flatMap(({content}) =>
            content === undefined ? [] : [content.map(part => ('text' in part ? part.text : 'x')).join('')],
          );
          files[change.path] = `${rows.join('\n')}\n`;
        }
      }

      const there = stepOf('auth-ldap').adopt({...stock.facts, files}, stock.platform) as Record<
        string,
        unknown
      >;
      const said: Record<string, unknown> = {...directory, ...over};
      for (const question of ['servers', 'ca', 'base', 'bind_dn']) {
        t.deepEqual(there[question], said[question], question);
      }

      t.is(there['way'], said['way'] ?? 'search');
      t.is(there['scope'], said['scope'] ?? 'subtree');
      const usual =
        said['shape'] === 'active-directory'
          ? '(&(objectCategory=person)(objectClass=user)(mail={user})(!(userAccountControl:1.2.840.113556.1.4.803:=2)))'
          : '(&(objectClass=inetOrgPerson)(mail={user}))';
      t.is(there['filter'], said['filter'] ?? usual);
      t.is(there['shape'], said['shape'] ?? 'openldap');
      t.is(there['template'], said['template']);
      t.is(there['bind_password'], said['bind_dn'] === '' ? undefined : 'keep');
    }
  });
}
