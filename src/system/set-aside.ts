import type {Leavings, Surroundings} from './surroundings.js';

// rpm(8), dpkg(1) and ucf(1): what a package brings, beside a configuration file that is not its own.
const beside = /\.(?:rpmnew|rpmorig|dpkg-dist|dpkg-new|ucf-dist)$/;
const aside = '.rpmsave';

/** Files that packages left beside somebody's configuration, which was kept. */
export const broughtBeside = ({paths}: Pick<Leavings, 'paths'>): readonly string[] =>
  Object.keys(paths).filter(path => beside.test(path));

/**
 * rpm(8) puts a configuration file aside that is not as its package brought it, when the package goes. Where the same file
 * came back to its place the copy is dropped; any other is somebody's work: it stays, and is returned.
 */
export const dropSetAside = (
  before: Pick<Surroundings, 'paths'>,
  now: Pick<Surroundings, 'paths'>,
  drop: (path: string) => void,
): readonly string[] => {
  const stays: string[] = [];
  for (const [path, mark] of Object.entries(now.paths)) {
    if (!path.endsWith(aside) || before.paths[path] !== undefined) {
      continue;
    }

    if (now.paths[path.slice(0, -aside.length)] === mark) {
      drop(path);
    } else {
      stays.push(path);
    }
  }

  return stays;
};
