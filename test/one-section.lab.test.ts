import {execFileSync} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import test from 'ava';
import {play} from '../src/probes/dialogue.js';
import {arrived, inbox, rcpt, submit} from './hosts/clients.js';
import {type LabHost, labReason, usualRelease} from './hosts/host.js';
import {bootServer} from './hosts/server.js';
import {differences, snapshot} from './hosts/tree.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
const dovetail = '/opt/dovetail/dovetail';
const anna = {user: 'anna@example.test', pass: 'correct-horse-battery'};
const berta = {user: 'berta@example.test', pass: 'staple battery horse'};
let host: LabHost;

// Content, owner and mode: a file that is written again has a new time.
const configuration = () =>
  new Map(
    [...snapshot(host.tree)]
      .filter(([path]) => path.startsWith('/etc/'))
      .map(([path, what]) => [path, what.replace(/^(file \S+ \S+) \d+/, '$1')]),
  );
const changed = (before: ReturnType<typeof configuration>) =>
  differences(before, configuration()).map(line => line.slice(0, line.indexOf(':')));

/** Applies these answers with one section named, as `dovetail SECTION` does with those that are typed. */
const change = async (section: string, answers: string) => {
  host.write('/root/section.yaml', `version: 1\n${answers}`);
  return host.run(dovetail, ['apply', '--answers', '/root/section.yaml', section, '--yes']);
};

const plansNothing = () => host.run(dovetail, ['plan']);

/** Where Postfix listens, as ss(8) writes it; or who else has these ports. */
const listening = async (ports = /:(?:25|465|587)$/) =>
  (await host.run('ss', ['-Hltn'])).stdout
    .split('\n')
    .map(line => line.trim().split(/\s+/)[3] ?? '')
    .filter(at => ports.test(at))
    .sort();
const on = (...addresses: readonly string[]) =>
  addresses.flatMap(address => [25, 465, 587].map(port => `${address}:${port}`)).sort();

const places = [
  ['imap', 143, 'none'],
  ['pop3', 110, 'none'],
  ['imap', 143, 'starttls'],
  ['pop3', 110, 'starttls'],
  ['imap', 993, 'wrapper'],
  ['pop3', 995, 'wrapper'],
] as const;

/** Whether a mail program on another machine is let in with the right password, and all that it hears. */
const tried = async ([protocol, port, tls]: (typeof places)[number]) => {
  const lines =
    protocol === 'imap' ? [`LOGIN ${anna.user} ${anna.pass}`] : [`USER ${anna.user}`, `PASS ${anna.pass}`];
  const {replies, kind} = await play({address: host.address, port, protocol, tls, lines});
  // A refusal may come to the name already.
  const answered = kind === 'played' ? replies.slice(1) : [];
  return {
    in:
      answered.length === lines.length &&
      answered.every(reply => /^(?:\+OK|d\d+ OK)/m.test(reply) && !/^(?:-ERR|d\d+ (?:NO|BAD))/m.test(reply)),
    all: replies.join('\n'),
  };
};

/** The same from this very machine, without TLS: its answer to the login. */
const triedFromItself = async () =>
  (
    await host.run('bash', [
      '-c',
      `exec 3<>/dev/tcp/127.0.0.1/143; printf 'a LOGIN %s %s\\r\\n' ${anna.user} ${anna.pass} >&3; timeout 30 sed -n '/^a /{p;q}' <&3`,
    ])
  ).stdout;

test.before(async () => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootServer();
    host.write('/root/berta.password', `${berta.pass}\n`, 0o600);
  }
});

test.after.always(async () => host?.stop());

