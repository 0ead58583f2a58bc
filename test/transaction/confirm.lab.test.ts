import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {connect} from 'node:net';
import test from 'ava';
import {bootHost, install, type LabHost, labReason} from '../hosts/host.js';
import {until} from '../hosts/until.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
const dovetail = '/opt/dovetail/dovetail';
const first = 'SSH_CONNECTION=192.0.2.9 50000 192.0.2.1 22';
const second = 'SSH_CONNECTION=192.0.2.9 50001 192.0.2.1 22';
let host: LabHost;

test.before(async () => {
  if (reason !== undefined) {
    return;
  }

  execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
  host = await bootHost();
  host.write('/root/anna.password', 'correct-horse-battery\n', 0o600);
  host.write('/root/both.yaml', answersFor('[imap, pop3]'));
  host.write('/root/imap.yaml', answersFor('[imap]'));
  await install(host, 'firewalld');
  await must(dovetail, 'apply', '--answers', '/root/both.yaml', '--yes');
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

const from = async (session: string, ...args: readonly string[]) =>
  host.run('env', [session, dovetail, ...args]);

// firewalld answers what is closed with "host unreachable"; before it is up again after a reboot, nothing is answered at all.
const isOpen = async (port: number) =>
  new Promise<boolean>(resolve => {
    const socket = connect({host: host.address, port, timeout: 5000});
    const end = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.on('connect', () => end(true));
    socket.on('timeout', () => end(false));
    socket.on('error', () => end(false));
  });

const status = async () => {
  const {stdout} = await host.run(dovetail, ['status', '--json']);
  return JSON.parse(stdout) as {confirm: {id: string; left: number} | null; expired: string | null};
};

const units = async () =>
  (await host.run('sh', ['-c', 'ls /etc/systemd/system /etc/systemd/system/multi-user.target.wants'])).stdout;

const saidNow = async () =>
  (await host.run('journalctl', ['-b', '-u', 'dovetail-confirm', '--no-pager', '-o', 'cat'])).stdout;

lab('a change that is to be confirmed says so, and only another login can confirm it', async t => {
  const applied = await from(
    first,
    'apply',
    '--answers',
    '/root/imap.yaml',
    '--yes',
    '--confirm-within',
    '1800',
  );
  t.is(applied.exitCode, 0, applied.stdout + applied.stderr);
  t.regex(applied.stdout, /Unless it is confirmed by 20\d\d-/);
  t.false(await isOpen(995));
  t.is((await host.run('systemctl', ['is-active', 'dovetail-confirm'])).stdout.trim(), 'active');
  const {confirm} = await status();
  t.true((confirm?.left ?? 0) > 60);
  t.regex(await must(dovetail, 'status'), /goes back in \d+ s/);
  t.regex(await must(dovetail, 'history'), /waits for “dovetail confirm”/);

  const same = await from(first, 'confirm');
  t.is(same.exitCode, 9, same.stdout + same.stderr);
  const other = await from(first, 'apply', '--answers', '/root/both.yaml', '--yes');
  t.is(other.exitCode, 75, other.stdout + other.stderr);

  const more = await from(first, 'confirm', '--extend', '7200');
  t.is(more.exitCode, 0, more.stderr);
  t.true(((await status()).confirm?.left ?? 0) > (confirm?.left ?? 0));

  const confirmed = await from(second, 'confirm', confirm?.id ?? '');
  t.is(confirmed.exitCode, 0, confirmed.stdout + confirmed.stderr);
  t.is((await status()).confirm, null);
  t.notRegex(await units(), /dovetail/);
  t.true(await until(async () => (await host.run('pgrep', ['-f', 'keep-countdown'])).exitCode === 1));
  t.false(await isOpen(995));
  await must(dovetail, 'rollback');
  t.true(await isOpen(995));
});

lab('nobody confirms: what was changed goes back by itself, is said, and mail goes on', async t => {
  const applied = await from(
    first,
    'apply',
    '--answers',
    '/root/imap.yaml',
    '--yes',
    '--confirm-within',
    '10',
  );
  t.is(applied.exitCode, 0, applied.stdout + applied.stderr);
  t.true(await until(async () => (await status()).expired !== null));
  t.true(await isOpen(995));
  t.true(await isOpen(993));
  t.regex(await must(dovetail, 'status'), /Nobody confirmed .* went back by themselves/);
  t.regex(await must(dovetail, 'history'), /went back: nobody confirmed it/);
  t.is((await host.run('test', ['-e', '/var/lib/dovetail/current'])).exitCode, 1);
  t.true(await until(async () => !/dovetail/.test(await units())));
  t.true(await until(async () => /Everything is as it was before/.test(await saidNow())), await saidNow());
  t.is((await host.run(dovetail, ['plan', '--answers', '/root/both.yaml'])).exitCode, 0);
});

lab('the machine is started anew meanwhile: the countdown goes on, and puts it back', async t => {
  const applied = await from(
    first,
    'apply',
    '--answers',
    '/root/imap.yaml',
    '--yes',
    '--confirm-within',
    '45',
  );
  t.is(applied.exitCode, 0, applied.stdout + applied.stderr);
  await host.reboot();
  t.true(await until(async () => (await status()).expired !== null));
  t.true(await until(async () => /Everything is as it was before/.test(await saidNow())), await saidNow());
  t.true(await until(async () => isOpen(995)));
  t.true(await until(async () => !/dovetail/.test(await units())));
});
