import type {Files} from '../system/types.js';

/**
 * Puts `side` in the place of `path` if what is there is what we expect (`isExpected`, asked of a name). By an exchange, so
 * that what was there is looked at after it can no longer change places: whoever saved in between keeps the file, and false
 * is returned. After success `side` may hold what was at the path. `seemsExpected`: a quicker look before the exchange, where the
 * file may be large; what counts is the one after it.
 */
export const swapIn = (
  files: Files,
  side: string,
  path: string,
  isExpected: (name: string) => boolean,
  seemsExpected = isExpected,
): boolean => {
  if (!seemsExpected(path)) {
    return false;
  }

  const ours = files.lstat(side)?.ino;
  if (!files.exchange(side, path)) {
    // The machine cannot exchange. A save by rename within these microseconds would be overwritten; docs/reliability.md says so.
    if (!isExpected(path)) {
      return false;
    }

    files.rename(side, path);
    return true;
  }

  if (isExpected(side)) {
    return true;
  }

  // Theirs goes back. Should they save once more meanwhile, that newer file comes out here, and goes back as well.
  const out = new Set<bigint | undefined>([ours]);
  do {
    out.add(files.lstat(side)?.ino);
    files.exchange(side, path);
  } while (!out.has(files.lstat(side)?.ino));
  return false;
};

/** Takes a path away under the name `side`, if it is what we expect; what somebody else put there meanwhile goes back. */
export const takeAway = (
  files: Files,
  path: string,
  side: string,
  isExpected: (name: string) => boolean,
): boolean => {
  if (!isExpected(path)) {
    return false;
  }

  files.rename(path, side);
  if (isExpected(side)) {
    return true;
  }

  files.link(side, path);
  files.unlink(side);
  return false;
};
