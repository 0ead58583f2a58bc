import {spawn, spawnSync} from 'node:child_process';
import {createHash, randomInt} from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {execa} from 'execa';
import {noteBoot} from './booted.js';
import {standInLayers, standInReason} from './stand-in.js';

const root = new URL('../../../', import.meta.url).pathname;
/** Where the trees of the lab are. */
export const lab = process.env['DOVETAIL_LAB'] ?? join(root, '.lab');

/** What a host can run; `el9` is the stand-in (stand-in.ts). */
export type Release = DebianRelease | 'el9';
export type DebianRelease = 'bookworm' | 'trixie';

/** The one release that `./test/run --lab RELEASE` asks for. */
export const askedRelease = process.env['DOVETAIL_RELEASE'] as Release | undefined;

/** What a host runs whose test does not say it. */
export const usualRelease: Release = askedRelease ?? 'bookworm';

/** What a test goes through that is about no release: both of Debian's, or the one that is asked for. */
export const releases: readonly Release[] =
  askedRelease === undefined ? ['bookworm', 'trixie'] : [askedRelease];

/** What a helper runs (a directory, databases) beside a mail server of a release: what it needs, the stand-in has no packages of. */
export const debianFor = (release: Release): DebianRelease => (release === 'el9' ? 'bookworm' : release);

/** Where the program puts certificates of its own on a release. */
export const certificatesOf = (release: Release): string =>
  release === 'el9' ? '/etc/pki/dovetail' : '/etc/ssl/dovetail';

/** The same on the usual one. */
export const certificates = certificatesOf(usualRelease);

/** Packages of Dovecot with all that `names` stand for; EL9 has one for all of them. */
export const dovecots = (...names: readonly ('imapd' | 'pop3d' | 'lmtpd')[]): readonly string[] =>
  usualRelease === 'el9' ? ['dovecot'] : names.map(name => `dovecot-${name}`);

