import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import test, {type ExecutionContext} from 'ava';
import {play} from '../../src/probes/dialogue.js';
import {inbox, rcpt, submit} from '../hosts/clients.js';
import {type LabHost, labReason, releases} from '../hosts/host.js';
import {changesSince, stateOf} from '../hosts/oracle.js';
import {bootServer} from '../hosts/server.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const auth = {user: 'anna@example.test', pass: 'correct-horse-battery'};
const base = readFileSync(new URL('../../../examples/first-server.yaml', import.meta.url), 'utf8');

// Guesses a password by IMAP, then by submission, as often as it is told; then says whether it can still connect.
const attack = `
import imaplib, smtplib, socket, ssl, sys
trust = ssl._create_unverified_context()
address, way, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
for _ in range(times):
    try:
        if way == 'imap':
            client = imaplib.IMAP4_SSL(address, ssl_context=trust)
            client.login('nobody@example.test', 'guess')
        else:
            client = smtplib.SMTP_SSL(address, 465, context=trust)
            client.user, client.password = 'nobody@example.test', 'guess'
            client.ehlo()
            client.auth('PLAIN', client.auth_plain)
    except Exception:
        pass
for port in (993, 465, 25):
    try:
        socket.create_connection((address, port), 5).close()
        print(port, 'open')
    except OSError:
        print(port, 'closed')
`;

for (const release of releases) {
  let host: LabHost;
  let before: ReadonlyMap<string, string>;
  const title = (words: string) => `${release}: ${words}`;

  /** From a network namespace of its own behind the host, whose address is in nobody's networks. */
  const fromElsewhere = async (name: string, [server, client]: readonly [string, string], way: string) => {
    const end = server.includes(':') ? ['/64', 'nodad'] : ['/30'];
    for (const args of [
      ['netns', 'add', name],
      ['link', 'add', `${name}o`, 'type', 'veth', 'peer', 'name', `${name}i`, 'netns', name],
      ['address', 'add', server + end[0], 'dev', `${name}o`, ...end.slice(1)],
      ['link', 'set', `${name}o`, 'up'],
      ['-n', name, 'address', 'add', client + end[0], 'dev', `${name}i`, ...end.slice(1)],
      ['-n', name, 'link', 'set', `${name}i`, 'up'],
    ]) {
      await host.run('ip', args);
    }

    const {stdout} = await host.run(
      'ip',
      ['netns', 'exec', name, 'python3', '/root/attack.py', server, way, '6'],
      {
        timeout: 280_000,
      },
    );
    await host.run('ip', ['link', 'delete', `${name}o`]);
    await host.run('ip', ['netns', 'delete', name]);
    return stdout.split('\n');
  };

  const undone = async (t: ExecutionContext) => {
    t.timeout(600_000);
    const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback'], {timeout: 500_000});
    t.true(exitCode === 0 || exitCode === 7, stdout + stderr);
    t.deepEqual(
      (await changesSince(host, before)).filter(line => !/^\/(?:var\/vmail|root)/.test(line)),
      [],
    );
  };

  lab(title('a server gets jails that run, and know the lines that its own daemons write'), async t => {
    t.timeout(900_000);
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootServer(release);
    host.write('/root/attack.py', attack);
    const admin = host.address.replace(/\.2$/, '.1');
    host.write(
      '/root/guarded.yaml',
      `${base}brute-force: {how: fail2ban, never: ["${admin}", 198.51.100.10]}\n`,
    );
    before = await stateOf(host);
    const apply = ['apply', '--answers', '/root/guarded.yaml', '--yes'];
    const {exitCode, stdout, stderr} = await host.run(dovetail, apply, {timeout: 900_000});
    t.is(exitCode, 0, stdout + stderr);
    for (const jail of ['dovetail-dovecot', 'dovetail-sasl']) {
      t.regex(stdout, new RegExp(`\\[ok\\] +The jail ${jail} runs`));
      t.regex(stdout, new RegExp(`\\[ok\\] +The jail ${jail} knows a failed login`));
    }

    const again = await host.run(dovetail, ['plan', '--answers', '/root/guarded.yaml']);
    t.is(again.exitCode, 0, again.stdout);
  });

  lab(
    title(
      'who guesses by IMAP or by submission, over IPv4 or IPv6, is kept from every login, and can still send mail here',
    ),
    async t => {
      t.timeout(600_000);
      const ends = {
        thief: ['198.51.100.1', '198.51.100.2', 'imap'],
        crook: ['198.51.100.5', '198.51.100.6', 'submission'],
        modern: ['2001:db8:bf::1', '2001:db8:bf::2', 'imap'],
      } as const;
      for (const [name, [server, client, way]] of Object.entries(ends)) {
        const doors = await fromElsewhere(name, [server, client], way);
        t.deepEqual(doors, ['993 closed', '465 closed', '25 open'], name);
        const {stdout} = await host.run('nft', ['list', 'table', 'inet', 'f2b-table']);
        t.regex(stdout, new RegExp(`\\b${client.replaceAll('.', '\\.')}\\b`));
      }
    },
  );

  lab(
    title('the administrator’s address guesses as often, and is not kept out; nor is anybody else'),
    async t => {
      t.timeout(600_000);
      t.deepEqual(await fromElsewhere('admin', ['198.51.100.9', '198.51.100.10'], 'imap'), [
        '993 open',
        '465 open',
        '25 open',
      ]);
      t.deepEqual(await inbox(host.address, auth), []);
      t.is(await rcpt(host.address, auth.user), '250');
    },
  );

  lab(title('undone, nothing of it is left, no ban either'), undone);

  lab(title('without fail2ban who guesses is slowed down by Postfix, nobody else is'), async t => {
    t.timeout(600_000);
    host.write('/root/slow.yaml', `${base}brute-force: {how: limits, rate: 3}\n`);
    const apply = ['apply', '--answers', '/root/slow.yaml', '--yes'];
    const {exitCode, stdout, stderr} = await host.run(dovetail, apply);
    t.is(exitCode, 0, stdout + stderr);
    const guess = `AUTH PLAIN ${Buffer.from('\0nobody@example.test\0guess').toString('base64')}`;
    const {replies} = await play({
      address: host.address,
      port: 465,
      protocol: 'smtp',
      tls: 'wrapper',
      lines: ['EHLO guesser.invalid', guess, guess, guess, guess],
    });
    t.deepEqual(
      replies.slice(2).map(reply => reply.slice(0, 3)),
      ['535', '535', '535', '450'],
      replies.join('\n'),
    );
    t.regex(replies[5] ?? '', /too many AUTH commands/);
    t.is(
      await submit(host.address6, auth, {from: auth.user, to: auth.user, subject: 'from another address'}),
      'sent',
    );
    // What it has is taken over where nobody says anything of it.
    host.write('/root/none.yaml', base);
    for (const file of ['/root/slow.yaml', '/root/none.yaml']) {
      const again = await host.run(dovetail, ['plan', '--answers', file]);
      t.is(again.exitCode, 0, again.stdout);
    }
  });

  lab(title('undone, the limit is gone'), undone);

  test.serial.after.always(async () => host?.stop());
}
