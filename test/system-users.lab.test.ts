import {execFileSync} from 'node:child_process';
import {readFileSync, statSync} from 'node:fs';
import test from 'ava';
import {bounces, nobodysRelay} from './hosts/abuses.js';
import {arrived, inbox, rcpt, sendOut, submit} from './hosts/clients.js';
import {bootHost, type LabHost, labReason} from './hosts/host.js';
import {differences, snapshot} from './hosts/tree.js';
import {oddPasswords} from './helpers/odd-passwords.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const answers = '/opt/dovetail/examples/system-users.yaml';
const anna = {user: 'anna', pass: 'correct-horse-battery'};
const karl = {user: 'karl', pass: 'karl-was-here-before'};
const root = {user: 'root', pass: 'root-has-this-password'};
let host: LabHost;
let bare: ReadonlyMap<string, string>;
let bareAccounts: string;

const read = (path: string) => readFileSync(`${host.tree}${path}`, 'latin1');
const accounts = () => [read('/etc/passwd'), read('/etc/group')].join('').split('\n').sort().join('\n');

test.before(async () => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootHost();
    host.write('/root/anna.password', `${anna.pass}\n`, 0o600);
    await host.run('useradd', ['--create-home', '--shell', '/bin/sh', 'karl']);
    await host.run('chpasswd', [], {input: `karl:${karl.pass}\nroot:${root.pass}\n`});
    bare = snapshot(host.tree);
    bareAccounts = accounts();
  }
});

test.after.always(async () => host?.stop());

lab('a bare host becomes a proved mail server for its own users', async t => {
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['apply', '--answers', answers, '--yes']);
  t.is(exitCode, 0, stdout + stderr);
  t.notRegex(stdout, /\[FAIL\]|\[\?\](?! +(?:Whether port 25|No name server))/);
  t.regex(stdout, /PAM refuses the system account root before it looks at a password/);
  t.regex(stdout, /A message sent by anna@example\.test arrived/);
  t.notRegex(stdout, /correct-horse-battery|\$6\$/);
});

lab('afterwards the same answers, no answers, and its own answers plan nothing', async t => {
  const said = await host.run(dovetail, ['answers']);
  host.write('/root/own.yaml', said.stdout, 0o600);
  for (const args of [['--answers', answers], [], ['--answers', '/root/own.yaml']]) {
    const {exitCode, stdout} = await host.run(dovetail, ['plan', ...args]);
    t.is(exitCode, 0, stdout);
  }

  await host.run('rm', ['/root/own.yaml']);
});

lab('root and the services are refused with their right passwords, for reading and for sending', async t => {
  await host.run('chpasswd', [], {input: 'www-data:the-service-has-one\n'});
  for (const login of [
    root,
    {...root, user: 'root@example.test'},
    {user: 'www-data', pass: 'the-service-has-one'},
  ]) {
    t.is(await inbox(host.address, login), undefined, login.user);
    t.regex(
      await submit(host.address, login, {from: 'root@example.test', to: 'anna@example.test', subject: 'no'}),
      /535/,
    );
  }

  t.regex(
    (await host.run('journalctl', ['--output=cat', '--grep=not met by user "root"'])).stdout,
    /dovecot:auth/,
  );
});

lab('without its rule root would get in, and the check says so', async t => {
  const stack = read('/etc/pam.d/dovecot');
  host.write('/etc/pam.d/dovecot', stack.replace(/^auth requisite.*\n/m, ''));
  const test = await host.run('doveadm', ['auth', 'test', 'root'], {input: `${root.pass}\n`});
  t.regex(test.stdout, /auth succeeded/);
  const {exitCode, stdout} = await host.run(dovetail, ['check']);
  host.write('/etc/pam.d/dovecot', stack);
  t.is(exitCode, 2, stdout);
  t.regex(stdout, /\[FAIL\] *The system account root can log in/);
});

