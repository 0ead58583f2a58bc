import {execFileSync} from 'node:child_process';
import {connect} from 'node:net';
import {chmodSync, readFileSync, statSync, utimesSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {bootHost, install, type LabHost, labReason} from '../hosts/host.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const answers = '/root/answers.yaml';
const zones = '/etc/firewalld/zones';
// As a person writes it: in an order, a spelling and with a comment that firewalld would not keep.
const zone = `<?xml version="1.0" encoding="utf-8"?>
<zone>
  <!-- do not remove: backups come in by 8730 -->
  <short>Public</short>
  <port protocol="tcp" port="8730"/>
  <service name="dhcpv6-client"/><service name="ssh"/>
  <service name='pop3'/>
  <rule family="ipv4">
    <source address="10.99.0.0/16"/>
    <service name="http"/>
    <accept/>
  </rule>
  <forward/>
</zone>
`;
const mtime = 1_700_000_000;
let host: LabHost;

test.before(async () => {
  if (reason !== undefined) {
    return;
  }

  execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
  host = await bootHost();
  host.write('/root/anna.password', 'correct-horse-battery\n', 0o600);
  host.write(answers, answersFor('[imap, pop3]'));
  await install(host, 'firewalld', 'nftables');
  host.write(`${zones}/public.xml`, zone, 0o640);
  chmodSync(join(host.tree, zones, 'public.xml'), 0o640);
  utimesSync(join(host.tree, zones, 'public.xml'), mtime, mtime);
  await must('firewall-cmd', '--reload');
  // Open until the next reload only, as somebody who tries something does.
  await must('firewall-cmd', '--zone=public', '--add-port=8731/tcp');
});

test.after.always(async () => host?.stop());

const answersFor = (services: string) =>
  readFileSync(new URL('../../../examples/first-server.yaml', import.meta.url), 'utf8').replace(
    'services: [imap, pop3]',
    `services: ${services}\n  ports: tls-only`,
  );

const must = async (file: string, ...args: readonly string[]) => {
  const {exitCode, stdout, stderr} = await host.run(file, args);
  if (exitCode !== 0) {
    throw new Error(`${file} ${args.join(' ')}: ${stdout}${stderr}`);
  }

  return stdout.trim();
};

const listed = async (what: 'services' | 'ports' | 'rich-rules', ...where: readonly string[]) =>
  (await must('firewall-cmd', ...where, '--zone=public', `--list-${what}`)).split(/\s+/).sort().join(' ');

const both = async () => ({
  permanent: await listed('services', '--permanent'),
  runtime: await listed('services'),
});

/** How a connection from another network namespace (this one) ends: firewalld answers what is closed with "host unreachable". */
const knock = async (port: number) =>
  new Promise<string>(resolve => {
    const socket = connect({host: host.address, port, timeout: 10_000});
    const end = (how: string) => {
      socket.destroy();
      resolve(how);
    };
    socket.on('connect', () => end('open'));
    socket.on('timeout', () => end('silent'));
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? 'error'));
  });

const files = () =>
  ['public.xml', 'public.xml.old'].map(name => {
    try {
      const path = join(host.tree, zones, name);
      const {mode, uid, gid, mtimeMs} = statSync(path);
      return [name, readFileSync(path, 'utf8'), mode, uid, gid, mtimeMs];
    } catch {
      return [name, 'not there'];
    }
  });

lab('a first server opens what it serves, for good and at once, and nothing else', async t => {
  const before = files();
  t.is(before[0]?.[5], mtime * 1000);
  t.is(await knock(8730), 'ECONNREFUSED');
  t.is(await knock(993), 'EHOSTUNREACH');
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['apply', '--answers', answers, '--yes']);
  t.is(exitCode, 0, stdout + stderr);
  t.regex(stdout, /\[ok\] +The firewall \(zone public\) is open for 25, 465, 587, 993, 995/);
  const services = 'dhcpv6-client imaps pop3 pop3s smtp smtp-submission smtps ssh';
  t.deepEqual(await both(), {permanent: services, runtime: services});
});

lab('what somebody else opened stays, on the side where it was, and is named', async t => {
  t.is(await listed('ports', '--permanent'), '8730/tcp');
  t.is(await listed('ports'), '8730/tcp 8731/tcp');
  const {stdout} = await host.run(dovetail, ['plan', '--answers', answers]);
  t.regex(stdout, /Nothing to change/);
});

