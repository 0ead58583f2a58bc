import {execFileSync, spawn, spawnSync} from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {basename, dirname, join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {build} from 'esbuild';

/** How one boot of a guest ended. `said`: what it printed; `ms`: from its beginning to its end or to the cut. */
export type Boot = {readonly said: string; readonly cut: boolean; readonly ms: number};

/** A machine that is emulated, so that its power can be cut. */
export type Guest = {
  /** A copy of the disk, for one more way that things may go. */
  readonly copy: (disk: string) => string;
  /** An empty disk with a file system. */
  readonly disk: () => string;
  /** Starts it with a disk; `cutAfter`: milliseconds after it began to work, the emulator is killed. */
  readonly boot: (disk: string, act: string, cutAfter?: number) => Promise<Boot>;
  readonly remove: () => void;
};

/** Why there is no guest to test with; undefined where there is one. */
export const guestReason = (): string | undefined =>
  process.env['DOVETAIL_FULL'] !== '1'
    ? 'what runs in an emulated machine is for the full mode'
    : process.getuid?.() !== 0 || process.arch !== 'x64' || !existsSync('/usr/bin/apt-get')
      ? 'a guest needs root, a Debian system and its architecture x64'
      : undefined;

/** Milliseconds that one boot may take: everything is emulated. */
const longest = 300_000;

/** Installs the emulator where it is missing. */
export const needEmulator = () => {
  if (spawnSync('qemu-system-x86_64', ['--version']).status !== 0) {
    execFileSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'qemu-system-x86'], {
      stdio: 'ignore',
      env: {...process.env, DEBIAN_FRONTEND: 'noninteractive'},
    });
  }
};

/** What each guest has in common: two processors, a console, and an end instead of a reboot. */
export const emulatorArgs = [
  ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-nographic', '-no-reboot'],
] as const;

/** Fetches kernel and emulator where they are missing, and packs the program that the guest runs. */
export const makeGuest = async (entry: string): Promise<Guest> => {
  const work = mkdtempSync(join(tmpdir(), 'dovetail-guest-'));
  needEmulator();
  const kernel = fetchKernel(work);
  const tree = join(work, 'tree');
  for (const folder of ['bin', 'dev', 'proc', 'sys', 'tmp', 'data', 'modules', 'usr/bin', 'etc']) {
    mkdirSync(join(tree, folder), {recursive: true});
  }

  copyFileSync(join(kernel.unpacked, 'bin/busybox'), join(tree, 'bin/busybox'));
  for (const program of [process.execPath, '/usr/bin/cp', '/usr/bin/touch', '/usr/bin/perl', '/usr/bin/mv']) {
    addProgram(tree, program, program === process.execPath ? '/usr/bin/node' : program);
  }

  kernel.modules.forEach(
    (module, index) => void copyFileSync(module, join(tree, 'modules', `${100 + index}-${basename(module)}`)),
  );
  await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: join(tree, 'run.mjs'),
    logLevel: 'silent',
    banner: {
      js: "import {createRequire} from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  writeFileSync(join(tree, 'init'), init);
  chmodSync(join(tree, 'init'), 0o755);
  const initrd = join(work, 'initrd');
  execFileSync('sh', ['-c', 'find . | bin/busybox cpio -o -H newc > "$0" 2> /dev/null', initrd], {cwd: tree});
  let count = 0;
  const fresh = () => join(work, `disk-${++count}`);
  return {
    disk: () => {
      const path = fresh();
      execFileSync('mke2fs', ['-q', '-t', 'ext4', path, '64M']);
      return path;
    },
    copy: disk => {
      const path = fresh();
      cpSync(disk, path);
      return path;
    },
    boot: async (disk, act, cutAfter) => boot({kernel: kernel.image, initrd, disk, act, cutAfter}),
    remove: () => rmSync(work, {recursive: true, force: true}),
  };
};

const boot = async (input: {
  readonly kernel: string;
  readonly initrd: string;
  readonly disk: string;
  readonly act: string;
  readonly cutAfter: number | undefined;
}): Promise<Boot> => {
  const child = spawn(
    'qemu-system-x86_64',
    [
      ...emulatorArgs,
      ...['-m', '1024', '-kernel', input.kernel, '-initrd', input.initrd, '-nic', 'none'],
      ...['-drive', `file=${input.disk},if=virtio,format=raw`],
      ...['-append', `console=ttyS0 quiet panic=-1 dovetail=${input.act}`],
    ],
    {stdio: ['ignore', 'pipe', 'ignore']},
  );
  let said = '';
  let began = 0;
  let cut = false;
  const {promise, resolve} = Promise.withResolvers<void>();
  child.once('close', () => resolve());
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString('latin1');
    if (began === 0 && said.includes('@begin')) {
      began = Date.now();
      if (input.cutAfter !== undefined) {
        setTimeout(() => {
          cut = child.kill('SIGKILL');
        }, input.cutAfter);
      }
    }
  });
  const late = wait(longest, 'late' as const, {ref: false});
  if ((await Promise.race([promise, late])) === 'late') {
    child.kill('SIGKILL');
    throw new Error(`the guest did not end:\n${said.slice(-2000)}`);
  }

  return {said, cut: cut && !said.includes('@left'), ms: Date.now() - began};
};

