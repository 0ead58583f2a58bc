import {execFileSync} from 'node:child_process';
import {appendFileSync, readFileSync} from 'node:fs';
import test from 'ava';
import {createTransport} from 'nodemailer';
import {publishedKey} from '../../src/pki/dkim.js';
import {arrived, submit} from '../hosts/clients.js';
import {install, type LabHost, labReason, releases} from '../hosts/host.js';
import {changesSince, stateOf} from '../hosts/oracle.js';
import {bootServer} from '../hosts/server.js';
import {mx, nameServer, txt, type Zone} from '../helpers/name-server.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
/** Where opendkim(8) asks for names in this test. */
const resolver = '/etc/opendkim-unbound.conf';
const auth = {user: 'anna@example.test', pass: 'correct-horse-battery'};
const base = readFileSync(new URL('../../../examples/first-server.yaml', import.meta.url), 'utf8');

for (const release of releases) {
  let host: LabHost;
  let dns: Awaited<ReturnType<typeof nameServer>>;
  let before: ReadonlyMap<string, string>;
  const title = (words: string) => `${release}: ${words}`;
  const receives = mx(10, 'mail.example.test');
  const zone: Record<string, Zone[string]> = {'example.test': [receives]};

  /** What `check` prints of a record, put into the zone as it stands there. */
  const publish = (name: string, said: string) => {
    const from = said.indexOf(`${name}. TXT (`);
    const strings = [...said.slice(from, said.indexOf('| )', from)).matchAll(/"([^"]*)"/g)].map(
      ([, text = '']) => text,
    );
    zone[name] = [txt(...strings)];
    dns.setZone(zone);
    return publishedKey(strings.join(''));
  };
  /** The same for a record that is printed in one line. */
  const publishLine = (name: string, said: string) => {
    const text =
      new RegExp(`(?<![\\w.])${name.replaceAll('.', '\\.')}\\. TXT "([^"]+)"`).exec(said)?.[1] ?? '';
    zone[name] = [...(zone[name] ?? []), txt(text)];
    dns.setZone(zone);
    return text;
  };
  const check = async () =>
    host.run(dovetail, ['check', '--account', auth.user, '--password-from', 'file:/root/anna.password']);
  const apply = async (signing: string) => {
    host.write('/root/signing.yaml', `${base}signing: {sign: true, ${signing}}\n`);
    return host.run(dovetail, ['apply', '--answers', '/root/signing.yaml', '--yes'], {timeout: 900_000});
  };

  /** The message with a subject, as it lies in the mailbox. */
  const stored = async (subject: string) => {
    const {stdout} = await host.run('doveadm', [
      'fetch',
      '-u',
      auth.user,
      'text',
      'mailbox',
      '*',
      'subject',
      subject,
    ]);
    return stdout.slice(stdout.indexOf('\n') + 1);
  };

  lab(title('a server comes to sign, proved by a message; the records to publish are printed'), async t => {
    t.timeout(900_000);
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootServer(release);
    host.write('/root/signing.yaml', '');
    // What verifies by DNS, in another program than ours.
    await install(host, 'python3-dkim', 'python3-dnspython');
    // Its start script copies what came with these packages (tzdata's localtime) into its chroot.
    await host.run('systemctl', ['restart', 'postfix']);
    before = await stateOf(host);
    const {exitCode, stdout, stderr} = await apply('selector: mail');
    t.is(exitCode, 0, stdout + stderr);
    t.regex(stdout, /example\.test was signed \(selector mail\), and the signature holds/);
    t.regex(stdout, /mail\._domainkey\.example\.test\. TXT \(/);
    t.notRegex(stdout, /PRIVATE KEY/);
    const again = await host.run(dovetail, ['plan', '--answers', '/root/signing.yaml']);
    t.is(again.exitCode, 0, again.stdout);
    const {stdout: modes} = await host.run('stat', [
      '-c',
      '%a %U:%G %n',
      '/etc/opendkim/mail.private',
      '/var/spool/postfix/opendkim',
      '/var/spool/postfix/opendkim/opendkim.sock',
    ]);
    t.deepEqual(modes.split('\n'), [
      '600 opendkim:opendkim /etc/opendkim/mail.private',
      '2750 opendkim:postfix /var/spool/postfix/opendkim',
      '770 opendkim:postfix /var/spool/postfix/opendkim/opendkim.sock',
    ]);
  });

  lab(title('the records are seen once they are there; with wrong ones there the check fails'), async t => {
    t.timeout(900_000);
    const dnsAddress = host.address.replace(/\.2$/, '.1');
    dns = await nameServer(zone, {address: dnsAddress, port: 53});
    host.write('/etc/resolv.conf', `nameserver ${dnsAddress}\n`);
    // The name server of this test has no signatures up to the root.
    await host.run('sed', ['-i', 's/^TrustAnchorFile/#TrustAnchorFile/', '/etc/opendkim.conf']);
    // opendkim(8) asks the root itself and never for “test.”, whatever resolv.conf says (unbound.conf(5), local-zone).
    host.write(
      resolver,
      `server:\n  local-zone: "test." transparent\nforward-zone:\n  name: "."\n  forward-addr: ${dnsAddress}\n`,
    );
    appendFileSync(`${host.tree}/etc/opendkim.conf`, `ResolverConfiguration ${resolver}\n`);
    await host.run('systemctl', ['restart', 'opendkim']);
    const {stdout: first} = await check();
    t.truthy(publish('mail._domainkey.example.test', first));
    t.is(publishLine('example.test', first), 'v=spf1 mx -all');
    t.is(publishLine('_dmarc.example.test', first), 'v=DMARC1; p=none; rua=mailto:anna@example.test');
    const good = await check();
    t.regex(good.stdout, /\[ok\] +DNS has the key under mail\._domainkey/);
    t.regex(good.stdout, /\[ok\] +DNS says that this server may send for example\.test/);
    t.regex(good.stdout, /\[ok\] +DNS says what becomes of mail that only claims to be from example\.test/);
    dns.setZone({
      'mail._domainkey.example.test': [txt('v=DKIM1; k=rsa; p=AAAA')],
      'example.test': [receives, txt('v=spf1 ip4:203.0.113.9 -all')],
      '_dmarc.example.test': [txt('v=DMARC1; rua=mailto:anna@example.test')],
    });
    const hidden = await check();
    t.regex(hidden.stdout, /\[\?\] +Whether the SPF record of example\.test lets this server send/);
    // What is not behind a router can be told.
    await host.run('ip', ['address', 'add', '203.0.113.10/32', 'dev', 'host0']);
    const wrong = await check();
    await host.run('ip', ['address', 'delete', '203.0.113.10/32', 'dev', 'host0']);
    t.is(wrong.exitCode, 2, wrong.stdout);
    t.regex(wrong.stdout, /\[FAIL\] DNS has another key under mail\._domainkey/);
    t.regex(wrong.stdout, /\[FAIL\] The SPF record of example\.test does not let this server send/);
    t.regex(wrong.stdout, /\[FAIL\] The record _dmarc\.example\.test is none that receivers understand/);
    dns.setZone(zone);
  });

  lab(
    title('what programs of the machine send is signed, and another program verifies it by DNS'),
    async t => {
      t.timeout(300_000);
      await host.run('/usr/sbin/sendmail', ['-f', auth.user, auth.user], {
        input: `From: ${auth.user}\nTo: ${auth.user}\nSubject: from a program\n\nA disk  is full. \n\n\n`,
      });
      t.true(await arrived(host.address, auth, 'from a program'));
      t.is(await submit(host.address, auth, {from: auth.user, to: auth.user, subject: 'from anna'}), 'sent');
      t.true(await arrived(host.address, auth, 'from anna'));
      for (const subject of ['from a program', 'from anna']) {
        const message = await stored(subject);
        t.regex(message, /^DKIM-Signature:/m, message);
        const verify = [
          '-c',
          'import sys,dkim; print(dkim.verify(sys.stdin.buffer.read().replace(b"\\r\\n",b"\\n").replace(b"\\n",b"\\r\\n")))',
        ];
        t.is((await host.run('python3', verify, {input: `${message}\n`})).stdout, 'True', message);
        const changed = message.replace(subject, 'a bill');
        t.is((await host.run('python3', verify, {input: `${changed}\n`})).stdout, 'False');
      }
    },
  );

  lab(title('mail of strangers is verified by DNS, and what came of it stands in its header'), async t => {
    t.timeout(120_000);
    const signed = (await stored('from anna')).replaceAll(/\r?\n/g, '\r\n');
    const transport = createTransport({
      host: host.address,
      port: 25,
      name: 'probe.invalid',
      tls: {rejectUnauthorized: false},
    });
    for (const [subject, result] of [
      ['from anna', 'pass'],
      ['a bill', 'fail'],
    ] as const) {
      const raw = signed.replace('Subject: from anna', `Subject: ${subject}`);
      await host.run('doveadm', ['expunge', '-u', auth.user, 'mailbox', '*', 'subject', 'from anna']);
      await transport.sendMail({envelope: {from: 'carl@example.net', to: auth.user}, raw});
      t.true(await arrived(host.address, auth, subject));
      t.regex(await stored(subject), new RegExp(`Authentication-Results:[^;]+;\\s+dkim=${result}`), subject);
    }

    transport.close();
  });

  lab(title('a new key signs only when its record was seen; nothing is asked in between'), async t => {
    t.timeout(300_000);
    const first = await apply('selector: next');
    t.is(first.exitCode, 0, first.stdout + first.stderr);
    t.regex(first.stdout, /signed with “mail” until DNS has the record of “next”/);
    t.regex(first.stdout, /was signed \(selector mail\), and the signature holds/);
    const waiting = await host.run(dovetail, ['plan', '--answers', '/root/signing.yaml']);
    t.is(waiting.exitCode, 0, waiting.stdout);
    publish('next._domainkey.example.test', first.stdout);
    const second = await apply('selector: next');
    t.is(second.exitCode, 0, second.stdout + second.stderr);
    t.regex(second.stdout, /was signed \(selector next\), and the signature holds/);
    const after = await host.run(dovetail, ['plan', '--answers', '/root/signing.yaml']);
    t.is(after.exitCode, 0, after.stdout);
  });

  lab(title('the signer that is down lets mail pass, or holds it, as it was asked'), async t => {
    t.timeout(300_000);
    await host.run('systemctl', ['stop', 'opendkim']);
    t.is(await submit(host.address, auth, {from: auth.user, to: auth.user, subject: 'unsigned'}), 'sent');
    const sick = await check();
    t.is(sick.exitCode, 2);
    t.regex(sick.stdout, /\[FAIL\] A message of example\.test arrived without a signature/);
    await host.run('systemctl', ['start', 'opendkim']);
    const {exitCode, stdout, stderr} = await apply('selector: next, when_down: tempfail');
    t.is(exitCode, 0, stdout + stderr);
    await host.run('systemctl', ['stop', 'opendkim']);
    t.regex(await submit(host.address, auth, {from: auth.user, to: auth.user, subject: 'held'}), /45[14]/);
    await host.run('systemctl', ['start', 'opendkim']);
  });

  lab(title('undone, step by step, the server is what it was, and so are its users'), async t => {
    t.timeout(900_000);
    await host.run('sed', [
      ...['-i', '-e', 's/^#TrustAnchorFile/TrustAnchorFile/', '-e', '/^ResolverConfiguration/d'],
      '/etc/opendkim.conf',
    ]);
    await host.run('rm', [resolver]);
    await host.run('doveadm', ['expunge', '-u', auth.user, 'mailbox', '*', 'all']);
    for (let times = 0; times < 4; times += 1) {
      const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback']);
      t.true(exitCode === 0 || exitCode === 7, stdout + stderr);
    }

    t.deepEqual(
      (await changesSince(host, before)).filter(
        line => !/^\/(?:root|var\/vmail|(?:var\/spool\/postfix\/)?etc\/resolv\.conf)/.test(line),
      ),
      [],
    );
  });

  test.serial.after.always(async () => {
    dns?.close();
    await host?.stop();
  });
}
