import {execFileSync, spawn} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import test from 'ava';
import {bootHost, type LabHost, labReason} from './hosts/host.js';
import {standInReason} from './hosts/stand-in.js';
import {differences, snapshot} from './hosts/tree.js';

// What goes wrong with packages on the stand-in for EL9 (test/hosts/stand-in.ts): real dnf, real rpm.
const reason = labReason() ?? standInReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const answers = '/opt/dovetail/examples/first-server.yaml';
const repository = 'etc/yum.repos.d/almalinux-appstream.repo';
let host: LabHost;
let bare: ReadonlyMap<string, string>;
let stock: string;

test.before(async () => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootHost({release: 'el9'});
    host.write('/root/anna.password', 'correct-horse-battery\n', 0o600);
    stock = readFileSync(join(host.tree, repository), 'utf8');
    bare = snapshot(host.tree);
  }
});

test.after.always(async () => host?.stop());

const plan = (...more: readonly string[]) => host.run(dovetail, ['plan', '--answers', answers, ...more]);
const changed = () => differences(bare, snapshot(host.tree));

/** Plans with other package sources, and puts those back. */
const planWith = async (sources: string) => {
  host.write(`/${repository}`, sources);
  await host.run('dnf', ['-q', 'clean', 'metadata']);
  const result = await plan();
  host.write(`/${repository}`, stock);
  bare = new Map([...bare, ...[...snapshot(host.tree)].filter(([path]) => path === `/${repository}`)]);
  return result;
};

for (const [what, sources, expected] of [
  [
    'that cannot be reached is named',
    (text: string) => text.replace(/^baseurl=.*$/m, 'baseurl=http://127.0.0.1:9/'),
    /The package sources cannot be reached/,
  ],
  [
    'whose key is missing is not trusted',
    (text: string) => text.replace(/^gpgkey=.*$/m, 'gpgkey=file:///etc/pki/rpm-gpg/none'),
    /signature of a package or of its source cannot be trusted/,
  ],
  [
    'that is switched off is missed',
    (text: string) => text.replace(/^enabled=1$/m, 'enabled=0'),
    /No package source is switched on|The package sources do not have what is needed/,
  ],
  [
    'that holds Postfix back is respected',
    (text: string) => `${text}exclude=postfix\n`,
    /A package that is needed is held back here/,
  ],
] as const) {
  lab(`a package source ${what}, and nothing is changed`, async t => {
    const {exitCode, stdout, stderr} = await planWith(sources(stock));
    t.is(exitCode, 10, stdout + stderr);
    t.regex(stderr, expected);
    t.regex(stderr, /It said: ./);
    t.deepEqual(changed(), []);
  });
}

lab('without Node.js in its sources, the launcher says what failed, and nothing is installed', async t => {
  await host.run('mkdir', ['-p', '/root/clone/scripts']);
  await host.run('cp', ['/opt/dovetail/dovetail', '/root/clone/dovetail']);
  await host.run('cp', ['/opt/dovetail/scripts/set-up', '/root/clone/scripts/set-up']);
  const {exitCode, stdout, stderr} = await host.run('env', ['DOVETAIL_ASSUME_YES=1', '/root/clone/dovetail']);
  t.is(exitCode, 10, stdout + stderr);
  t.regex(stderr, /No match for argument: .*nodejs/);
  t.regex(stderr, /the package manager failed; see above/);
  await host.run('rm', ['-r', '/root/clone']);
  t.deepEqual(changed(), []);
});

lab('a package manager that is in use is waited for by the name of its holder', async t => {
  host.write(
    '/root/slow.spec',
    'Name: slow\nVersion: 1\nRelease: 1\nSummary: waits\nLicense: MIT\nBuildArch: noarch\n%description\nwaits\n%pre\nsleep 25\nexit 1\n%files\n',
  );
  const built = await host.run('rpmbuild', ['-bb', '--define', '_topdir /root/rpm', '/root/slow.spec']);
  t.is(built.exitCode, 0, built.stderr);
  const slow = host.run('dnf', [
    '-y',
    '--disablerepo=*',
    'install',
    '/root/rpm/RPMS/noarch/slow-1-1.noarch.rpm',
  ]);
  for (
    let tries = 0;
    !/sleep 25/.test((await host.run('ps', ['-eo', 'args'])).stdout) && tries < 100;
    tries += 1
  ) {
    await wait(200);
  }

  const {exitCode, stdout, stderr} = await plan('--lock-wait', '2');
  t.is(exitCode, 75, stdout + stderr);
  t.regex(stderr, /in use by dnf \(\d+\); waiting for up to 2 s/);
  t.regex(stderr, /Its lock is held by dnf \(\d+\)/);
  await slow;
  await host.run('rm', ['-r', '/root/rpm', '/root/slow.spec']);
  t.deepEqual(changed(), []);
});