// Debian's kernel for clouds, and what it needs for a disk with ext4; busybox for the first steps.
const fetchKernel = (work: string) => {
  const folder = join(work, 'packages');
  const unpacked = join(work, 'unpacked');
  mkdirSync(folder);
  const depends = execFileSync('apt-cache', ['depends', 'linux-image-cloud-amd64'], {encoding: 'utf8'});
  const name = /Depends: (linux-image-\S+)/.exec(depends)?.[1] ?? 'linux-image-cloud-amd64';
  execFileSync('apt-get', ['download', '-q', name, 'busybox-static'], {cwd: folder, stdio: 'ignore'});
  for (const file of readdirSync(folder)) {
    execFileSync('dpkg-deb', ['--extract', join(folder, file), unpacked]);
  }

  const version = readdirSync(join(unpacked, 'lib/modules'))[0] ?? '';
  const modules = join(unpacked, 'lib/modules', version);
  execFileSync(join(unpacked, 'bin/busybox'), ['depmod', '-b', unpacked, version]);
  return {
    image: join(unpacked, 'boot', `vmlinuz-${version}`),
    unpacked,
    modules: withDependencies(modules, ['virtio_pci', 'virtio_blk', 'crc32c_generic', 'ext4']),
  };
};

// modules.dep(5): what each needs stands behind it, the first needed last.
const withDependencies = (folder: string, names: readonly string[]): readonly string[] => {
  const lines = readFileSync(join(folder, 'modules.dep'), 'utf8').split('\n');
  const all = names.flatMap(name => {
    const [module = '', needs = ''] =
      lines.find(line => basename(line.split(':')[0] ?? '').startsWith(`${name}.ko`))?.split(':') ?? [];
    return module === '' ? [] : [...needs.trim().split(' ').filter(Boolean).toReversed(), module];
  });
  return [...new Set(all)].map(module => join(folder, module));
};

const addProgram = (tree: string, from: string, to: string) => {
  mkdirSync(join(tree, dirname(to)), {recursive: true});
  copyFileSync(from, join(tree, to));
  chmodSync(join(tree, to), 0o755);
  const {stdout} = spawnSync('ldd', [from], {encoding: 'utf8'});
  for (const [, library = ''] of stdout.matchAll(/(\/\S+) \(0x/g)) {
    if (!existsSync(join(tree, library))) {
      mkdirSync(join(tree, dirname(library)), {recursive: true});
      copyFileSync(library, join(tree, library));
    }
  }
};

const init = `#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
for module in /modules/*; do /bin/busybox insmod "$module"; done
/bin/busybox mount -t ext4 /dev/vda /data
act=$(/bin/busybox sed 's/.*dovetail=//; s/ .*//' /proc/cmdline)
/usr/bin/node /run.mjs /data "$act" 2>&1
/bin/busybox umount /data
/bin/busybox poweroff -f
`;
