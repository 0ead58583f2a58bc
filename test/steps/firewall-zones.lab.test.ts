import {execFileSync} from 'node:child_process';
import {connect} from 'node:net';
import {readFileSync, statSync, utimesSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {bootHost, install, type LabHost, labReason, usualRelease} from '../hosts/host.js';

// An interface that somebody put into another zone than the usual one; and ufw beside firewalld.
const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
/** ufw is in no source of EL9's own. */
const withUfw = usualRelease === 'el9' ? test.serial.skip : lab;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const answers = '/opt/dovetail/examples/first-server.yaml';
const zone = `<?xml version="1.0" encoding="utf-8"?>
<zone>
  <!-- the rack; written by hand -->
  <short>Internal</short>
  <interface name='host0'/>
  <service name="ssh"/>
</zone>
`;
const mtime = 1_700_000_000;
const opened = ['imap', 'imaps', 'pop3', 'pop3s', 'smtp', 'smtp-submission', 'smtps'];
let host: LabHost;

const must = async (file: string, ...args: readonly string[]) => {
  const {exitCode, stdout, stderr} = await host.run(file, args);
  if (exitCode !== 0) {
    throw new Error(`${file} ${args.join(' ')}: ${stdout}${stderr}`);
  }

  return stdout.trim();
};
const services = async (name: string, ...where: readonly string[]) =>
  (await must('firewall-cmd', ...where, `--zone=${name}`, '--list-services')).split(/\s+/).sort();
const both = async (name: string) => [await services(name, '--permanent'), await services(name)];
/** Whether a connection from another network namespace (this one) is taken. */
const isOpen = async (port: number) =>
  new Promise<boolean>(resolve => {
    const socket = connect({host: host.address, port, timeout: 4000});
    const end = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.on('connect', () => end(true));
    socket.on('timeout', () => end(false));
    socket.on('error', () => end(false));
  });
/** What of ufw's is on disk, with the times of the files. */
const ufwFiles = () =>
  ['ufw.conf', 'user.rules', 'user6.rules'].map(name => {
    const path = join(host.tree, 'etc/ufw', name);
    return [name, readFileSync(path, 'utf8'), statSync(path).mtimeMs];
  });
const states = async () =>
  Promise.all(
    ['firewalld', 'ufw'].map(async unit => [
      (await host.run('systemctl', ['is-active', unit])).stdout.trim(),
      (await host.run('systemctl', ['is-enabled', unit])).stdout.trim(),
    ]),
  );

test.before(async () => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootHost();
    host.write('/root/anna.password', 'correct-horse-battery\n', 0o600);
    await install(host, 'firewalld');
    host.write('/etc/firewalld/zones/internal.xml', zone);
    utimesSync(join(host.tree, 'etc/firewalld/zones/internal.xml'), mtime, mtime);
    await must('firewall-cmd', '--reload');
  }
});

test.after.always(async () => host?.stop());

lab(
  'ports are opened in the zone of the interface in use, for good and at once, and in no other',
  async t => {
    t.is(await must('firewall-cmd', '--get-zone-of-interface=host0'), 'internal');
    t.is(await must('firewall-cmd', '--get-default-zone'), 'public');
    const usual = await both('public');
    const {exitCode, stdout, stderr} = await host.run(dovetail, ['apply', '--answers', answers, '--yes']);
    t.is(exitCode, 0, stdout + stderr);
    t.regex(stdout, /\[ok\] +The firewall \(zone internal\) is open for [\d, ]*993/);
    const wanted = [...opened, 'ssh'].sort();
    t.deepEqual(await both('internal'), [wanted, wanted]);
    t.deepEqual(await both('public'), usual);
    for (const port of [25, 465, 587, 993]) {
      t.true(await isOpen(port), String(port));
    }

    await must('firewall-cmd', '--reload');
    t.true(await isOpen(993));
    const again = await host.run(dovetail, ['plan', '--answers', answers]);
    t.is(again.exitCode, 0, again.stdout);
  },
);

lab('undone, the zone’s file is what it was, byte for byte, and what is closed stays closed', async t => {
  await must('rm', '-rf', '/var/vmail/example.test');
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback']);
  t.is(exitCode, 0, stdout + stderr);
  const path = join(host.tree, 'etc/firewalld/zones/internal.xml');
  t.is(readFileSync(path, 'utf8'), zone);
  t.is(statSync(path).mtimeMs, mtime * 1000);
  t.deepEqual(await both('internal'), [['ssh'], ['ssh']]);
  t.false(await isOpen(993));
});

withUfw(
  'of two firewalls one is edited, the other is named and left as it is, and neither is switched',
  async t => {
    await install(host, 'ufw');
    await must('ufw', 'allow', '22/tcp');
    await must('ufw', '--force', 'enable');
    const [before, were] = [ufwFiles(), await states()];
    const {exitCode, stdout, stderr} = await host.run(dovetail, ['plan', '--answers', answers]);
    t.is(exitCode, 2, stdout + stderr);
    t.regex(stdout, /More than one firewall is at work here: firewalld, ufw/);
    t.regex(stdout, /zone internal: .*is opened/);
    t.notRegex(stdout, /firewall, ufw: /);
    await host.run(dovetail, ['apply', '--answers', answers, '--yes']);
    t.deepEqual(ufwFiles(), before);
    t.deepEqual(await states(), were);
    await must('rm', '-rf', '/var/vmail/example.test');
    const back = await host.run(dovetail, ['rollback']);
    t.true([0, 4].includes(back.exitCode), back.stdout + back.stderr);
    t.deepEqual(ufwFiles(), before);
    t.deepEqual(await both('internal'), [['ssh'], ['ssh']]);
  },
);

withUfw('where ufw alone is at work, a firewalld that lies there is not started', async t => {
  await must('systemctl', 'disable', '--now', 'firewalld');
  await must('ufw', 'reload');
  const were = await states();
  t.deepEqual(were[0], ['inactive', 'disabled']);
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['apply', '--answers', answers, '--yes']);
  t.is(exitCode, 0, stdout + stderr);
  t.notRegex(stdout, /More than one firewall/);
  t.true(await isOpen(993));
  t.deepEqual(await states(), were);
  t.is(readFileSync(join(host.tree, 'etc/firewalld/zones/internal.xml'), 'utf8'), zone);
  await must('rm', '-rf', '/var/vmail/example.test');
  const back = await host.run(dovetail, ['rollback']);
  t.is(back.exitCode, 0, back.stdout + back.stderr);
  t.deepEqual(await states(), were);
  t.false(await isOpen(993));
});
