import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {parse, stringify} from 'yaml';
import {bounces, nobodysRelay} from '../hosts/abuses.js';
import {arrived, rcpt, sendOut, submit} from '../hosts/clients.js';
import {bootHost, type LabHost, labReason, type Release as Name} from '../hosts/host.js';
import {changesSince, stateOf} from '../hosts/oracle.js';
import {differences, snapshot} from '../hosts/tree.js';

const dovetail = '/opt/dovetail/dovetail';
const answers = '/opt/dovetail/examples/first-server.yaml';

const anna = {user: 'anna@example.test', pass: 'correct-horse-battery'};
const example = new URL('../../../examples/first-server.yaml', import.meta.url);

/** What is different to ask for on a release, and what it answers. */
export type Release = {
  readonly name: Name;
  /** The package that brings Dovecot, and where its own certificate is put. */
  readonly dovecot: string;
  readonly certificates: string;
  /** Why there is no such host here. */
  readonly reason?: string | undefined;
  /** Name of a setting in this release's Dovecot, and its value once the example answers are applied (doveconf -h). */
  readonly effective: Readonly<Record<string, string>>;
  /** What else has to hold on this release while the server stands. */
  readonly also?: Readonly<Record<string, (t: ExecutionContext, host: LabHost) => Promise<void>>>;
};

