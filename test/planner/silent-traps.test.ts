import test from 'ava';
import type {DovecotDialect} from '../../src/core/edit.js';
import {silentTraps} from '../../src/planner/silent-traps.js';
import {plainTree} from '../helpers/tree.js';

const main = '/etc/dovecot/dovecot.conf';
const traps = (text: string, dialect: DovecotDialect, before = '') =>
  silentTraps(plainTree({[main]: before}), plainTree({[main]: text}), dialect).map(
    ({id, severity}) => `${severity} ${id.split(':')[1]}`,
  );

test('2.4 would make one folder of a %-letter for all users', t => {
  t.deepEqual(traps('mail_path = /var/mail/%n\n', '2.4'), ['fail variable']);
  t.deepEqual(traps('userdb static {\n  fields {\n    home = /home/%Ld/%Ln\n  }\n}\n', '2.4'), [
    'fail variable',
  ]);
  t.deepEqual(traps('mail_path = /var/mail/%{user | username}\nmail_home = /a%%b\n', '2.4'), []);
  t.deepEqual(traps('mail_path = /var/mail/%n\n', '2.3'), []);
});

test('percents of queries and of time formats are nobody’s variables', t => {
  t.deepEqual(
    traps('log_timestamp = "%b %d %H:%M:%S "\nquery = SELECT a FROM b WHERE c LIKE \'%d%\'\n', '2.4'),
    [],
  );
});

test('2.3 cannot read the pipes of 2.4', t => {
  t.deepEqual(traps('mail_home = /var/vmail/%{user | domain}\n', '2.3'), ['fail pipe']);
  t.deepEqual(traps('auth_username_format = %{if;%Ld;eq;a.example;%Ln;%Lu}\n', '2.3'), []);
});

test('a certificate is read with < in 2.3 and without it in 2.4', t => {
  t.deepEqual(traps('ssl_cert = /etc/a.pem\nssl_key = </etc/a.key\n', '2.3'), ['fail notInline']);
  t.deepEqual(traps('local_name a.example {\n  ssl_key = /etc/a.key\n}\n', '2.3'), ['fail notInline']);
  t.deepEqual(traps('ssl_server_key_file = </etc/a.key\n', '2.4'), ['fail inline']);
  t.deepEqual(traps('ssl_server_key_file = /etc/a.key\n', '2.4'), []);
});

test('services that 2.4 no longer has are named although it accepts their blocks', t => {
  t.deepEqual(traps('service replicator {\n  process_min_avail = 1\n}\n', '2.4'), ['fail gone']);
  t.deepEqual(traps('service replicator {\n  process_min_avail = 1\n}\n', '2.3'), []);
});

test('a DN template of 2.4 needs a filter beside it', t => {
  const block = (extra: string) =>
    `passdb ldap {\n  bind = yes\n  bind_userdn = uid=%{user},dc=x\n${extra}}\n`;
  t.deepEqual(traps(block(''), '2.4'), ['fail filter']);
  t.deepEqual(traps(block('  filter = (uid=%{user})\n'), '2.4'), []);
});

test('a list of 2.4 cannot be built on itself by $', t => {
  t.deepEqual(traps('mail_plugins = $mail_plugins notify\n', '2.4'), ['fail reference']);
  t.deepEqual(traps('mail_plugins = $mail_plugins notify\n', '2.3'), []);
});

test('a trap that was there before is a warning: somebody else’s mistake does not stop the plan', t => {
  const text = 'ssl_cert = /etc/a.pem\n';
  t.deepEqual(traps(`mail_home = /x\n${text}`, '2.3', text), ['warning notInline']);
});

test('every trap says what to do, in both languages', t => {
  const [finding] = silentTraps(plainTree({}), plainTree({[main]: 'mail_path = /x/%u\n'}), '2.4');
  t.regex(finding?.summary.en ?? '', /dovecot\.conf:1: mail_path = \/x\/%u/);
  t.regex(finding?.remedy?.ja ?? '', /%\{user\}/);
});

test('what a password looks like is no trap, and is never shown', t => {
  const text = 'mysql_password = "a%uB"\npgsql_parameters/password = "%n"\n';
  const tree = {
    root: '/etc/dovecot/dovecot.conf',
    read: (path: string) => (path === '/etc/dovecot/dovecot.conf' ? text : undefined),
    glob: () => [],
    editable: () => true,
  };
  t.deepEqual(silentTraps(tree, tree, '2.4'), []);
});
