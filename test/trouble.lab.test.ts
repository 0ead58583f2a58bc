import {execFileSync, spawn} from 'node:child_process';
import {readFileSync, unlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {bootHost, type LabHost, labReason} from './hosts/host.js';
import {changesSince, stateOf} from './hosts/oracle.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const answers = '/opt/dovetail/examples/first-server.yaml';
let host: LabHost;
let bare: ReadonlyMap<string, string>;

test.before(async () => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootHost();
    host.write('/root/anna.password', 'correct-horse-battery\n', 0o600);
    // What the tree has fetched could not be cut off in its download.
    await host.run('apt-get', ['clean']);
    bare = await stateOf(host);
  }
});

test.after.always(async () => host?.stop());

const apply = (...more: readonly string[]) =>
  host.run(dovetail, ['apply', '--answers', answers, '--yes', ...more]);
const changed = () => changesSince(host, bare);

lab('a system that is not known is refused with those that are', async t => {
  const path = join(host.tree, 'usr/lib/os-release');
  const own = readFileSync(path, 'utf8');
  writeFileSync(path, 'ID=plan9\nVERSION_ID=4\nPRETTY_NAME="Plan 9\u001b[31m"\n');
  const {exitCode, stderr} = await apply();
  writeFileSync(path, own);
  bare = await stateOf(host);
  t.is(exitCode, 8);
  t.regex(stderr, /not known: Plan 9/);
  t.regex(stderr, /Supported: .*debian12/);
  t.false(stderr.includes('\u001b'));
  t.deepEqual(await changed(), []);
});

lab('without a network the package sources are named, and nothing is changed', async t => {
  const {stdout: route} = await host.run('ip', ['route', 'show', 'default']);
  await host.run('ip', ['route', 'del', 'default']);
  const {exitCode, stdout, stderr} = await apply();
  await host.run('ip', ['route', 'add', ...route.trim().split(/\s+/)]);
  t.is(exitCode, 10, stdout + stderr);
  t.regex(stderr, /The package sources cannot be reached/);
  t.regex(stderr, /It said: .*(?:E:|Err:|W:)/);
  t.regex(stderr, /See that the network, DNS and a proxy/);
  t.deepEqual(await changed(), []);
});

lab('a network that goes away in the middle of a download: said, and nothing is changed', async t => {
  const nft = (...words: readonly string[]) =>
    execFileSync('nsenter', ['-t', host.enter[2] ?? '', '-n', '/usr/sbin/nft', ...words]);
  nft('add table inet labcut');
  nft('add chain inet labcut in { type filter hook input priority 0; }');
  const running = apply();
  const isDownloading = async () =>
    (await host.run('pgrep', ['-f', 'apt-get .*--download-only'])).exitCode === 0;
  for (let tries = 0; tries < 2400 && !(await isDownloading()); tries += 1) {
    await new Promise(resolve => setTimeout(resolve, 10));
  }

  // A slow line first, so that it is in the middle of a package when the line is cut.
  nft('add rule inet labcut in iifname host0 limit rate over 400 kbytes/second drop');
  await new Promise(resolve => setTimeout(resolve, 1500));
  nft('add rule inet labcut in iifname host0 drop');
  const {exitCode, stdout, stderr} = await running;
  nft('delete table inet labcut');
  t.is(exitCode, 10, stdout + stderr);
  t.regex(stderr, /package sources cannot be reached|could not be fetched|download/i);
  t.deepEqual(await changed(), []);
  t.is((await host.run('dpkg', ['--audit'])).stdout, '');
});

lab(
  'a package manager that is in use is waited for, its holder is named, and then it is given up cleanly',
  async t => {
    // dpkg takes its locks and then waits for a script of the package, as an update at night does.
    const folder = '/root/slow';
    await host.run('mkdir', ['-p', `${folder}/DEBIAN`]);
    host.write(
      `${folder}/DEBIAN/control`,
      'Package: lab-slow\nVersion: 1\nArchitecture: all\nMaintainer: lab <lab@example.test>\nDescription: waits\n',
    );
    host.write(`${folder}/DEBIAN/preinst`, '#!/bin/sh\nsleep 20\nexit 1\n', 0o755);
    await host.run('dpkg-deb', ['--build', folder, '/root/slow.deb']);
    bare = await stateOf(host);
    const dpkg = host.run('dpkg', ['--install', '/root/slow.deb']);
    await new Promise(resolve => setTimeout(resolve, 2000));
    const given = await apply('--lock-wait', '2');
    t.is(given.exitCode, 75, given.stdout + given.stderr);
    t.regex(given.stderr, /in use by dpkg \(\d+\); waiting for up to 2 s/);
    t.regex(given.stderr, /Its lock is held by dpkg \(\d+\)/);
    // dpkg(1) is at work, and its audit says so.
    const others = (await changed()).filter(line => !line.startsWith('audit '));
    t.deepEqual(others, []);
    const patient = await host.run(dovetail, ['plan', '--answers', answers, '--lock-wait', '60']);
    t.is(patient.exitCode, 2, patient.stderr);
    t.regex(patient.stderr, /in use by dpkg \(\d+\); waiting for up to 60 s/);
    t.regex(patient.stdout, /dovecot-core/);
    await dpkg;
    await host.run('rm', ['-r', folder, '/root/slow.deb']);
    bare = await stateOf(host);
  },
);

