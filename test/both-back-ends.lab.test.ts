import {execFileSync} from 'node:child_process';
import {readFileSync, statSync} from 'node:fs';
import test from 'ava';
import {bounces, nobodysRelay} from './hosts/abuses.js';
import {arrived, inbox, rcpt, submit} from './hosts/clients.js';
import {bootHost, type LabHost, labReason} from './hosts/host.js';
import {differences, snapshot} from './hosts/tree.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const answers = '/opt/dovetail/examples/both.yaml';
const berta = {user: 'berta@example.test', pass: 'correct-horse-battery'};
const carl = {user: 'carl', pass: 'staple-battery-horse'};
const root = {user: 'root', pass: 'root-has-this-password'};
let host: LabHost;
let listOnly: ReadonlyMap<string, string>;

const configuration = () =>
  new Map([...snapshot(host.tree)].filter(([path]) => /^\/(?:etc|usr|root)\//.test(path)));

// A server with a list is there first, so that the users of the machine come to a place that is lived in.
test.before(async () => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootHost();
    host.write('/root/berta.password', `${berta.pass}\n`, 0o600);
    host.write('/root/carl.password', `${carl.pass}\n`, 0o600);
    await host.run('chpasswd', [], {input: `root:${root.pass}\n`});
    const text = readFileSync(new URL('../../examples/both.yaml', import.meta.url), 'utf8');
    const first = text
      .replace('backends: [passwd-file, pam]', 'backends: [passwd-file]')
      .replace(/auth-pam:[\s\S]*?(?=tls:)/, '')
      .replace('admin: carl', 'admin: berta');
    host.write('/root/list.yaml', first);
    const {exitCode, stdout, stderr} = await host.run(dovetail, [
      'apply',
      '--answers',
      '/root/list.yaml',
      '--yes',
    ]);
    if (exitCode !== 0) {
      throw new Error(stdout + stderr);
    }

    listOnly = configuration();
  }
});

test.after.always(async () => host?.stop());

lab('users of the machine join a server with a list, and mail of before is still there', async t => {
  t.is(await submit(host.address, berta, {from: berta.user, to: berta.user, subject: 'from before'}), 'sent');
  t.true(await arrived(host.address, berta, 'from before'));
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['apply', '--answers', answers, '--yes']);
  t.is(exitCode, 0, stdout + stderr);
  t.notRegex(stdout, /\[FAIL\]|\[\?\](?! +(?:Whether port 25|No name server))/);
  t.regex(stdout, /PAM refuses the system account root/);
  t.true((await inbox(host.address, berta))?.includes('from before'));
});

lab('afterwards the same answers, no answers, and its own answers plan nothing', async t => {
  const said = await host.run(dovetail, ['answers']);
  host.write('/root/own.yaml', said.stdout, 0o600);
  for (const args of [['--answers', answers], [], ['--answers', '/root/own.yaml']]) {
    const {exitCode, stdout} = await host.run(dovetail, ['plan', ...args]);
    t.is(exitCode, 0, said.stdout + stdout);
  }

  await host.run('rm', ['/root/own.yaml']);
});

lab('they write to each other and each in the own name only', async t => {
  const send = (login: typeof carl, from: string, to: string, subject: string) =>
    submit(host.address, login, {from, to, subject});
  t.is(await send(carl, 'carl@example.test', 'berta@example.test', 'to the list'), 'sent');
  t.is(await send(carl, 'carl@mail.example.test', 'berta@example.test', 'by the host'), 'sent');
  t.is(await send(berta, 'berta@example.test', 'carl@example.test', 'to the machine'), 'sent');
  t.true(await arrived(host.address, berta, 'to the list'));
  t.true(await arrived(host.address, berta, 'by the host'));
  t.true(await arrived(host.address, carl, 'to the machine'));
  t.regex(await send(carl, 'berta@example.test', 'berta@example.test', 'forged'), /553/);
  t.regex(await send(berta, 'carl@example.test', 'berta@example.test', 'forged'), /553/);
});

lab('mail of the list belongs to its owner, mail of a user to the user', async t => {
  const owner = statSync(`${host.tree}/var/vmail`).uid;
  t.is(statSync(`${host.tree}/var/vmail/example.test/berta/mail`).uid, owner);
  const home = statSync(`${host.tree}/home/carl`);
  t.is(statSync(`${host.tree}/home/carl/Maildir`).uid, home.uid);
  t.not(home.uid, owner);
});

lab('recipients of both are taken, strangers refused', async t => {
  t.is(await rcpt(host.address, 'berta@example.test'), '250');
  t.is(await rcpt(host.address, 'carl@example.test'), '250');
  t.is(await rcpt(host.address, 'carl@mail.example.test'), '250');
  t.is(await rcpt(host.address, 'postmaster@example.test'), '250');
  t.is(await rcpt(host.address, 'nobody-at-all@example.test'), '550');
  t.is(await rcpt(host.address, 'nobody-at-all@mail.example.test'), '550');
});

lab('it is nobody’s relay, whichever way it is tried from outside, and sends nobody notices', async t => {
  t.timeout(300_000);
  await nobodysRelay(t, host, {domain: 'example.test', login: carl, ports: [25, 465, 587]});
  t.deepEqual(await bounces(host), []);
});

// Late: Dovecot makes who failed often wait for up to 17 seconds (auth penalty), and Postfix waits for 10.
lab('each logs in by its own name and by no other, and root by none', async t => {
  t.truthy(await inbox(host.address, berta));
  t.truthy(await inbox(host.address, carl));
  for (const login of [
    {...carl, user: 'carl@example.test'},
    {...berta, user: 'berta'},
    {...carl, pass: berta.pass},
    root,
    {...root, user: 'root@example.test'},
  ]) {
    t.is(await inbox(host.address, login), undefined, login.user);
  }
});

lab('undone, the server has its list alone again, to the byte, and its mail', async t => {
  await host.run('rm', ['-r', '/home/carl/Maildir']);
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback']);
  t.is(exitCode, 0, stdout + stderr);
  t.deepEqual(differences(listOnly, configuration()), []);
  t.true((await inbox(host.address, berta))?.includes('to the list'));
  t.is(await rcpt(host.address, 'carl@example.test'), '550');
  t.is(await inbox(host.address, carl), undefined);
});
