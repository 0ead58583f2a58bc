import {dnfRun} from './dnf-run.js';
import {parentOf} from './files.js';
import type {CutPackage} from './package-manager.js';
import {installedRpms} from './rpm.js';
import type {System} from './types.js';

/**
 * rpm(8) records a package once all of its files are there: cut short before that, the files belong to nobody. Unpacked whole
 * once more, without scripts, it is known and can be removed in the usual way; the file that was being written goes.
 */
export const unpackWhole = async (
  system: System,
  cut: readonly CutPackage[],
  say: (line: string) => void,
) => {
  const installed = await installedRpms(system);
  const missing = cut.filter(({name}) => installed[name] === undefined);
  let begun = false;
  for (const {archive} of missing) {
    begun = (archive !== undefined && (await hasBegun(system, archive))) || begun;
  }

  const archives = missing.flatMap(({archive}) => (archive === undefined ? [] : [archive]));
  if (begun && archives.length > 0) {
    const options = ['--disablerepo=*', '--setopt=install_weak_deps=False', '--setopt=tsflags=noscripts'];
    await dnfRun(system.run, ['install', ...options, ...archives], say);
  }
};

// Takes away what was being written, and says whether there are files that no package knows.
const hasBegun = async ({files, run}: System, archive: string) => {
  const {stdout} = await run('/usr/bin/rpm', ['-qpl', '--nodigest', '--nosignature', archive], {
    limit: 8 * 1024 * 1024,
  });
  const paths = stdout.split('\n').filter(path => path.startsWith('/'));
  for (const path of paths) {
    const folder = parentOf(path);
    // rpm writes to “name;” with eight digits of its own first (lib/fsm.c).
    const base = path.slice(folder === '/' ? 1 : folder.length + 1);
    for (const name of files.list(folder) ?? []) {
      if (name.startsWith(`${base};`) && /;[0-9a-f]{8}$/.test(name)) {
        files.unlink(`${folder}/${name}`);
      }
    }
  }

  for (const path of paths.filter(each => files.lstat(each)?.type === 'file')) {
    if ((await run('/usr/bin/rpm', ['-qf', path])).exitCode !== 0) {
      return true;
    }
  }

  return false;
};
