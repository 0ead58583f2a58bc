import {createHash} from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import {dirname, join} from 'node:path';
import type {Program} from '../system/types.js';
import {stateFolder} from '../transaction/store.js';

/**
 * Copies this program and its runtime to where only root can write, and where they are still when the folder that it was
 * started from is gone: what undoes a change must not hang on somebody's download. Kept and used again while nothing changes.
 */
export const ownRuntime = (node: string, script: string): Program => {
  const from = dirname(script);
  const chunks = readdirSync(from)
    .filter(name => name.endsWith('.mjs'))
    .sort();
  const digest = createHash('sha256');
  for (const name of chunks) {
    digest.update(`${name}\0`).update(readFileSync(join(from, name)));
  }

  // The runtime is over a hundred megabytes: its version and size tell one from another.
  digest.update(`${process.version} ${process.arch} ${statSync(node).size}`);
  const folder = join(stateFolder, 'runtime');
  const name = digest.digest('hex').slice(0, 32);
  const kept = join(folder, name);
  if (!isThere(kept)) {
    mkdirSync(folder, {recursive: true, mode: 0o700});
    // The folder before: another run may still use it, all before that are done.
    const older = readdirSync(folder)
      .filter(entry => entry !== 'current')
      .sort((a, b) => timeOf(join(folder, b)) - timeOf(join(folder, a)));
    for (const stale of older.slice(1)) {
      rmSync(join(folder, stale), {recursive: true, force: true});
    }

    const fresh = join(folder, `new-${process.pid}`);
    rmSync(fresh, {recursive: true, force: true});
    mkdirSync(fresh, {mode: 0o700});
    copy(node, join(fresh, 'node'), 0o700);
    for (const chunk of chunks) {
      copy(join(from, chunk), join(fresh, chunk), 0o600);
    }

    sync(fresh);
    renameSync(fresh, kept);
    sync(folder);
  }

  point(folder, name);
  return {file: join(kept, 'node'), args: [join(kept, script.slice(from.length + 1))]};
};

// What the machine itself starts (a timer) goes by this name: the folders come and go with new versions.
const point = (folder: string, name: string) => {
  const link = join(folder, 'current');
  if (readlinkOf(link) !== name) {
    const fresh = join(folder, `link-${process.pid}`);
    rmSync(fresh, {force: true});
    symlinkSync(name, fresh);
    renameSync(fresh, link);
    sync(folder);
  }
};

const readlinkOf = (path: string) =>
  lstatSync(path, {throwIfNoEntry: false})?.isSymbolicLink() === true ? readlinkSync(path) : undefined;

const copy = (from: string, to: string, mode: number) => {
  copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  const descriptor = openSync(to, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    fchmodSync(descriptor, mode);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};

const sync = (folder: string) => {
  const descriptor = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};

const isThere = (path: string) => lstatSync(path, {throwIfNoEntry: false})?.isDirectory() === true;

const timeOf = (path: string) => lstatSync(path, {throwIfNoEntry: false})?.mtimeMs ?? 0;