lab(
  'a port that another program holds is named in the review; the start fails, and all goes back',
  async t => {
    await host.run('systemd-run', ['--unit=lab-993', 'systemd-socket-activate', '--listen=993', '/bin/cat']);
    const {exitCode, stdout, stderr} = await apply();
    await host.run('systemctl', ['stop', 'lab-993']);
    t.is(exitCode, 6, stdout + stderr);
    t.regex(stdout, /Port 993 is held by systemd-socket/);
    t.regex(stdout, /Address already in use|dovecot\.service/);
    t.regex(stdout, /Everything is as it was before/);
    t.deepEqual(await changed(), []);
    t.is((await host.run('systemctl', ['is-active', 'dovecot'])).stdout.trim(), 'inactive');
  },
);

const firstServer = readFileSync(new URL('../../examples/first-server.yaml', import.meta.url), 'utf8');
const instead = `${firstServer}packages:\n  replace_mta: true\n`;
const exim = ['exim4-daemon-light', 'exim4-base', 'exim4-config'];
let withExim: ReadonlyMap<string, string>;

lab('another mail server is named, and stays without consent or while mail waits in it', async t => {
  t.is((await host.run('apt-get', ['update', '-q'])).exitCode, 0);
  const install = ['DEBIAN_FRONTEND=noninteractive', 'apt-get', 'install', '-y', '-q', ...exim];
  t.is((await host.run('env', install)).exitCode, 0);
  t.is((await host.run('systemctl', ['is-active', 'exim4'])).stdout.trim(), 'active');
  withExim = await stateOf(host);
  const asked = await apply();
  t.is(asked.exitCode, 4, asked.stdout + asked.stderr);
  t.regex(asked.stdout + asked.stderr, /packages\.replace_mta/);
  t.regex(asked.stdout + asked.stderr, /Postfix cannot stand beside exim4-base/);
  t.deepEqual(await changesSince(host, withExim), []);

  host.write('/root/instead.yaml', instead);
  const message = {input: 'Subject: waits\n\nfor the next run of the queue\n'};
  t.is((await host.run('/usr/sbin/exim4', ['-odq', 'somebody@elsewhere.example'], message)).exitCode, 0);
  withExim = await stateOf(host);
  const waits = await host.run(dovetail, ['apply', '--answers', '/root/instead.yaml', '--yes']);
  t.is(waits.exitCode, 4, waits.stdout + waits.stderr);
  t.regex(waits.stdout + waits.stderr, /1 messages wait in the queue .*\/var\/spool\/exim4\/input/);
  t.deepEqual(await changesSince(host, withExim), []);
  t.regex((await host.run('/usr/sbin/exim4', ['-bp'])).stdout, /somebody@elsewhere\.example/);
  await host.run('find', ['/var/spool/exim4/input', '-type', 'f', '-delete']);
  withExim = await stateOf(host);
});

lab(
  'a file that is edited between the review and the apply makes the plan stale; the edit stays',
  async t => {
    const first = await host.run(dovetail, ['apply', '--answers', '/root/instead.yaml', '--yes']);
    t.is(first.exitCode, 0, first.stdout + first.stderr);
    t.regex(first.stdout, /^\s*-exim4-base$/m);
    t.not((await host.run('test', ['-e', '/usr/sbin/exim4'])).exitCode, 0);
    host.write('/root/imap.yaml', instead.replace('[imap, pop3]', '[imap]'));
    const file = join(host.tree, 'etc/dovecot/local.conf');
    // The plan is printed, then a worker is started for it: that is when somebody edits.
    const child = spawn(
      host.enter[0] ?? '',
      [...host.enter.slice(1), dovetail, 'apply', '--answers', '/root/imap.yaml', '--yes'],
      {stdio: ['ignore', 'pipe', 'pipe']},
    );
    let out = '';
    let edited: string | undefined;
    child.stderr.on('data', (chunk: Buffer) => {
      out += chunk;
    });
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk;
      if (edited === undefined && /Effective settings/.test(out)) {
        edited = '# written by hand\n';
        writeFileSync(file, edited);
      }
    });
    const code = await new Promise(resolve => child.on('close', resolve));
    t.is(code, 5, out);
    t.regex(out, /The machine moved since the review: .*local\.conf/);
    t.regex(out, /Plan again/);
    t.is(readFileSync(file, 'utf8'), edited ?? '');
    const {stdout} = await host.run(dovetail, ['history']);
    t.is(stdout.match(/committed/g)?.length, 1, stdout);
    unlinkSync(file);
    await host.run('rm', ['/root/imap.yaml']);
  },
);

lab('an undo puts the other mail server back from its kept packages, and it runs again', async t => {
  // The mail that proved it would stay.
  await host.run('rm', ['-r', '/var/vmail/example.test']);
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback', '--yes']);
  t.is(exitCode, 0, stdout + stderr);
  for (const name of exim) {
    t.regex((await host.run('dpkg', ['-s', name])).stdout, /^Status: install ok installed$/m, name);
  }

  t.is((await host.run('systemctl', ['is-active', 'exim4'])).stdout.trim(), 'active');
  t.regex((await host.run('ss', ['-tlnp', 'sport = :25'])).stdout, /exim4/);
  // What it writes itself while it runs is its own.
  t.deepEqual(
    (await changesSince(host, withExim)).filter(line => !/^\/var\/(?:lib|spool)\/exim4\//.test(line)),
    [],
  );
  t.is((await host.run('dpkg', ['--audit'])).stdout, '');
});
