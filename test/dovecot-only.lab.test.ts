import {execFileSync} from 'node:child_process';
import test from 'ava';
import {bounces, nobodysRelay} from './hosts/abuses.js';
import {inbox} from './hosts/clients.js';
import {bootHost, install, type LabHost, labReason} from './hosts/host.js';
import {differences, snapshot} from './hosts/tree.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const answers = '/opt/dovetail/examples/dovecot-only.yaml';
const anna = {user: 'anna@example.test', pass: 'correct-horse-battery'};
let host: LabHost;
let before: ReadonlyMap<string, string>;

const postfix = () =>
  new Map(
    [...snapshot(host.tree)].filter(
      ([path]) =>
        /^\/etc\/(?:postfix|aliases|mailname)/.test(path) || /^\/usr\/(?:s?bin|lib)\/postfix/.test(path),
    ),
  );

// Somebody's Postfix is there and runs: it is none of our business.
test.before(async () => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootHost();
    host.write('/root/anna.password', `${anna.pass}\n`, 0o600);
    await install(host, 'postfix');
    for (const [file, ...args] of [
      ['postconf', '-e', 'inet_interfaces=loopback-only', 'mydestination=', 'relayhost=[relay.invalid]'],
      ['systemctl', 'restart', 'postfix'],
    ]) {
      const {exitCode, stdout, stderr} = await host.run(file ?? '', args);
      if (exitCode !== 0) {
        throw new Error(stdout + stderr);
      }
    }

    before = snapshot(host.tree);
  }
});

test.after.always(async () => host?.stop());

lab('Dovecot is set up and proved, and nothing of Postfix is touched', async t => {
  const old = postfix();
  const pid = (await host.run('cat', ['/var/spool/postfix/pid/master.pid'])).stdout;
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['apply', '--answers', answers, '--yes']);
  t.is(exitCode, 0, stdout + stderr);
  t.notRegex(stdout, /\[FAIL\]|\[\?\](?! +(?:Whether port 25|No name server))|Port (?:25|465|587)/);
  t.true(old.size > 20);
  t.deepEqual(differences(old, postfix()), []);
  t.regex(pid, /^ *\d+$/);
  t.is((await host.run('cat', ['/var/spool/postfix/pid/master.pid'])).stdout, pid);
});

lab('people read mail, and only Dovecot’s ports are open to them', async t => {
  t.deepEqual(await inbox(host.address, anna), []);
  const {stdout} = await host.run('ss', ['-H', '-tlnp']);
  t.regex(stdout, /:993\s.*dovecot/);
  t.notRegex(stdout, /:(?:110|995|465|587|24)\s/);
});

lab('it is nobody’s relay: none of the ways in is answered from outside, and nothing bounces', async t => {
  await nobodysRelay(t, host, {domain: 'example.test', ports: []});
  t.deepEqual(await bounces(host), []);
});

lab('the same answers plan nothing, and neither does silence', async t => {
  for (const args of [['--answers', answers], []]) {
    const {exitCode, stdout, stderr} = await host.run(dovetail, ['plan', ...args]);
    t.is(exitCode, 0, stdout + stderr);
  }
});

lab('undone, the host is as before', async t => {
  await host.run('rm', ['-r', '/var/vmail/example.test']);
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback']);
  t.is(exitCode, 0, stdout + stderr);
  t.deepEqual(differences(before, snapshot(host.tree)), []);
});
