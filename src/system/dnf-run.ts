import {dnfProblem} from './dnf-problem.js';
import type {PackageFile, StageGround} from './package-manager.js';
import {rpmFiles} from './rpm.js';
import type {Host, Run, RunResult} from './types.js';

/** Where package files are put in a scratch copy. */
export const stageFolder = '/var/cache/dovetail-packages';

const limit = 8 * 1024 * 1024;

/** Runs dnf(8) without questions; a failure becomes a problem that names dnf's own reason. */
export const dnfRun = async (
  run: Run,
  args: readonly string[],
  say: (line: string) => void,
  input?: string,
): Promise<RunResult> => {
  const result = await run('/usr/bin/dnf', ['-y', ...args], {
    timeout: 0,
    onLine: say,
    limit,
    ...(input === undefined ? {} : {input}),
  });
  if (result.exitCode !== 0) {
    throw dnfProblem(result);
  }

  return result;
};

/** The package files in a scratch copy. */
export const filesIn = async ({files, run}: StageGround['system']): Promise<readonly PackageFile[]> =>
  rpmFiles(
    {run},
    (files.list(stageFolder) ?? [])
      .filter(name => name.endsWith('.rpm'))
      .map(name => `${stageFolder}/${name}`),
  );

/** The file of exactly this version, from the machine's own sources. */
export const fetchInstalled = async (
  {system, online}: StageGround,
  name: string,
  version: string,
): Promise<PackageFile | string> => {
  const result = await online(
    '/usr/bin/dnf',
    ['-y', 'reinstall', '--downloadonly', `--downloaddir=${stageFolder}`, '--', `${name}-${version}`],
    {timeout: 0, limit},
  );
  const file = (await filesIn(system)).find(entry => entry.name === name && entry.version === version);
  return file ?? result.stderr.trim();
};

/** Names of all packages that would go if these went: those that depend on them. */
export const wouldRemove = async (
  run: Host['run'],
  names: readonly string[],
  archives: readonly string[],
): Promise<readonly string[]> => {
  if (names.length === 0) {
    return [];
  }

  const {stderr, stdout} = await run('/usr/bin/rpm', ['-e', '--test', '--', ...names], {limit});
  // “… is needed by (installed) name-version-release.architecture”
  const needing = [
    ...`${stderr}\n${stdout}`.matchAll(/ is needed by \(installed\) (\S+)-[^-\s]+-[^-\s]+$/gm),
  ];
  const coming = (await rpmFiles({run}, archives)).map(({name}) => name);
  return [...new Set(needing.map(match => match[1] ?? ''))].filter(name => !coming.includes(name));
};

/** Removes exactly these, and what comes back comes in the same transaction (dnf(8), shell). */
export const exchange = async (
  run: Run,
  archives: readonly string[],
  names: readonly string[],
  say: (line: string) => void,
) => {
  const options = ['--disablerepo=*', '--setopt=clean_requirements_on_remove=False'];
  if (archives.length > 0) {
    const commands = [
      ...(names.length === 0 ? [] : [`remove ${names.join(' ')}`]),
      `install ${archives.join(' ')}`,
      'run',
    ];
    await dnfRun(run, [...options, 'shell'], say, `${commands.join('\n')}\n`);
  } else if (names.length > 0) {
    await dnfRun(run, ['remove', ...options, '--', ...names], say);
  }
};
