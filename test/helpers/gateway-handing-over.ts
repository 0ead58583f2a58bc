import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import type {ExecutionContext} from 'ava';
import {play} from '../../src/probes/dialogue.js';
import {bounces} from '../hosts/abuses.js';
import {arrived, inbox, rcpt, sendOut, submit} from '../hosts/clients.js';
import {until} from '../hosts/until.js';
import {anna, apply, dovetail, type Hosts, mailboxes, must, sending} from './gateway-hosts.js';

type Lab = (title: string, body: (t: ExecutionContext) => Promise<void>) => void;

const karl = {user: 'karl', pass: 'karl-has-a-mailbox'};
const starttls = 'service lmtp {\n  inet_listener lmtps {\n    ssl = no\n  }\n}\n';
const noTls = 'protocol lmtp {\n  ssl = no\n}\n';

/** Other ways in which the host with the mailboxes can be set up, each followed by a message. */
export const provesHandingOver = (lab: Lab, hosts: () => Hosts) => {
  /** The other host's Dovecot with more at the end of its configuration, where it wins; what its LMTP offers then. */
  const offersWith = async (text: string, more: string) => {
    const {imap} = hosts();
    imap.write('/etc/dovecot/dovecot.conf', `${text}\n${more}`);
    await must(imap, 'systemctl', 'restart', 'dovecot.service');
    const {replies} = await play({
      address: imap.address,
      port: 24,
      protocol: 'lmtp',
      tls: 'none',
      lines: ['LHLO gateway.example.test'],
    });
    return replies.at(-1) ?? '';
  };

  lab(
    'over STARTTLS it is verified too, and where that is taken away mail waits, never in clear',
    async t => {
      t.timeout(600_000);
      const {imap, gateway} = hosts();
      const own = readFileSync(join(imap.tree, 'etc/dovecot/dovecot.conf'), 'utf8');
      t.regex(await offersWith(own, starttls), /^250[ -]STARTTLS\r?$/m);
      const {exitCode, text} = await apply(gateway, sending.replace('delivery:\n', '$&  tls: starttls\n'));
      t.is(exitCode, 0, text);
      await must(gateway, dovetail, 'plan');
      const since = `--since=@${Math.floor(Date.now() / 1000)}`;
      t.is(await sendOut(gateway.address, {to: anna.user, subject: 'by STARTTLS'}), '250');
      t.true(await arrived(imap.address, anna, 'by STARTTLS'));
      t.regex(
        await must(gateway, 'journalctl', '-t', 'postfix/lmtp', '-o', 'cat', since),
        /Verified TLS connection established to imap\.example\.test\S+:24/,
      );

      t.notRegex(await offersWith(own, `${starttls}${noTls}`), /STARTTLS/);
      t.is(await sendOut(gateway.address, {to: anna.user, subject: 'not in clear'}), '250');
      t.true(
        await until(async () =>
          /TLS is required, but was not offered/.test(await must(gateway, 'postqueue', '-j')),
        ),
      );
      t.deepEqual(await bounces(gateway), []);
      t.false((await inbox(imap.address, anna))?.includes('not in clear'));

      t.regex(await offersWith(own, starttls), /STARTTLS/);
      await must(gateway, 'postqueue', '-f');
      t.true(await arrived(imap.address, anna, 'not in clear'));
      imap.write('/etc/dovecot/dovecot.conf', own);
      await must(imap, 'systemctl', 'restart', 'dovecot.service');
      await must(gateway, dovetail, 'rollback');
    },
  );

  lab(
    'who guesses passwords by the gateway is kept out by a jail of its own, and none of Dovecot’s is made',
    async t => {
      t.timeout(900_000);
      const {gateway} = hosts();
      const {exitCode, text} = await apply(gateway, `${sending}brute-force: {how: fail2ban}\n`);
      t.is(exitCode, 0, text);
      t.regex(text, /\[ok\] +The jail dovetail-sasl runs/);
      t.regex(text, /\[ok\] +The jail dovetail-sasl knows a failed login/);
      t.notRegex(text, /dovetail-dovecot/);
      t.regex(await must(gateway, 'fail2ban-client', 'status'), /dovetail-sasl/);
      t.notRegex(await must(gateway, 'fail2ban-client', 'status'), /dovetail-dovecot/);
      const {exitCode: code, stdout, stderr} = await gateway.run(dovetail, ['rollback'], {timeout: 500_000});
      t.is(code, 0, stdout + stderr);
    },
  );

  // Last: the accounts of before have no mailbox there any more.
  lab('users of the machine there have their mail too, and who is none is refused', async t => {
    t.timeout(600_000);
    const {imap, gateway} = hosts();
    imap.write('/root/karl.password', `${karl.pass}\n`, 0o600);
    const people =
      'auth-pam:\n  accounts:\n    - name: karl\n      password: {from: file:/root/karl.password}\n';
    const {exitCode, text} = await apply(
      imap,
      mailboxes(imap)
        .replace(/auth-passwdfile:[\s\S]*?(?=tls:)/, people)
        .replace('auth: {', '$&backends: [pam], '),
    );
    t.is(exitCode, 0, text);
    t.regex(text, /\[ok\] +LMTP has no mailbox for users who are no people/);
    t.is(await sendOut(gateway.address, {to: 'karl@example.test', subject: 'to a user'}), '250');
    t.true(await arrived(imap.address, karl, 'to a user'));
    await must(imap, 'test', '-d', '/home/karl/Maildir/cur');
    t.is(await rcpt(gateway.address, 'nobody-there@example.test'), '550');
    // Its own services have no mailbox, although passwd(5) has them: nothing is taken that would only wait and bounce.
    for (const name of ['www-data', 'daemon', 'dovecot', 'nobody']) {
      t.is(await rcpt(gateway.address, `${name}@example.test`), '550', name);
    }

    t.regex(await must(imap, 'doveadm', 'user', '*'), /^karl$/m);
    t.notRegex(await must(imap, 'doveadm', 'user', '*'), /below|above|daemon/);
    t.deepEqual(await bounces(gateway), []);

    // They log in by their bare name, and send under it; nobody sends under another's.
    const {exitCode: code, text: said} = await apply(
      gateway,
      sending.replace('login: tcp', 'login: tcp, login_names: name'),
    );
    t.is(code, 0, said);
    const send = (from: string, user = 'karl') =>
      submit(gateway.address, {...karl, user}, {from, to: 'karl@example.test', subject: `from ${from}`});
    t.is(await send('karl@example.test'), 'sent');
    t.is(await send('karl@example.test', 'karl@example.test'), 'sent');
    t.regex(await send('anna@example.test'), /553/);
    t.regex(await send('postmaster@example.test'), /553/);
    t.true(await arrived(imap.address, karl, 'from karl@example.test'));
    await must(gateway, dovetail, 'rollback');
  });
};