lab('an account that its section alone adds is known to Postfix too: it gets mail and sends it', async t => {
  const before = configuration();
  const {exitCode, stdout, stderr} = await change(
    'auth-passwdfile',
    `auth-passwdfile:
  accounts:
    - name: ${anna.user}
      password: keep
    - name: ${berta.user}
      password: {from: file:/root/berta.password}
`,
  );
  t.is(exitCode, 0, stdout + stderr);
  t.deepEqual(
    changed(before).filter(path => !/\.(?:db|lmdb)$/.test(path)),
    ['/etc/dovecot/users', '/etc/postfix/vmailbox'],
  );
  t.is(await rcpt(host.address, berta.user), '250');
  t.is(
    await submit(host.address, berta, {from: berta.user, to: anna.user, subject: 'from the new one'}),
    'sent',
  );
  t.true(await arrived(host.address, anna, 'from the new one'));
  t.is((await plansNothing()).exitCode, 0);
});

lab('undoing the accounts alone would leave an address without one, so that is taken back', async t => {
  const before = configuration();
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback', '--section', 'auth-passwdfile']);
  t.is(exitCode, 6, stdout + stderr);
  t.regex(stdout, /takes mail for berta@example\.test/);
  t.deepEqual(changed(before), []);
});

lab('undone, the account is gone on both sides', async t => {
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback']);
  t.is(exitCode, 0, stdout + stderr);
  t.regex(await rcpt(host.address, berta.user), /^550/);
  t.is(await inbox(host.address, berta), undefined);
  t.is((await plansNothing()).exitCode, 0);
});

lab(
  'a domain that `role` alone adds has its role addresses, and the other sections’ own way stays',
  async t => {
    const before = configuration();
    const {exitCode, stdout, stderr} = await change(
      'role',
      'role:\n  domains: [example.test, second.test]\n',
    );
    t.is(exitCode, 0, stdout + stderr);
    t.regex(await rcpt(host.address, 'postmaster@second.test'), /^250/);
    t.regex(await rcpt(host.address, 'nobody@second.test'), /^550/);
    t.true(changed(before).includes('/etc/postfix/main.cf'));
    t.deepEqual(
      changed(before).filter(path => path.startsWith('/etc/dovecot/')),
      [],
    );
    t.is((await plansNothing()).exitCode, 0);
    const back = await host.run(dovetail, ['rollback']);
    t.is(back.exitCode, 0, back.stdout + back.stderr);
    t.deepEqual(changed(before), []);
  },
);

