import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import * as fs from 'node:fs';
import {dirname, join} from 'node:path';
import {holdOffPostconf} from './flock.js';
import {readParts} from './parts.js';
import type {Files, Stat} from './types.js';

const {O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_TRUNC, O_WRONLY} =
  fs.constants;

/** Bytes that are read of a file where no other limit is given. */
export const readLimit = 256 * 1024 * 1024;
/** Bytes that are read at a time for a digest. */
const leastPart = 4096;
const mostPart = 64 * 1024;

/** The floor on a real file system. `root`: where the tree is mounted; `/` for the machine itself. */
export const realFiles = (root = '/'): Files => {
  const at = (path: string) => (root === '/' ? path : join(root, path));
  return {
    lstat: path => lstat(at(path)),
    read: (path, options) => read(at(path), options),
    digest: (path, options) => digest(at(path), options),
    parts: (path, use) => parts(at(path), use),
    list: path => orUndefined(() => fs.readdirSync(at(path), 'latin1').sort()),
    readLink: path => orUndefined(() => fs.readlinkSync(at(path))),
    space: path => {
      const {bsize, bavail, files: inodes, ffree} = fs.statfsSync(at(path));
      return {bytes: bsize * bavail, inodes: inodes === 0 ? undefined : ffree};
    },
    create: (path, bytes, mode) =>
      withFile(at(path), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode, descriptor => {
        writeAll(descriptor, bytes);
        // The umask must not decide: the mode is part of what was asked.
        fs.fchmodSync(descriptor, mode);
      }),
    copy: (from, to, mode) => copy(at(from), at(to), mode),
    append: (path, bytes) =>
      withFile(at(path), O_WRONLY | O_APPEND | O_NOFOLLOW, 0, descriptor => {
        writeAll(descriptor, bytes);
        fs.fsyncSync(descriptor);
      }),
    note: (path, bytes) =>
      withFile(at(path), O_WRONLY | O_APPEND | O_NOFOLLOW, 0, descriptor => writeAll(descriptor, bytes)),
    syncFile: path => withFile(at(path), O_RDONLY | O_NOFOLLOW, 0, descriptor => fs.fsyncSync(descriptor)),
    syncDirectory: path =>
      withFile(at(path), O_RDONLY | O_DIRECTORY, 0, descriptor => fs.fsyncSync(descriptor)),
    chown: (path, uid, gid) => fs.lchownSync(at(path), uid, gid),
    chmod: (path, mode) =>
      withFile(at(path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0, descriptor =>
        fs.fchmodSync(descriptor, mode),
      ),
    // Node knows no extended attributes: cp(1) carries them, ACLs and the label over.
    copyAttributes: (from, to) =>
      tool(
        '/usr/bin/cp',
        ['--attributes-only', '--preserve=mode,ownership,xattr', '--no-dereference', '--', at(from), at(to)],
        at(to),
      ),
    // utimensat(2) through Node loses nanoseconds; touch(1) does not.
    setTime: (path, mtimeNs) =>
      tool(
        '/usr/bin/touch',
        [
          '--no-create',
          '--no-dereference',
          '-m',
          '-d',
          `@${mtimeNs / 1_000_000_000n}.${String(mtimeNs % 1_000_000_000n).padStart(9, '0')}`,
          '--',
          at(path),
        ],
        at(path),
      ),
    rename: (from, to) => fs.renameSync(at(from), at(to)),
    exchange: (one, other) => exchange(at(one), at(other)),
    overwrite: (path, bytes) =>
      withFile(at(path), O_WRONLY | O_TRUNC | O_NOFOLLOW, 0, descriptor => {
        writeAll(descriptor, bytes);
        fs.fsyncSync(descriptor);
      }),
    link: (from, to) => fs.linkSync(at(from), at(to)),
    symlink: (target, path) => fs.symlinkSync(target, at(path)),
    unlink: path => fs.unlinkSync(at(path)),
    makeDirectory: (path, mode) => {
      fs.mkdirSync(at(path), {mode});
      fs.chmodSync(at(path), mode);
    },
    removeDirectory: path => fs.rmdirSync(at(path)),
    holdOffPostconf: (path, seconds) => holdOffPostconf(at(path), seconds),
  };
};

/** The directory that holds a path. */
export const parentOf = (path: string) => dirname(path);

const lstat = (path: string): Stat | undefined =>
  orUndefined(() => {
    const stat = fs.lstatSync(path, {bigint: true});
    return {
      type: stat.isFile()
        ? 'file'
        : stat.isDirectory()
          ? 'directory'
          : stat.isSymbolicLink()
            ? 'link'
            : 'other',
      dev: stat.dev,
      ino: stat.ino,
      mode: Number(stat.mode & 0o7777n),
      uid: Number(stat.uid),
      gid: Number(stat.gid),
      nlink: Number(stat.nlink),
      size: Number(stat.size),
      mtimeNs: stat.mtimeNs,
      ctimeNs: stat.ctimeNs,
    };
  });

// O_NONBLOCK: a FIFO in the place of a file must not make us wait.
const read = (path: string, {follow = false, limit = readLimit}: {follow?: boolean; limit?: number} = {}) =>
  orUndefined(() =>
    withFile(path, O_RDONLY | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW), 0, descriptor => {
      refuseLarge(path, descriptor, limit);
      return fs.readFileSync(descriptor);
    }),
  );

