import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import test from 'ava';
import {play} from '../../src/probes/dialogue.js';
import {arrived, inbox, submit} from '../hosts/clients.js';
import {type LabHost, labReason, releases} from '../hosts/host.js';
import {nameServer} from '../hosts/name-server.js';
import {bootServer} from '../hosts/server.js';
import {differences, snapshot} from '../hosts/tree.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const auth = {user: 'anna@example.test', pass: 'correct-horse-battery'};
const base = readFileSync(new URL('../../../examples/first-server.yaml', import.meta.url), 'utf8');
const casino = '/^Subject:.*casino/ REJECT no thanks';
const withLists = (lists: string) =>
  `${base}spam:\n  rbls: [${lists}]\n  access: ["helo:friend.example.net=OK", "helo:foe.example.net=REJECT"]\n  headers: ["${casino}"]\n`;

for (const release of releases) {
  let host: LabHost;
  let dns: Awaited<ReturnType<typeof nameServer>>;
  let before: ReadonlyMap<string, string>;
  /** Clients that the good list has, as their address stands in it; `world`: it has everybody. */
  let listed = '';
  let world = false;
  const title = (words: string) => `${release}: ${words}`;
  const etc = () => new Map([...snapshot(host.tree)].filter(([path]) => path.startsWith('/etc/')));
  const outside = () => host.address.replace(/\.2$/, '.1');
  const reversed = () => outside().split('.').toReversed().join('.');

  // The test's own name server plays three block lists: one that works, one that died, one that lists the world.
  const answers = (name: string) => {
    const [, client = '', list] = /^(.*?)\.?(good|dead|world)\.bl\.test$/.exec(name) ?? [];
    const isListed = client === '2.0.0.127' || (client !== '' && client === listed) || world;
    return list === undefined
      ? undefined
      : (list === 'good' && isListed) || list === 'world'
        ? ['127.0.0.2']
        : [];
  };

  /** One message from outside, by port 25: the replies to each line. */
  const from = async (greeting: string, sender = '', subject?: string) => {
    const {replies} = await play({
      address: host.address,
      port: 25,
      protocol: 'smtp',
      tls: 'none',
      lines: [
        `EHLO ${greeting}`,
        `MAIL FROM:<${sender}>`,
        'RCPT TO:<anna@example.test>',
        ...(subject === undefined
          ? []
          : ['DATA', `From: a@example.net\r\nSubject: ${subject}\r\n\r\nWords.\r\n.`]),
        'QUIT',
      ],
    });
    return replies[subject === undefined ? 3 : 5] ?? replies.at(-1) ?? '';
  };
  const check = async () =>
    host.run(dovetail, ['check', '--account', auth.user, '--password-from', 'file:/root/anna.password']);
  const apply = async (file: string) => host.run(dovetail, ['apply', '--answers', file, '--yes']);

  lab(title('by default nonsense is refused, real servers and those who are trusted are not'), async t => {
    t.timeout(600_000);
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootServer(release);
    dns = await nameServer(outside(), answers);
    host.write('/etc/resolv.conf', `nameserver ${outside()}\noptions timeout:2 attempts:2\n`);
    for (const name of ['good', 'dead', 'world']) {
      host.write(`/root/${name}.yaml`, withLists(`${name}.bl.test=127.0.0.2`));
    }

    // Debian's smtpd sees a copy of it that was made when it started; Debian 13 makes it anew with each “postfix check”.
    const {stdout: old} = await check();
    t.is(/Postfix works with old copies in .*: resolv\.conf\./.test(old), release === 'bookworm', old);
    await host.run('systemctl', ['restart', 'postfix']);
    const {stdout} = await check();
    t.notRegex(stdout, /old copies/);
    t.regex(stdout, /A stranger with a bad greeting is refused/);
    t.regex(stdout, /A stranger with a sender that nobody could answer is refused/);
    t.regex(stdout, /Who is trusted is not refused/);
    t.regex(await from('x'), /^[45]\d\d .*Helo command rejected/);
    t.regex(await from('mail.example.net', 'a@nowhere'), /^[45]\d\d .*Sender address rejected/);
    t.regex(await from('mail.example.net'), /^250/);
    // hardening, in the same dialogue with a stranger.
    const bare = {address: host.address, port: 25, protocol: 'smtp', tls: 'none'} as const;
    const {replies: unnamed} = await play({...bare, lines: ['MAIL FROM:<a@example.net>', 'QUIT']});
    t.regex(unnamed[1] ?? '', /^503 .*send HELO\/EHLO first/);
    const {replies: asked} = await play({
      ...bare,
      lines: ['EHLO x.example.net', `VRFY ${auth.user}`, 'QUIT'],
    });
    t.regex(asked[2] ?? '', /^502 .*VRFY command is disabled/);
    before = etc();
  });

  lab(title('a list that is dead or lists the world is never asked, and nothing is written'), async t => {
    t.timeout(300_000);
    for (const [name, words] of [
      ['dead', /does not have its test entry/],
      ['world', /lists the whole world/],
    ] as const) {
      const {exitCode, stdout, stderr} = await apply(`/root/${name}.yaml`);
      t.is(exitCode, 4, stdout + stderr);
      t.regex(stdout + stderr, words);
    }

    t.deepEqual(differences(before, etc()), []);
  });

  lab(title('one that works is asked: who is listed is refused, everybody else is not'), async t => {
    t.timeout(600_000);
    const {exitCode, stdout, stderr} = await apply('/root/good.yaml');
    t.is(exitCode, 0, stdout + stderr);
    t.regex(stdout, /good\.bl\.test answers for its test entry/);
    t.regex(await from('mail.example.net'), /^250/);
    // smtpd(8) remembers the answers of block lists for as long as a process lives.
    listed = reversed();
    await host.run('postfix', ['reload']);
    t.regex(await from('mail.example.net'), /^554 .*blocked using good\.bl\.test/);
    t.is(await submit(host.address, auth, {from: auth.user, to: auth.user, subject: 'listed'}), 'sent');
    await host.run('/usr/sbin/sendmail', ['-f', auth.user, auth.user], {input: 'Subject: own\n\nWords.\n'});
    t.true(await arrived(host.address, auth, 'listed'));
    t.true(await arrived(host.address, auth, 'own'));
    listed = '';
    await host.run('postfix', ['reload']);
  });

  lab(title('exceptions and patterns do what they say'), async t => {
    t.timeout(120_000);
    t.regex(await from('foe.example.net'), /^554 .*Helo command rejected/);
    t.regex(await from('friend.example.net'), /^250/);
    t.regex(await from('mail.example.net', '', 'Win at the CASINO now'), /^550 .*no thanks/);
    t.regex(await from('mail.example.net', '', 'a real one'), /^250/);
    t.true(await arrived(host.address, auth, 'a real one'));
  });

  lab(
    title(
      'behind a wrong line end no second message is smuggled in, as it is without the rule; who does not wait is cut off',
    ),
    async t => {
      t.timeout(300_000);
      const smuggle = async (subject: string) => {
        const hidden = `MAIL FROM:<boss@example.net>\r\nRCPT TO:<${auth.user}>\r\nDATA\r\nSubject: ${subject}, hidden\r\n\r\nWords.\r\n.`;
        await play({
          address: host.address,
          port: 25,
          protocol: 'smtp',
          tls: 'none',
          lines: [
            'EHLO mail.example.net',
            'MAIL FROM:<a@example.net>',
            `RCPT TO:<${auth.user}>`,
            'DATA',
            `Subject: ${subject}\r\n\r\nWords.\n.\n${hidden}`,
            // What a second message would be answered with is waited for.
            ...Array.from({length: 4}, () => 'NOOP'),
            'QUIT',
          ],
        });
      };
      await smuggle('guarded');
      t.true(await arrived(host.address, auth, 'guarded'));
      const {replies} = await play({
        address: host.address,
        port: 25,
        protocol: 'smtp',
        tls: 'none',
        lines: ['EHLO mail.example.net\r\nMAIL FROM:<a@example.net>', 'QUIT'],
      });
      t.regex(replies[1] ?? '', /^554 5\.5\.0 .*synchronization/);
      const main = readFileSync(`${host.tree}/etc/postfix/main.cf`, 'latin1');
      await host.run('postconf', [
        '-e',
        'smtpd_forbid_bare_newline = no',
        'smtpd_forbid_unauth_pipelining = no',
      ]);
      await host.run('postfix', ['reload']);
      await smuggle('unguarded');
      t.true(await arrived(host.address, auth, 'unguarded, hidden'));
      host.write('/etc/postfix/main.cf', main);
      await host.run('postfix', ['reload']);
      // Later than those that came after it.
      t.false((await inbox(host.address, auth))?.includes('guarded, hidden'));
    },
  );

  lab(title('a list that starts to list the world is found by the check'), async t => {
    t.timeout(300_000);
    world = true;
    const {exitCode, stdout} = await check();
    world = false;
    t.is(exitCode, 2, stdout);
    t.regex(stdout, /\[FAIL\].*good\.bl\.test lists 127\.0\.0\.1/);
  });

  lab(
    title('the same answers plan nothing; old rules of document 001 are adopted and plan nothing'),
    async t => {
      t.timeout(300_000);
      const again = await host.run(dovetail, ['plan', '--answers', '/root/good.yaml']);
      t.is(again.exitCode, 0, again.stdout);
      const main = readFileSync(`${host.tree}/etc/postfix/main.cf`, 'latin1');
      host.write('/root/empty.yaml', 'version: 1\n');
      await host.run('postconf', [
        '-e',
        'smtpd_client_restrictions = permit_mynetworks, reject_unknown_client, reject_rbl_client all.rbl.jp, permit',
        'smtpd_helo_restrictions = permit_mynetworks, reject_invalid_hostname, reject_unknown_hostname, permit',
      ]);
      const old = await host.run(dovetail, ['plan', '--answers', '/root/empty.yaml']);
      t.is(old.exitCode, 0, old.stdout + old.stderr);
      host.write('/etc/postfix/main.cf', main);
    },
  );

  lab(title('undone, the configuration is what it was'), async t => {
    t.timeout(300_000);
    const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback']);
    t.true(exitCode === 0 || exitCode === 7, stdout + stderr);
    t.deepEqual(differences(before, etc()), []);
    t.is((await host.run('postconf', ['-n'])).stdout.includes('bl.test'), false);
  });

  test.serial.after.always(async () => {
    dns?.close();
    await host?.stop();
  });
}
