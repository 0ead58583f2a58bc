import {execFileSync} from 'node:child_process';
import test from 'ava';
import {bootHost, type LabHost, labReason, usualRelease} from '../hosts/host.js';
import {changesSince, stateOf} from '../hosts/oracle.js';
import {appears, until} from '../hosts/until.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
/** What is about debconf(7), which Debian alone has. */
const debian = usualRelease === 'el9' ? test.serial.skip : lab;
const dovetail = '/opt/dovetail/dovetail';
const answers = '/opt/dovetail/examples/first-server.yaml';
const apply = ['apply', '--answers', answers, '--yes'];
let host: LabHost;
let bare: ReadonlyMap<string, string>;

test.before(async () => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootHost();
    host.write('/root/anna.password', 'correct-horse-battery\n', 0o600);
    bare = await stateOf(host);
  }
});

test.after.always(async () => host?.stop());

lab(
  'a reboot in the middle of the packages: the machine puts itself back before mail services start',
  async t => {
    const running = host.run(dovetail, apply);
    t.true(await appears(host, '/usr/sbin/dovecot'));
    t.is((await host.run('test', ['-e', '/etc/systemd/system/dovetail-recover.service'])).exitCode, 0);
    await host.reboot();
    await running;
    const {stdout} = await host.run('journalctl', [
      '-b',
      '-u',
      'dovetail-recover',
      '--no-pager',
      '-o',
      'cat',
    ]);
    t.regex(stdout, /Everything is as it was before/);
    t.deepEqual(await changesSince(host, bare), []);
    t.is((await host.run(dovetail, ['status'])).exitCode, 0);
  },
);

debian(
  'the worker is killed after the packages’ questions were answered and before a package came: the answers go too',
  async t => {
    const hook = '/etc/apt/apt.conf.d/99lab-cut';
    // apt-get(8) runs it before each dpkg(1), the rehearsal's too: there is no worker then.
    host.write(hook, `DPkg::Pre-Invoke {"if pkill -KILL -f '[d]ovetail.mjs worker'; then exit 1; fi";};\n`);
    const {exitCode, stdout, stderr} = await host.run(dovetail, apply);
    t.not(exitCode, 0, stdout + stderr);
    await host.run('rm', [hook]);
    const left = await changesSince(host, bare);
    t.true(
      left.some(line => /answer .*postfix/.test(line)),
      left.join('\n'),
    );
    t.false(
      left.some(line => /package .*postfix/.test(line)),
      left.join('\n'),
    );
    const back = await host.run(dovetail, ['rollback']);
    t.is(back.exitCode, 0, back.stdout + back.stderr);
    t.deepEqual(await changesSince(host, bare), []);
  },
);

lab('Ctrl-C asks it to stop: the worker puts everything back, and the command waits for it', async t => {
  const running = host.run(dovetail, apply);
  t.true(await appears(host, '/usr/sbin/dovecot'));
  await host.run('pkill', ['-INT', '-f', 'dovetail.mjs apply']);
  const {exitCode, stdout} = await running;
  t.is(exitCode, 130, stdout);
  t.deepEqual(await changesSince(host, bare), []);
});

lab(
  'whoever started it may be killed: it goes on, is found at work by the next one, and commits',
  async t => {
    const running = host.run(dovetail, apply);
    t.true(await appears(host, '/usr/sbin/dovecot'));
    await host.run('pkill', ['-KILL', '-f', 'dovetail.mjs apply']);
    t.not((await running).exitCode, 0);
    const second = await host.run(dovetail, apply);
    t.is(second.exitCode, 75, second.stdout + second.stderr);
    t.regex(second.stderr, /root, apply, process \d+, since 20/);
    const rollback = await host.run(dovetail, ['rollback']);
    t.is(rollback.exitCode, 75, rollback.stdout + rollback.stderr);
    t.true(await until(async () => (await host.run('pgrep', ['-f', 'dovetail.mjs worker'])).exitCode === 1));
    const {stdout} = await host.run(dovetail, ['history', '--json']);
    t.is((JSON.parse(stdout) as {state: string}[])[0]?.state, 'committed', stdout);
    t.is((await host.run(dovetail, ['plan', '--answers', answers])).exitCode, 0);
    t.is((await host.run('systemctl', ['is-active', 'dovecot', 'postfix'])).exitCode, 0);
  },
);

lab('nothing of it is left behind, neither a unit nor a socket', async t => {
  const units = await host.run('systemctl', ['list-units', '--all', '--no-legend', 'dovetail*']);
  t.is(units.stdout.trim(), '');
  t.is((await host.run('sh', ['-c', 'ls -d /run/dovetail-* /etc/systemd/system/dovetail*'])).stdout, '');
});

lab('a reboot in the middle of an undo is finished by the machine itself', async t => {
  const running = host.run(dovetail, ['rollback']);
  t.true(await until(async () => (await host.run('systemctl', ['is-active', 'dovecot'])).exitCode !== 0));
  await host.reboot();
  await running;
  t.is((await host.run('test', ['-e', '/var/lib/dovetail/current'])).exitCode, 1);
  // The mailbox that the proof delivered to stays with its owner: mail is never deleted.
  const others = (await changesSince(host, bare)).filter(
    line => !/^\/var\/vmail[:/]|^(?:passwd|group|shadow|gshadow) vmail:/.test(line),
  );
  t.deepEqual(others, []);
});
