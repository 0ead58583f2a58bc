import {execFileSync} from 'node:child_process';
import test from 'ava';
import {silentTraps} from '../../src/planner/silent-traps.js';
import {plainTree} from '../helpers/tree.js';
import {install, type LabHost, labReason} from '../hosts/host.js';
import {bootServer} from '../hosts/server.js';

// Each trap as a whole configuration: the real doveconf(1) has nothing to say of it, our own check has.
const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const head24 = 'dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n';
const ssl24 =
  'ssl = required\nssl_server_cert_file = /etc/ssl/dovetail/server.crt\nssl_server_key_file = /etc/ssl/dovetail/server.key\n';
const ldap = (more: string) =>
  `passdb ldap {\n  ldap_uris = ldap://127.0.0.1\n  ldap_base = dc=example,dc=test\n  bind = yes\n  bind_userdn = uid=%{user},dc=example,dc=test\n${more}}\n`;

/** By release: the kind of trap, the lines that are one, and the same meaning written as it should be. */
const traps = {
  trixie: [
    ['variable', `${ssl24}mail_driver = maildir\nmail_path = /var/mail/%n\n`, ['%n', '%{user | username}']],
    ['inline', ssl24.replace('key_file = ', 'key_file = <'), ['= <', '= ']],
    [
      'gone',
      `${ssl24}service replicator {\n  process_min_avail = 1\n}\n`,
      ['service replicator', 'service imap'],
    ],
    ['filter', ssl24 + ldap(''), ['  bind = yes\n', '  bind = yes\n  filter = (uid=%{user})\n']],
    ['reference', `${ssl24}mail_plugins = $mail_plugins notify\n`, ['$mail_plugins ', '']],
  ],
  bookworm: [
    [
      'notInline',
      'ssl = required\nssl_cert = /etc/ssl/dovetail/server.crt\nssl_key = </etc/ssl/dovetail/server.key\n',
      ['ssl_cert = /', 'ssl_cert = </'],
    ],
    ['pipe', 'ssl = no\nmail_home = /var/vmail/%{user | domain}\n', ['%{user | domain}', '%d']],
  ],
} as const;

for (const release of ['trixie', 'bookworm'] as const) {
  const dialect = release === 'trixie' ? '2.4' : '2.3';
  const kindsOf = (text: string) =>
    silentTraps(plainTree({}), plainTree({'/etc/dovecot/dovecot.conf': text}), dialect).map(
      ({id}) => id.split(':')[1] ?? '',
    );
  let host: LabHost;
  /** Exit code of doveconf(1) for a configuration, and what it says on its standard error. */
  const doveconf = async (text: string) => {
    host.write('/root/trap.conf', `${release === 'trixie' ? head24 : ''}protocols = imap\n${text}`, 0o600);
    const {exitCode, stderr} = await host.run('doveconf', ['-n', '-c', '/root/trap.conf']);
    return `${exitCode} ${stderr}`.trim();
  };

  lab(`${release}: a server with Dovecot ${dialect}`, async t => {
    t.timeout(900_000);
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootServer(release);
    await install(host, 'dovecot-ldap');
    t.is(await doveconf(release === 'trixie' ? ssl24 : 'ssl = no\n'), '0');
    // That it refuses what it does not know, so that its silence means something.
    t.not(await doveconf('no_such_setting = 1\n'), '0');
  });

  for (const [kind, text, [wrong, right]] of traps[release]) {
    lab(`${release}: doveconf accepts the trap “${kind}” without a word, and our check finds it`, async t => {
      t.is(await doveconf(text), '0');
      t.deepEqual(kindsOf(text), [kind]);
      const better = text.replace(wrong, right);
      t.not(better, text);
      t.is(await doveconf(better), '0');
      t.deepEqual(kindsOf(better), []);
    });
  }

  if (release === 'trixie') {
    lab('trixie: on a live server the plan says so, whatever it is about, and Dovecot runs on', async t => {
      t.timeout(300_000);
      host.write('/etc/dovecot/conf.d/99-old.conf', 'service replicator {\n  process_min_avail = 1\n}\n');
      t.is((await host.run('doveconf', ['-n'])).exitCode, 0);
      const {stdout} = await host.run('/opt/dovetail/dovetail', ['plan']);
      t.regex(stdout.replaceAll(/\s+/g, ' '), /99-old\.conf:2: service replicator \/ process_min_avail = 1/);
      t.is((await host.run('systemctl', ['is-active', 'dovecot'])).stdout.trim(), 'active');
    });
  }

  test.serial.after.always(async () => host?.stop());
}
