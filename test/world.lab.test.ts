import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import test from 'ava';
import {play} from '../src/probes/dialogue.js';
import {a, mx, nameServer, ptr} from './helpers/name-server.js';
import {bounces} from './hosts/abuses.js';
import {arrived, inbox, sendOut, submit} from './hosts/clients.js';
import {bootHost, type LabHost, labReason} from './hosts/host.js';
import {changesSince, stateOf} from './hosts/oracle.js';
import {until} from './hosts/until.js';

// A small Internet: two complete servers, each in a network of its own, that find each other by DNS.
const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const anna = {user: 'anna@example.test', pass: 'correct-horse-battery'};
const namesake = {user: 'anna@second.test', pass: 'second-horse-staple'};
const bert = {user: 'bert@other.test', pass: 'staple-battery-horse'};
/** Whom our server logs in as where theirs is its relay. */
const site = {user: 'site@other.test', pass: 'relay-staple-battery'};
const example = readFileSync(new URL('../../examples/first-server.yaml', import.meta.url), 'utf8');
let ours: LabHost;
let theirs: LabHost;
let dns: Awaited<ReturnType<typeof nameServer>>;
let bare: ReadonlyMap<string, string>;

const withAccount = (text: string, user: string, file: string) =>
  text.replace(/^tls:$/m, `    - name: ${user}\n      password: {from: file:${file}}\n$&`);

const answers = {
  ours: withAccount(
    example.replace('[example.test]', '[example.test, second.test]'),
    namesake.user,
    '/root/namesake.password',
  ),
  theirs:
    withAccount(
      example.replaceAll('example.test', 'other.test').replaceAll('anna', 'bert'),
      site.user,
      '/root/site.password',
    ) +
    // Who relays for another server takes what its people write in their own names.
    'submission: {sender_must_match: false}\n',
  relay: `version: 1\nrelay: {how: smarthost, host: mail.other.test, port: 587, user: ${site.user}, password: {from: file:/root/site.password}}\n`,
};

const run = async (host: LabHost, ...args: readonly string[]) => {
  const {exitCode, stdout, stderr} = await host.run(dovetail, args);
  return {exitCode, text: stdout + stderr};
};

/** Sends by port 587, as mail programs do. */
const send = async (
  {address}: LabHost,
  auth: typeof anna,
  {from = auth.user, ...mail}: {readonly to: string; readonly subject: string; readonly from?: string},
) => submit(address, auth, {from, ...mail}, 587);

const logOf = async (host: LabHost, program: string) =>
  (await host.run('journalctl', ['-t', `postfix/${program}`, '-o', 'cat'])).stdout;
/** What waits in our queue, a line each. */
const queue = async () => (await ours.run('postqueue', ['-j'])).stdout;
/** Our configuration and all else but mail, delivered or on its way. */
const changed = async (before: typeof bare) =>
  (await changesSince(ours, before)).filter(line => !/^\/var\/(?:vmail|spool\/postfix)(?:\/|:)/.test(line));
const mainCf = () => readFileSync(`${ours.tree}/etc/postfix/main.cf`, 'latin1');

test.before(async () => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../scripts/bundle.mjs', import.meta.url).pathname]);
    [ours, theirs] = await Promise.all([
      bootHost(),
      bootHost({release: 'trixie', hostname: 'mail.other.test'}),
    ]);
    await ours.meet(theirs);
    await theirs.meet(ours);
    const reversed = ({address}: LabHost) => `${address.split('.').toReversed().join('.')}.in-addr.arpa`;
    const outside = ours.address.replace(/\d+$/, '1');
    dns = await nameServer(
      {
        'example.test': [mx(10, 'mail.example.test')],
        'second.test': [mx(10, 'mail.example.test')],
        'other.test': [mx(10, 'mail.other.test')],
        'mail.example.test': [a(ours.address)],
        'mail.other.test': [a(theirs.address)],
        [reversed(ours)]: [ptr('mail.example.test')],
        [reversed(theirs)]: [ptr('mail.other.test')],
      },
      {address: outside, port: 53, passesOn: true},
    );
    for (const host of [ours, theirs]) {
      host.write('/etc/resolv.conf', `nameserver ${outside}\noptions timeout:2 attempts:2\n`);
    }

    ours.write('/root/anna.password', `${anna.pass}\n`, 0o600);
    ours.write('/root/namesake.password', `${namesake.pass}\n`, 0o600);
    ours.write('/root/server.yaml', answers.ours);
    ours.write('/root/relay.yaml', answers.relay);
    ours.write('/root/encrypt.yaml', 'version: 1\nsmtp-tls: {inbound: encrypt}\n');
    theirs.write('/root/bert.password', `${bert.pass}\n`, 0o600);
    theirs.write('/root/server.yaml', answers.theirs);
    for (const host of [ours, theirs]) {
      host.write('/root/site.password', `${site.pass}\n`, 0o600);
    }

    bare = await stateOf(ours);
  }
});

