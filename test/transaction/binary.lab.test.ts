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
let host: LabHost;
let before: ReadonlyMap<string, string>;

const image = () =>
  new Map([...snapshot(host.tree)].filter(([path]) => /^\/(?:etc|usr|srv|var\/(?:vmail|lib))/.test(path)));
// Times and salted hashes are new in each run; which files there are, whose and how they are readable is not.
const shape = (found: ReadonlyMap<string, string>) =>
  new Map([...found].map(([path, line]) => [path, line.replace(/^(file \S+ \S+) .*/, '$1')]));

test.before(async () => {
  if (reason !== undefined) {
    return;
  }

  execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
  host = await bootHost();
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
  before = image();
});

test.after.always(async () => host?.stop());

/** How often the main thread makes each call in a whole run. */
const countCalls = async () => {
  const traced = ['-f', '-qq', '-o', '/tmp/calls', '-e', `trace=${calls.join()}`, ...apply];
  const ran = await host.run('strace', traced);
  if (ran.exitCode !== 0 && ran.exitCode !== 11) {
    throw new Error(`${ran.exitCode}: ${ran.stdout}${ran.stderr}`);
  }

  const {stdout} = await host.run('cat', ['/tmp/calls']);
  const lines = stdout.split('\n').flatMap(line => {
    const [, pid = '', name = ''] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
    return name === '' ? [] : [{pid, name}];
  });
  // The program itself; those that it starts make few of these calls.
  const most = (pid: string) => lines.filter(line => line.pid === pid).length;
  const main = [...new Set(lines.map(({pid}) => pid))].toSorted((one, other) => most(other) - most(one))[0];
  return new Map(
    calls.map(call => [call, lines.filter(({pid, name}) => pid === main && name === call).length]),
  );
};

lab(
  'the program itself is killed at its system calls, then asked to put things in order: as before, or as planned',
  async t => {
    const counts = await countCalls();
    const after = shape(image());
    t.true(differences(before, image()).length > 10);
    const undone = await host.run(dovetail, ['rollback', ...tree]);
    t.is(undone.exitCode, 0, undone.stdout + undone.stderr);
    t.deepEqual(differences(before, image()), []);
    let back = 0;
    let done = 0;
    for (const [call, count] of counts) {
      // What comes first is planning on a copy; the changes are made at the end.
      const points = Array.from({length: count}, (_, index) => count - index);
      const step = Math.ceil(count / 2);
      for (const n of isFull
        ? points
        : points.filter((_, index) => index % step === Math.min(2, count - 1))) {
        const inject = `inject=${call}:signal=KILL:when=${n}`;
        await host.run('strace', [
          '-f',
          '-qq',
          '-o',
          '/tmp/calls',
          '-e',
          `trace=${call}`,
          '-e',
          inject,
          ...apply,
        ]);
        const settled = await host.run(dovetail, ['status', ...tree, '--json']);
        const unfinished = (JSON.parse(settled.stdout) as {unfinished: string | null}).unfinished;
        if (unfinished !== null) {
          const recovered = await host.run(dovetail, ['rollback', ...tree]);
          t.is(recovered.exitCode, 0, `${call} ${n}: ${recovered.stdout}${recovered.stderr}`);
        }

        const left = differences(before, image());
        back += left.length === 0 ? 1 : 0;
        if (left.length > 0) {
          done += 1;
          t.deepEqual(differences(after, shape(image())), [], `${call} ${n}`);
          t.is((await host.run(dovetail, ['rollback', ...tree])).exitCode, 0);
          t.deepEqual(differences(before, image()), [], `${call} ${n}, undone`);
        }
      }
    }

    t.log(`${back + done} kills: ${back} as before, ${done} as planned`);
    t.true(back > 3);
  },
);