/** A real Debian machine: systemd booted in a network namespace of its own, on an overlay that is thrown away. */
export type LabHost = {
  /** Where the host's files can be seen from here. */
  readonly tree: string;
  readonly address: string;
  /** The same over IPv6. */
  readonly address6: string;
  readonly run: (
    file: string,
    args?: readonly string[],
    options?: {readonly input?: string; readonly timeout?: number},
  ) => Promise<{stdout: string; stderr: string; exitCode: number}>;
  readonly write: (path: string, text: string, mode?: number) => void;
  /** Puts a command inside, on the terminal or the streams of the caller: `[...enter, file, ...args]`. */
  readonly enter: readonly string[];
  /** Lets this host reach another one under its own address; elsewhere it goes by this machine's. */
  readonly meet: (other: {readonly address: string}) => Promise<void>;
  /** Pulls the plug, as far as processes go, and boots again from the same disk. */
  readonly reboot: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** Why no host can be booted on this machine; undefined where one can. */
export const labReason = (): string | undefined => {
  if (process.getuid?.() !== 0) {
    return 'the lab needs root';
  }

  const missing = ['mmdebstrap', 'systemd-nspawn', 'ip', '/usr/sbin/nft'].find(
    tool => spawnSync('which', [tool]).status !== 0,
  );
  return missing !== undefined
    ? `the lab needs ${missing}`
    : usualRelease === 'el9'
      ? standInReason()
      : undefined;
};

/** What every Debian server has, by priority: what is missing of it, apt would bring along with the first package. */
const include =
  'systemd,systemd-sysv,dbus,iproute2,ca-certificates,procps,util-linux,e2fsprogs,passwd,adduser';

/**
 * Packages that lie fetched in the bare tree, beside the lists of all that there are: what most tests set up, and what some have beside
 * it. A server that is in use has both, more or less; a host that had neither would fetch and unpack them anew for each plan.
 */
const fetched =
  'postfix postfix-ldap dovecot-imapd dovecot-pop3d dovecot-lmtpd dovecot-ldap libsasl2-modules openssh-server firewalld python3';

/**
 * A tree of the lab's that is made once, by `build` into an empty folder, and kept; a second one who wants it waits for the
 * first. Returns its path.
 */
export const built = async (name: string, build: (folder: string) => Promise<void>): Promise<string> => {
  const tree = join(lab, name);
  const lock = `${tree}.lock`;
  mkdirSync(lab, {recursive: true});
  while (!existsSync(tree)) {
    try {
      writeFileSync(lock, String(process.pid), {flag: 'wx'});
    } catch {
      await wait(500);
      // Whoever made it was killed.
      const holder = existsSync(lock) ? readFileSync(lock, 'utf8') : '';
      if (holder !== '' && !existsSync(`/proc/${holder}`)) {
        rmSync(lock, {force: true});
      }

      continue;
    }

    try {
      const fresh = mkdtempSync(join(lab, 'build-'));
      await build(fresh);
      renameSync(fresh, tree);
    } finally {
      rmSync(lock, {force: true});
    }
  }

  return tree;
};

/** The trees of a release that a bare host stands on. */
export const baseLayers = async (release: Release): Promise<string> =>
  release === 'el9' ? standInLayers(lab) : baseTree(release);

/** The bare tree of a release of Debian's. */
export const baseTree = async (release: DebianRelease): Promise<string> =>
  built(`base-${release}-${digestOf(include, fetched)}`, async fresh => {
    await execa(
      'mmdebstrap',
      ['--variant=apt', `--include=${include}`, release, fresh, ...mirrors(release)],
      {timeout: 480_000, stdin: 'ignore'},
    );
    for (const name of ['apt.conf.d', 'apt.conf']) {
      const from = join('/etc/apt', name);
      if (name === 'apt.conf' && existsSync(from)) {
        cpSync(from, join(fresh, 'etc/apt', name));
      }
    }

    // Certificates that this machine trusts for its mirror.
    if (existsSync('/usr/local/share/ca-certificates')) {
      cpSync('/usr/local/share/ca-certificates', join(fresh, 'usr/local/share/ca-certificates'), {
        recursive: true,
      });
    }

    // The mirror's name is looked up as this machine does.
    cpSync('/etc/resolv.conf', join(fresh, 'etc/resolv.conf'), {dereference: true});
    for (const args of [
      ['-q', '--error-on=any', 'update'],
      ['-q', '-y', '--download-only', '--no-install-recommends', 'install', ...fetched.split(' ')],
    ]) {
      await execa('systemd-nspawn', [...aside, '-D', fresh, 'apt-get', ...args], {
        timeout: 480_000,
        stdin: 'ignore',
      });
    }
  });

/** How systemd-nspawn(1) runs a command in a tree that is not booted, with this machine's network. */
export const aside = [
  ...['--quiet', '--register=no', '--keep-unit', '--as-pid2', '--console=pipe', '--resolv-conf=off'],
  ...['--timezone=off', '--link-journal=no'],
];

const digestOf = (...texts: readonly string[]) =>
  createHash('sha256').update(texts.join('\n')).digest('hex').slice(0, 8);

// The mirror is whatever this machine itself uses.
const mirrors = (release: string) => {
  const found = readdirSync('/etc/apt/sources.list.d')
    .filter(name => name.endsWith('.sources'))
    .map(name => readFileSync(join('/etc/apt/sources.list.d', name), 'utf8'))
    .flatMap(text => [...text.matchAll(/^URIs:\s*(\S+\/debian\/?)$/gm)].map(match => match[1] ?? ''));
  const classic = existsSync('/etc/apt/sources.list')
    ? [
        ...readFileSync('/etc/apt/sources.list', 'utf8').matchAll(
          /^deb\s+(?:\[[^\]]*\]\s+)?(\S+\/debian\/?)\s/gm,
        ),
      ].map(match => match[1] ?? '')
    : [];
  const mirror = [...found, ...classic][0];
  return mirror === undefined ? [] : [`deb ${mirror} ${release} main`];
};

/** What a host is made of, the uppermost first. */
type Layers = readonly string[];

/**
 * Boots a fresh host and waits until systemd says that it runs. `layers`: the trees that it stands on; without them, the
 * bare tree of the release. `keep`: told where its own files are once it is stopped, before they are thrown away.
 */
