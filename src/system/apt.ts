import {aptProblem} from './apt-problem.js';
import type {Host, ReadFiles, RunOptions, RunResult} from './types.js';

/** No questions, no restarts of others, no paging, existing configuration files stay (apt-get(8), dpkg(1)). */
const quiet = {
  DEBIAN_FRONTEND: 'noninteractive',
  NEEDRESTART_SUSPEND: '1',
  APT_LISTCHANGES_FRONTEND: 'none',
  UCF_FORCE_CONFFOLD: '1',
};
const options = [
  '-y',
  '-q',
  '-o',
  'DPkg::Lock::Timeout=120',
  '-o',
  'Dpkg::Use-Pty=0',
  '-o',
  'Dpkg::Options::=--force-confdef',
  '-o',
  'Dpkg::Options::=--force-confold',
];

/** Runs apt-get(8); a failure becomes a problem that names apt's own reason. */
export const aptGet = async (
  run: Host['run'],
  args: readonly string[],
  say: (line: string) => void,
): Promise<RunResult> => {
  const result = await run('/usr/bin/apt-get', [...options, ...args], {
    env: quiet,
    timeout: 0,
    onLine: say,
    limit: 8 * 1024 * 1024,
  });
  if (result.exitCode !== 0) {
    throw aptProblem(result);
  }

  return result;
};

/** Finishes what dpkg(1) was cut off in. An apt-get(8) that outlived its caller may still hold the lock: that is waited for. */
export const settleDpkg = async (run: Host['run'], say: (line: string) => void, seconds = 120) => {
  for (let tries = 0; tries < seconds; tries += 1) {
    const {exitCode: code, stderr} = await run(
      '/usr/bin/dpkg',
      ['--configure', '-a', '--force-confdef', '--force-confold'],
      {
        timeout: 0,
        env: quiet,
        onLine: say,
      },
    );
    if (code !== 2 || !/lock/.test(stderr)) {
      return;
    }

    await new Promise(resolve => setTimeout(resolve, 1000));
  }
};

/** Names of all packages that would go if these went and the package files came: those that depend on them go along. */
export const wouldRemove = async (
  run: Host['run'],
  names: readonly string[],
  archives: readonly string[] = [],
): Promise<readonly string[]> => {
  if (names.length === 0) {
    return [];
  }

  const args =
    archives.length === 0
      ? ['purge', '--', ...names]
      : ['install', '--no-install-recommends', '--', ...archives, ...names.map(name => `${name}-`)];
  const {stdout} = await run('/usr/bin/apt-get', ['--simulate', '-y', ...args], {env: quiet});
  return [...new Set([...stdout.matchAll(/^(?:Remv|Purg) (\S+)/gm)].map(match => match[1] ?? ''))];
};

/** Answers to a package's questions, given on standard input. */
export const preseed = async (
  run: Host['run'],
  answers: readonly {
    readonly package: string;
    readonly question: string;
    readonly type: string;
    readonly value: string;
  }[],
) => {
  const input = answers
    .map(({package: name, question, type, value}) => `${name} ${question} ${type} ${value}\n`)
    .join('');
  await run('/usr/bin/debconf-set-selections', [], {input} satisfies RunOptions);
};

/** Name and version of every installed package, from dpkg's own status file. */
export const installedPackages = (files: ReadFiles): Readonly<Record<string, string>> => {
  const found: Record<string, string> = {};
  let name = '';
  let installed = false;
  for (const line of (files.read('/var/lib/dpkg/status')?.toString('latin1') ?? '').split('\n')) {
    if (line.startsWith('Package: ')) {
      name = line.slice(9);
      installed = false;
    } else if (line.startsWith('Status: ')) {
      installed = line.endsWith(' installed');
    } else if (installed && line.startsWith('Version: ')) {
      found[name] = line.slice(9);
    }
  }

  return found;
};

/** Names that apt(8) would remove by itself once nothing needs them: a package that comes back is marked as it was. */
export const automaticPackages = (files: ReadFiles): ReadonlySet<string> =>
  new Set(
    (files.read('/var/lib/apt/extended_states')?.toString('utf8') ?? '')
      .split('\n\n')
      .filter(stanza => /^Auto-Installed: 1$/m.test(stanza))
      .map(stanza => /^Package: (\S+)$/m.exec(stanza)?.[1] ?? ''),
  );

const policyPath = '/usr/sbin/policy-rc.d';

/** policy-rc.d(8): 101 = no package may start its daemon. A half-configured server would refuse a live domain's mail. */
export const policyText =
  '#!/bin/sh\n# dovetail: nothing starts before it is configured and proved.\nexit 101\n';

/**
 * While packages go: a daemon may be stopped, and none starts. Debian's dovecot-core restarts Dovecot when a module goes, before
 * that module's own configuration files do; with 2.4 it does not start, and dpkg(1) calls that an error of the package.
 */
export const stopOnlyText =
  '#!/bin/sh\n# dovetail: nothing starts while packages are taken away.\ncase " $* " in *" stop "*) exit 0 ;; esac\nexit 101\n';

export {policyPath};
