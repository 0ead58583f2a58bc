import {setTimeout as wait} from 'node:timers/promises';
import {dnfRun, exchange, fetchInstalled, filesIn, stageFolder, wouldRemove} from './dnf-run.js';
import {holderOf, packageLockWait, processName} from './package-lock.js';
import {type PackageManager, textAt} from './package-manager.js';
import {unpackWhole} from './rpm-cut.js';
import {installedRpms, pathsOf, shippedFiles} from './rpm.js';
import type {ReadFiles} from './types.js';

/** dnf(8), version 4, and rpm(8) of Red Hat's family. Its packages start nothing when they are installed (systemd.preset(5)). */
export const dnf: PackageManager = {
  name: 'dnf',
  suffix: '.rpm',
  exactly: (name, version) => `${name}-${version}`,
  lockHolder: files => lockHolder(files),
  installed: installedRpms,
  automatic: async ({run}) => {
    const {stdout} = await run(
      '/usr/bin/dnf',
      ['-q', '-C', 'repoquery', '--installed', '--qf', '%{name} %{reason}'],
      {limit: 8 * 1024 * 1024},
    );
    return new Set([...stdout.matchAll(/^(\S+) (?:weak-)?dependency$/gm)].map(match => match[1] ?? ''));
  },
  known: async (host, names) => {
    const installed = await installedRpms(host);
    return names.filter(name => installed[name] !== undefined);
  },
  // dnf.conf(5), protected_packages: what dnf itself refuses to remove.
  isProtected: ({files}, name) =>
    (files.list('/etc/dnf/protected.d') ?? []).some(entry =>
      textAt(files, `/etc/dnf/protected.d/${entry}`).split('\n').includes(name),
    ),
  pathsOf,
  shipped: shippedFiles,
  stage: async ({system, online}, names, _answers, say) => {
    const {files, run} = system;
    if (files.lstat(stageFolder) === undefined) {
      files.makeDirectory(stageFolder, 0o755);
    }

    // The machine's own rules decide what may be trusted (gpgcheck); what they let through is pinned by its digest from here on.
    const options = ['--refresh', '--setopt=install_weak_deps=False'];
    const only = ['--downloadonly', `--downloaddir=${stageFolder}`];
    await dnfRun(online, ['install', ...options, ...only, '--', ...names], say);
    const found = await filesIn(system);
    await dnfRun(run, ['install', ...local, ...found.map(({path}) => path)], say);
    return found;
  },
  fetch: fetchInstalled,
  settle: async (system, cut, say) => {
    // A dnf(8) that outlived its caller goes on to the end.
    const until = Date.now() + packageLockWait * 1000;
    while (lockHolder(system.files) !== undefined && Date.now() < until) {
      await wait(500);
    }

    await unpackWhole(system, cut, say);
  },
  install: async ({run}, archives, {removing}, say) => {
    await dnfRun(run, ['install', ...local, ...(removing ? ['--allowerasing'] : []), ...archives], say);
  },
  markAutomatic: async (run, names) => {
    await run('/usr/bin/dnf', ['-y', '-q', 'mark', 'remove', ...names]);
  },
  wouldRemove,
  exchange,
  lastRun: async run => {
    const {stdout} = await run('/usr/bin/dnf', ['-q', '-C', 'history', 'list']);
    return /^\s*(\d+) \|/m.exec(stdout)?.[1];
  },
};

/** From the files alone: no repository has a say in what else comes. */
const local = ['--disablerepo=*', '--setopt=install_weak_deps=False'];

// dnf(8) writes its number into these files and leaves them behind; rpm(8) locks a file of its database.
const lockHolder = (files: ReadFiles) => {
  const pid = [
    '/var/lib/dnf/rpmdb_lock.pid',
    '/var/cache/dnf/metadata_lock.pid',
    '/var/cache/dnf/download_lock.pid',
  ]
    .map(path => textAt(files, path).trim())
    .find(number => /^\d+$/.test(number) && /dnf|yum|python/.test(textAt(files, `/proc/${number}/comm`)));
  return pid === undefined
    ? holderOf(files, ['/var/lib/rpm/.rpm.lock', '/usr/lib/sysimage/rpm/.rpm.lock'])
    : processName(files, pid);
};