test.after.always(async () => {
  await theirs?.stop();
  await ours?.stop();
  dns?.close();
});

lab('two bare hosts become two proved mail servers, ours for two domains', async t => {
  const apply = ['apply', '--answers', '/root/server.yaml', '--yes'];
  const made = await Promise.all([ours, theirs].map(async host => run(host, ...apply)));
  for (const {exitCode, text} of made) {
    t.is(exitCode, 0, text);
    t.notRegex(text, /\[FAIL\]/);
  }
});

lab('a message leaves by MX over TLS for the mailbox it is for, and so does the answer', async t => {
  t.is(await send(ours, anna, {to: bert.user, subject: 'to the world'}), 'sent');
  t.true(await arrived(theirs.address, bert, 'to the world'), await logOf(ours, 'smtp'));
  const log = await logOf(ours, 'smtp');
  t.regex(log, /TLS connection established to mail\.other\.test\[[\d.]+\]:25: TLSv1\.[23]/);
  t.regex(log, /to=<bert@other\.test>, relay=mail\.other\.test\[[\d.]+\]:25,.*status=sent/);
  t.is(await send(theirs, bert, {to: anna.user, subject: 'the answer'}), 'sent');
  t.true(await arrived(ours.address, anna, 'the answer'), await logOf(theirs, 'smtp'));
});

lab('one name in two domains is two people, with a mailbox and a password each', async t => {
  for (const {user} of [anna, namesake]) {
    t.is(await send(theirs, bert, {to: user, subject: `for ${user}`}), 'sent');
  }

  for (const [person, other] of [
    [anna, namesake],
    [namesake, anna],
  ] as const) {
    t.true(await arrived(ours.address, person, `for ${person.user}`), person.user);
    t.false((await inbox(ours.address, person))?.includes(`for ${other.user}`), person.user);
    t.is(await inbox(ours.address, {...person, pass: other.pass}), undefined, person.user);
    t.regex(await send(ours, person, {from: other.user, to: bert.user, subject: 'forged'}), /\b553 /);
  }
});

