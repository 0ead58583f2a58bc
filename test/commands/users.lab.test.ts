import {execFileSync} from 'node:child_process';
import {connect} from 'node:net';
import {readFileSync} from 'node:fs';
import test from 'ava';
import {type LabHost, labReason} from '../hosts/host.js';
import {bootServer} from '../hosts/server.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
const dovetail = '/opt/dovetail/dovetail';
let host: LabHost;

const users = (...args: readonly string[]) => host.run(dovetail, ['users', ...args]);
const list = () => readFileSync(`${host.tree}/etc/dovecot/users`, 'latin1');
const logsIn = async (name: string, password: string) =>
  /auth succeeded/.test((await host.run('doveadm', ['auth', 'test', name], {input: `${password}\n`})).stdout);

/** The code of port 25's reply to a recipient, asked from outside. */
const rcpt = (recipient: string) =>
  new Promise<string>((resolve, reject) => {
    const socket = connect({host: host.address, port: 25, timeout: 10_000});
    const lines = ['EHLO probe.invalid', 'MAIL FROM:<a@b.invalid>', `RCPT TO:<${recipient}>`];
    let heard = '';
    socket.setEncoding('latin1');
    socket.on('data', chunk => {
      heard += chunk;
      if (!/^\d{3} .*\r\n$/m.test(heard.slice(heard.lastIndexOf('\n', heard.length - 2) + 1))) {
        return;
      }

      const next = lines.shift();
      if (next === undefined) {
        resolve(heard.trimEnd().split('\r\n').at(-1)?.slice(0, 3) ?? '');
        socket.destroy();
      } else {
        socket.write(`${next}\r\n`);
      }
    });
    socket.on('error', reject);
  });

test.before(async () => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootServer();
  }
});

test.after.always(async () => host?.stop());

lab('the accounts are listed, for people and for programs', async t => {
  t.is((await users('list')).stdout, 'anna@example.test');
  t.deepEqual(JSON.parse((await users('list', '--json')).stdout), [
    {name: 'anna@example.test', disabled: false},
  ]);
  t.is((await users('list', 'example.test')).stdout, 'anna@example.test');
  t.is((await users('list', 'elsewhere.test')).stdout, '');
});

lab('a new account logs in and gets mail at once', async t => {
  t.is(await rcpt('berta@example.test'), '550');
  host.write('/root/berta.password', 'staple battery horse\n', 0o600);
  const {exitCode, stdout, stderr} = await users(
    'add',
    'berta@example.test',
    '--password-from',
    'file:/root/berta.password',
  );
  t.is(exitCode, 0, stdout + stderr);
  t.notRegex(stdout + stderr, /staple battery|\$2y\$/);
  t.true(await logsIn('berta@example.test', 'staple battery horse'));
  t.is(await rcpt('berta@example.test'), '250');
  const {stdout: mode} = await host.run('stat', ['-c', '%a %U:%G', '/etc/dovecot/users']);
  t.is(mode, '640 root:dovecot');
});

lab('what cannot be an account or a password is refused, and nothing is written', async t => {
  const before = list();
  host.write('/root/short.password', 'short\n', 0o600);
  host.write('/root/open.password', 'staple battery horse\n', 0o644);
  for (const args of [
    ['add', 'berta@example.test', '--generate'],
    ['add', 'root', '--generate'],
    ['add', 'a:b@example.test', '--generate'],
    ['add', "a' OR '1'='1@example.test", '--generate'],
    ['add', '../x@example.test', '--generate'],
    ['add', 'carl@elsewhere.test', '--generate'],
    ['add', 'carl@example.test', '--password-from', 'file:/root/short.password'],
    ['add', 'carl@example.test', '--password-from', 'file:/root/open.password'],
    ['add', 'carl@example.test'],
    ['passwd', 'nobody@example.test', '--generate'],
    ['remove', 'nobody@example.test', '--yes'],
    ['bless', 'anna@example.test'],
    [],
  ]) {
    const {exitCode, stderr} = await users(...args);
    t.is(exitCode, 4, `${args.join(' ')}: ${stderr}`);
    t.not(stderr, '');
  }

  t.is(list(), before);
  t.is((await users('remove', 'berta@example.test')).exitCode, 9);
});

lab('a new password counts, the old one does not, other fields of the account stay', async t => {
  const row =
    list()
      .split('\n')
      .find(line => line.startsWith('anna@')) ?? '';
  host.write('/etc/dovecot/users', list().replace(row, `${row.replace(/:+$/, '')}:::::userdb_note=kept`));
  const {exitCode, stdout} = await users('passwd', 'anna@example.test', '--generate');
  t.is(exitCode, 0, stdout);
  const password = /shown only now: (\S+)/.exec(stdout)?.[1] ?? '';
  t.true(await logsIn('anna@example.test', password));
  t.false(await logsIn('anna@example.test', 'correct-horse-battery'));
  t.regex(list(), /^anna@example\.test:\{BLF-CRYPT\}\S+userdb_note=kept$/m);
  const found = await host.run('grep', [
    '-rlF',
    '--',
    password,
    '/var/lib/dovetail',
    '/etc',
    '/var/log',
    '/tmp',
  ]);
  t.is(found.stdout, '');
});

lab('several at once: every one of them is in', async t => {
  const names = Array.from({length: 6}, (_, index) => `many${index}@example.test`);
  const results = await Promise.all(names.map(name => users('add', name, '--generate')));
  t.deepEqual(
    results.map(({exitCode}) => exitCode),
    names.map(() => 0),
    results.map(({stderr}) => stderr).join(),
  );
  const there = (await users('list')).stdout.split('\n');
  t.true(names.every(name => there.includes(name)));
});

lab('removed, an account is refused at the door; its mail stays where it is said to be', async t => {
  await host.run('sendmail', ['-f', 'a@b.invalid', 'berta@example.test'], {
    input: 'Subject: keep me\n\nkeep me\n',
  });
  for (let tries = 0; tries < 100; tries += 1) {
    const {exitCode} = await host.run('grep', ['-rq', 'keep me', '/var/vmail/example.test/berta']);
    if (exitCode === 0) {
      break;
    }

    await new Promise(resolve => setTimeout(resolve, 100));
  }

  const {exitCode, stdout, stderr} = await users('remove', 'berta@example.test', '--yes');
  t.is(exitCode, 0, stdout + stderr);
  t.regex(stdout, /mail is kept in \/var\/vmail\/example\.test\/berta/);
  t.is(await rcpt('berta@example.test'), '550');
  t.is((await host.run('grep', ['-rq', 'keep me', '/var/vmail/example.test/berta'])).exitCode, 0);
});

lab('undoing the setup brings no old password back, and keeps who came since', async t => {
  const {stdout: history} = await host.run(dovetail, ['history']);
  t.regex(history, /users passwd anna@example\.test/);
  const {exitCode, stdout} = await host.run(dovetail, ['rollback', '--yes']);
  t.is(exitCode, 7, stdout);
  t.notRegex(list(), /correct-horse/);
  t.regex(list(), /^many0@example\.test:/m);
  t.regex(list(), /^anna@example\.test:\{BLF-CRYPT\}\S+userdb_note=kept$/m);
});