/** A bare host of a release is set up, proved and undone; the tests of a file run one after the other on one host. */
export const firstServer = (release: Release) => {
  const reason = labReason() ?? release.reason;
  const lab = reason === undefined ? test.serial : test.serial.skip;
  if (reason !== undefined) {
    console.warn(`skipped: ${reason}`);
  }

  let host: LabHost;
  let bare: ReadonlyMap<string, string>;
  test.before(async () => {
    if (reason === undefined) {
      execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
      host = await bootHost({release: release.name});
      host.write('/root/anna.password', `${anna.pass}\n`, 0o600);
      bare = await stateOf(host);
    }
  });

  test.after.always(async () => host?.stop());

  const configuration = () =>
    new Map([...snapshot(host.tree)].filter(([path]) => /^\/(?:etc|usr|root)\//.test(path)));

  lab('a dry run shows the whole plan and leaves nothing behind on a bare host', async t => {
    const {exitCode, stdout} = await host.run(dovetail, ['apply', '--answers', answers, '--dry-run']);
    t.is(exitCode, 2);
    t.regex(stdout, new RegExp(`\\+ssl(?:_server)?_cert(?:_file)? = <?${release.certificates}/server\\.crt`));
    // What the Internet says of the name is said here too, not in the wizard alone.
    t.regex(stdout, /mail\.example\.test is not in DNS|No name server answered/);
    t.regex(stdout, new RegExp(`^\\s*\\+${release.dovecot} `, 'm'));
    t.notRegex(stdout, /correct-horse-battery|\$2y\$|BEGIN PRIVATE KEY/);
    t.deepEqual(await changesSince(host, bare), []);
  });

  lab('bad answers are refused with the line and the nearest name', async t => {
    host.write('/root/bad.yaml', 'version: 1\nrole:\n  hostnme: mail.example.test\n');
    const {exitCode, stderr} = await host.run(dovetail, ['plan', '--answers', '/root/bad.yaml']);
    t.is(exitCode, 4);
    t.regex(stderr, /bad\.yaml:3.*hostname/);
    await host.run('rm', ['/root/bad.yaml']);
  });

  lab('a bare host becomes a proved mail server', async t => {
    const {exitCode, stdout, stderr} = await host.run(dovetail, ['apply', '--answers', answers, '--yes']);
    t.is(exitCode, 0, stdout + stderr);
    t.notRegex(stdout, /\[FAIL\]|\[\?\](?! +(?:Whether port 25|No name server))/);
    t.regex(stdout, /A message sent by anna@example\.test arrived/);
    t.regex(stdout, /refuses to relay for strangers \(IPv4\)/);
    t.regex(stdout, /refuses to relay for strangers \(IPv6\)/);
    t.regex(stdout, /Done and proved/);
  });

  lab('afterwards the same answers plan nothing', async t => {
    const {exitCode, stdout} = await host.run(dovetail, ['plan', '--answers', answers]);
    t.is(exitCode, 0, stdout);
  });

  // Of the server that stands: on a bare host all of its packages would have to be tried once more.
  lab('without --yes nothing is changed', async t => {
    host.write('/root/imap.yaml', readFileSync(example, 'utf8').replace('[imap, pop3]', '[imap]'));
    const before = configuration();
    const {exitCode, stderr} = await host.run(dovetail, ['apply', '--answers', '/root/imap.yaml']);
    t.is(exitCode, 9, stderr);
    t.deepEqual(differences(before, configuration()), []);
    t.is((await host.run(dovetail, ['plan', '--answers', '/root/imap.yaml'])).exitCode, 2);
    await host.run('rm', ['/root/imap.yaml']);
  });

  lab(
    'odd values are read by the daemons as they were meant, or refused with the question named',
    async t => {
      const certificate = '/srv/odd/a%,b=c:d@e+f-g_h.pem';
      const banner = '$myhostname ESMTP \'a\' "b" \\c #d {e} <f> %n; | * ! ~ & ( [ ? `id` = , x\\';
      await host.run('install', ['-D', '-m', '0644', `${release.certificates}/server.crt`, certificate]);
      await host.run('install', ['-m', '0600', `${release.certificates}/server.key`, '/srv/odd/key.pem']);
      const plan = (added: Record<string, Record<string, unknown>>) => {
        const base = parse(readFileSync(example, 'utf8')) as Record<string, Record<string, unknown>>;
        const sections = Object.entries(added).map(([id, values]) => [id, {...base[id], ...values}]);
        host.write('/root/odd.yaml', stringify({...base, ...Object.fromEntries(sections)}), 0o600);
        return host.run(dovetail, ['plan', '--answers', '/root/odd.yaml', '--json']);
      };
      const {exitCode, stdout, stderr} = await plan({
        vmail: {root: '/srv/a,b=c@d+e-f_g.h'},
        storage: {path: '~/a-b_c.d'},
        tls: {source: 'own-files', certificate, key: '/srv/odd/key.pem'},
        mailboxes: {own: ['a-b_c']},
        smtp: {banner},
      });
      t.is(exitCode, 2, stdout + stderr);
      const {effective} = JSON.parse(stdout) as {effective: {of: string; lines: string[]}[]};
      const lines = effective.flatMap(({lines: all}) => all).filter(line => line.startsWith('+'));
      t.true(lines.includes(`+smtpd_banner = ${banner}`), lines.join('\n'));
      t.true(lines.includes(`+smtpd_tls_cert_file = ${certificate}`), lines.join('\n'));
      for (const value of [certificate, '/srv/a,b=c@d+e-f_g.h/', '~/a-b_c.d', 'a-b_c']) {
        t.true(
          lines.some(line => !/^\+(?:smtp|mydest)/.test(line) && line.includes(value)),
          `${value}\n${lines.join('\n')}`,
        );
      }

      for (const [section, question, value] of [
        ['vmail', 'root', '/srv/a%nb'],
        ['storage', 'path', '~/a b'],
        ['mailboxes', 'own', ['a"b']],
        ['smtp', 'banner', '$myhostname ESMTP $x'],
      ] as const) {
        const refused = await plan({[section]: {[question]: value}});
        t.is(refused.exitCode, 4, refused.stdout);
        t.regex(refused.stdout + refused.stderr, new RegExp(`${section}\\.${question}`));
      }

      await host.run('rm', ['-r', '/srv/odd', '/root/odd.yaml']);
    },
  );

  lab('Dovecot itself says that the settings are the ones that were asked for', async t => {
    for (const [name, value] of Object.entries(release.effective)) {
      const {stdout} = await host.run('doveconf', ['-h', name]);
      t.is(stdout.trim(), value, name);
    }

    const {stdout} = await host.run('doveadm', ['user', 'anna@example.test']);
    t.regex(stdout, /^home\s+\/var\/vmail\/example\.test\/anna$/m);
  });

  lab('nothing listens but SMTP, submission, IMAP and POP3', async t => {
    const {stdout} = await host.run('ss', ['-H', '-tln']);
    const ports = new Set([...stdout.matchAll(/:(\d+)\s/g)].map(match => Number(match[1])));
    t.deepEqual(
      [...ports].sort((a, b) => a - b),
      [25, 110, 143, 465, 587, 993, 995],
    );
  });

  lab('it is nobody’s relay, whichever way it is tried from outside, and sends nobody notices', async t => {
    t.timeout(300_000);
    await nobodysRelay(t, host, {domain: 'example.test', login: anna, ports: [25, 465, 587]});
    for (const sender of ['friend@elsewhere.invalid', '']) {
      const to = 'nobody@example.test';
      t.is(await sendOut(host.address, {to, subject: 'to nobody', from: sender}), '550', sender);
    }

    t.is(await rcpt(host.address, 'postmaster@example.test'), '250');

    t.deepEqual(await bounces(host), []);
  });

  lab('what a mail program sends, by either port, is in the mailbox', async t => {
    for (const port of [587, 465] as const) {
      const mail = {from: anna.user, to: anna.user, subject: `by ${port}`};
      t.is(await submit(host.address, anna, mail, port), 'sent');
      t.true(await arrived(host.address, anna, mail.subject));
    }
  });

  lab('root is refused with its right password', async t => {
    const shadow = join(host.tree, 'etc/shadow');
    const before = readFileSync(shadow);
    await host.run('chpasswd', [], {input: 'root:root-has-this-password\n'});
    const {stdout} = await host.run('doveadm', ['auth', 'test', 'root'], {input: 'root-has-this-password\n'});
    t.regex(stdout, /auth failed/);
    writeFileSync(shadow, before);
  });

  lab('no secret stands in the journal, in the plan or in the log', async t => {
    const {stdout} = await host.run('grep', [
      '-rlE',
      'correct-horse-battery',
      '/var/lib/dovetail',
      '/var/log',
      '/etc',
      '/tmp',
      '/run',
    ]);
    t.is(stdout, '');
  });

  for (const [title, check] of Object.entries(release.also ?? {})) {
    lab(title, async t => check(t, host));
  }

  lab('an undo is refused while mail waits in the queue, and loses none of it', async t => {
    const mail =
      'From: anna@example.test\nTo: somebody@elsewhere.invalid\nSubject: waiting\n\nThis must not be lost.\n';
    await host.run('postfix', ['stop']);
    await host.run('sendmail', ['-f', 'anna@example.test', 'somebody@elsewhere.invalid'], {input: mail});
    const {exitCode, stderr} = await host.run(dovetail, ['rollback']);
    t.is(exitCode, 3);
    t.regex(stderr, /1 messages wait in the queue/);
    const {stdout} = await host.run('grep', ['-rl', 'This must not be lost', '/var/spool/postfix']);
    t.regex(stdout, /\/maildrop\//);
    await host.run('find', ['/var/spool/postfix/maildrop', '-type', 'f', '-delete']);
  });

  lab('rollback gives the bare host back, once the mail was moved away', async t => {
    await host.run('rm', ['-r', '/var/vmail/example.test']);
    const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback']);
    t.is(exitCode, 0, stdout + stderr);
    t.deepEqual(await changesSince(host, bare), []);
  });
};