lab(
  'from another network the open ports answer and the closed ones do not, before and after a reload',
  async t => {
    await must('systemd-run', '--unit=lab-listener', 'systemd-socket-activate', '--listen=4190', '/bin/cat');
    const knocks = async () => {
      const found: Record<number, string> = {};
      for (const port of [25, 465, 587, 993, 995, 4190, 143]) {
        found[port] = await knock(port);
      }

      return found;
    };
    const wanted = {
      25: 'open',
      465: 'open',
      587: 'open',
      993: 'open',
      995: 'open',
      143: 'EHOSTUNREACH',
      4190: 'EHOSTUNREACH',
    };
    t.deepEqual(await knocks(), wanted);
    await must('firewall-cmd', '--reload');
    t.deepEqual(await knocks(), wanted);
    await must('systemctl', 'stop', 'lab-listener');
    await must('firewall-cmd', '--zone=public', '--add-port=8731/tcp');
  },
);

lab('POP3 off closes its port, now and after a reload; undone, it is open again', async t => {
  host.write('/root/imap.yaml', answersFor('[imap]'));
  const {exitCode, stdout, stderr} = await host.run(dovetail, [
    'apply',
    '--answers',
    '/root/imap.yaml',
    '--yes',
  ]);
  t.is(exitCode, 0, stdout + stderr);
  const services = 'dhcpv6-client imaps pop3 smtp smtp-submission smtps ssh';
  t.deepEqual(await both(), {permanent: services, runtime: services});
  t.is(await knock(995), 'EHOSTUNREACH');
  const undone = await host.run(dovetail, ['rollback']);
  t.is(undone.exitCode, 0, undone.stdout + undone.stderr);
  t.is(await knock(995), 'open');
  t.regex((await both()).permanent, /pop3s/);
});

lab('the undo of everything gives the zone’s file back byte for byte, with owner, mode and time', async t => {
  await must('rm', '-rf', '/var/vmail/example.test');
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback']);
  t.is(exitCode, 0, stdout + stderr);
  t.deepEqual(files(), [
    ['public.xml', zone, 0o100640, 0, 0, mtime * 1000],
    ['public.xml.old', 'not there'],
  ]);
  const services = 'dhcpv6-client pop3 ssh';
  t.deepEqual(await both(), {permanent: services, runtime: services});
  t.is(await listed('ports'), '8730/tcp 8731/tcp');
  await must('firewall-cmd', '--reload');
  t.deepEqual(await both(), {permanent: services, runtime: services});
  t.is(await knock(993), 'EHOSTUNREACH');
});

lab('ports that somebody else opened are closed when that is ticked', async t => {
  host.write('/root/close.yaml', `${answersFor('[imap, pop3]')}firewall:\n  close_unused: true\n`);
  const plain = await host.run(dovetail, ['plan', '--answers', answers]);
  t.is(plain.exitCode, 2, plain.stderr);
  t.notRegex(plain.stdout, /service:pop3 is closed/);
  t.regex(plain.stdout, /nothing here uses them: 110\./);
  const ticked = await host.run(dovetail, ['plan', '--answers', '/root/close.yaml']);
  t.is(ticked.exitCode, 2, ticked.stderr);
  t.regex(ticked.stdout, /service:pop3 is closed/);
});

lab('a firewall that is switched off, or another one, is left alone and the ports are named', async t => {
  await must('systemctl', 'stop', 'firewalld');
  const off = await host.run(dovetail, ['plan', '--answers', answers]);
  t.is(off.exitCode, 2, off.stderr);
  t.regex(off.stdout, /The firewall of this machine \(firewalld\) is left as it is/);
  t.notRegex(off.stdout, /zone public/);
  t.is((await host.run('systemctl', ['is-active', 'firewalld'])).stdout.trim(), 'inactive');

  host.write(
    '/root/rules.nft',
    'table inet mine {\n\tchain input {\n\t\ttype filter hook input priority 0; policy drop;\n\t\tct state established,related accept\n\t\tiif lo accept\n\t}\n}\n',
  );
  await must('nft', '-f', '/root/rules.nft');
  const rules = await must('nft', 'list', 'ruleset');
  const nft = await host.run(dovetail, ['plan', '--answers', answers]);
  t.regex(nft.stdout, /The firewall of this machine \(nftables\) is left as it is/);
  t.regex(nft.stdout, /Open these TCP ports there: 25, 465, 587, 993, 995/);
  t.is(await must('nft', 'list', 'ruleset'), rules);
});
