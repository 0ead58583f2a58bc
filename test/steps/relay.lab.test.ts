import {execFileSync} from 'node:child_process';
import test from 'ava';
import {bounces, nobodysRelay} from '../hosts/abuses.js';
import {bootHost, type LabHost, labReason} from '../hosts/host.js';
import {changesSince, stateOf} from '../hosts/oracle.js';
import {until} from '../hosts/until.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const password = 'pa"ss\\w $x #1é';
let server: LabHost;
let client: LabHost;
let bareServer: ReadonlyMap<string, string>;
let bareClient: ReadonlyMap<string, string>;

test.before(async () => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    server = await bootHost();
    client = await bootHost({hostname: 'web.example.test'});
    await server.run('useradd', ['-m', '-s', '/bin/bash', 'carl']);
    [bareServer, bareClient] = [await stateOf(server), await stateOf(client)];
  }
});

const apply = (host: LabHost, file: string) => host.run(dovetail, ['apply', '--answers', file, '--yes']);

test.after.always(async () => {
  await client?.stop();
  await server?.stop();
});

lab('a server that strangers may not use takes mail from a null client that logs in', async t => {
  server.write('/root/anna.password', `${password}\n`, 0o600);
  server.write(
    '/root/server.yaml',
    [
      'version: 1',
      'role: {kind: complete, hostname: mail.example.test, domains: [example.test]}',
      'auth-passwdfile:',
      '  accounts:',
      '    - {name: anna@example.test, password: {from: file:/root/anna.password}}',
      'smtp: {admin: anna@example.test}',
      'domains: {also: [example.net], aliases: [info@example.net=anna@example.test]}',
      'limits: {message_rate: 200, time_unit: 120, processes: 60}',
      'hardening: {nologin_accounts: [carl]}',
      '',
    ].join('\n'),
  );
  const {exitCode, stdout, stderr} = await apply(server, '/root/server.yaml');
  t.is(exitCode, 0, stdout + stderr);
  t.regex(stdout, /login shell of carl: (?:\/usr)?\/sbin\/nologin in place of \/bin\/bash/);
  t.regex((await server.run('getent', ['passwd', 'carl'])).stdout, /:(?:\/usr)?\/sbin\/nologin$/);
});

