import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import test from 'ava';
import {bootHost, dovecots, install, type LabHost, labReason, usualRelease} from '../hosts/host.js';
import {differences, snapshot} from '../hosts/tree.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
const dovetail = '/opt/dovetail/dovetail';
const example = new URL('../../../examples/first-server.yaml', import.meta.url);
const answers = '/opt/dovetail/examples/first-server.yaml';
/** This system, as `--platform` takes it and as it is named. */
const {platform, named} = {
  bookworm: {platform: 'debian12', named: 'Debian 12 (bookworm)'},
  trixie: {platform: 'debian13', named: 'Debian 13 (trixie)'},
  el9: {platform: 'rhel9', named: 'RHEL 9, AlmaLinux 9, Rocky Linux 9'},
}[usualRelease];
const lacks = new RegExp(`lacks packages: .*${dovecots('imapd').join()}`);
const tree = ['--root', '/srv/image'];
let host: LabHost;
let before: ReadonlyMap<string, string>;

test.before(async () => {
  if (reason !== undefined) {
    return;
  }

  execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
  host = await bootHost();
  host.write('/root/anna.password', 'correct-horse-battery\n', 0o600);
  await host.run('mkdir', ['/srv/image']);
  // The tree is the host's own, seen from elsewhere: nothing in it counts as running.
  await host.run('mount', ['--bind', '/', '/srv/image']);
});

test.after.always(async () => host?.stop());

lab('a tree without the packages is refused, with their names', async t => {
  const {exitCode, stderr} = await host.run(dovetail, ['plan', ...tree, '--answers', answers]);
  t.is(exitCode, 4);
  t.regex(stderr, lacks);
});

lab('so is an unpacked part of one, which has not even mount points', async t => {
  await host.run('mkdir', ['-p', '/srv/part/usr/lib']);
  await host.run('cp', ['-a', '/etc', '/srv/part']);
  await host.run('cp', ['-a', '/usr/lib/os-release', '/srv/part/usr/lib']);
  const part = snapshot(`${host.tree}/srv/part`);
  const {exitCode, stderr} = await host.run(dovetail, ['plan', '--root', '/srv/part', '--answers', answers]);
  t.is(exitCode, 4);
  t.regex(stderr, lacks);
  t.deepEqual(differences(part, snapshot(`${host.tree}/srv/part`)), []);
  await host.run('rm', ['-r', '/srv/part']);
});

lab('a tree is set up by its files alone: nothing is started, and nothing is called proved', async t => {
  host.write('/usr/sbin/policy-rc.d', '#!/bin/sh\nexit 101\n', 0o755);
  await install(host, 'postfix', ...dovecots('imapd', 'pop3d', 'lmtpd'));
  // Postfix's own check makes the queue directories that its package lacks; the judge below is not to be blamed for them.
  await host.run('postfix', ['check']);
  before = snapshot(host.tree);
  const {exitCode, stdout, stderr} = await host.run(dovetail, [
    'apply',
    ...tree,
    '--answers',
    answers,
    '--yes',
  ]);
  t.is(exitCode, 0, stdout + stderr);
  t.regex(stdout, /a tree does not run, so this was skipped/);
  t.notRegex(stdout, /\[ok\] .*(?:log in|arrived|runs)/);
  t.notRegex(stdout, /Done and proved/);
  const {stdout: listening} = await host.run('ss', ['-H', '-tln']);
  t.notRegex(listening, /:(?:25|993)\s/);
  t.is((await host.run('doveconf', ['-n'])).exitCode, 0);
  t.is((await host.run('postfix', ['check'])).exitCode, 0);
  t.is((await host.run('systemctl', ['is-enabled', 'dovecot', 'postfix'])).stdout, 'enabled\nenabled');
});

lab(
  'a system that nobody knows is refused, and taken for the one that is named, which the review says',
  async t => {
    const release = (await host.run('cat', ['/etc/os-release'])).stdout;
    host.write('/root/release', 'ID=devuan\nVERSION_ID="5"\nPRETTY_NAME="Devuan 5"\n');
    host.write('/root/imap.yaml', `${readFileSync(example, 'utf8').replace('[imap, pop3]', '[imap]')}`);
    await host.run('mount', ['--bind', '/root/release', '/srv/image/etc/os-release']);
    const plan = ['plan', ...tree, '--answers', '/root/imap.yaml'];
    const refused = await host.run(dovetail, plan);
    t.is(refused.exitCode, 8, refused.stdout);
    t.regex(refused.stderr, /This system is not known: Devuan 5/);
    t.true(refused.stderr.includes(`${named} (${platform})`), refused.stderr);
    const {exitCode, stdout, stderr} = await host.run(dovetail, [...plan, '--platform', platform]);
    t.is(exitCode, 2, stdout + stderr);
    t.true(stdout.includes(`This system is treated as ${named}, because “--platform” says so`), stdout);
    await host.run('umount', ['/srv/image/etc/os-release']);
    await host.run('rm', ['/root/release', '/root/imap.yaml']);
    t.is((await host.run('cat', ['/etc/os-release'])).stdout, release);
  },
);

lab('planned again the tree needs nothing, and the undo gives it back', async t => {
  const again = await host.run(dovetail, ['plan', ...tree, '--answers', answers]);
  t.is(again.exitCode, 0, again.stdout + again.stderr);
  const status = await host.run(dovetail, ['status', ...tree]);
  t.is(status.exitCode, 0, status.stdout);
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback', ...tree]);
  t.is(exitCode, 0, stdout + stderr);
  t.deepEqual(differences(before, snapshot(host.tree)), []);
});
