import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {connect} from 'node:net';
import {setTimeout as wait} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {bootHost, install, type LabHost, labReason, usualRelease} from '../hosts/host.js';
import {preparedLayers} from '../hosts/layers.js';
import {differences, snapshot} from '../hosts/tree.js';

// Two real servers, one run that reaches the other over a real sshd; then mail that crosses, a partner that is down, a run that is
// killed between the two commits, and both as they were before.
const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const user = 'anna@example.test';
const names = ['mail1.example.test', 'mail2.example.test'] as const;
const example = readFileSync(new URL('../../../examples/dovecot-only.yaml', import.meta.url), 'utf8');
let here: LabHost;
let there: LabHost;
let before: readonly ReadonlyMap<string, string>[];
let instances: readonly string[];

const must = async (host: LabHost, file: string, ...args: readonly string[]) => {
  const {exitCode, stdout, stderr} = await host.run(file, args);
  if (exitCode !== 0) {
    throw new Error(`${file} ${args.join(' ')}: ${stdout}${stderr}`);
  }

  return stdout;
};

// Both stand on it: what apt brings is the same for every build of the program.
const packages = `set -e
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -y -q --no-install-recommends firewalld netbase nftables openssh-server dovecot-core dovecot-imapd dovecot-lmtpd dovecot-sieve
systemctl stop dovecot ssh firewalld
# Each host has keys of its own.
rm -f /etc/ssh/ssh_host_*
`;

const setUp = async (host: LabHost, name: string, other: LabHost) => {
  if (usualRelease === 'el9') {
    await install(host, 'dovecot', 'dovecot-pigeonhole');
  }

  await host.meet(other);
  const hosts = await must(host, 'cat', '/etc/hosts');
  host.write('/etc/hosts', `${hosts}\n${other.address} ${names.find(one => one !== name)}\n`);
  host.write('/root/anna.password', 'correct-horse-battery\n', 0o600);
  host.write('/root/server.yaml', example.replace('mail.example.test', name), 0o600);
  await must(host, 'ssh-keygen', '-q', '-A');
  // Where it is switched on it was started without keys as the host came up, and systemd has given it up.
  await host.run('systemctl', ['reset-failed', 'ssh']);
  await must(host, 'systemctl', 'restart', 'ssh');
  await must(host, dovetail, 'apply', '--answers', '/root/server.yaml', '--yes');
};

/** Both, or neither: one that has booted is not left behind where the other does not. */
const bootBoth = async () => {
  // The stand-in for EL9 has firewalld and an SSH server in its tree.
  const layers = usualRelease === 'el9' ? {} : {layers: await preparedLayers('pair', usualRelease, packages)};
  const booted = await Promise.allSettled(names.map(async hostname => bootHost({hostname, ...layers})));
  const hosts = booted.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []));
  const [first, second] = hosts;
  if (first === undefined || second === undefined) {
    await Promise.all(hosts.map(async host => host.stop()));
    throw booted.find(one => one.status === 'rejected')?.reason;
  }

  return [first, second] as const;
};

test.before(async () => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    [here, there] = await bootBoth();
    await Promise.all([setUp(here, names[0], there), setUp(there, names[1], here)]);
    await must(here, 'ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', '/root/.ssh/id_ed25519');
    await must(there, 'mkdir', '-p', '-m', '700', '/root/.ssh');
    there.write('/root/.ssh/authorized_keys', await must(here, 'cat', '/root/.ssh/id_ed25519.pub'), 0o600);
  }
});

test.after.always(async () => {
  await here?.stop();
  await there?.stop();
});

const pair = async (...more: readonly string[]) => {
  const {exitCode, stdout, stderr} = await here.run(dovetail, ['pair', ...more]);
  return {exitCode, text: stdout + stderr};
};

/** Hands a message to Dovecot's delivery agent, as a mail server does. */
const deliver = async (host: LabHost, subject: string) =>
  host.run('/usr/lib/dovecot/dovecot-lda', ['-d', user], {
    input: `From: ${user}\nTo: ${user}\nSubject: ${subject}\n\nHello.\n`,
  });

const until = async (host: LabHost, what: string, subject: string, shows: string) => {
  const query = ['-u', user, what, 'mailbox', 'INBOX', 'header', 'subject', subject];
  for (let tries = 0; tries < 60; tries += 1) {
    if ((await host.run('doveadm', ['fetch', ...query])).stdout.includes(shows)) {
      return true;
    }

    await wait(250);
  }

  return false;
};

