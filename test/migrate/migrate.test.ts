import test from 'ava';
import {migrate} from '../../src/migrate/index.js';
import {reportLines} from '../../src/migrate/report.js';
import {silentTraps} from '../../src/planner/silent-traps.js';
import {plainTree} from '../helpers/tree.js';

const main = '/etc/dovecot/dovecot.conf';
const from = (text: string, more: Readonly<Record<string, string>> = {}) =>
  migrate(plainTree({[main]: text, ...more}));
const location = 'protocols = imap\nmail_location = maildir:~/Maildir\n';
const head = [
  'dovecot_config_version = 2.4.0',
  'dovecot_storage_version = 2.4.0',
  'protocols = imap',
  'mail_driver = maildir',
  'mail_path = ~/Maildir',
  'mail_inbox_path = ~/Maildir',
];

/** What 2.4 is given beside the lines that every configuration has here. */
const now = (text: string, more: Readonly<Record<string, string>> = {}) =>
  from(location + text, more)
    .after.split('\n')
    .filter(line => line !== '' && !head.includes(line));
const outcomes = (text: string) =>
  from(location + text)
    .entries.filter(({was}) => !['protocols', 'mail_location'].includes(was.key))
    .map(({outcome, was}) => `${outcome} ${was.key}`);

test('names that 2.4 dropped are written as what replaces them', t => {
  t.deepEqual(
    now(
      'disable_plaintext_auth = no\nssl_prefer_server_ciphers = yes\nssl_protocols = !SSLv3 !TLSv1 !TLSv1.1\n',
    ),
    ['auth_allow_cleartext = yes', 'ssl_server_prefer_ciphers = server', 'ssl_min_protocol = TLSv1.2'],
  );
});

test('a certificate loses its <, so that no key is printed to a log', t => {
  t.deepEqual(now('ssl_cert = </etc/a.pem\nssl_key = </etc/a.key\n'), [
    'ssl_server_cert_file = /etc/a.pem',
    'ssl_server_key_file = /etc/a.key',
  ]);
  t.deepEqual(outcomes('doveadm_password = </etc/secret\n'), ['by-hand doveadm_password']);
});

test('variables are renewed, and what has no certain counterpart is left to a person', t => {
  t.deepEqual(now('mail_home = /var/vmail/%d/%Ln\n'), [
    'mail_home = /var/vmail/%{user | domain}/%{user | username | lower}',
  ]);
  t.deepEqual(outcomes('mail_home = /var/vmail/%2Mu/%u\n'), ['by-hand mail_home']);
});

test('a mail location becomes settings of its own; one that is not understood is never guessed', t => {
  t.deepEqual(
    from('protocols = imap\nmail_location = mdbox:/srv/%u:INDEX=/idx/%u\n').after.split('\n').slice(3, 6),
    ['mail_driver = mdbox', 'mail_path = /srv/%{user}', 'mail_index_path = /idx/%{user}'],
  );
  const {entries, after} = from('protocols = imap\nmail_location = mdbox:/srv/%u:STRANGE=1\n');
  t.is(entries.find(({was}) => was.key === 'mail_location')?.outcome, 'by-hand');
  t.notRegex(after, /mail_driver/);
});

test('the inbox of a Maildir stays in the folder itself, where 2.4 alone would look below it', t => {
  const inbox = (place: string) =>
    from(`protocols = imap\nmail_location = ${place}\n`)
      .after.split('\n')
      .filter(line => line.startsWith('mail_inbox_path'));
  t.deepEqual(inbox('maildir:/srv/%d/%n'), ['mail_inbox_path = /srv/%{user | domain}/%{user | username}']);
  t.deepEqual(inbox('maildir:~/Maildir:INBOX=/var/mail/%u'), ['mail_inbox_path = /var/mail/%{user}']);
  t.deepEqual(inbox('maildir:~/Maildir:LAYOUT=fs'), []);
  t.deepEqual(inbox('sdbox:~/mail'), []);
});

test('where no file says where mail is, the report says that 2.4 would not look for it', t => {
  const {entries} = from('ssl = yes\n');
  t.deepEqual(
    entries.filter(({outcome}) => outcome === 'by-hand').map(({was}) => was.key),
    ['mail_location'],
  );
});

test('lists that were built on themselves are written out', t => {
  t.deepEqual(
    now(
      'mail_plugins = $mail_plugins quota zlib\nprotocol lmtp {\n  mail_plugins = $mail_plugins sieve\n}\n',
    ),
    [
      'mail_plugins = quota mail_compress',
      'protocol lmtp {',
      '  mail_plugins = quota mail_compress sieve',
      '}',
    ],
  );
});

test('unnamed databases get names, and two of one kind stay two', t => {
  t.deepEqual(
    now(
      'passdb {\n  driver = pam\n}\npassdb {\n  driver = pam\n  args = session=yes imap\n}\nuserdb {\n  driver = passwd\n  override_fields = uid=vmail home=/v/%n\n}\n',
    ),
    [
      'passdb pam {',
      '}',
      'passdb pam-2 {',
      '  driver = pam',
      '  pam_session = yes',
      '  pam_service_name = imap',
      '}',
      'userdb passwd {',
      '  fields {',
      '    uid = vmail',
      '    home = /v/%{user | username}',
      '  }',
      '}',
    ],
  );
});

test('passwords without a scheme keep their meaning', t => {
  t.true(
    now('passdb {\n  driver = passwd-file\n  args = /etc/dovecot/users\n}\n').includes(
      '  default_password_scheme = CRYPT',
    ),
  );
});

test('a back end that is gone is lost with everything in it', t => {
  t.deepEqual(outcomes('passdb {\n  driver = shadow\n  args = blocking=no\n}\n'), [
    'lost driver',
    'lost args',
  ]);
});