lab('a person who was there before reads and sends mail with the password of before', async t => {
  t.deepEqual(await inbox(host.address, karl), []);
  t.deepEqual(await inbox(host.address, {...karl, user: 'Karl@example.test'}), []);
  t.is(await inbox(host.address, {...karl, pass: 'something else'}), undefined);
  for (const port of [587, 465] as const) {
    const mail = {from: 'karl@example.test', to: 'anna@example.test', subject: `from karl by ${port}`};
    t.is(await submit(host.address, karl, mail, port), 'sent');
    t.true(await arrived(host.address, anna, mail.subject));
  }

  const mailbox = statSync(`${host.tree}/home/karl/Maildir`);
  const home = statSync(`${host.tree}/home/karl`);
  t.deepEqual([mailbox.uid, mailbox.mode & 0o777], [home.uid, 0o700]);
});

lab('nobody writes in the name of somebody else', async t => {
  const said = await submit(host.address, karl, {
    from: 'anna@example.test',
    to: 'anna@example.test',
    subject: 'forged',
  });
  t.regex(said, /553/);
});

lab(
  'recipients: people and roles are taken, strangers refused, and services’ mail goes to a person',
  async t => {
    t.is(await rcpt(host.address, 'karl@example.test'), '250');
    t.is(await rcpt(host.address, 'postmaster@example.test'), '250');
    t.is(await rcpt(host.address, 'nobody-at-all@example.test'), '550');
    const said = await submit(host.address, karl, {
      from: 'karl@example.test',
      to: 'www-data@example.test',
      subject: 'to a service',
    });
    t.is(said, 'sent');
    t.true(await arrived(host.address, anna, 'to a service'));
    t.regex((await host.run('postqueue', ['-p'])).stdout, /queue is empty/);
  },
);

lab('it is nobody’s relay, whichever way it is tried from outside, and sends nobody notices', async t => {
  t.timeout(300_000);
  await nobodysRelay(t, host, {domain: 'example.test', login: karl, ports: [25, 465, 587]});
  t.deepEqual(await bounces(host), []);
});

lab('who is added to the machine later has mail at once, and a Maildir to start with', async t => {
  await host.run('useradd', ['--create-home', '--shell', '/usr/sbin/nologin', 'lena']);
  await host.run('chpasswd', [], {input: 'lena:lena-came-later-on\n'});
  t.true(statSync(`${host.tree}/home/lena/Maildir/new`).isDirectory());
  t.is(await rcpt(host.address, 'lena@example.test'), '250');
  t.deepEqual(await inbox(host.address, {user: 'lena', pass: 'lena-came-later-on'}), []);
  await host.run('userdel', ['--remove', 'lena']);
  t.is(await rcpt(host.address, 'lena@example.test'), '550');
});

lab('odd passwords of the machine’s users are taken as they are, to read and to send', async t => {
  await host.run('useradd', ['--create-home', '--shell', '/usr/sbin/nologin', 'odd']);
  // One that is longer than bcrypt reads is whole where the machine hashes it another way.
  const passwords = [...oddPasswords, `${'0123456789'.repeat(9)} whole`];
  for (const pass of passwords) {
    const {exitCode, stderr} = await host.run('chpasswd', [], {input: `odd:${pass}\n`});
    t.is(exitCode, 0, stderr);
    t.deepEqual(await inbox(host.address, {user: 'odd', pass}), [], pass);
  }

  const pass = passwords.at(-1) ?? '';
  const mail = {from: 'odd@example.test', to: 'karl@example.test', subject: 'from an odd one'};
  t.is(await submit(host.address, {user: 'odd', pass}, mail), 'sent');
  t.true(await arrived(host.address, karl, mail.subject));
  t.is(await inbox(host.address, {user: 'odd', pass: pass.slice(0, 72)}), undefined);
  await host.run('userdel', ['--remove', 'odd']);
});