/** What comes of knocking at a port from a machine that is neither of the two. */
const knocked = (host: string, port: number) =>
  new Promise<string>(resolve => {
    const socket = connect({host, port, timeout: 10_000});
    const end = (how: string) => {
      socket.destroy();
      resolve(how);
    };
    socket.on('connect', () => end('open'));
    socket.on('timeout', () => end('timeout'));
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? 'error'));
  });

const isPaired = async (host: LabHost) =>
  (await host.run('test', ['-e', '/etc/dovecot/conf.d/10-replication.conf'])).exitCode === 0;

/** Dovecot's list of its own instances, without what Dovecot itself fills in as it starts: when, and by which file. */
const instancesOf = async (host: LabHost) =>
  (await must(host, 'cat', '/var/lib/dovecot/instances')).replaceAll(/^\d+\t|\t[^\t\n]*$/gm, '');

const bothPlanNothing = async () =>
  (await Promise.all([here, there].map(host => host.run(dovetail, ['plan'])))).map(({exitCode}) => exitCode);

lab('a partner whose host key nobody knows is not talked to', async t => {
  const {exitCode, text} = await pair(names[1], '--yes');
  t.is(exitCode, 10, text);
  t.regex(text, /known_hosts/);
  const [type, key] = (await must(there, 'cat', '/etc/ssh/ssh_host_ed25519_key.pub')).split(' ');
  here.write('/root/.ssh/known_hosts', `${names[1]} ${type} ${key}\n`);
});

lab('folders that were made on both apart are named before anything is changed', async t => {
  for (const host of [here, there]) {
    await deliver(host, 'from before');
  }

  const {exitCode, text} = await pair(names[1], '--yes');
  t.is(exitCode, 2, text);
  t.regex(text, /anna@example\.test INBOX/);
  const command =
    /doveadm mailbox update -u '([^']+)' --mailbox-guid '(\w+)' '(INBOX)'/.exec(text)?.slice(1) ?? [];
  t.is(command.length, 3, text);
  const [name = '', guid = '', folder = ''] = command;
  await must(there, 'doveadm', 'mailbox', 'update', '-u', name, '--mailbox-guid', guid, folder);
  before = [here, there].map(({tree}) => snapshot(tree));
  instances = await Promise.all([here, there].map(instancesOf));
});

lab('one run makes two servers a pair, proved on both and confirmed', async t => {
  const {exitCode, text} = await pair(names[1], '--yes');
  t.is(exitCode, 0, text);
  t.regex(text, /A message that was stored here was read on mail2\.example\.test/);
  t.regex(text, /A message that was stored on mail2\.example\.test was read here/);
  t.regex(text, /A flag that was set on mail2\.example\.test was seen here/);
  t.regex(text, /Both servers are a pair now/);
  for (const host of [here, there]) {
    t.notRegex(await must(host, dovetail, 'status'), /goes back in|not finished/);
  }
});

lab(
  'what is delivered on one is read on the other, a flag crosses, and no mail of before is lost or doubled',
  async t => {
    for (const [from, to, subject] of [
      [here, there, 'one way'],
      [there, here, 'the other way'],
    ] as const) {
      await deliver(from, subject);
      t.true(await until(to, 'hdr.subject', subject, subject), subject);
    }

    await must(
      here,
      'doveadm',
      'flags',
      'add',
      '-u',
      user,
      '\\Flagged',
      'mailbox',
      'INBOX',
      'header',
      'subject',
      'the other way',
    );
    t.true(await until(there, 'flags', 'the other way', '\\Flagged'));
    for (const host of [here, there]) {
      const {stdout} = await host.run('doveadm', [
        'search',
        '-u',
        user,
        'mailbox',
        'INBOX',
        'header',
        'subject',
        'from before',
      ]);
      t.is(stdout.split('\n').filter(Boolean).length, 2);
    }
  },
);

lab('a second run plans nothing, here, there and for both', async t => {
  t.deepEqual(await bothPlanNothing(), [0, 0]);
  const {exitCode, text} = await pair(names[1], '--yes');
  t.is(exitCode, 0, text);
  t.regex(text, /a pair already/);
});

lab('only the partner reaches the port, and the secrets are for root alone', async t => {
  const rules = await must(there, 'firewall-cmd', '--list-rich-rules');
  t.regex(rules, new RegExp(`source address="${here.address}/32" port port="12345"`));
  t.notRegex(await must(there, 'firewall-cmd', '--list-ports'), /12345/);
  const {stdout} = await here.run('stat', [
    '-c',
    '%a %U',
    '/etc/dovecot/replication-password.conf',
    '/etc/dovecot/replication.key',
  ]);
  t.is(stdout, '600 root\n600 root');
  // Dovecot's own programs still work for everybody.
  t.is((await here.run('runuser', ['-u', 'nobody', '--', 'doveconf', '-h', 'mail_location'])).exitCode, 0);
  const password = (await must(here, 'cat', '/etc/dovecot/replication-password.conf')).split(' ')[2] ?? '?';
  for (const host of [here, there]) {
    t.is(
      (await host.run('grep', ['-rl', password, '/var/lib/dovetail/tx', '/var/log', '/tmp', '/run'])).stdout
        .replaceAll(/^.*\/blobs\/.*$/gm, '')
        .trim(),
      '',
    );
  }
});

