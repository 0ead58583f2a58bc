import {digestAt, digestOf} from './blobs.js';
import {parentOf} from './files.js';
import {chrootCopies, dropChrootCopies, dropRuntimeFiles} from './runtime-files.js';
import type {Blobs, Files, Host, ReadFiles, Stat} from './types.js';

/** What stands around packages: files under the watched folders, users and groups. Plain JSON; bytes are in one blob. */
export type Surroundings = {
  readonly paths: Readonly<Record<string, Mark>>;
  readonly users: readonly string[];
  readonly groups: readonly string[];
  /** Blob with the bytes of the files under /etc; only where it was kept. */
  readonly kept?: string;
};

/** What a path was: `d`, `l target`, or for a file mode, owner, time and digest. */
type Mark = string;

/** What a package stage changed around itself, beside what the package manager knows to remove. */
export type Leavings = {
  readonly paths: Readonly<Record<string, Mark>>;
  readonly users: readonly string[];
  readonly groups: readonly string[];
};

/** How things were just before the packages went, and when that was: nanoseconds since the epoch. */
type Undoing = Pick<Surroundings, 'paths'> & {readonly began?: bigint};

type KeptFile = {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeNs: string;
  readonly base64: string;
};

// Folders and how deep they are watched: /etc whole; of the state folders only what a package's scripts make themselves.
const watched: readonly (readonly [path: string, depth: number])[] = [
  ['/etc', 12],
  ['/var/lib', 2],
  ['/var/spool', 1],
  [chrootCopies, 1],
  ['/var/mail', 0],
  ['/srv', 1],
];

// Kept by others, or rewritten by each user that comes and goes; the published list of docs/reliability.md.
const notOurs =
  /^\/(?:etc\/(?:(?:passwd|group|shadow|gshadow|subuid|subgid)-?|\.pwd\.lock|ld\.so\.cache|resolv\.conf|mtab)|var\/lib\/(?:apt|dpkg|ucf|rpm|dnf|alternatives|systemd|dovetail|private|pam|dbus|logrotate|misc))(?:\/|$)/;

const largest = 1024 * 1024;

/** Looks at everything that package scripts may touch; with `blobs`, keeps the bytes of /etc. */
export const lookAround = (files: ReadFiles, blobs?: Blobs): Surroundings => {
  const paths: Record<string, Mark> = {};
  const kept: Record<string, KeptFile> = {};
  const visit = (folder: string, depth: number) => {
    for (const name of files.list(folder) ?? []) {
      const path = `${folder}/${name}`;
      const stat = files.lstat(path);
      if (stat === undefined || notOurs.test(path) || /\.dovetail-.*~$/.test(name)) {
        continue;
      }

      if (stat.type === 'directory') {
        paths[path] = 'd';
        if (depth > 1) {
          visit(path, depth - 1);
        }
      } else if (stat.type === 'link') {
        paths[path] = `l ${files.readLink(path) ?? ''}`;
      } else if (stat.type === 'file' && stat.size <= largest) {
        const {mode, uid, gid, mtimeNs} = stat;
        const isKept = blobs !== undefined && path.startsWith('/etc/');
        const bytes = isKept ? (files.read(path) ?? Buffer.alloc(0)) : undefined;
        paths[path] = markWith(stat, bytes === undefined ? digestAt(files, path) : digestOf(bytes));
        if (bytes !== undefined) {
          kept[path] = {mode, uid, gid, mtimeNs: String(mtimeNs), base64: bytes.toString('base64')};
        }
      }
    }
  };
  for (const [path, depth] of watched) {
    visit(path, depth);
  }

  return {
    paths,
    users: namesIn(files, '/etc/passwd'),
    groups: namesIn(files, '/etc/group'),
    ...(blobs === undefined ? {} : {kept: blobs.put(Buffer.from(JSON.stringify(kept)))}),
  };
};

/** What is new or different since. */
export const since = (before: Surroundings, now: Surroundings): Leavings => ({
  paths: Object.fromEntries(Object.entries(now.paths).filter(([path, mark]) => before.paths[path] !== mark)),
  users: now.users.filter(name => !before.users.includes(name)),
  groups: now.groups.filter(name => !before.groups.includes(name)),
});

/** The part of leavings that a rehearsal of the same packages showed too: the rest was somebody else. */
export const expectedOf = (left: Leavings, paths: readonly string[]): Leavings => {
  const known = new Set(paths);
  return {...left, paths: Object.fromEntries(Object.entries(left.paths).filter(([path]) => known.has(path)))};
};

/**
 * Gives the surroundings back after the packages are gone; `undoing` is how they were just before that. What somebody changed since the package stage stays, and is
 * returned; nothing is removed whose bytes are not in a blob first.
 */