lab('who does not exist there is refused there, and only who wrote here is told', async t => {
  t.is(await send(ours, anna, {to: 'nobody@other.test', subject: 'to nobody'}), 'sent');
  t.true(await arrived(ours.address, anna, 'Undelivered Mail Returned to Sender'));
  t.true(await until(async () => (await queue()) === ''), await queue());
  t.regex(
    await logOf(ours, 'smtp'),
    /to=<nobody@other\.test>, relay=mail\.other\.test\[[\d.]+\]:25,.*dsn=5\.1\.1, status=bounced \(.*said: 550 5\.1\.1 .*in reply to RCPT TO command/,
  );
  const notices = [
    ...(await logOf(ours, 'bounce')).matchAll(/: sender non-delivery notification: (\w+)/g),
  ].map(([, id]) => id);
  t.is(notices.length, 1);
  const {stdout} = await ours.run('journalctl', ['-o', 'cat']);
  t.deepEqual(
    [...stdout.matchAll(/^(\w+): to=<([^>]*)>/gm)]
      .filter(([, id]) => id === notices[0])
      .map(([, , to]) => to),
    [anna.user],
  );
  t.deepEqual(await bounces(theirs), []);
  // From outside it is refused while the sender waits, in the second domain too, and so there is nobody to tell.
  t.is(await sendOut(ours.address, {to: 'nobody@second.test', subject: 'to nobody'}), '550');
  t.is((await bounces(ours)).length, 1);
});

lab(
  'a server that insists on TLS takes mail by TLS alone, is proved by TLS, and takes both again',
  async t => {
    const before = await stateOf(ours);
    const main = mainCf();
    const {exitCode, text} = await run(ours, 'apply', '--answers', '/root/encrypt.yaml', 'smtp-tls', '--yes');
    t.is(exitCode, 0, text);
    t.notRegex(text, /\[FAIL\]/);
    for (const proved of [
      /\[ok\] +Port 25 refuses to relay for strangers \(IPv4\)/,
      /\[ok\] +Mail to postmaster@example\.test is accepted/,
      /\[ok\] +Mail to dovetail-check-no-such-user@second\.test, who does not exist, is refused at once/,
      /\[ok\] +Who does not greet cannot send/,
    ]) {
      t.regex(text, proved);
    }

    t.is((await ours.run('postconf', ['-h', 'smtpd_tls_security_level'])).stdout.trim(), 'encrypt');
    t.is(await sendOut(ours.address, {to: anna.user, subject: 'in clear'}), '530');
    const {replies} = await play({
      address: ours.address,
      port: 25,
      protocol: 'smtp',
      tls: 'none',
      lines: ['EHLO probe.invalid', 'MAIL FROM:<friend@elsewhere.invalid>', 'QUIT'],
    });
    t.regex(replies[2] ?? '', /^530 5\.7\.0 Must issue a STARTTLS command first/);
    t.is(await send(theirs, bert, {to: anna.user, subject: 'inside of TLS'}), 'sent');
    t.true(await arrived(ours.address, anna, 'inside of TLS'), await logOf(theirs, 'smtp'));
    t.regex(
      await logOf(theirs, 'smtp'),
      /TLS connection established to mail\.example\.test\[[\d.]+\]:25: TLSv1\.[23]/,
    );
    t.false((await inbox(ours.address, anna))?.includes('in clear'));
    const check = await run(
      ours,
      'check',
      '--account',
      anna.user,
      '--password-from',
      'file:/root/anna.password',
    );
    t.notRegex(check.text, /\[FAIL\]/);

    const back = await run(ours, 'rollback');
    t.is(back.exitCode, 0, back.text);
    t.is(mainCf(), main);
    t.deepEqual(await changed(before), []);
    t.is(await sendOut(ours.address, {to: anna.user, subject: 'in clear again'}), '250');
    t.true(await arrived(ours.address, anna, 'in clear again'));
  },
);

lab('the server comes to send by another one, which it logs in to', async t => {
  const before = await stateOf(ours);
  const main = mainCf();
  const {exitCode, text} = await run(ours, 'apply', '--answers', '/root/relay.yaml', 'relay', '--yes');
  t.is(exitCode, 0, text);
  t.notRegex(text, new RegExp(`\\[FAIL\\]|${site.pass}`));
  t.is(
    (await ours.run('postconf', ['-h', 'relayhost', 'smtp_tls_security_level'])).stdout,
    '[mail.other.test]:587\nencrypt',
  );
  t.is(await send(ours, anna, {to: bert.user, subject: 'by the relay'}), 'sent');
  t.true(await arrived(theirs.address, bert, 'by the relay'), await logOf(ours, 'smtp'));
  t.regex(
    await logOf(ours, 'smtp'),
    /to=<bert@other\.test>, relay=mail\.other\.test\[[\d.]+\]:587,.*status=sent/,
  );
  t.regex(
    await logOf(theirs, 'submission/smtpd'),
    /client=mail\.example\.test\[[\d.]+\],.*sasl_username=site@other\.test/,
  );

  // While the relay is away mail waits, and nobody is told that it failed.
  const told = await bounces(ours);
  await theirs.run('systemctl', ['stop', 'postfix']);
  t.is(await send(ours, anna, {to: bert.user, subject: 'has to wait'}), 'sent');
  const waits =
    /"queue_name": ?"deferred".*"delay_reason": ?"connect to mail\.other\.test\[[\d.]+\]:587: Connection refused"/;
  t.true(await until(async () => waits.test(await queue())), await queue());
  await theirs.run('systemctl', ['start', 'postfix']);
  await ours.run('postqueue', ['-f']);
  t.true(await arrived(theirs.address, bert, 'has to wait'), await logOf(ours, 'smtp'));
  t.true(await until(async () => (await queue()) === ''), await queue());
  t.deepEqual(await bounces(ours), told);

  const back = await run(ours, 'rollback');
  t.is(back.exitCode, 0, back.text);
  t.is(mainCf(), main);
  t.deepEqual(await changed(before), []);
  t.is(await send(ours, anna, {to: bert.user, subject: 'by itself again'}), 'sent');
  t.true(await arrived(theirs.address, bert, 'by itself again'), await logOf(ours, 'smtp'));
});

lab('undone, our host is what it was, once the mail was moved away', async t => {
  await ours.run('rm', ['-r', '/var/vmail/example.test', '/var/vmail/second.test']);
  const {exitCode, text} = await run(ours, 'rollback');
  t.is(exitCode, 0, text);
  t.deepEqual(await changesSince(ours, bare), []);
});
