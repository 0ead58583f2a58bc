import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import test from 'ava';
import {bootHost, type LabHost, labReason} from '../hosts/host.js';
import {changesSince, stateOf} from '../hosts/oracle.js';
import {differences, snapshot, untimed} from '../hosts/tree.js';
import {appears, until} from '../hosts/until.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
const dovetail = '/opt/dovetail/dovetail';
const answers = '/opt/dovetail/examples/first-server.yaml';
let host: LabHost;
let bare: ReadonlyMap<string, string>;

// What runs writes mail, queues and caches of its own; the configuration is what must be exact while it runs.
const configuration = () =>
  new Map([...snapshot(host.tree)].filter(([path]) => /^\/(?:etc|usr|root)\//.test(path)));
// A file that is written again has a new modification time: after a section's undo bytes, owner and mode count.
const read = (path: string) => readFileSync(`${host.tree}${path}`, 'latin1');
const doveconf = async () => (await host.run('doveconf', ['-n'])).stdout;

test.before(async () => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootHost();
    host.write('/root/anna.password', 'correct-horse-battery\n', 0o600);
    bare = await stateOf(host);
  }
});

test.after.always(async () => host?.stop());

lab('killed in the middle of the packages, the next start puts everything back', async t => {
  const running = host.run(dovetail, ['apply', '--answers', answers, '--yes']);
  t.true(await appears(host, '/usr/sbin/dovecot'));
  await host.run('pkill', ['-KILL', '-f', 'dovetail.mjs worker']);
  t.not((await running).exitCode, 0);
  const refused = await host.run(dovetail, ['apply', '--answers', answers, '--yes']);
  t.is(refused.exitCode, 3, refused.stdout + refused.stderr);
  t.regex(refused.stderr, /cut short/);
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback']);
  t.is(exitCode, 0, stdout + stderr);
  t.deepEqual(await changesSince(host, bare), []);
});

lab('killed while it proves, the next start puts everything back', async t => {
  const running = host.run(dovetail, ['apply', '--answers', answers, '--yes']);
  t.true(
    await until(
      async () => (await host.run('systemctl', ['is-active', '--quiet', 'postfix'])).exitCode === 0,
    ),
  );
  await host.run('pkill', ['-KILL', '-f', 'dovetail.mjs worker']);
  t.not((await running).exitCode, 0);
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback']);
  t.is(exitCode, 0, stdout + stderr);
  t.deepEqual(await changesSince(host, bare), []);
});

lab('one section goes back, the others stay to the byte', async t => {
  const applied = await host.run(dovetail, ['apply', '--answers', answers, '--yes']);
  t.is(applied.exitCode, 0, applied.stdout + applied.stderr);
  const before = configuration();
  const effective = await doveconf();
  const rehearsal = await host.run(dovetail, ['rollback', '--section', 'mailboxes', '--dry-run']);
  t.is(rehearsal.exitCode, 2, rehearsal.stderr);
  t.regex(rehearsal.stdout, /- +auto = subscribe/);
  t.deepEqual(differences(before, configuration()), []);
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback', '--section', 'mailboxes']);
  t.is(exitCode, 0, stdout + stderr);
  t.deepEqual(
    differences(untimed(before), untimed(configuration())).map(line => line.slice(0, line.indexOf(':'))),
    ['/etc/dovecot/conf.d/15-mailboxes.conf'],
  );
  const now = await doveconf();
  // As the package has it: nothing is subscribed by itself, and there is a second folder for what was sent.
  const second = /^ *mailbox "Sent Messages" \{\n(?: +.*\n)*? *\}\n/gm;
  t.is(now.replaceAll(second, ''), effective.replaceAll(/^ *auto = subscribe\n/gm, ''));
  t.regex(now, second);
  t.notRegex(effective, second);
  const again = await host.run(dovetail, ['rollback', '--section', 'mailboxes']);
  t.is(again.exitCode, 4);
  const back = await host.run(dovetail, ['rollback']);
  t.is(back.exitCode, 0, back.stdout + back.stderr);
  t.deepEqual(differences(untimed(before), untimed(configuration())), []);
});

lab('undoing a section that the server cannot work without is taken back itself', async t => {
  const before = untimed(configuration());
  const {exitCode, stdout} = await host.run(dovetail, ['rollback', '--section', 'delivery']);
  t.is(exitCode, 6, stdout);
  t.deepEqual(differences(before, untimed(configuration())), []);
});

lab('an edit made by hand since is kept by the undo, and said', async t => {
  host.write('/etc/postfix/main.cf', `${read('/etc/postfix/main.cf')}# by hand\nbiff = yes\n`);
  const status = await host.run(dovetail, ['status']);
  t.is(status.exitCode, 2, status.stdout);
  t.regex(status.stdout, /\/etc\/postfix\/main\.cf was changed since/);
  const {exitCode, stdout} = await host.run(dovetail, ['rollback', '--section', 'hardening']);
  t.is(exitCode, 0, stdout);
  t.regex(read('/etc/postfix/main.cf'), /# by hand\nbiff = yes\n/);
  t.notRegex(read('/etc/postfix/main.cf'), /disable_vrfy_command/);
  t.is((await host.run('postfix', ['check'])).exitCode, 0);
});

lab(
  'everything goes back over several transactions, newest first, the hand’s edit and the mail excepted',
  async t => {
    const {stdout} = await host.run(dovetail, ['history', '--json']);
    const first = (JSON.parse(stdout) as {id: string; state: string}[]).findLast(
      ({state}) => state === 'committed',
    );
    const refused = await host.run(dovetail, ['rollback', first?.id ?? '']);
    t.is(refused.exitCode, 9, refused.stdout + refused.stderr);
    await host.run('rm', ['-rf', '/var/vmail/example.test']);
    const back = await host.run(dovetail, ['rollback', first?.id ?? '', '--yes']);
    t.is(back.exitCode, 7, back.stdout + back.stderr);
    t.regex(back.stdout, /\/etc\/postfix\/main\.cf: our lines went back/);
  },
);
