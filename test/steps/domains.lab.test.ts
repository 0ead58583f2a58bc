import {execFileSync} from 'node:child_process';
import {readFileSync, truncateSync} from 'node:fs';
import test from 'ava';
import {play} from '../../src/probes/dialogue.js';
import {arrived, rcpt} from '../hosts/clients.js';
import {type LabHost, labReason} from '../hosts/host.js';
import {bootServer, password} from '../hosts/server.js';
import {differences, snapshot} from '../hosts/tree.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const auth = {user: 'anna@example.test', pass: password};
const base = readFileSync(new URL('../../../examples/first-server.yaml', import.meta.url), 'utf8');
const table = '/etc/postfix/virtual';
const lines = Array.from({length: 20_000}, (_, at) => `user${at}@example.test ${auth.user}\n`).join('');
const more = `more.test anything\ninfo@more.test ${auth.user}\naway@example.test me@far.invalid\n`;

let host: LabHost;
let before: ReadonlyMap<string, string>;
const etc = () => new Map([...snapshot(host.tree)].filter(([path]) => path.startsWith('/etc/')));
const run = async (...args: readonly string[]) => host.run(dovetail, args);
const write = (to: string, sender: string, subject: string) =>
  play({
    address: host.address,
    port: 25,
    protocol: 'smtp',
    tls: 'none',
    lines: [
      'EHLO probe.invalid',
      `MAIL FROM:<${sender}>`,
      `RCPT TO:<${to}>`,
      'DATA',
      `From: a@b.invalid\r\nSubject: ${subject}\r\n\r\nWords.\r\n.`,
      'QUIT',
    ],
  });

lab('a server with a row of somebody’s own in its table', async t => {
  t.timeout(600_000);
  execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
  host = await bootServer();
  host.write('/root/import.yaml', `${base}domains:\n  import_file: /root/aliases.txt\n`);
  host.write(
    table,
    `${readFileSync(host.tree + table, 'latin1')}# by hand\nold@example.test   ${auth.user}\n`,
  );
  t.is((await host.run('postmap', [`hash:${table}`])).exitCode, 0);
  before = etc();
});

for (const [name, text, words] of [
  [
    'as the document writes them (defect 7)',
    `a@example.test ${auth.user}\n<b@example.test> <c@example.test>\n`,
    /Line 2 .*angle brackets/,
  ],
  ['with lines of Windows', `a@example.test ${auth.user}\r\n`, /Line 1 ends as Windows/],
  ['with a byte order mark', `\ufeffa@example.test ${auth.user}\n`, /Line 1 begins with a byte order mark/],
  [
    'with a control character',
    `a@example.test ${auth.user}\nb@example.test \u0007\n`,
    /Line 2 has control characters/,
  ],
  ['that lead to nobody', `${lines}x@example.test nobody@example.test\n`, /Line 20001: there is no nobody@/],
] as const) {
  lab(`aliases ${name} are refused with the line, and nothing is written`, async t => {
    t.timeout(120_000);
    host.write('/root/aliases.txt', text);
    const {exitCode, stdout, stderr} = await run('apply', '--answers', '/root/import.yaml', '--yes');
    t.is(exitCode, 4, stdout + stderr);
    t.regex(stdout + stderr, words);
    t.deepEqual(differences(before, etc()), []);
  });
}

lab('a file of 100 MB is refused at once', async t => {
  t.timeout(120_000);
  truncateSync(`${host.tree}/root/aliases.txt`, 100 * 1024 * 1024);
  const {exitCode, stdout, stderr} = await run('plan', '--answers', '/root/import.yaml');
  t.is(exitCode, 4);
  t.regex(stdout + stderr, /100 MiB.*At most 64 MiB/);
});