lab(
  'a third machine is not let in at the port, by either protocol, whatever else it may reach there',
  async t => {
    for (const host of [here, there]) {
      for (const address of [host.address, host.address6]) {
        t.is(await knocked(address, 993), 'open', address);
        // What is prohibited is said so: of IPv6 by another number (ICMPv6, code 1).
        t.regex(await knocked(address, 12_345), /^(?:EHOSTUNREACH|EACCES|timeout)$/, address);
      }

      t.regex(await must(host, 'ss', '-H', '-tln'), /:12345\s/);
    }
  },
);

lab('a partner that was down catches up once it is back', async t => {
  await must(there, 'systemctl', 'stop', 'dovecot');
  await deliver(here, 'while it was down');
  const check = ['check', '--account', user, '--password-from', 'file:/root/anna.password'];
  const down = await here.run(dovetail, check);
  t.not(down.exitCode, 0);
  t.regex(down.stdout, /mail2\.example\.test does not answer/);
  await must(there, 'systemctl', 'start', 'dovecot');
  const {stdout} = await here.run(dovetail, check);
  t.regex(stdout, /A message that was stored here was read on mail2/);
  t.true(await until(there, 'hdr.subject', 'while it was down', 'while it was down'));
});

const undoBoth = async (t: ExecutionContext) => {
  for (const host of [here, there]) {
    const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback']);
    t.is(exitCode, 0, stdout + stderr);
  }

  for (const [index, {tree}] of [here, there].entries()) {
    const left = differences(before[index] ?? new Map(), snapshot(tree));
    t.deepEqual(
      left.filter(
        line => !/^\/var\/vmail\/|^\/root\/|^\/var\/lib\/dovecot\/(?:replicator|instances:)/.test(line),
      ),
      [],
    );
  }

  t.deepEqual(await Promise.all([here, there].map(instancesOf)), instances);
};

lab('undone on both, all is as it was before, and the mail is on both', async t => {
  await undoBoth(t);
});

lab('in two runs, by a file of root’s alone: exported here, imported there, a pair', async t => {
  // Who exports knows nothing of the other but what is said.
  here.write(
    '/root/pair.yaml',
    `version: 1\nreplication: {mode: pair, partner: ${names[1]}, addresses: [${there.address}]}\n`,
    0o600,
  );
  const dry = await pair('--export', '/root/half.json', '--answers', '/root/pair.yaml', '-n');
  t.is(dry.exitCode, 2, dry.text);
  t.not((await here.run('test', ['-e', '/root/half.json'])).exitCode, 0);
  const half = await pair('--export', '/root/half.json', '--answers', '/root/pair.yaml', '--yes');
  t.is(half.exitCode, 0, half.text);
  t.is(await must(here, 'stat', '-c', '%a %U', '/root/half.json'), '600 root');
  const again = await pair('--export', '/root/half.json', '--answers', '/root/pair.yaml', '--yes');
  t.is(again.exitCode, 4, again.text);

  const file = await must(here, 'cat', '/root/half.json');
  const taken = async () => {
    const {exitCode, stdout, stderr} = await there.run(dovetail, [
      'pair',
      '--import',
      '/root/half.json',
      '--yes',
    ]);
    return {exitCode, text: stdout + stderr};
  };
  there.write('/root/half.json', file, 0o644);
  t.is((await taken()).exitCode, 4);
  there.write('/root/other.json', file.replace('"version":1', '"version":9'), 0o600);
  await must(there, 'mv', '/root/other.json', '/root/half.json');
  t.is((await taken()).exitCode, 4);
  await must(there, 'rm', '/root/half.json');
  there.write('/root/half.json', file, 0o600);
  const other = await taken();
  t.is(other.exitCode, 0, other.text);
  t.regex(other.text, /A message that was stored here was read on mail1\.example\.test/);
  t.regex(other.text, /A message that was stored on mail1\.example\.test was read here/);
  t.deepEqual(await bothPlanNothing(), [0, 0]);
  await deliver(here, 'by file');
  t.true(await until(there, 'hdr.subject', 'by file', 'by file'));
});