const sql = {
  '/etc/dovecot/sql.conf':
    "driver = mysql\nconnect = host=/run/db.sock dbname=mail user=dovecot password=s3cr3t-word\npassword_query = SELECT password FROM u WHERE n = '%u';\nuser_query = SELECT home FROM u WHERE n = '%u'\niterate_query = SELECT username FROM u\n",
};
const sqlBlocks =
  'passdb {\n  driver = sql\n  args = /etc/dovecot/sql.conf\n}\nuserdb {\n  driver = sql\n  args = /etc/dovecot/sql.conf\n}\n';

test('the file of an SQL back end is brought along', t => {
  t.deepEqual(now(sqlBlocks, sql).slice(0, 10), [
    'passdb sql {',
    '  sql_driver = mysql',
    "  query = SELECT password FROM u WHERE n = '%{user}'",
    '  default_password_scheme = MD5',
    '  mysql /run/db.sock {',
    '    dbname = mail',
    '    user = dovecot',
    '    password = s3cr3t-word',
    '  }',
    '}',
  ]);
  t.true(now(sqlBlocks, sql).includes('  iterate_query = SELECT username AS user FROM u'));
});

test('no password is in the report, and each line of a shared file is told once', t => {
  for (const lang of ['en', 'ja'] as const) {
    const lines = reportLines(from(location + sqlBlocks, sql), lang);
    t.false(lines.some(line => line.includes('s3cr3t')));
    t.true(lines.some(line => line.includes('•••')));
  }

  const {entries} = from(location + sqlBlocks, sql);
  const queries = entries.filter(({was}) => was.key === 'password_query' || was.key === 'user_query');
  t.is(queries.length, 2);
});

test('a back end file that cannot be read is said', t => {
  t.deepEqual(outcomes('passdb {\n  driver = ldap\n  args = /gone\n}\n'), ['changed driver', 'by-hand args']);
});

test('an LDAP name template keeps the filter that 2.4 wants beside it', t => {
  const written = now('passdb {\n  driver = ldap\n  args = /l\n}\n', {
    '/l': 'uris = ldap://a\nauth_bind = yes\nauth_bind_userdn = uid=%n,dc=x\nbase = dc=x\n',
  });
  t.true(written.includes('  ldap_bind_userdn = uid=%{user | username},dc=x'));
  t.true(written.includes('  ldap_filter = (&(objectClass=posixAccount)(uid=%{user}))'));
  t.false(written.some(line => line.includes('fields')));
});

test('listeners get a name, services that are gone are lost', t => {
  t.deepEqual(
    now(
      'service doveadm {\n  inet_listener {\n    port = 12345\n    address = ::1\n  }\n}\nservice replicator {\n  process_min_avail = 1\n}\n',
    ),
    ['service doveadm {', '  inet_listener doveadm {', '    port = 12345', '    listen = ::1', '  }', '}'],
  );
});

test('zero keeps meaning no limit', t => {
  t.deepEqual(
    now('plugin {\n  quota = count:User quota\n  quota_rule = *:storage=0\n  quota_max_mail_size = 0\n}\n'),
    [
      'quota_mail_size = unlimited',
      'quota "User quota" {',
      '  driver = count',
      '  storage_size = unlimited',
      '}',
    ],
  );
  t.deepEqual(now('service imap-login {\n  service_count = 0\n  client_limit = 0\n}\n'), [
    'service imap-login {',
    '  restart_request_count = unlimited',
    '}',
  ]);
});

test('Sieve scripts become blocks', t => {
  t.deepEqual(
    now('plugin {\n  sieve = ~/.dovecot.sieve\n  sieve_dir = ~/scripts\n  sieve_before = /etc/b.sieve\n}\n'),
    [
      'sieve_script personal {',
      '  driver = file',
      '  path = ~/scripts',
      '  active_path = ~/.dovecot.sieve',
      '}',
      'sieve_script before {',
      '  type = before',
      '  driver = file',
      '  path = /etc/b.sieve',
      '}',
    ],
  );
});

test('folders of other users are left to a person as a whole: half of a namespace would hide the inbox', t => {
  const text = 'namespace {\n  type = shared\n  prefix = shared/%%u/\n}\n';
  t.deepEqual(now(text), []);
  t.deepEqual(outcomes(text), ['by-hand type', 'by-hand prefix']);
});

test('replication comes first in the report', t => {
  const lines = reportLines(
    from(
      `${location}director_servers = a\nmail_plugins = notify replication\nplugin {\n  mail_replica = tcp:b\n}\n`,
    ),
    'en',
  );
  t.regex(lines[0] ?? '', /^Lost in 2\.4: 3$/);
  t.regex(lines[1] ?? '', /Replication is gone/);
  t.regex(lines.join('\n'), /→ mail_plugins = notify\n/);
});

test('what nobody can know is left to a person, never dropped in silence', t => {
  t.deepEqual(outcomes('imap_id_log = *\nplugin {\n  my_own = 1\n}\nstrange {\n  a = b\n}\n'), [
    'by-hand imap_id_log',
    'by-hand my_own',
    'by-hand a',
  ]);
});

test('the new configuration has none of the traps that 2.4 accepts in silence', t => {
  const {after} = from(
    `${location}mail_home = /v/%d/%n\nssl_key = </k\nmail_plugins = $mail_plugins quota\nservice replicator {\n  user = a\n}\n${sqlBlocks}`,
    sql,
  );
  t.deepEqual(silentTraps(plainTree({}), plainTree({[main]: after}), '2.4'), []);
});

test('every setting is told once, and only the last of a name', t => {
  t.deepEqual(outcomes('listen = a\nlisten = b\n'), ['kept listen']);
  t.deepEqual(now('listen = a\nlisten = b\n'), ['listen = b']);
});
