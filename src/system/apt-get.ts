import {aptProblem} from './apt-problem.js';
import type {Preseed} from './package-manager.js';
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
  // Seconds of silence (apt-transport-http(1)): each package that waits for a dead line waits as long.
  '-o',
  'Acquire::http::Timeout=15',
  '-o',
  'Acquire::https::Timeout=15',
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
export const preseed = async (run: Host['run'], answers: Preseed) => {
  const input = answers
    .map(({package: name, question, type, value}) => `${name} ${question} ${type} ${value}\n`)
    .join('');
  await run('/usr/bin/debconf-set-selections', [], {input} satisfies RunOptions);
};

const answersPath = '/var/cache/debconf/config.dat';

/** Names out of these that debconf(7) keeps answers for (Owners, debconf-devel(7)). */
export const answered = (files: ReadFiles, names: readonly string[]): readonly string[] => {
  const owners = new Set(
    [...(files.read(answersPath)?.toString('utf8') ?? '').matchAll(/^Owners: (.+)$/gm)].flatMap(match =>
      (match[1] ?? '').split(/,\s*/),
    ),
  );
  return names.filter(name => owners.has(name));
};

/** Takes back answers that were given for packages that are not there: a purge does so only where the package was unpacked. */
export const forgetAnswers = async (run: Host['run'], names: readonly string[]) => {
  for (const name of names) {
    await run('/usr/bin/debconf-communicate', [name], {input: 'PURGE\n'} satisfies RunOptions);
  }
};
