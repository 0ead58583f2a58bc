import {execFileSync} from 'node:child_process';
import {cpSync} from 'node:fs';
import test from 'ava';
import {bounces, nobodysRelay} from '../hosts/abuses.js';
import {arrived, inbox, rcpt, sendOut, submit} from '../hosts/clients.js';
import {bootHost, certificatesOf, install, type LabHost, labReason, type Release} from '../hosts/host.js';
import {differences, snapshot} from '../hosts/tree.js';
import {provesHandingOver} from './gateway-handing-over.js';
import {anna, apply, dovetail, example, mailboxes, must, sending} from './gateway-hosts.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

let imap: LabHost;
let gateway: LabHost;
let bare: ReadonlyMap<string, string>;

const queue = () => must(gateway, 'postqueue', '-j');

// The same gateway, with a list of those who have a mailbox.
const listed = (names: string) =>
  example('gateway').replace('relay:\n', `  recipients_by: list\n  recipients: [${names}]\nrelay:\n`);

/**
 * A gateway in front of the Dovecot of another host, which is behind a firewall; whoever runs the test is the sender outside.
 */
export const provesGateway = (releases: {readonly imap: Release; readonly gateway: Release}) => {
  test.before(async () => {
    if (reason === undefined) {
      execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
      [imap, gateway] = await Promise.all([
        bootHost({hostname: 'imap.example.test', release: releases.imap}),
        bootHost({hostname: 'mx.example.test', release: releases.gateway}),
      ]);
      imap.write('/root/anna.password', `${anna.pass}\n`, 0o600);
      await install(imap, 'firewalld');
      const {exitCode, text} = await apply(imap, mailboxes(imap));
      if (exitCode !== 0) {
        throw new Error(text);
      }

      await must(gateway, 'sh', '-c', `echo ${imap.address} imap.example.test >> /etc/hosts`);
      bare = snapshot(gateway.tree);
    }
  });

  test.after.always(async () => {
    await gateway?.stop();
    await imap?.stop();
  });

  lab('passwords asked for over the network are for the named host alone, and the risk is said', async t => {
    const {stdout} = await imap.run(dovetail, ['check']);
    t.regex(stdout, /Port 12345 does not answer who is not named \(IPv4\)/);
    t.regex(stdout, /Port 12345 does not answer who is not named \(IPv6\)/);
  });

  lab('a host that nobody here vouches for, or knows, is refused before anything is written', async t => {
    for (const [host, why] of [
      ['imap.example.test', /self-signed certificate/],
      ['nowhere.invalid', /nowhere\.invalid/],
    ] as const) {
      const answers = example('gateway')
        .replace(/ {2}ca: .*\n/, '')
        .replace('imap.example.test', host);
      const {exitCode, text} = await apply(gateway, answers);
      t.is(exitCode, 4, text);
      t.true(text.includes(`Mail cannot be handed to ${host}, port 24`), text);
      t.regex(text, why);
    }

    await must(gateway, 'rm', '/root/answers.yaml');
    t.deepEqual(differences(bare, snapshot(gateway.tree)), []);
  });

  lab('a bare host becomes a gateway: proved, nothing left to plan, and nobody’s relay', async t => {
    cpSync(`${imap.tree}${certificatesOf(releases.imap)}/server.crt`, `${gateway.tree}/etc/ssl/imap.pem`);
    bare = snapshot(gateway.tree);
    const {exitCode, text} = await apply(gateway, sending);
    t.is(exitCode, 0, text);
    t.notRegex(
      text,
      /\[FAIL\]|\[\?\](?! +(?:Whether port 25|No name server|Logging in|Whether port (?:587|465) lets))/,
    );
    t.regex(text, /refuses to relay for strangers \(IPv4\)/);
    t.regex(text, /refuses to relay for strangers \(IPv6\)/);
    t.regex(text, /takes mail by TLS with its own certificate, and refuses who is not there/);
    t.regex(text, /no-such-user@example\.test, who does not exist, is refused at once/);
    for (const args of [['--answers', '/root/answers.yaml'], []]) {
      const {exitCode: code, stdout, stderr} = await gateway.run(dovetail, ['plan', ...args]);
      t.is(code, 0, stdout + stderr);
    }

    t.notRegex(await must(gateway, 'ss', '-H', '-tln'), /:(?:993|143|24|4190)\s/);
    const said = await must(gateway, dovetail, 'answers');
    t.regex(said, /^delivery:/m);
    t.notRegex(said, /^(?:vmail|storage|auth|auth-\w+|protocols|lmtp|mailboxes|sieve):/m);
  });

  lab('it is nobody’s relay, whichever way it is tried from outside', async t => {
    t.timeout(300_000);
    const login = anna;
    await nobodysRelay(t, gateway, {domain: 'example.test', login, ports: [25, 465, 587], asks: true});
    t.deepEqual(await bounces(gateway), []);
    // The other one takes no mail from anybody but the gateway.
    await nobodysRelay(t, imap, {domain: 'example.test', ports: []});
  });

  lab('mail from outside is followed to the mailbox; the way there is verified, never in clear', async t => {
    t.is(await sendOut(gateway.address, {to: anna.user, subject: 'through the gateway'}), '250');
    t.true(await arrived(imap.address, anna, 'through the gateway'));
    t.regex(
      await must(gateway, 'journalctl', '-t', 'postfix/lmtp', '-o', 'cat'),
      /Verified TLS connection established to imap\.example\.test\S+:24/,
    );
  });

  lab(
    'who has an account there sends by the gateway, under their own name and by the roles’ alone',
    async t => {
      const send = (from: string, port?: 465 | 587) =>
        submit(gateway.address, anna, {from, to: anna.user, subject: `from ${from}`}, port);
      t.is(await send(anna.user), 'sent');
      t.is(await send('postmaster@example.test', 587), 'sent');
      t.regex(await send('berta@example.test'), /553/);
      t.regex(await send('boss@elsewhere.invalid'), /553/);
      t.regex(
        await submit(
          gateway.address,
          {...anna, pass: 'wrong'},
          {from: anna.user, to: anna.user, subject: 'x'},
        ),
        /535/,
      );
      t.true(await arrived(imap.address, anna, 'from postmaster@example.test'));
    },
  );

  lab(
    'nothing bounces to a stranger: who is not there is refused at RCPT, and a mailbox host that is down loses nothing',
    async t => {
      t.is(await rcpt(gateway.address, 'nobody@example.test'), '550');
      // EL9 has no socket that would start it again for whoever asks.
      const sockets = releases.imap === 'el9' ? [] : ['dovecot.socket'];
      await must(imap, 'systemctl', 'stop', ...sockets, 'dovecot.service');
      t.is(await sendOut(gateway.address, {to: anna.user, subject: 'while it was down'}), '250');
      t.regex(await rcpt(gateway.address, 'somebody@example.test'), /^450/);
      t.is(await rcpt(gateway.address, 'nobody@example.test'), '550');
      const waiting = await queue();
      t.regex(waiting, /"address": ?"anna@example\.test"/);
      t.deepEqual(await bounces(gateway), []);
      await must(imap, 'systemctl', 'start', 'dovecot.service');
      await must(gateway, 'postqueue', '-f');
      t.true(await arrived(imap.address, anna, 'while it was down'));
    },
  );

  lab('with the certificate of somebody else at the other end, mail waits', async t => {
    await must(gateway, 'cp', '-p', '/etc/ssl/imap.pem', '/etc/ssl/kept.pem');
    await must(gateway, 'cp', `${certificatesOf(releases.gateway)}/server.crt`, '/etc/ssl/imap.pem');
    await must(gateway, 'systemctl', 'reload', 'postfix');
    t.is(await sendOut(gateway.address, {to: anna.user, subject: 'not to him'}), '250');
    await new Promise(resolve => setTimeout(resolve, 3000));
    t.regex(await queue(), /not trusted|not verified|verif/i);
    t.false((await inbox(imap.address, anna))?.includes('not to him'));
    await must(gateway, 'mv', '/etc/ssl/kept.pem', '/etc/ssl/imap.pem');
    await must(gateway, 'systemctl', 'reload', 'postfix');
    await must(gateway, 'postqueue', '-f');
    t.true(await arrived(imap.address, anna, 'not to him'));
  });

  provesHandingOver(lab, () => ({imap, gateway}));

  lab(
    'by a list, who is named is taken while the other host is down, and who is taken off it is refused',
    async t => {
      const {exitCode, text} = await apply(gateway, listed('anna@example.test, berta@example.test'));
      t.is(exitCode, 0, text);
      t.is(await rcpt(gateway.address, 'berta@example.test'), '250');
      const {exitCode: code, text: less} = await apply(gateway, listed('anna@example.test'));
      t.is(code, 0, less);
      t.is(await rcpt(gateway.address, 'berta@example.test'), '550');
      t.is(await rcpt(gateway.address, anna.user), '250');
      t.notRegex(await must(gateway, 'postconf', '-n'), /^(?:unverified_recipient|address_verify)/m);
    },
  );

  lab('undone, one after the other, the host is what it was', async t => {
    await must(gateway, 'rm', '-f', '/root/answers.yaml');
    for (const _ of ['less', 'list', 'all']) {
      const {exitCode, stdout, stderr} = await gateway.run(dovetail, ['rollback']);
      t.is(exitCode, 0, stdout + stderr);
    }

    t.deepEqual(differences(bare, snapshot(gateway.tree)), []);
  });
};