lab('the null client reaches the relay, logs in, and hands on the mail of its root', async t => {
  client.write('/root/relay.password', `${password}\n`, 0o600);
  client.write(
    '/root/client.yaml',
    [
      'version: 1',
      'role: {kind: null-client, hostname: web.example.test}',
      'smtp: {admin: anna@example.test}',
      `relay: {how: smarthost, host: ${server.address}, port: 465, user: anna@example.test, password: {from: file:/root/relay.password}}`,
      '',
    ].join('\n'),
  );
  const {exitCode, stdout, stderr} = await apply(client, '/root/client.yaml');
  t.is(exitCode, 0, stdout + stderr);
  t.notRegex(stdout, /pa"ss/);
  t.regex(stdout, /Port 25 refuses to relay for strangers \(IPv4\)/);
  t.regex(stdout, /Port 25 refuses to relay for strangers \(IPv6\)/);
  await client.run('/usr/sbin/sendmail', ['-f', 'anna@example.test', 'root'], {
    input: 'Subject: from the client\n\nA disk is full.\n',
  });
  t.true(
    await arrives('from the client'),
    (await client.run('journalctl', ['-t', 'postfix/smtp', '-n', '20'])).stdout,
  );
});

lab(
  'what root of the null client writes comes from root at the domain, which has somebody who reads',
  async t => {
    await client.run('/usr/sbin/sendmail', ['root'], {
      input: 'Subject: by nobody named\n\nA disk is full.\n',
    });
    t.true(await arrives('by nobody named'));
    const {stdout} = await server.run('doveadm', [
      ...['fetch', '-u', 'anna@example.test', 'hdr', 'mailbox', 'INBOX', 'subject', 'by nobody named'],
    ]);
    t.regex(stdout, /^From: (?:.*<)?root@example\.test>?$/m);
    t.regex(stdout, /^Return-Path: <root@example\.test>$/m);
  },
);

lab('Postfix has the limits that were asked, and its own where nothing was', async t => {
  const names = ['smtpd_client_message_rate_limit', 'anvil_rate_time_unit', 'default_process_limit'];
  t.is((await server.run('postconf', ['-h', ...names])).stdout, '200\n120s\n60');
  t.notRegex(
    (await server.run('postconf', ['-n'])).stdout,
    /header_size_limit|connection_rate_limit|event_limit_exceptions/,
  );
});

lab('mail for an alias in a further domain reaches who it stands for', async t => {
  t.regex(
    (await server.run('postconf', ['-h', 'virtual_alias_domains'])).stdout,
    /^\$virtual_alias_maps,? example\.net$/,
  );
  const {stdout} = await server.run('postmap', ['-q', 'info@example.net', 'hash:/etc/postfix/virtual']);
  t.is(stdout, 'anna@example.test');
  await client.run('/usr/sbin/sendmail', ['-f', 'anna@example.test', 'info@example.net'], {
    input: 'Subject: to the alias\n\nHello.\n',
  });
  t.true(await arrives('to the alias'));
});

lab('an alias that goes round in a circle is refused with its number, and nothing is written', async t => {
  const bad = (await server.run('cat', ['/root/server.yaml'])).stdout.replace(
    '=anna@example.test',
    '=info@example.net',
  );
  server.write('/root/circle.yaml', `${bad}\n`);
  const {exitCode, stderr} = await apply(server, '/root/circle.yaml');
  t.not(exitCode, 0);
  t.regex(stderr, /Entry 1: .*circle/);
  const {stdout} = await server.run('postmap', ['-q', 'info@example.net', 'hash:/etc/postfix/virtual']);
  t.is(stdout, 'anna@example.test');
});

lab('the relay’s password is in files of root alone', async t => {
  const {stdout} = await client.run('stat', [
    '-c',
    '%a %U',
    '/etc/postfix/sasl_passwd',
    '/etc/postfix/sasl_passwd.db',
  ]);
  t.is(stdout, '600 root\n600 root');
});

lab('a login that the relay does not take is told before anything is written', async t => {
  client.write('/root/wrong.password', 'not-the-one\n', 0o600);
  const wrong = (await client.run('cat', ['/root/client.yaml'])).stdout.replace(
    'relay.password',
    'wrong.password',
  );
  client.write('/root/wrong.yaml', `${wrong.replace('port: 465', 'port: 587, tls: starttls')}\n`);
  const {exitCode, stdout, stderr} = await client.run(dovetail, ['plan', '--answers', '/root/wrong.yaml']);
  t.is(exitCode, 4, stdout + stderr);
  t.regex(stdout + stderr, /The relay \S+, port 587, cannot be used/);
});

lab('mail for one domain goes another way than through the relay', async t => {
  const text = (await client.run('cat', ['/root/client.yaml'])).stdout.replace(
    /^relay: \{/m,
    `relay: {exceptions: ['example.net=${server.address}:25'], `,
  );
  client.write('/root/client.yaml', `${text}\n`);
  const {exitCode, stdout, stderr} = await apply(client, '/root/client.yaml');
  t.is(exitCode, 0, stdout + stderr);
  await client.run('/usr/sbin/sendmail', ['-f', 'anna@example.test', 'info@example.net'], {
    input: 'Subject: another way\n\nHello.\n',
  });
  t.true(await arrives('another way'));
  const log = (await client.run('journalctl', ['-t', 'postfix/exception/smtp', '-o', 'cat'])).stdout;
  t.regex(log, /to=<info@example\.net>, relay=\S+:25,.*status=sent/);
});

lab('mail from some senders goes through another relay, with a login of its own', async t => {
  const text = (await client.run('cat', ['/root/client.yaml'])).stdout.replace(
    /^relay: \{/m,
    `relay: {senders: ['@example.net=${server.address}:587'], logins: [{name: 'anna@example.test@${server.address}:587', password: {from: file:/root/relay.password}}], `,
  );
  client.write('/root/client.yaml', `${text}\n`);
  const {exitCode, stdout, stderr} = await apply(client, '/root/client.yaml');
  t.is(exitCode, 0, stdout + stderr);
  for (const [sender, subject] of [
    ['info@example.net', 'from the other domain'],
    ['anna@example.test', 'from the usual one'],
  ] as const) {
    await client.run('/usr/sbin/sendmail', ['-f', sender, 'anna@example.test'], {
      input: `Subject: ${subject}\n\nHello.\n`,
    });
    t.true(await arrives(subject), subject);
  }

  const {stdout: log} = await client.run('journalctl', [
    ...['-o', 'cat', '-t', 'postfix/smtp', '-t', 'postfix/exception/smtp'],
  ]);
  const ports = [...log.matchAll(/relay=\S+:(\d+),.* status=sent/g)].map(match => match[1]);
  t.deepEqual(ports.slice(-2), ['587', '465']);
  const {stdout: heard} = await server.run('journalctl', [
    ...['-o', 'cat', '-t', 'postfix/qmgr', '-t', 'postfix/submission/smtpd'],
  ]);
  const id = /^(\w+): from=<info@example\.net>/m.exec(heard)?.[1];
  t.regex(heard, new RegExp(`^${id}: client=.*, sasl_username=anna@example\\.test`, 'm'));
});

lab('the null client listens to nobody else, and the same answers plan nothing', async t => {
  await nobodysRelay(t, client, {domain: 'web.example.test', ports: []});
  t.deepEqual(await bounces(client), []);
  t.notRegex((await client.run('ss', ['-H', '-tln'])).stdout, /(?:0\.0\.0\.0|\*|\[::\]):25\b/);
  for (const [host, file] of [
    [client, '/root/client.yaml'],
    [server, '/root/server.yaml'],
  ] as const) {
    const {exitCode, stdout, stderr} = await host.run(dovetail, ['plan', '--answers', file]);
    t.is(exitCode, 0, file + stdout + stderr);
  }
});

lab('undone, one after the other, the null client is what it was', async t => {
  for (const _ of ['senders', 'domains', 'all']) {
    const {exitCode, stdout, stderr} = await client.run(dovetail, ['rollback']);
    t.is(exitCode, 0, stdout + stderr);
  }

  t.deepEqual(
    (await changesSince(client, bareClient)).filter(line => !line.startsWith('/root/')),
    [],
  );
});

lab('undo gives the shell back, keeps the mail that came since with its owner, and nothing else', async t => {
  const {exitCode, stdout, stderr} = await server.run(dovetail, ['rollback']);
  t.is(exitCode, 7, stdout + stderr);
  t.regex((await server.run('getent', ['passwd', 'carl'])).stdout, /:\/bin\/bash$/);
  t.regex((await server.run('find', ['/var/vmail', '-type', 'f'])).stdout, /\/mail\/(?:new|cur)\//);
  t.deepEqual(
    (await changesSince(server, bareServer)).filter(
      line => !/^(?:\/root\/|\/var\/vmail[/:]|(?:passwd|group|shadow|gshadow) vmail:)/.test(line),
    ),
    [],
  );
});

const arrives = async (subject: string) => {
  const fetch = ['fetch', '-u', 'anna@example.test', 'hdr.subject', 'mailbox', 'INBOX', 'all'];
  return until(async () => (await server.run('doveadm', fetch)).stdout.includes(subject));
};