const digest = (path: string, {follow = false}: {readonly follow?: boolean} = {}) =>
  orUndefined(() =>
    withFile(path, O_RDONLY | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW), 0, descriptor =>
      eachPart(path, descriptor, () => undefined),
    ),
  );

// Only the file that is copied may be missing: where the new one cannot be made, that is an error.
const copy = (from: string, to: string, mode: number) => {
  const source = orUndefined(() => fs.openSync(from, O_RDONLY | O_NONBLOCK | O_NOFOLLOW));
  if (source === undefined) {
    return undefined;
  }

  try {
    refuseLarge(from, source, readLimit);
    return withFile(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode, descriptor => {
      const digested = eachPart(from, source, part => writeAll(descriptor, part));
      fs.fchmodSync(descriptor, mode);
      return digested;
    });
  } finally {
    fs.closeSync(source);
  }
};

/** Calls back with each part of an open file, in the same memory, and gives the sha256 of all of them. */
const eachPart = (path: string, descriptor: number, use: (part: Uint8Array) => void) => {
  const size = refuseLarge(path, descriptor, readLimit);
  const hash = createHash('sha256');
  // Most files are small; what the kernel makes up has no size (proc(5)).
  const room = Buffer.allocUnsafeSlow(Math.min(Math.max(size, leastPart), mostPart));
  for (;;) {
    const count = fs.readSync(descriptor, room, 0, room.length, null);
    if (count === 0) {
      return hash.digest('hex');
    }

    const part = room.subarray(0, count);
    hash.update(part);
    use(part);
  }
};

const refuseLarge = (path: string, descriptor: number, limit: number) => {
  const {size} = regular(path, descriptor);
  if (size > limit) {
    throw Object.assign(new Error(`${path} is larger than ${limit} bytes`), {code: 'EFBIG'});
  }

  return size;
};

const parts = (path: string, use: (part: Buffer) => boolean) => {
  orUndefined(() =>
    withFile(path, O_RDONLY | O_NONBLOCK, 0, descriptor => {
      regular(path, descriptor);
      readParts(descriptor, use);
    }),
  );
};

const regular = (path: string, descriptor: number) => {
  const stat = fs.fstatSync(descriptor);
  if (!stat.isFile()) {
    throw Object.assign(new Error(`${path} is not a regular file`), {code: 'EINVAL'});
  }

  return stat;
};

const withFile = <R>(path: string, flags: number, mode: number, use: (descriptor: number) => R): R => {
  const descriptor = fs.openSync(path, flags, mode);
  try {
    return use(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
};

const writeAll = (descriptor: number, bytes: Uint8Array) => {
  for (let done = 0; done < bytes.length; ) {
    done += fs.writeSync(descriptor, bytes, done);
  }
};

const orUndefined = <R>(use: () => R): R | undefined => {
  try {
    return use();
  } catch (error) {
    const {code} = error as {code?: string};
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return undefined;
    }

    throw error;
  }
};

// Node knows no renameat2(2): perl(1), which every Debian has, calls it by its number; python3(1), which dnf(8) stands on, through
// the C library; mv(1) can since coreutils 9.5.
const renameat2 = {x64: '316', arm64: '276'}[process.arch as string];
const exchanging = 'exit(syscall($ARGV[0], -100, $ARGV[1], -100, $ARGV[2], 2) == 0 ? 0 : 9)';

const throughLibrary =
  'import ctypes,os,sys;a,b=map(os.fsencode,sys.argv[1:3]);sys.exit(0 if ctypes.CDLL(None).renameat2(-100,a,-100,b,2)==0 else 9)';

const exchange = (one: string, other: string) => {
  const run = (file: string, args: readonly string[]) =>
    spawnSync(file, args, {env: {LC_ALL: 'C'}, stdio: 'ignore'}).status === 0;
  return (
    (renameat2 !== undefined && run('/usr/bin/perl', ['-e', exchanging, '--', renameat2, one, other])) ||
    run('/usr/bin/python3', ['-I', '-S', '-c', throughLibrary, one, other]) ||
    run('/usr/bin/mv', ['--exchange', '--no-target-directory', '--', one, other])
  );
};

const tool = (file: string, args: readonly string[], path: string) => {
  const {status, stderr} = spawnSync(file, args, {
    env: {LC_ALL: 'C'},
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (status !== 0) {
    throw Object.assign(new Error(`${file} failed for ${path}: ${stderr}`), {code: 'EIO'});
  }
};
