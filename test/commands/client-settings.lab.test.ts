import {execFileSync} from 'node:child_process';
import test from 'ava';
import {arrived} from '../hosts/clients.js';
import {certificates, install, type LabHost, labReason} from '../hosts/host.js';
import {bootServer, password} from '../hosts/server.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const anna = {user: 'anna@example.test', pass: password};
let host: LabHost;

test.before(async () => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootServer();
  }
});

test.after.always(async () => host?.stop());

lab('the settings are those of the server as it is', async t => {
  const {exitCode, stdout} = await host.run(dovetail, ['client-settings']);
  t.is(exitCode, 0);
  t.regex(stdout, /\* IMAP mail\.example\.test {3}993 {2}SSL\/TLS/);
  t.regex(stdout, /SHA-256 (?:[0-9A-F]{2}:){31}/);
  t.regex(stdout, /example\.test\. {2}MX {2}10 mail\.example\.test\./);
  const xml = await host.run(dovetail, ['client-settings', 'thunderbird']);
  t.regex(xml.stdout, /^<\?xml .*<hostname>mail\.example\.test<\/hostname>.*<\/clientConfig>$/s);
  t.regex(xml.stderr, /autoconfig\.example\.test\/mail\/config-v1\.1\.xml/);
  t.is((await host.run(dovetail, ['client-settings', 'outlook'])).exitCode, 4);
});

lab('mutt sends and files by the muttrc, whose first lines alone were filled in', async t => {
  await install(host, 'mutt');
  const {stdout} = await host.run(dovetail, ['client-settings', 'mutt']);
  t.regex(stdout, /^set my_address="NAME@example\.test"$/m);
  host.write('/root/muttrc', `${stdout.replace('NAME@', 'anna@')}\n`);
  // The server's name is in no DNS here; its certificate is its own. The password would be typed in.
  host.write('/etc/hosts', `127.0.0.1 localhost mail.example.test\n`);
  host.write(
    '/root/test.rc',
    [
      'source /root/muttrc',
      `set imap_pass="${password}"`,
      `set smtp_pass="${password}"`,
      `set ssl_ca_certificates_file=${certificates}/server.crt`,
      '',
    ].join('\n'),
    0o600,
  );
  const asked = await host.run('mutt', [
    '-F',
    '/root/test.rc',
    '-Q',
    'folder',
    '-Q',
    'spoolfile',
    '-Q',
    'from',
  ]);
  t.is(asked.exitCode, 0, asked.stderr);
  t.regex(asked.stdout, /from="anna@example\.test"/);
  const sent = await host.run('mutt', ['-F', '/root/test.rc', '-s', 'by mutt', anna.user], {
    input: 'Words.\n',
    timeout: 60_000,
  });
  t.is(sent.exitCode, 0, sent.stdout + sent.stderr);
  t.true(await arrived(host.address, anna, 'by mutt'));
  t.true(await arrived(host.address, anna, 'by mutt', 'Sent'));
});
