import {execFileSync, spawn} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {bootHost, type LabHost, labReason} from './hosts/host.js';
import {differences, snapshot} from './hosts/tree.js';

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
    bare = snapshot(host.tree);
  }
});

test.after.always(async () => host?.stop());

const apply = (...more: readonly string[]) =>
  host.run(dovetail, ['apply', '--answers', answers, '--yes', ...more]);
const changed = () => differences(bare, snapshot(host.tree));

lab('a system that is not known is refused with those that are', async t => {
  const path = join(host.tree, 'usr/lib/os-release');
  const own = readFileSync(path, 'utf8');
  writeFileSync(path, 'ID=plan9\nVERSION_ID=4\nPRETTY_NAME="Plan 9\u001b[31m"\n');
  const {exitCode, stderr} = await apply();
  writeFileSync(path, own);
  bare = snapshot(host.tree);
  t.is(exitCode, 8);
  t.regex(stderr, /not known: Plan 9/);
  t.regex(stderr, /Supported: .*debian12/);
  t.false(stderr.includes('\u001b'));
  t.deepEqual(changed(), []);
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
  t.deepEqual(changed(), []);
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
    bare = snapshot(host.tree);
    const dpkg = host.run('dpkg', ['--install', '/root/slow.deb']);
    await new Promise(resolve => setTimeout(resolve, 2000));
    const given = await apply('--lock-wait', '2');
    t.is(given.exitCode, 75, given.stdout + given.stderr);
    t.regex(given.stderr, /in use by dpkg \(\d+\); waiting for up to 2 s/);
    t.regex(given.stderr, /Its lock is held by dpkg \(\d+\)/);
    t.deepEqual(changed(), []);
    const patient = await host.run(dovetail, ['plan', '--answers', answers, '--lock-wait', '60']);
    t.is(patient.exitCode, 2, patient.stderr);
    t.regex(patient.stderr, /in use by dpkg \(\d+\); waiting for up to 60 s/);
    t.regex(patient.stdout, /dovecot-core/);
    await dpkg;
    await host.run('rm', ['-r', folder, '/root/slow.deb']);
    bare = snapshot(host.tree);
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
    t.deepEqual(changed(), []);
    t.is((await host.run('systemctl', ['is-active', 'dovecot'])).stdout.trim(), 'inactive');
  },
);

lab('another mail server is named and stays, with the mail that waits in it', async t => {
  const packages = ['exim4-daemon-light', 'exim4-base', 'exim4-config'];
  const apt = (verb: string) =>
    host.run('env', ['DEBIAN_FRONTEND=noninteractive', 'apt-get', verb, '-y', '-q', ...packages]);
  t.is((await host.run('apt-get', ['update', '-q'])).exitCode, 0);
  t.is((await apt('install')).exitCode, 0);
  const withExim = snapshot(host.tree);
  const {exitCode, stdout, stderr} = await apply();
  t.is(exitCode, 4, stdout + stderr);
  t.regex(stdout + stderr, /Another mail server is installed \(exim4-base/);
  t.regex(stdout + stderr, /Send what waits in its queue .*, remove it \(“apt-get remove exim4-base/);
  t.deepEqual(differences(withExim, snapshot(host.tree)), []);
  t.is((await apt('purge')).exitCode, 0);
});

lab(
  'a file that is edited between the review and the apply makes the plan stale; the edit stays',
  async t => {
    const first = await apply();
    t.is(first.exitCode, 0, first.stdout + first.stderr);
    const text = readFileSync(new URL('../../examples/first-server.yaml', import.meta.url), 'utf8');
    host.write('/root/imap.yaml', text.replace('[imap, pop3]', '[imap]'));
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
  },
);