lab(
  'Postfix itself puts mail into ~/Maildir where that is asked, people read it there, and an undo gives it back to Dovecot',
  async t => {
    const text = readFileSync(new URL('../../examples/system-users.yaml', import.meta.url), 'utf8');
    host.write('/root/postfix.yaml', `${text}delivery: {to: none}\n`);
    const before = read('/etc/postfix/main.cf');
    const {exitCode, stdout, stderr} = await host.run(dovetail, [
      'apply',
      '--answers',
      '/root/postfix.yaml',
      '--yes',
    ]);
    t.is(exitCode, 0, stdout + stderr);
    t.is((await host.run('postconf', ['-h', 'home_mailbox', 'mailbox_transport'])).stdout.trim(), 'Maildir/');
    t.is(await rcpt(host.address, 'nobody-at-all@example.test'), '550');
    t.is(await sendOut(host.address, {to: 'karl@example.test', subject: 'by local(8)'}), '250');
    t.true(await arrived(host.address, karl, 'by local(8)'));
    t.regex(
      (await host.run('journalctl', ['-t', 'postfix/local', '-o', 'cat'])).stdout,
      /delivered to maildir/,
    );
    t.is((await host.run(dovetail, ['plan', '--answers', '/root/postfix.yaml'])).exitCode, 0);
    t.is((await host.run(dovetail, ['rollback'])).exitCode, 0);
    t.is(read('/etc/postfix/main.cf'), before);
    await host.run('rm', ['/root/postfix.yaml']);
  },
);

lab(
  'a list takes their place: their mail stays in their homes, which is said before, and an undo lets them read it again',
  async t => {
    const text = readFileSync(new URL('../../examples/first-server.yaml', import.meta.url), 'utf8');
    host.write('/root/list.yaml', text.replace(/^auth-passwdfile:$/m, 'auth: {backends: [passwd-file]}\n$&'));
    const mail = {from: 'karl@example.test', to: 'karl@example.test', subject: 'before the list'};
    t.is(await submit(host.address, karl, mail), 'sent');
    t.true(await arrived(host.address, karl, mail.subject));
    const {exitCode, stdout, stderr} = await host.run(dovetail, [
      'apply',
      '--answers',
      '/root/list.yaml',
      '--yes',
    ]);
    t.is(exitCode, 0, stdout + stderr);
    t.regex(
      stdout.replaceAll(/\s+/g, ' '),
      /no longer log in for mail: [^.]*karl[^.]*\. Their mail stays in their homes/,
    );
    t.deepEqual(await inbox(host.address, {...anna, user: 'anna@example.test'}), []);
    t.is((await host.run(dovetail, ['plan'])).exitCode, 0);
    const {stdout: kept} = await host.run('grep', ['-rl', mail.subject, '/home/karl/Maildir']);
    t.regex(kept, /^\/home\/karl\/Maildir\//);
    t.is(await inbox(host.address, karl), undefined);

    await host.run('rm', ['-r', '/var/vmail/example.test', '/root/list.yaml']);
    const back = await host.run(dovetail, ['rollback']);
    t.is(back.exitCode, 0, back.stdout + back.stderr);
    t.true((await inbox(host.address, karl))?.includes(mail.subject));
  },
);

lab('no secret stands in the state, in the logs or in the configuration', async t => {
  const {stdout} = await host.run('grep', [
    '-rl',
    anna.pass,
    '/var/lib/dovetail',
    '/var/log',
    '/etc',
    '/run',
  ]);
  t.is(stdout, '');
  t.regex(read('/etc/shadow'), /^anna:\$6\$/m);
});

lab('rollback gives the bare host back, once the mail was moved away', async t => {
  await host.run('rm', ['-r', '/home/anna/Maildir', '/home/karl/Maildir']);
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback']);
  t.is(exitCode, 0, stdout + stderr);
  t.deepEqual(differences(bare, snapshot(host.tree)), []);
  t.is(accounts(), bareAccounts);
});
