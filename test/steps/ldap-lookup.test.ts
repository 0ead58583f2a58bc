import test from 'ava';
import {completeAnswers, debian12Facts, debian12Platform, debian12Postfix} from '../helpers/facts.js';
import {
  mainItems,
  mainSettings,
  probesOf,
  refusal,
  rowsWanted,
  stepOf,
  wantsOf,
} from '../helpers/sections.js';

const directory = {
  servers: ['ldap://ldap.example.com'],
  ca: '/etc/ssl/certs/ca.pem',
  base: 'ou=lists,dc=example,dc=com',
};
const answers = completeAnswers({'ldap-lookup': {use: true, ...directory}});
const file = '/etc/postfix/ldap-aliases.cf';
const table = `proxy:ldap:${file}`;

test('nothing is looked up unless that is asked for, and what was is taken away again', t => {
  t.deepEqual(wantsOf('ldap-lookup'), []);
  const facts = debian12Facts({
    postfix: debian12Postfix({virtual_alias_maps: `hash:/etc/postfix/virtual, ${table}`}),
  });
  t.deepEqual(mainItems(wantsOf('ldap-lookup', {facts}), 'virtual_alias_maps'), [`-${table}`]);
});

test('aliases come from the directory behind the table that is there, for this server’s domains alone', t => {
  const wants = wantsOf('ldap-lookup', {answers});
  t.deepEqual(mainItems(wants, 'virtual_alias_maps'), [`+${table}`]);
  const rows = rowsWanted(wants, file);
  for (const row of [
    'server_host = ldap://ldap.example.com',
    'start_tls = yes',
    'tls_require_cert = yes',
    'bind = no',
    'query_filter = (&(objectClass=nisMailAlias)(cn=%u))',
    'result_attribute = rfc822MailMember',
    'domain = example.com',
    '- bind_pw',
    '- result_format',
  ]) {
    t.true(rows.includes(row), `${row}\n${rows.join('\n')}`);
  }
});

test('who reads an alias may answer as it, which goes when this section does', t => {
  const wants = wantsOf('ldap-lookup', {answers});
  t.deepEqual(mainItems(wants, 'smtpd_sender_login_maps'), [`+${table}`]);
  t.notRegex(
    mainSettings(wantsOf('submission', {answers}))['smtpd_sender_login_maps'] ?? '',
    /ldap-aliases\.cf/,
  );
  const anybody = {...answers, submission: {...answers['submission'], sender_must_match: false}};
  t.deepEqual(mainItems(wantsOf('ldap-lookup', {answers: anybody}), 'smtpd_sender_login_maps'), []);
  const facts = debian12Facts({
    postfix: debian12Postfix({smtpd_sender_login_maps: `hash:/etc/postfix/virtual, ${table}`}),
  });
  t.deepEqual(mainItems(wantsOf('ldap-lookup', {facts}), 'smtpd_sender_login_maps'), [`-${table}`]);
});

test('the directory of the accounts is the default', t => {
  const all = completeAnswers({
    auth: {backends: ['ldap']},
    'auth-ldap': {...directory, bind_dn: 'cn=mail,dc=x', bind_password: {held: 'b'}},
    'ldap-lookup': {use: true},
  });
  const rows = rowsWanted(wantsOf('ldap-lookup', {answers: all}), file);
  t.true(rows.includes('bind_dn = cn=mail,dc=x') && rows.includes('bind_pw = •'));
});

test('what is written is adopted as the same answers', t => {
  const text = rowsWanted(wantsOf('ldap-lookup', {answers}), file)
    .filter(row => !row.startsWith('- '))
    .join('\n');
  const facts = debian12Facts({
    configured: {dovecot: true, postfix: true},
    postfix: debian12Postfix({virtual_alias_maps: table}),
    files: {[file]: `${text}\n`},
  });
  t.like(stepOf('ldap-lookup').adopt(facts, debian12Platform), {
    use: true,
    ...directory,
    starttls: true,
    bind_dn: '',
    filter: '(&(objectClass=nisMailAlias)(cn={name}))',
    attribute: 'rfc822MailMember',
  });
});

test('bad filters and attributes are refused, and the proof is the alias that was named', t => {
  t.truthy(refusal('ldap-lookup', 'filter', '(cn=*)', {answers}));
  t.truthy(refusal('ldap-lookup', 'attribute', 'a b', {answers}));
  const named = completeAnswers({'ldap-lookup': {use: true, ...directory, sample: 'team@example.com'}});
  t.like(probesOf('ldap-lookup', {answers: named})[0], {
    kind: 'table-answers',
    table,
    key: 'team@example.com',
  });
});