export const giveBack = async (
  {files, run}: Host & {readonly files: Files},
  before: Surroundings,
  left: Leavings,
  undoing: Undoing,
  blobs: Blobs,
): Promise<readonly string[]> => {
  const stays: string[] = [];
  const wasThere = (path: string) => before.paths[path] !== undefined;
  const drop = (path: string) => removeFile(files, path, blobs);
  dropRuntimeFiles(files, wasThere, drop);
  // Children come before their folders.
  const made = Object.keys(left.paths).sort().reverse();
  for (const path of made.filter(entry => before.paths[entry] === undefined)) {
    const stat = files.lstat(path);
    if (stat === undefined) {
      continue;
    }

    if (stat.type === 'directory') {
      if ((files.list(path)?.length ?? 0) > 0) {
        stays.push(path);
      } else {
        files.removeDirectory(path);
        files.syncDirectory(parentOf(path));
      }
    } else if (markOf(files, path) === left.paths[path]) {
      removeFile(files, path, blobs);
    } else {
      stays.push(path);
    }
  }

  stays.push(...restoreChanged(files, before, left, undoing, blobs));
  dropChrootCopies(files, wasThere, drop);
  await removeNames({files, run}, left);
  return stays;
};

// Files of /etc that were there before and that a package's script rewrote or its removal took away.
const restoreChanged = (
  files: Files,
  before: Surroundings,
  left: Leavings,
  undoing: Undoing,
  blobs: Blobs,
): readonly string[] => {
  const kept =
    before.kept === undefined
      ? {}
      : (JSON.parse(blobs.get(before.kept).toString('utf8')) as Readonly<Record<string, KeptFile>>);
  const stays: string[] = [];
  for (const [path, file] of Object.entries(kept)) {
    const now = markOf(files, path);
    const touched = left.paths[path] !== undefined;
    const taken = now === undefined && undoing.paths[path] !== undefined;
    // What the packages never touched is not ours to look at; what their scripts wrote anew, the same, gets its time back.
    if (now === before.paths[path] || (!touched && !taken)) {
      const stat = now === before.paths[path] ? files.lstat(path) : undefined;
      if (stat !== undefined && stat.mtimeNs >= (undoing.began ?? stat.mtimeNs + 1n)) {
        files.setTime(path, BigInt(file.mtimeNs));
        files.syncFile(path);
      }

      continue;
    }

    if (touched && now !== undefined && now !== left.paths[path]) {
      stays.push(path);
      continue;
    }

    if (files.lstat(parentOf(path))?.type !== 'directory') {
      stays.push(path);
      continue;
    }

    const fresh = `${parentOf(path)}/.dovetail-back~`;
    if (files.lstat(fresh) !== undefined) {
      files.unlink(fresh);
    }

    files.create(fresh, Buffer.from(file.base64, 'base64'), 0o600);
    if (now !== undefined) {
      files.copyAttributes(path, fresh);
    }

    files.chown(fresh, file.uid, file.gid);
    files.chmod(fresh, file.mode);
    files.setTime(fresh, BigInt(file.mtimeNs));
    files.syncFile(fresh);
    files.rename(fresh, path);
    files.syncDirectory(parentOf(path));
  }

  return stays;
};

/** Takes a file away whose bytes are in a blob first. */
export const removeFile = (files: Files, path: string, blobs: Blobs) => {
  if (files.lstat(path)?.type === 'file') {
    blobs.put(files.read(path) ?? Buffer.alloc(0));
  }

  files.unlink(path);
  files.syncDirectory(parentOf(path));
};

// userdel(8) refuses a user with processes, groupdel(8) a group that is somebody's first: those stay, as they must.
const removeNames = async ({files, run}: Pick<Host, 'files' | 'run'>, {users, groups}: Leavings) => {
  for (const name of users.filter(user => namesIn(files, '/etc/passwd').includes(user))) {
    await run('/usr/sbin/userdel', ['--', name]);
  }

  for (const name of groups.filter(group => namesIn(files, '/etc/group').includes(group))) {
    await run('/usr/sbin/groupdel', ['--', name]);
  }
};

const markOf = (files: ReadFiles, path: string): Mark | undefined => {
  const stat = files.lstat(path);
  if (stat === undefined) {
    return undefined;
  }

  if (stat.type === 'directory') {
    return 'd';
  }

  return stat.type === 'link' ? `l ${files.readLink(path) ?? ''}` : markWith(stat, digestAt(files, path));
};

const markWith = ({mode, uid, gid}: Stat, digest: string): Mark =>
  `f ${mode.toString(8)} ${uid}:${gid} ${digest}`;

const namesIn = (files: ReadFiles, path: string) =>
  (files.read(path)?.toString('latin1') ?? '')
    .split('\n')
    .filter(line => line !== '')
    .map(line => line.slice(0, line.indexOf(':')));
