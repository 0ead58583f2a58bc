import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import test from 'ava';
import {makeKey} from '../../src/pki/certificate.js';
import {selfSigned} from '../../src/pki/self-signed.js';
import {play} from '../../src/probes/dialogue.js';
import {bounces, nobodysRelay} from '../hosts/abuses.js';
import {rcpt, submit} from '../hosts/clients.js';
import {bootHost, type LabHost, labReason, type Release} from '../hosts/host.js';
import {differences, snapshot} from '../hosts/tree.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const runtime = process.execPath.slice(process.execPath.indexOf('node_modules/'));
const carl = {user: 'carl', pass: 'wrong-donkey-capacitor'};
const answers = `${readFileSync(new URL('../../../examples/gateway.yaml', import.meta.url), 'utf8').replace(
  'relay:\n',
  '  recipients_by: list\n  recipients: [anna@example.test]\nrelay:\n',
)}submission: {login: cyrus, sample: carl, sample_password: {from: file:/root/carl.password}}\n`;

/** A host for mailboxes, as far as a gateway sees it: LMTP by TLS, where only anna has one. What it takes is in /root/taken. */
const mailboxes = `
import {appendFileSync, readFileSync} from 'node:fs';
import {createServer} from 'node:tls';
const options = {key: readFileSync('/root/imap.key'), cert: readFileSync('/etc/ssl/imap.pem')};
createServer(options, socket => {
  let rest = '';
  let data = false;
  socket.on('error', () => undefined);
  socket.write('220 imap.example.test LMTP\\r\\n');
  socket.on('data', chunk => {
    const lines = (rest + chunk.toString('latin1')).split('\\r\\n');
    rest = lines.pop();
    for (const line of lines) {
      if (data) {
        data = line !== '.';
        appendFileSync('/root/taken', line + '\\n');
        data || socket.write('250 2.0.0 Saved\\r\\n');
      } else if (/^QUIT/i.test(line)) {
        socket.end('221 Bye\\r\\n');
      } else {
        data = /^DATA/i.test(line);
        const stranger = /^RCPT/i.test(line) && !/<anna@example.test>/i.test(line);
        socket.write(data ? '354 Go on\\r\\n' : stranger ? '550 5.1.1 Nobody\\r\\n' : '250 2.0.0 Good\\r\\n');
      }
    }
  });
}).listen(24);
`;

