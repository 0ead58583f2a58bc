import {readFileSync} from 'node:fs';
import {execFileSync} from 'node:child_process';
import test from 'ava';
import {bootHost, type LabHost, labReason} from '../hosts/host.js';

// Judged by Dovecot 2.4 itself, which refuses names and values that it does not know.
const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
const dovetail = '/opt/dovetail/dovetail';
const fixture = (name: string) =>
  readFileSync(new URL(`../../../test/fixtures/dovecot-2.3/${name}`, import.meta.url), 'utf8');
let host: LabHost;

test.before(async () => {
  if (reason !== undefined) {
    return;
  }

  execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
  host = await bootHost({release: 'trixie'});
  host.write('/usr/sbin/policy-rc.d', '#!/bin/sh\nexit 101\n', 0o755);
  const updated = await host.run('apt-get', ['update', '-q']);
  const installed = await host.run('env', [
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    'install',
    '-y',
    '-q',
    '--no-install-recommends',
    'dovecot-imapd',
    'dovecot-pop3d',
    'dovecot-lmtpd',
    'dovecot-ldap',
    'dovecot-mysql',
    'dovecot-pgsql',
    'dovecot-sieve',
    'dovecot-managesieved',
  ]);
  if (updated.exitCode !== 0 || installed.exitCode !== 0) {
    throw new Error(updated.stderr + installed.stderr);
  }

  await host.run('mkdir', ['-p', '/srv/old/etc/dovecot']);
  for (const name of ['dovecot.conf', 'dovecot-ldap.conf.ext', 'dovecot-sql.conf.ext']) {
    host.write(`/srv/old/etc/dovecot/${name}`, fixture(name));
  }
});

test.after.always(async () => host?.stop());

lab(
  'a server of 2.3 is reported on: what is lost is said, and exit code 2 says that a person is needed',
  async t => {
    const {exitCode, stdout} = await host.run(dovetail, [
      'migrate-report',
      '--root',
      '/srv/old',
      '--output',
      '/root/new.conf',
    ]);
    t.is(exitCode, 2);
    t.regex(stdout, /^Lost in 2\.4: \d+\n {2}Replication is gone/);
    t.notRegex(stdout, /fixture-secret/);
    t.is((await host.run('stat', ['-c', '%a', '/root/new.conf'])).stdout, '600');
  },
);

lab('2.4 takes the new configuration without a warning, with the values that the report said', async t => {
  const {exitCode, stderr} = await host.run('doveconf', ['-n', '-c', '/root/new.conf']);
  t.is(exitCode, 0, stderr);
  t.is(stderr, '');
  const expected = {
    auth_allow_cleartext: 'yes',
    mail_driver: 'maildir',
    mail_path: '/var/vmail/%{user | domain}/%{user | username}/Maildir',
    mail_index_path: '/var/index/%{user}',
    mail_plugins: 'quota acl mail_compress notify',
    pop3_uidl_format: '%{uid | hex(8)}%{uidvalidity | hex(8)}',
    ssl_min_protocol: 'TLSv1.2',
  };
  for (const [name, value] of Object.entries(expected)) {
    const {stdout} = await host.run('doveconf', ['-c', '/root/new.conf', name]);
    t.is(stdout.trim(), `${name} = ${value}`);
  }
});

lab('a configuration of 2.4 needs no report', async t => {
  const {exitCode, stdout} = await host.run(dovetail, ['migrate-report']);
  t.is(exitCode, 0);
  t.regex(stdout, /2\.4 already/);
});

lab('a file that is there is never overwritten', async t => {
  const {exitCode, stderr} = await host.run(dovetail, [
    'migrate-report',
    '--root',
    '/srv/old',
    '--output',
    '/root/new.conf',
  ]);
  t.is(exitCode, 4);
  t.regex(stderr, /EEXIST/);
});