export const bootHost = async ({
  release = usualRelease,
  hostname = 'mail.example.test',
  layers,
  keep,
}: {
  readonly release?: Release;
  readonly hostname?: string;
  readonly layers?: Layers;
  readonly keep?: (upper: string) => void;
} = {}): Promise<LabHost> => {
  const lower = layers ?? [await baseLayers(release)];
  noteBoot(lower.join(':'));
  const number = randomInt(1, 250);
  const other = randomInt(1, 250);
  const name = `dtlab${process.pid % 100_000}-${number}-${other}`;
  const subnet = `10.${number}.${other}`;
  const outer = `dt${process.pid % 100_000}x${randomInt(1000)}`;
  const work = mkdtempSync(join(lab, 'host-'));
  const tree = join(work, 'root');
  for (const folder of ['upper', 'work', 'root']) {
    mkdirSync(join(work, folder));
  }

  await sh(
    'mount',
    '-t',
    'overlay',
    'overlay',
    '-o',
    `lowerdir=${lower.join(':')},upperdir=${work}/upper,workdir=${work}/work`,
    tree,
  );
  await sh('ip', 'netns', 'add', name);
  await sh('ip', 'link', 'add', outer, 'type', 'veth', 'peer', 'name', 'host0', 'netns', name);
  await sh('ip', 'address', 'add', `${subnet}.1/24`, 'dev', outer);
  await sh('ip', 'link', 'set', outer, 'up');
  for (const args of [
    ['address', 'add', `${subnet}.2/24`, 'dev', 'host0'],
    ['link', 'set', 'lo', 'up'],
    ['link', 'set', 'host0', 'up'],
    ['route', 'add', 'default', 'via', `${subnet}.1`],
  ]) {
    await sh('ip', '-n', name, ...args);
  }

  const six = `fd00:${number.toString(16)}:${other.toString(16)}::`;
  await sh('ip', 'address', 'add', `${six}1/64`, 'dev', outer, 'nodad');
  await sh('ip', '-n', name, 'address', 'add', `${six}2/64`, 'dev', 'host0', 'nodad');
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
  // Each systemd has several of the 128 that all of root's processes share (inotify(7)): with a dozen of hosts none would be left.
  writeFileSync('/proc/sys/fs/inotify/max_user_instances', '4096');
  // By its path: a development package brings a program of the same name into npm's PATH.
  const table = name.replaceAll('-', '_');
  await sh('/usr/sbin/nft', 'add', 'table', 'ip', table);
  await sh(
    '/usr/sbin/nft',
    'add',
    'chain',
    'ip',
    table,
    'post',
    '{ type nat hook postrouting priority 100; }',
  );
  await sh(
    '/usr/sbin/nft',
    'add',
    'rule',
    'ip',
    table,
    'post',
    'ip',
    'saddr',
    `${subnet}.0/24`,
    'oifname',
    '!=',
    outer,
    'masquerade',
  );
  writeFileSync(
    join(tree, 'etc/hosts'),
    `127.0.0.1 localhost\n::1 localhost\n${subnet}.2 ${hostname} ${hostname.split('.')[0]}\n`,
  );
  writeFileSync(join(tree, 'etc/hostname'), `${hostname.split('.')[0]}\n`);
  rmSync(join(tree, 'etc/resolv.conf'), {force: true});
  cpSync('/etc/resolv.conf', join(tree, 'etc/resolv.conf'), {dereference: true});
  // A name server that is slow to answer must not decide a test; lookups that matter are of names that the hosts know.
  appendFileSync(join(tree, 'etc/resolv.conf'), 'options timeout:1 attempts:2\n');
  mkdirSync(join(tree, 'opt/dovetail'), {recursive: true});
  // As on any machine, what was compiled is kept: a program that compiles itself anew each time is slower than its users'.
  const cache = join(root, 'dist/cache');
  mkdirSync(cache, {recursive: true});
  const args = [
    '--register=no',
    '--keep-unit',
    '--resolv-conf=off',
    // Mounted over /etc/localtime, it could not be replaced by the package that owns it.
    '--timezone=off',
    `--bind-ro=${root}:/opt/dovetail`,
    `--bind=${cache}:/opt/dovetail/dist/cache`,
    '-D',
    tree,
    '-b',
    '--console=read-only',
    `--network-namespace-path=/run/netns/${name}`,
    `--hostname=${hostname.split('.')[0]}`,
    '--capability=CAP_NET_ADMIN,CAP_SYS_ADMIN,CAP_MKNOD',
  ];
  const start = () =>
    spawn('setsid', ['sh', '-c', inOwnGroup, name, ...args], {
      stdio: 'ignore',
      env: {PATH: process.env['PATH']},
    });
  let nspawn = start();
  let leader = '';
  const ended = async () => {
    for (let tries = 0; nspawn.exitCode === null && nspawn.signalCode === null && tries < 100; tries += 1) {
      await wait(100);
    }
  };
  const stop = async () => {
    // Files that are kept have to be whole; the others go with the host, and nothing of it needs an orderly end.
    if (leader !== '') {
      spawnSync('kill', ['-s', keep === undefined ? 'KILL' : 'RTMIN+4', leader]);
    }

    await ended();
    nspawn.kill('SIGKILL');
    spawnSync('ip', ['link', 'delete', outer]);
    spawnSync('ip', ['netns', 'delete', name]);
    spawnSync('/usr/sbin/nft', ['delete', 'table', 'ip', table]);
    for (let tries = 0; spawnSync('umount', [tree]).status !== 0 && tries < 50; tries += 1) {
      await wait(100);
    }

    for (const group of groups.map(folder => join(folder, name)).filter(existsSync)) {
      spawnSync('find', [group, '-depth', '-type', 'd', '-delete']);
    }

    keep?.(join(work, 'upper'));
    rmSync(work, {recursive: true, force: true});
  };

  const enter = () => ['nsenter', '-t', leader, '-a', 'env', '-i', ...environment];
  const run: LabHost['run'] = async (file, runArgs = [], {input, timeout = 900_000} = {}) => {
    const [first = '', ...rest] = enter();
    const result = await execa(first, [...rest, file, ...runArgs], {
      reject: false,
      timeout,
      ...(input === undefined ? {stdin: 'ignore'} : {input}),
    });
    return {stdout: result.stdout, stderr: result.stderr, exitCode: result.exitCode ?? -1};
  };
  const up = async () => {
    leader = await leaderOf(nspawn.pid ?? 0);
    for (let tries = 0; tries < 2400; tries += 1) {
      const {stdout} = await run('systemctl', ['is-system-running']);
      if (/running|degraded/.test(stdout)) {
        return;
      }

      await wait(100);
    }

    throw new Error('the host did not come up');
  };

  try {
    await up();
    return {
      tree,
      address: `${subnet}.2`,
      address6: `${six}2`,
      run,
      get enter() {
        return enter();
      },
      reboot: async () => {
        spawnSync('kill', ['-KILL', leader]);
        await ended();
        nspawn = start();
        await up();
      },
      meet: async other => {
        const to = other.address.replace(/\d+$/, '0/24');
        const rule = ['ip', 'saddr', `${subnet}.0/24`, 'ip', 'daddr', to, 'accept'];
        await sh('/usr/sbin/nft', 'insert', 'rule', 'ip', table, 'post', ...rule);
      },
      stop,
      write: (path, text, mode = 0o644) => writeFileSync(join(tree, path), text, {mode}),
    };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** Installs what a test needs beside the program, as the release does that. Throws with what the package manager says. */
export const install = async (host: LabHost, ...names: readonly string[]) => {
  const {exitCode, stdout, stderr} = await host.run('sh', [
    '-c',
    'if command -v apt-get; then apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "$@"; else dnf -yq install "$@"; fi',
    'sh',
    ...names,
  ]);
  if (exitCode !== 0) {
    throw new Error(stdout + stderr);
  }
};

const environment = [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'HOME=/root',
  'LANG=C.UTF-8',
];

/** Where control groups can be, old and new (cgroups(7)). */
const groups = ['/sys/fs/cgroup', '/sys/fs/cgroup/systemd', '/sys/fs/cgroup/unified'];

// Started from one group, all hosts share the groups of services of one name, and where one removes that of a service that has ended,
// another cannot start its own (“Failed to spawn executor: No such file or directory”, seen with systemd 257).
const inOwnGroup = `for folder in ${groups.join(' ')}; do
  if test -e "$folder/cgroup.procs"; then mkdir -p "$folder/$0" && echo $$ > "$folder/$0/cgroup.procs"; fi
done
exec systemd-nspawn "$@"`;

const sh = async (file: string, ...args: readonly string[]) => execa(file, args);

// setsid starts nspawn, nspawn starts the host's systemd: the leader is the child of the one that is systemd-nspawn.
const leaderOf = async (pid: number) => {
  for (let tries = 0; tries < 200; tries += 1) {
    try {
      const [found = ''] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
      if (found !== '' && readFileSync(`/proc/${found}/comm`, 'utf8').trim() === 'systemd') {
        return found;
      }
    } catch {
      // Not there yet, or a helper that has ended since.
    }

    await wait(50);
  }

  throw new Error('systemd-nspawn did not start');
};