/** Users of a machine without Dovecot send by it: saslauthd and PAM know their passwords. */
export const provesUsersSend = (release: Release) => {
  let host: LabHost;
  let before: ReadonlyMap<string, string>;
  const apply = async () => host.run(dovetail, ['apply', '--answers', '/root/users.yaml', '--yes']);
  const send = (from: string, auth = carl, port?: 465 | 587) =>
    submit(host.address, auth, {from, to: 'anna@example.test', subject: `by carl as ${from}`}, port);

  lab('a machine with a user and a root that have passwords, in front of another host', async t => {
    t.timeout(600_000);
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootHost({hostname: 'mx.example.test', release});
    await host.run('useradd', ['-m', 'carl']);
    await host.run('chpasswd', [], {input: `carl:${carl.pass}\nroot:correct-horse-battery\n`});
    const key = makeKey({algorithm: 'ec-p256'});
    host.write('/root/imap.key', key, 0o600);
    host.write(
      '/etc/ssl/imap.pem',
      selfSigned(key, {CN: 'imap.example.test'}, ['imap.example.test'], 30),
      0o644,
    );
    host.write('/root/mailboxes.mjs', mailboxes);
    host.write('/root/carl.password', `${carl.pass}\n`, 0o600);
    host.write('/root/users.yaml', answers);
    await host.run('sh', ['-c', `echo ${host.address} imap.example.test >> /etc/hosts`]);
    await host.run('systemd-run', ['--unit=mailboxes', `/opt/dovetail/${runtime}`, '/root/mailboxes.mjs']);
    before = snapshot(host.tree);
    t.truthy(before);
  });

  lab('it is set up and proved: saslauthd answers, and PAM keeps root out', async t => {
    t.timeout(900_000);
    const {exitCode, stdout, stderr} = await apply();
    t.is(exitCode, 0, stdout + stderr);
    t.regex(stdout, /Whether this is the password of carl: saslauthd does not answer yet/);
    t.regex(stdout, /saslauthd answers Postfix, and PAM refuses root before it looks at a password/);
    t.regex(stdout, /\[ok\] +carl can log in to send mail on port 587/);
    t.regex(stdout, /\[ok\] +carl cannot send in the name of somebody else by port 465/);
    const {stdout: kept} = await host.run('grep', [
      ...['-rlE', carl.pass, '/var/lib/dovetail', '/var/log', '/etc', '/run', '/tmp'],
    ]);
    t.is(kept, '');
  });

  lab(
    'users send with their password, in their own name; root never, and nobody as somebody else',
    async t => {
      t.timeout(300_000);
      t.is(await send('carl@example.test'), 'sent');
      t.is(await send('carl@mx.example.test', carl, 587), 'sent');
      t.regex(await send('anna@example.test'), /553/);
      t.regex(await send('boss@elsewhere.invalid'), /553/);
      t.regex(await send('carl@example.test', {...carl, pass: 'wrong'}), /535/);
      t.regex(await send('root@example.test', {user: 'root', pass: 'correct-horse-battery'}), /535/);
      t.is(await rcpt(host.address, 'anna@example.test'), '250');
      t.is(await rcpt(host.address, 'carl@example.test'), '550');
      // A password that was changed counts at once.
      await host.run('chpasswd', [], {input: 'carl:another-horse-battery\n'});
      t.regex(await send('carl@example.test'), /535/);
      t.is(await send('carl@example.test', {...carl, pass: 'another-horse-battery'}), 'sent');
      await host.run('chpasswd', [], {input: `carl:${carl.pass}\n`});
      let taken = '';
      for (let tries = 0; tries < 60 && !/by carl as carl@mx/.test(taken); tries += 1) {
        await new Promise(resolve => setTimeout(resolve, 500));
        taken = (await host.run('cat', ['/root/taken'])).stdout;
      }

      t.regex(taken, /by carl as carl@mx/);
    },
  );

  lab('that is proved by a real login, offered inside of TLS alone, and nothing is left to plan', async t => {
    t.timeout(300_000);
    for (const args of [['--answers', '/root/users.yaml'], []]) {
      const {exitCode, stdout, stderr} = await host.run(dovetail, ['plan', ...args]);
      t.is(exitCode, 0, stdout + stderr);
    }

    for (const port of [25, 587]) {
      const {replies} = await play({
        address: host.address,
        port,
        protocol: 'smtp',
        tls: 'none',
        lines: ['EHLO probe.invalid', 'QUIT'],
      });
      t.notRegex(replies.join('\n'), /AUTH/);
    }

    const {stdout} = await host.run(dovetail, [
      ...['check', '--account', 'carl', '--password-from', 'file:/root/carl.password'],
    ]);
    t.regex(stdout, /carl can log in to send mail on port 587/);
    t.regex(stdout, /carl can log in to send mail on port 465/);
    t.notRegex(stdout, /\[FAIL\]/);
    const said = await host.run(dovetail, ['answers']);
    t.regex(said.stdout, /^submission:\n(?: .*\n)* {2}login: cyrus$/m);
    t.notRegex(said.stdout, /^(?:vmail|storage|auth|auth-\w+|protocols|lmtp|mailboxes|sieve):/m);
  });

  lab('it is nobody’s relay, whichever way it is tried from outside', async t => {
    t.timeout(300_000);
    await nobodysRelay(t, host, {domain: 'example.test', login: carl, ports: [25, 465, 587]});
    t.deepEqual(await bounces(host), []);
  });

  lab('undone, the machine is what it was', async t => {
    t.timeout(600_000);
    await host.run('postsuper', ['-d', 'ALL']);
    const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback']);
    t.is(exitCode, 0, stdout + stderr);
    // Passwords were changed meanwhile, by the test; and what was handed over is kept.
    const ours = /^\/(?:etc\/(?:shadow|passwd)-?|root\/taken):/;
    t.deepEqual(
      differences(before, snapshot(host.tree)).filter(line => !ours.test(line)),
      [],
    );
  });

  test.after.always(async () => host?.stop());
};
