import {spawn} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmdirSync} from 'node:fs';
import {simulatedAuthority} from '../system/certbot.js';
import {simulatedDatabases} from '../system/databases.js';
import {realFiles} from '../system/files.js';
import {createRun} from '../system/run.js';
import {ledgerFirewall} from '../system/firewall.js';
import {isLabelling} from '../system/selinux.js';
import {ledgerServices} from '../system/services.js';
import type {Run, System} from '../system/types.js';

export type OverlayView = {
  readonly system: System;
  /** Runs in the view with the machine's network: for downloads only. */
  readonly runOnline: Run;
  readonly close: () => void;
};

/**
 * The machine as a scratch copy: an overlay over `/` in private namespaces, seen by its own programs at its real paths and by
 * us through /proc. The holder process dies with us, and with it every mount: nothing of it is ever visible outside.
 * Throws where namespaces or overlays cannot be had.
 */
export const openView = async (machine: System): Promise<OverlayView> => {
  sweepDead();
  const scratch = mkdtempSync(`${mountPoint}${process.pid}-`);
  const holder = spawn(
    '/usr/bin/setpriv',
    [
      '--pdeathsig',
      'KILL',
      '/usr/bin/unshare',
      '--mount',
      '--net',
      '--ipc',
      '--uts',
      '--',
      '/usr/bin/sleep',
      'infinity',
    ],
    {stdio: 'ignore', env: {PATH: '/usr/bin'}},
  );
  holder.unref();
  const close = () => {
    process.off('exit', close);
    holder.kill('SIGKILL');
    try {
      rmdirSync(scratch);
    } catch {
      // Only an empty mount point is left; another close was there first.
    }
  };

  // Whoever is told to end does not come back to whoever would close it.
  process.on('exit', close);

  try {
    const pid = holder.pid ?? 0;
    await unshared(pid);
    const inside = createRun(['/usr/bin/nsenter', '-t', String(pid), '-m', '-n', '-i', '-u', '--']);
    const must = async (file: string, ...args: readonly string[]) => {
      const {exitCode, stderr} = await inside(file, args);
      if (exitCode !== 0) {
        throw new Error(`${file}: ${stderr.trim()}`);
      }
    };
    const merged = `${scratch}/merged`;
    await must('/usr/bin/mount', '-t', 'tmpfs', '-o', 'mode=0700', 'dovetail', scratch);
    const seen = `/proc/${pid}/root`;
    for (const folder of [`${scratch}/upper`, `${scratch}/work`, merged]) {
      mkdirSync(`${seen}${folder}`);
      chmodSync(`${seen}${folder}`, 0o755);
    }

    if (isLabelling(machine)) {
      // The root of the view: with the label of a temporary file, useradd(8) and all that is confined would not get past it.
      await must('/usr/bin/chcon', `--reference=${machine.tree}`, `${scratch}/upper`);
    }

    // Whoever mounts it is who looks into what lies below (kernel: filesystems/overlayfs, Permission model).
    await must(
      '/usr/bin/mount',
      '-t',
      'overlay',
      '-o',
      `lowerdir=${machine.tree},upperdir=${scratch}/upper,workdir=${scratch}/work`,
      'dovetail',
      merged,
    );
    // An unpacked image may have neither; on a machine this does nothing.
    mkdirSync(`${seen}${merged}/proc`, {recursive: true});
    mkdirSync(`${seen}${merged}/dev`, {recursive: true});
    await Promise.all([
      must('/usr/bin/mount', '-t', 'proc', 'proc', `${merged}/proc`),
      must('/usr/bin/mount', '--rbind', '/dev', `${merged}/dev`),
      inside('/usr/sbin/ip', ['link', 'set', 'lo', 'up']),
    ]);
    const enter = ['/usr/bin/nsenter', '-t', String(pid), '-m'];
    const chroot = [
      '--',
      '/usr/bin/unshare',
      '--pid',
      '--fork',
      '--kill-child',
      '--',
      '/usr/sbin/chroot',
      merged,
    ];
    const system: System = {
      ground: 'view',
      tree: merged,
      files: realFiles(`${seen}${merged}`),
      runs: true,
      run: createRun([...enter, '-n', '-i', '-u', ...chroot]),
      services: ledgerServices(machine.services.state),
      firewall: ledgerFirewall(machine.firewall.has),
      databases: simulatedDatabases(machine.databases.look),
      authority: simulatedAuthority(),
    };
    return {system, runOnline: createRun([...enter, ...chroot]), close};
  } catch (error) {
    close();
    throw error;
  }
};

/** Where a view is mounted, for its own processes alone; the rest of the name is the process that made it. */
const mountPoint = '/run/dovetail-view-';

// Empty mount points of processes that were killed. Those of others that live must stay: without them their view is gone.
const sweepDead = () => {
  for (const name of readdirSync('/run')) {
    const path = `/run/${name}`;
    const pid = path.startsWith(mountPoint) ? path.slice(mountPoint.length).split('-')[0] : undefined;
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) {
      try {
        rmdirSync(path);
      } catch {
        // Somebody else was there first.
      }
    }
  }
};

// The namespaces are there once the holder is no longer in ours.
const unshared = async (pid: number) => {
  const own = readlinkSync('/proc/self/ns/uts');
  for (let tries = 0; tries < 200; tries += 1) {
    try {
      if (
        readlinkSync(`/proc/${pid}/ns/uts`) !== own &&
        readlinkSync(`/proc/${pid}/exe`).endsWith('/sleep')
      ) {
        return;
      }
    } catch {
      // Not started yet.
    }

    await new Promise(resolve => setTimeout(resolve, 5));
  }

  throw new Error('no private namespaces could be made');
};