lab('a good file is taken in, said what it brings, and proved; the same again plans nothing', async t => {
  t.timeout(600_000);
  host.write('/root/aliases.txt', lines + more);
  const {exitCode, stdout, stderr} = await run('apply', '--answers', '/root/import.yaml', '--yes');
  t.is(exitCode, 0, stdout + stderr);
  t.regex(
    stdout,
    /Mail of 1 aliases leaves this server \(line 20003: away@example\.test goes to me@far\.invalid\)/,
  );
  const text = readFileSync(host.tree + table, 'latin1');
  t.regex(text, /# by hand\nold@example\.test {3}anna@example\.test\n/);
  t.regex(text, /\nuser19999@example\.test anna@example\.test\n/);
  const again = await run('plan', '--answers', '/root/import.yaml');
  t.is(again.exitCode, 0, again.stdout);
});

lab(
  'mail for an alias, also in a domain of the file, reaches who it stands for; nobody else is there',
  async t => {
    t.timeout(120_000);
    await write('user12345@example.test', '', 'to one of many');
    await write('info@more.test', '', 'to the other domain');
    t.true(await arrived(host.address, auth, 'to one of many'));
    t.true(await arrived(host.address, auth, 'to the other domain'));
    t.is(await rcpt(host.address, 'postmaster@more.test'), '250');
    t.is(await rcpt(host.address, 'nobody-at-all@more.test'), '550');
    t.is(await rcpt(host.address, 'user20000@example.test'), '550');
  },
);

lab('status says in words what waits in the queue', async t => {
  t.timeout(120_000);
  const main = readFileSync(`${host.tree}/etc/postfix/main.cf`, 'latin1');
  t.regex((await run('status')).stdout, /No mail waits in the queue/);
  await host.run('postconf', ['-e', 'relayhost = [127.0.0.9]:2525']);
  await host.run('postfix', ['reload']);
  await write('away@example.test', auth.user, 'that leaves');
  await write('away@example.test', auth.user, 'that leaves too');
  let said = '';
  for (let tries = 0; tries < 60 && !/cannot be reached/.test(said); tries += 1) {
    await new Promise(resolve => setTimeout(resolve, 500));
    said = (await run('status')).stdout;
  }

  t.regex(said, /2 messages wait in the queue, the oldest for \d+ seconds/);
  t.regex(said, /Because the receiving server cannot be reached/);
  t.regex(said, /For example: connect to 127\.0\.0\.9\[127\.0\.0\.9\]:2525: Connection refused/);
  const {queue} = JSON.parse((await run('status', '--json')).stdout) as {
    queue: {count: number; reasons: {reason: string; count: number}[]};
  };
  t.is(queue.count, 2);
  t.like(queue.reasons, [{reason: 'unreachable', count: 2}]);
  await host.run('postsuper', ['-d', 'ALL']);
  host.write('/etc/postfix/main.cf', main);
  await host.run('postfix', ['reload']);
});

lab('one changed alias among them is one changed line', async t => {
  t.timeout(120_000);
  host.write(
    '/root/aliases.txt',
    lines.replace(`user777@example.test ${auth.user}`, 'user777@example.test user1@example.test') + more,
  );
  const {exitCode, stdout} = await run('plan', '--answers', '/root/import.yaml');
  t.is(exitCode, 2);
  t.deepEqual(
    stdout.match(/^ *[+-]user.*$/gm)?.map(line => line.trim()),
    ['-user777@example.test anna@example.test', '+user777@example.test user1@example.test'],
  );
});

lab(
  'a line that left the file leaves the table, what somebody changed by hand stays, and both are said',
  async t => {
    t.timeout(300_000);
    const text = readFileSync(host.tree + table, 'latin1');
    host.write(table, text.replace(/^user6@.*$/m, 'user6@example.test user1@example.test'));
    host.write(
      '/root/aliases.txt',
      lines.split('\n').slice(6).join('\n') + more + 'new@example.test user7@example.test\n',
    );
    host.write(
      '/root/typed.yaml',
      `${base}domains:\n  import_file: /root/aliases.txt\n  aliases: [boss@example.test=new@example.test]\n`,
    );
    const {exitCode, stdout, stderr} = await run('apply', '--answers', '/root/typed.yaml', '--yes');
    t.is(exitCode, 0, stdout + stderr);
    t.regex(stdout, /6 addresses left the file .*: user0@example\.test, /);
    t.regex(stdout, /1 rows were changed or taken out by somebody .*: user6@example\.test/);
    const now = readFileSync(host.tree + table, 'latin1');
    t.notRegex(now, /^user[0-5]@/m);
    t.regex(now, /^user6@example\.test user1@example\.test$/m);
    t.regex(now, /^boss@example\.test new@example\.test$/m);
    t.is(await rcpt(host.address, 'user5@example.test'), '550');
    t.is(await rcpt(host.address, 'boss@example.test'), '250');
    const again = await run('plan', '--answers', '/root/typed.yaml');
    t.is(again.exitCode, 0, again.stdout);
    t.is((await run('rollback')).exitCode, 0);
    t.is(
      readFileSync(host.tree + table, 'latin1'),
      text.replace(/^user6@.*$/m, 'user6@example.test user1@example.test'),
    );
    host.write(table, text);
  },
);

lab('undone, the table is the very one that was there', async t => {
  t.timeout(300_000);
  const {exitCode, stdout, stderr} = await run('rollback');
  t.true(exitCode === 0 || exitCode === 7, stdout + stderr);
  t.deepEqual(differences(before, etc()), []);
});

test.after.always(async () => host?.stop());
