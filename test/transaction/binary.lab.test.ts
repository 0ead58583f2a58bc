import {execFileSync} from 'node:child_process';
import test from 'ava';
import {bootHost, type LabHost, labReason} from '../hosts/host.js';
import {differences, snapshot} from '../hosts/tree.js';

const isFull = process.env['DOVETAIL_FULL'] === '1';
const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
const dovetail = '/opt/dovetail/dovetail';
const tree = ['--root', '/srv/image'];
const apply = [dovetail, 'apply', ...tree, '--answers', '/opt/dovetail/examples/first-server.yaml', '--yes'];
const calls = ['fsync', 'link', 'rename', 'unlink', 'mkdir'] as const;
/** In the full mode several share the kills: each of them waits more than it works. */
const hosts: LabHost[] = [];

const image = (host: LabHost) =>
  new Map([...snapshot(host.tree)].filter(([path]) => /^\/(?:etc|usr|srv|var\/(?:vmail|lib))/.test(path)));
// Times and salted hashes are new in each run; which files there are, whose and how they are readable is not.
const shape = (found: ReadonlyMap<string, string>) =>
  new Map([...found].map(([path, line]) => [path, line.replace(/^(file \S+ \S+) .*/, '$1')]));

test.before(async () => {
  if (reason !== undefined) {
    return;
  }

  execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
  await Promise.all(Array.from({length: isFull ? 4 : 1}, prepare));
});

test.after.always(async () => {
  await Promise.all(hosts.map(host => host.stop()));
});

const prepare = async () => {
  const host = await bootHost();
  hosts.push(host);
  host.write('/root/anna.password', 'correct-horse-battery\n', 0o600);
  host.write('/usr/sbin/policy-rc.d', '#!/bin/sh\nexit 101\n', 0o755);
  const packages = ['strace', 'postfix', 'dovecot-imapd', 'dovecot-pop3d', 'dovecot-lmtpd'];
  await host.run('apt-get', ['update', '-q']);
  const options = [
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    'install',
    '-y',
    '-q',
    '--no-install-recommends',
  ];
  const installed = await host.run('env', [...options, ...packages]);
  if (installed.exitCode !== 0) {
    throw new Error(installed.stderr);
  }

  await host.run('postfix', ['check']);
  await host.run('mkdir', ['/srv/image']);
  await host.run('mount', ['--bind', '/', '/srv/image']);
};

/** How often the program's main thread, which makes all of its changes, makes each call in a whole run. */
const countCalls = async (host: LabHost) => {
  const traced = ['-qq', '-o', '/tmp/calls', '-e', `trace=${calls.join()}`, ...apply];
  const ran = await host.run('strace', traced);
  if (ran.exitCode !== 0 && ran.exitCode !== 11) {
    throw new Error(`${ran.exitCode}: ${ran.stdout}${ran.stderr}`);
  }

  const {stdout} = await host.run('cat', ['/tmp/calls']);
  return calls.map(
    call => [call, stdout.split('\n').filter(line => line.startsWith(`${call}(`)).length] as const,
  );
};

lab(
  'the program itself is killed at its system calls, then asked to put things in order: as before, or as planned',
  async t => {
    const undo = async (host: LabHost, when: string) => {
      const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback', ...tree]);
      t.is(exitCode, 0, `${when}: ${stdout}${stderr}`);
    };
    const before = hosts.map(image);
    const counts = await Promise.all(hosts.map(countCalls));
    const after = hosts.map(host => shape(image(host)));
    for (const [at, host] of hosts.entries()) {
      t.true(differences(before[at] ?? new Map(), image(host)).length > 10);
      await undo(host, 'without a kill');
      t.deepEqual(differences(before[at] ?? new Map(), image(host)), []);
    }

    const waiting = (counts[0] ?? []).flatMap(([call, count]) => {
      // What comes first is planning on a copy; the changes are made at the end.
      const points = Array.from({length: count}, (_, index) => ({call, n: count - index}));
      const step = Math.ceil(count / 2);
      return isFull ? points : points.filter((_, index) => index % step === Math.min(2, count - 1));
    });
    const all = waiting.length;
    let back = 0;
    let done = 0;
    const killOn = async (host: LabHost, at: number) => {
      for (let point = waiting.shift(); point !== undefined; point = waiting.shift()) {
        const {call, n} = point;
        await host.run('strace', [
          ...['-qq', '-o', '/tmp/calls', '-e', `trace=${call}`, '-e', `inject=${call}:signal=KILL:when=${n}`],
          ...apply,
        ]);
        const settled = await host.run(dovetail, ['status', ...tree, '--json']);
        const {unfinished} = JSON.parse(settled.stdout) as {unfinished: string | null};
        if (unfinished !== null) {
          await undo(host, `${call} ${n}`);
        }

        const left = differences(before[at] ?? new Map(), image(host));
        back += left.length === 0 ? 1 : 0;
        if (left.length > 0) {
          done += 1;
          t.deepEqual(differences(after[at] ?? new Map(), shape(image(host))), [], `${call} ${n}`);
          await undo(host, `${call} ${n}, as planned`);
          t.deepEqual(differences(before[at] ?? new Map(), image(host)), [], `${call} ${n}, undone`);
        }

        if ((all - waiting.length) % 50 === 0) {
          console.log(`# ${all - waiting.length} of ${all} kills`);
        }
      }
    };
    await Promise.all(hosts.map(killOn));
    t.log(`${back + done} of ${all} kills: ${back} as before, ${done} as planned`);
    t.is(back + done, all);
    t.true(back > 3);
  },
);
