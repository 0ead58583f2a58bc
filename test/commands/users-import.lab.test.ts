import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {ImapFlow} from 'imapflow';
import test from 'ava';
import {arrived, inbox, sendOut, submit} from '../hosts/clients.js';
import {type LabHost, labReason, releases} from '../hosts/host.js';
import {bootServer, password} from '../hosts/server.js';
import {oddPasswords} from '../helpers/odd-passwords.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
const dovetail = '/opt/dovetail/dovetail';
const anna = {user: 'anna@example.test', pass: password};
let host: LabHost;

const users = (...args: readonly string[]) => host.run(dovetail, ['users', ...args]);
const list = () => readFileSync(`${host.tree}/etc/dovecot/users`, 'latin1');

test.before(() => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
  }
});

test.afterEach.always(async () => host?.stop());

for (const release of releases) {
  lab(
    `${release}: an account that is disabled gets its mail and lets nobody in; enabled, it has its password again`,
    async t => {
      host = await bootServer(release);
      const before = list();
      const session = await open();
      const off = await users('disable', 'anna@example.test');
      t.is(off.exitCode, 0, off.stdout + off.stderr);
      t.regex(off.stdout, /still gets mail/);
      t.regex(off.stdout, /Sessions that were ended: 1/);
      await session.closed;
      t.is(await inbox(host.address, anna), undefined);
      t.regex(
        await submit(host.address, anna, {from: anna.user, to: anna.user, subject: 'not sent'}),
        /authentication failed|Invalid login|535/i,
      );
      t.is(await sendOut(host.address, {to: anna.user, subject: 'while away'}), '250');
      t.is((await users('list')).stdout, 'anna@example.test  (disabled)');
      t.is((await users('disable', 'anna@example.test')).exitCode, 4);
      t.is((await users('passwd', 'anna@example.test', '--generate')).exitCode, 4);

      const on = await users('enable', 'anna@example.test');
      t.is(on.exitCode, 0, on.stdout + on.stderr);
      t.is(list(), before);
      t.true(await arrived(host.address, anna, 'while away'));
      t.is((await users('enable', 'anna@example.test')).exitCode, 4);

      const refused = [
        '# from the old server',
        'berta@example.test:{SHA512-CRYPT}$6$short',
        'carl@elsewhere.test,staple battery horse',
        'dora@example.test,short',
        'erik@example.test:{ROT13}cnffjbeq',
        '"fred@example.test","{BLF-CRYPT}x:0:0::/root"',
        'gina@example.test,staple battery horse',
        'gina@example.test,staple battery horse',
        '',
      ];
      host.write('/root/bad.csv', refused.join('\n'), 0o600);
      const bad = await users('import', '/root/bad.csv', '--yes');
      t.is(bad.exitCode, 4, bad.stdout);
      for (const line of [2, 3, 4, 5, 6, 8]) {
        t.regex(bad.stderr, new RegExp(`/root/bad\\.csv:${line}: `), bad.stderr);
      }

      t.notRegex(bad.stderr, /bad\.csv:7:|staple battery|cnffjbeq/);
      t.is(list(), before);

      const hash = (
        await host.run('doveadm', ['pw', '-s', 'SHA512-CRYPT'], {input: 'of the old server\n'.repeat(2)})
      ).stdout;
      const rows = [
        `berta@example.test:${hash}:1001:1001::/home/berta:/bin/bash`,
        `carl@example.test:${hash.replace('{SHA512-CRYPT}', '')}:19000:0:99999:7:::`,
        '"dora@example.test","a, quoted ""password"""',
        'anna@example.test,some other password',
        '',
      ];
      host.write('/root/open.csv', rows.join('\n'), 0o644);
      t.is((await users('import', '/root/open.csv', '--yes')).exitCode, 4);
      host.write('/root/good.csv', rows.join('\r\n'), 0o600);
      const dry = await users('import', '/root/good.csv', '--dry-run');
      t.is(dry.exitCode, 2, dry.stderr);
      t.regex(dry.stdout, /\+berta@example\.test \{SHA512-CRYPT\}•••/);
      t.regex(dry.stdout, /left as they are: 1/);
      t.is(list(), before);
      t.is((await users('import', '/root/good.csv')).exitCode, 9);

      const good = await users('import', '/root/good.csv', '--yes');
      t.is(good.exitCode, 0, good.stdout + good.stderr);
      t.regex(good.stdout, /dora@example\.test can log in/);
      t.true(list().startsWith(before));
      for (const [user, pass] of [
        ['berta@example.test', 'of the old server'],
        ['carl@example.test', 'of the old server'],
        ['dora@example.test', 'a, quoted "password"'],
      ] as const) {
        t.is(await sendOut(host.address, {to: user, subject: `to ${user}`}), '250');
        t.true(await arrived(host.address, {user, pass}, `to ${user}`));
      }

      // Homes and numbers of the other machine did not come along.
      t.is(
        (await host.run('doveadm', ['user', '-f', 'home', 'berta@example.test'])).stdout,
        '/var/vmail/example.test/berta',
      );
      // What was a password stands nowhere; a hash only in files that root alone reads.
      const found = await host.run('grep', [
        ...['-rlF', '--', 'a, quoted "password"', '/var/lib/dovetail', '/etc', '/var/log', '/tmp'],
      ]);
      t.is(found.stdout, '');
      const shown = await host.run('grep', [
        ...[
          '-rlF',
          '--include=plan.json',
          '--include=journal*',
          '--',
          hash.slice(20, 60),
          '/var/lib/dovetail',
        ],
      ]);
      t.is(shown.stdout, '');
      t.regex((await host.run(dovetail, ['history'])).stdout, /users import \/root\/good\.csv/);
      t.is((await users('import', '/root/good.csv', '--yes')).stdout.includes('Nothing to take in'), true);

      const odd = oddPasswords.map((pass, at) => ({user: `odd${at}@example.test`, pass}));
      const cells = odd.map(({user, pass}) => `${user},"${pass.replaceAll('"', '""')}"`);
      host.write('/root/odd.csv', `${cells.join('\n')}\n`, 0o600);
      const all = await users('import', '/root/odd.csv', '--yes');
      t.is(all.exitCode, 0, all.stdout + all.stderr);
      for (const one of odd) {
        t.deepEqual(await inbox(host.address, one), [], one.pass);
      }

      // What looks like a hash is a password where it is given as one, and is hashed; what bcrypt would cut off is refused.
      const braces = {user: 'anna@example.test', pass: '{PLAIN}or rather not: $6$a'};
      host.write('/root/braces.password', `${braces.pass}\n`, 0o600);
      const changed = await users('passwd', braces.user, '--password-from', 'file:/root/braces.password');
      t.is(changed.exitCode, 0, changed.stdout + changed.stderr);
      t.truthy(await inbox(host.address, braces));
      host.write('/root/long.password', `${'0123456789'.repeat(7)}abc\n`, 0o600);
      const long = await users('passwd', braces.user, '--password-from', 'file:/root/long.password');
      t.is(long.exitCode, 4, long.stdout);
      t.regex(long.stderr, /bcrypt reads no more than 72 bytes/);
      const mail = {from: 'odd0@example.test', to: braces.user, subject: 'from an odd one'};
      t.is(await submit(host.address, odd[0] ?? braces, mail), 'sent');
      t.true(await arrived(host.address, braces, mail.subject));
      t.is(await inbox(host.address, {...braces, pass: 'or rather not: $6$a'}), undefined);
    },
  );
}

// A mail program that stays connected.
const open = async () => {
  const client = new ImapFlow({
    host: host.address,
    port: 993,
    secure: true,
    auth: anna,
    tls: {rejectUnauthorized: false},
    logger: false,
  });
  client.on('error', () => undefined);
  const closed = new Promise<void>(resolve => void client.on('close', () => resolve()));
  await client.connect();
  return {closed};
};