lab('POP3 goes by its own section, with its lines and ports and no others', async t => {
  const before = configuration();
  const {exitCode, stdout, stderr} = await change('protocols', 'protocols:\n  services: [imap]\n');
  t.is(exitCode, 0, stdout + stderr);
  t.true(
    changed(before).every(path => /^\/etc\/(?:dovecot|firewalld\/zones)\//.test(path)),
    changed(before).join(' '),
  );
  const {stdout: sockets} = await host.run('ss', ['-Hltn']);
  t.notRegex(sockets, /:(?:110|995)\s/);
  t.regex(sockets, /:993\s/);
  const back = await host.run(dovetail, ['rollback']);
  t.is(back.exitCode, 0, back.stdout + back.stderr);
  t.deepEqual(changed(before), []);
});

lab(
  'from another machine a password is taken in TLS alone, by IMAP and POP3, on the old ports too',
  async t => {
    for (const place of places) {
      const {in: isIn, all} = await tried(place);
      t.is(isIn, place[2] !== 'none', `${place.join(' ')}: ${all}`);
      if (place[2] === 'none') {
        t.regex(all, /(?:NO|-ERR) .*(?:plaintext|cleartext) authentication disallowed/i, place.join(' '));
      }
    }

    const {replies} = await play({
      address: host.address,
      port: 143,
      protocol: 'imap',
      tls: 'none',
      lines: ['CAPABILITY'],
    });
    t.regex(replies.at(-1) ?? '', /STARTTLS/);
    t.regex(replies.at(-1) ?? '', /LOGINDISABLED/);
  },
);

lab(
  'passwords without TLS, as instructions allow them: seen from outside alone, found by the check, closed by the same answers',
  async t => {
    t.timeout(600_000);
    const before = configuration();
    const account = ['--account', anna.user, '--password-from', 'file:/root/anna.password'];
    // From the machine itself such a login is let in whatever is configured: it proves nothing (both ends have one address).
    t.regex(await triedFromItself(), /^a OK/);
    const sound = await host.run(dovetail, ['check', ...account]);
    t.regex(sound.stdout, /Port 143 takes no password without TLS/);

    const local = '/etc/dovecot/local.conf';
    const text = existsSync(`${host.tree}${local}`)
      ? readFileSync(`${host.tree}${local}`, 'utf8')
      : undefined;
    const lines =
      usualRelease === 'trixie' ? 'auth_allow_cleartext = yes\n' : 'disable_plaintext_auth = no\n';
    host.write(local, `${text ?? ''}${lines}ssl = yes\n`);
    await host.run('doveadm', ['reload']);
    const [imap] = places;
    for (let tries = 0; !(await tried(imap)).in && tries < 20; tries += 1) {
      await new Promise(resolve => setTimeout(resolve, 250));
    }

    t.true((await tried(imap)).in, (await tried(imap)).all);
    t.true((await tried(places[1])).in);
    const found = await host.run(dovetail, ['check', ...account]);
    t.is(found.exitCode, 2, found.stdout);
    t.regex(found.stdout, /\[FAIL\] *Port 143 takes passwords without TLS/);

    const answers = '/opt/dovetail/examples/first-server.yaml';
    const dry = await host.run(dovetail, ['plan', '--answers', answers]);
    t.is(dry.exitCode, 2, dry.stdout + dry.stderr);
    t.regex(dry.stdout, usualRelease === 'trixie' ? /auth_allow_cleartext/ : /disable_plaintext_auth/);
    const {exitCode, stdout, stderr} = await host.run(dovetail, ['apply', '--answers', answers, '--yes']);
    t.is(exitCode, 0, stdout + stderr);
    for (const place of places) {
      t.is((await tried(place)).in, place[2] !== 'none', place.join(' '));
    }

    t.is((await plansNothing()).exitCode, 0);
    const back = await host.run(dovetail, ['rollback']);
    t.is(back.exitCode, 0, back.stdout + back.stderr);
    t.is(readFileSync(`${host.tree}${local}`, 'utf8'), `${text ?? ''}${lines}ssl = yes\n`);
    if (text === undefined) {
      await host.run('rm', [local]);
    } else {
      host.write(local, text);
    }

    await host.run('systemctl', ['restart', 'dovecot']);
    t.deepEqual(changed(before), []);
    t.false((await tried(imap)).in);
  },
);

lab('a name that `role` alone changes is in the certificate that is made here', async t => {
  const before = configuration();
  const {exitCode, stdout, stderr} = await change('role', 'role:\n  hostname: post.example.test\n');
  t.is(exitCode, 0, stdout + stderr);
  t.is((await host.run('postconf', ['-h', 'myhostname'])).stdout.trim(), 'post.example.test');
  t.true(
    changed(before).some(path => /\.(?:pem|crt)$/.test(path)),
    changed(before).join(' '),
  );
  t.is((await plansNothing()).exitCode, 0);
  const back = await host.run(dovetail, ['rollback']);
  t.is(back.exitCode, 0, back.stdout + back.stderr);
  t.deepEqual(changed(before), []);
});

lab('machines that are trusted send without a password, those of another protocol do not', async t => {
  const before = configuration();
  const elsewhere = 'friend@elsewhere.invalid';
  t.is(await rcpt(host.address, elsewhere), '554');
  // As people write their network, with the address of a machine: Postfix answers 451 to everybody where it stands so.
  const {exitCode, stdout, stderr} = await change(
    'smtp',
    `smtp:\n  networks: [${host.address.replace(/\d+$/, '9/24')}]\n`,
  );
  t.is(exitCode, 0, stdout + stderr);
  t.deepEqual(changed(before), ['/etc/postfix/main.cf']);
  t.is(await rcpt(host.address, elsewhere), '250');
  t.is(await rcpt(host.address6, elsewhere), '554');
  t.is((await plansNothing()).exitCode, 0);
  const back = await host.run(dovetail, ['rollback']);
  t.is(back.exitCode, 0, back.stdout + back.stderr);
  t.deepEqual(changed(before), []);
  t.is(await rcpt(host.address, elsewhere), '554');
});

lab('Postfix listens on the addresses that were named and nowhere else, then everywhere again', async t => {
  const before = configuration();
  const everywhere = await listening();
  t.deepEqual(everywhere, on('0.0.0.0', '[::]'));
  const {exitCode, stdout, stderr} = await change(
    'smtp',
    `smtp:\n  interfaces: list\n  addresses: [127.0.0.1, ${host.address}, '${host.address6}']\n`,
  );
  t.is(exitCode, 0, stdout + stderr);
  t.deepEqual(await listening(), on('127.0.0.1', host.address, `[${host.address6}]`));
  t.is((await plansNothing()).exitCode, 0);
  const back = await host.run(dovetail, ['rollback']);
  t.is(back.exitCode, 0, back.stdout + back.stderr);
  t.deepEqual(changed(before), []);
  t.deepEqual(await listening(), everywhere);
});

for (const {what, answers, at} of [
  {
    what: 'on named addresses of IPv4',
    answers: () => `  interfaces: list\n  addresses: [127.0.0.1, ${host.address}]\n`,
    at: () => on('127.0.0.1', host.address),
  },
  {what: 'for IPv4', answers: () => '  protocols: ipv4\n', at: () => on('0.0.0.0')},
  {
    what: 'for this machine',
    answers: () => '  interfaces: loopback\n',
    at: () => on('127.0.0.1', '[::1]'),
  },
]) {
  lab(
    `Postfix listens ${what} alone: that is proved where it listens, and it is closed elsewhere`,
    async t => {
      const before = configuration();
      const everywhere = await listening();
      const {exitCode, stdout, stderr} = await change('smtp', `smtp:\n${answers()}`);
      t.is(exitCode, 0, stdout + stderr);
      t.notRegex(stdout, /\[FAIL\]/);
      t.regex(stdout, /\[ok\] +Listening as asked: 25, [\d, ]+\(/);
      t.regex(stdout, /\[ok\] +Mail to postmaster@example\.test is accepted/);
      t.regex(stdout, /\[ok\] +A user who does not exist is refused on port 465/);
      t.deepEqual(await listening(), at());
      t.regex(await rcpt(host.address6, 'postmaster@example.test'), /ECONNREFUSED|EHOSTUNREACH|EACCES/);
      t.is((await plansNothing()).exitCode, 0);
      const back = await host.run(dovetail, ['rollback']);
      t.is(back.exitCode, 0, back.stdout + back.stderr);
      t.deepEqual(changed(before), []);
      t.deepEqual(await listening(), everywhere);
    },
  );
}

lab('a limit that our own checks are over too leaves them not checked, and is set and undone', async t => {
  const before = configuration();
  const {exitCode, stdout, stderr} = await change('limits', 'limits:\n  connection_rate: 3\n');
  t.is(exitCode, 0, stdout + stderr);
  t.notRegex(stdout, /\[FAIL\]/);
  t.notRegex(stdout, /is let in/);
  t.regex(stdout, /puts off who connects or sends too often/);
  // This machine itself has no limit, and recipients are judged as it is answered.
  t.regex(stdout, /\[ok\] +Mail to postmaster@example\.test is accepted/);
  t.is((await host.run('postconf', ['-h', 'smtpd_client_connection_rate_limit'])).stdout.trim(), '3');
  t.is((await plansNothing()).exitCode, 0);
  const back = await host.run(dovetail, ['rollback']);
  t.is(back.exitCode, 0, back.stdout + back.stderr);
  t.deepEqual(changed(before), []);
});

lab('mail is read on the addresses that were named and nowhere else, then everywhere again', async t => {
  const before = configuration();
  const reading = /:(?:110|143|993|995|4190)$/;
  const everywhere = await listening(reading);
  const addressesOf = (all: readonly string[]) =>
    [...new Set(all.map(at => at.slice(0, at.lastIndexOf(':'))))].sort();
  t.deepEqual(addressesOf(everywhere), ['0.0.0.0', '[::]']);
  const {exitCode, stdout, stderr} = await change(
    'protocols',
    `protocols:\n  listen: [${host.address}, '${host.address6}']\n`,
  );
  t.is(exitCode, 0, stdout + stderr);
  t.true(
    changed(before).every(path => path.startsWith('/etc/dovecot/')),
    changed(before).join(' '),
  );
  const narrow = await listening(reading);
  t.deepEqual(addressesOf(narrow), [host.address, `[${host.address6}]`].sort());
  t.is(narrow.length, everywhere.length);
  t.is((await plansNothing()).exitCode, 0);
  const foreign = await change('protocols', 'protocols:\n  listen: [203.0.113.77]\n');
  t.is(foreign.exitCode, 4, foreign.stdout + foreign.stderr);
  const back = await host.run(dovetail, ['rollback']);
  t.is(back.exitCode, 0, back.stdout + back.stderr);
  t.deepEqual(changed(before), []);
  t.deepEqual(await listening(reading), everywhere);
});

lab('POP3 alone: IMAP is closed, mail still arrives and is proved, and an undo brings IMAP back', async t => {
  const before = configuration();
  const reading = /:(?:110|143|993|995)$/;
  const all = await listening(reading);
  const {exitCode, stdout, stderr} = await change('protocols', 'protocols:\n  services: [pop3]\n');
  t.is(exitCode, 0, stdout + stderr);
  const ports = (await listening(reading)).map(at => at.slice(at.lastIndexOf(':') + 1));
  t.deepEqual([...new Set(ports)].sort(), ['110', '995']);
  const check = await host.run(dovetail, [
    ...['check', '--account', anna.user, '--password-from', 'file:/root/anna.password'],
  ]);
  t.regex(check.stdout, /arrived in the mailbox after \d+ ms/);
  t.is((await plansNothing()).exitCode, 0);
  const back = await host.run(dovetail, ['rollback']);
  t.is(back.exitCode, 0, back.stdout + back.stderr);
  t.deepEqual(changed(before), []);
  t.deepEqual(await listening(reading), all);
});

lab('who connects more often than is allowed is put off, the machine itself is not', async t => {
  const before = configuration();
  const rate = 20;
  const greetings = async () => {
    const said: string[] = [];
    for (let times = 0; times <= rate; times += 1) {
      const {replies} = await play({
        address: host.address,
        port: 25,
        protocol: 'smtp',
        tls: 'none',
        lines: ['QUIT'],
      });
      said.push(replies[0] ?? '');
    }

    return said;
  };
  const {exitCode, stdout, stderr} = await change('limits', `limits:\n  connection_rate: ${rate}\n`);
  t.is(exitCode, 0, stdout + stderr);
  const said = await greetings();
  t.regex(said[0] ?? '', /^220 /);
  t.regex(said.at(-1) ?? '', /^421 4\.7\.0 .*too many connections/);
  const own = await host.run('bash', [
    '-c',
    `for n in $(seq ${rate + 1}); do exec 3<>/dev/tcp/127.0.0.1/25; head -n 1 <&3; exec 3>&-; done`,
  ]);
  t.is(own.stdout.match(/^220 /gm)?.length, rate + 1, own.stdout + own.stderr);
  t.is((await plansNothing()).exitCode, 0);
  const back = await host.run(dovetail, ['rollback']);
  t.is(back.exitCode, 0, back.stdout + back.stderr);
  t.deepEqual(changed(before), []);
  t.true((await greetings()).every(greeting => greeting.startsWith('220 ')));
});