lab('cut off while packages are unpacked, the next start gives the bare host back', async t => {
  const child = spawn(
    host.enter[0] ?? '',
    [...host.enter.slice(1), dovetail, 'apply', '--answers', answers, '--yes'],
    {stdio: 'ignore'},
  );
  // In the middle of its files, before rpm has any record of the package.
  const ended = new Promise(resolve => child.on('close', resolve));
  const isBegun = () => existsSync(join(host.tree, 'usr/lib/dovecot/auth'));
  while (!isBegun() && child.exitCode === null) {
    await wait(5);
  }

  await host.run('pkill', ['-KILL', '-x', 'dnf']);
  await host.run('sh', ['-c', 'systemctl kill --signal=KILL "dovetail*.service"; pkill -KILL -f dovetail']);
  await ended;
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback', '--yes']);
  t.is(exitCode, 0, stdout + stderr);
  t.deepEqual(changed(), []);
  t.notRegex((await host.run('rpm', ['-qa'])).stdout, /dovecot|postfix|clucene/);
});

const instead = `${readFileSync(new URL('../../examples/first-server.yaml', import.meta.url), 'utf8')}packages:\n  replace_mta: true\n`;
const mta = async () => (await host.run('readlink', ['/etc/alternatives/mta'])).stdout.trim();
let withOther: ReadonlyMap<string, string>;

lab('another mail server is named, and stays without consent or while mail waits in it', async t => {
  t.is((await host.run('dnf', ['-y', '-q', 'install', 'sendmail'])).exitCode, 0);
  await host.run('systemctl', ['enable', '--now', 'sendmail']);
  t.is(await mta(), '/usr/sbin/sendmail.sendmail');
  withOther = snapshot(host.tree);
  const asked = await plan();
  t.is(asked.exitCode, 4, asked.stdout + asked.stderr);
  t.regex(asked.stdout + asked.stderr, /Postfix cannot stand beside sendmail/);
  host.write('/root/instead.yaml', instead);
  host.write('/var/spool/clientmqueue/qfsomething', 'waits\n');
  const waits = await host.run(dovetail, ['plan', '--answers', '/root/instead.yaml']);
  t.is(waits.exitCode, 4, waits.stdout + waits.stderr);
  t.regex(waits.stdout + waits.stderr, /1 messages wait in the queue .*clientmqueue/);
  await host.run('rm', ['/var/spool/clientmqueue/qfsomething']);
  withOther = snapshot(host.tree);
});

lab('with consent the name goes over to Postfix, the other is stopped, and both come back', async t => {
  const {exitCode, stdout, stderr} = await host.run(dovetail, [
    'apply',
    '--answers',
    '/root/instead.yaml',
    '--yes',
  ]);
  t.is(exitCode, 0, stdout + stderr);
  t.is(await mta(), '/usr/sbin/sendmail.postfix');
  t.is((await host.run('systemctl', ['is-enabled', 'sendmail'])).stdout.trim(), 'disabled');
  t.is((await host.run('systemctl', ['is-active', 'sendmail'])).stdout.trim(), 'inactive');
  const again = await host.run(dovetail, ['plan', '--answers', '/root/instead.yaml']);
  t.is(again.exitCode, 0, again.stdout + again.stderr);
  await host.run('rm', ['-r', '/var/vmail/example.test']);
  const back = await host.run(dovetail, ['rollback', '--yes']);
  t.is(back.exitCode, 0, back.stdout + back.stderr);
  t.is(await mta(), '/usr/sbin/sendmail.sendmail');
  t.is((await host.run('systemctl', ['is-active', 'sendmail'])).stdout.trim(), 'active');
  t.is((await host.run('systemctl', ['is-enabled', 'sendmail'])).stdout.trim(), 'enabled');
  t.deepEqual(differences(withOther, snapshot(host.tree)), []);
});