lab('undone again, both are as they were', async t => {
  await undoBoth(t);
});

const bothUntouched = async (t: ExecutionContext) => {
  for (const host of [here, there]) {
    t.false(await isPaired(host));
    t.is((await host.run('systemctl', ['is-active', 'dovecot'])).stdout.trim(), 'active');
    t.notRegex(await must(host, dovetail, 'status'), /was begun|goes back in|not finished/);
    t.true(await until(host, 'hdr.subject', 'by file', 'by file'));
  }
};

lab('a partner whose half fails takes it back itself, and this side is never begun', async t => {
  // Its Dovecot does not start with the settings of a pair.
  const drop = '/etc/systemd/system/dovecot.service.d';
  const broken = "/bin/sh -c '! test -e /etc/dovecot/conf.d/10-replication.conf'";
  await must(there, 'mkdir', '-p', drop);
  there.write(`${drop}/fail.conf`, `[Service]\nExecStartPre=${broken}\nExecReload=${broken}\n`);
  await must(there, 'systemctl', 'daemon-reload');
  const {exitCode, text} = await pair(names[1], '--yes');
  await must(there, 'rm', '-r', drop);
  await must(there, 'systemctl', 'daemon-reload');
  t.is(exitCode, 6, text);
  t.regex(text, /Both servers are as they were before/);
  t.notRegex(text, /Now mail1\.example\.test/);
  await bothUntouched(t);
});

lab(
  'a partner that is lost in the middle is named with its half, and both are brought to one end later',
  async t => {
    const started = here.run(dovetail, ['pair', names[1], '--yes']);
    // Its settings are written; its proof is still to come.
    for (let tries = 0; tries < 1200 && !(await isPaired(there)); tries += 1) {
      await wait(250);
    }

    await must(there, 'systemctl', 'stop', 'ssh');
    await there.run('pkill', ['-KILL', '-x', 'sshd']);
    const {exitCode, stdout, stderr} = await started;
    t.is(exitCode, 3, stdout + stderr);
    t.regex(
      stdout,
      /mail2\.example\.test could not be asked: its half \(\d{8}T\d{6}Z-\w+\) goes back by itself/,
    );
    t.regex((await here.run(dovetail, ['status'])).stdout, /A pair with mail2\.example\.test was begun/);
    t.false(await isPaired(here));

    await must(there, 'systemctl', 'start', 'ssh');
    let ended = await pair('--finish');
    for (let tries = 0; tries < 60 && ended.exitCode === 3; tries += 1) {
      await wait(2000);
      ended = await pair('--finish');
    }

    t.is(ended.exitCode, 6, ended.text);
    t.regex(ended.text, /Both servers are as they were before/);
    await bothUntouched(t);
  },
);

lab('killed between the two commits, it is finished from what both sides say of themselves', async t => {
  const started = here.run('sh', [
    '-c',
    `${dovetail} pair ${names[1]} --yes >/root/pair.log 2>&1 & echo $! >/root/pair.pid; wait`,
  ]);
  const reached = async (words: RegExp) => {
    for (let tries = 0; tries < 1200; tries += 1) {
      if (words.test((await here.run('cat', ['/root/pair.log'])).stdout)) {
        return true;
      }

      await wait(250);
    }

    return false;
  };
  t.true(await reached(/Now mail1\.example\.test/));
  await must(
    here,
    'sh',
    '-c',
    'pkill -KILL -P "$(cat /root/pair.pid)"; kill -KILL "$(cat /root/pair.pid)" || true',
  );
  await started;
  t.regex((await here.run(dovetail, ['status'])).stdout, /A pair with mail2\.example\.test was begun/);
  t.regex(await must(there, dovetail, 'status'), /goes back in/);
  // What applies on this side goes on without us, or has not begun.
  let ended = await pair('--finish');
  for (let tries = 0; tries < 60 && ended.exitCode === 3; tries += 1) {
    await wait(2000);
    ended = await pair('--finish');
  }

  t.true(ended.exitCode === 0 || ended.exitCode === 6, ended.text);
  const paired = await Promise.all(
    [here, there].map(
      async host => (await host.run('test', ['-e', '/etc/dovecot/conf.d/10-replication.conf'])).exitCode,
    ),
  );
  t.is(paired[0], paired[1], ended.text);
  t.is(paired[0], ended.exitCode === 0 ? 0 : 1);
  t.notRegex((await here.run(dovetail, ['status'])).stdout, /was begun|goes back in/);
  t.notRegex(await must(there, dovetail, 'status'), /goes back in/);
});
