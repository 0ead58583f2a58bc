import {createHash} from 'node:crypto';
import {type BigIntStats, lstatSync, readdirSync, readFileSync, readlinkSync} from 'node:fs';
import {join} from 'node:path';

/** What an undo does not give back; the same list stands in docs/reliability.md. */
const published: readonly RegExp[] = [
  // Logs and state of the package manager and of systemd.
  /^\/var\/(?:log|cache|backups)(?:\/|$)/,
  /^\/var\/lib\/(?:apt|dpkg|rpm|dnf|ucf|systemd|dovetail|private)(?:\/|$)/,
  /^\/var\/lib\/dovetail$/,
  /^\/(?:run|proc|sys|dev|tmp|opt)(?:\/|$)/,
  /^\/var\/tmp(?:\/|$)/,
  // What Postfix remembers while it runs: sessions of TLS, and where its randomness stood (tlsmgr(8)).
  /^\/var\/lib\/postfix\/(?:prng_exch|(?:lmtp|smtpd?)_scache\.\w+)$/,
  // Kept by debconf(7) with an older copy of each; the oracle compares the answers on their own.
  /^\/var\/cache\/debconf(?:\/|$)/,
  // Caches that are made anew by whoever needs them.
  /^\/etc\/ld\.so\.cache$/,
  // passwd(5) and its kin are rewritten when a user comes and goes; their content is compared by the tests on their own.
  /^\/etc\/(?:passwd|group|shadow|gshadow|subuid|subgid)-?$/,
  /^\/etc\/\.pwd\.lock$/,
];

const digests = new Map<string, string>();

// Whoever writes a file changes its ctime, which no program can set: what was read once need not be read again.
const digestOf = (path: string, {dev, ino, size, ctimeNs, mtimeNs}: BigIntStats) => {
  const key = [path, dev, ino, size, ctimeNs, mtimeNs].join();
  const known = digests.get(key);
  if (known !== undefined) {
    return known;
  }

  const digest = createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);
  digests.set(key, digest);
  return digest;
};

/** Whether an undo need not give a path back. */
export const isPublished = (path: string): boolean => published.some(pattern => pattern.test(path));

/** Every path below a root with what an undo must give back: kind, bytes, mode, owner, and for files the modification time in nanoseconds. */
export const snapshot = (root: string): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  const walk = (path: string) => {
    for (const name of readdirSync(join(root, path))) {
      const child = `${path === '/' ? '' : path}/${name}`;
      if (isPublished(child)) {
        continue;
      }

      const stat = lstatSync(join(root, child), {bigint: true});
      const owner = `${(stat.mode & 0o7777n).toString(8)} ${stat.uid}:${stat.gid}`;
      if (stat.isDirectory()) {
        found.set(child, `directory ${owner}`);
        walk(child);
      } else if (stat.isSymbolicLink()) {
        found.set(child, `link ${readlinkSync(join(root, child))}`);
      } else if (stat.isFile()) {
        found.set(child, `file ${owner} ${stat.mtimeNs} ${digestOf(join(root, child), stat)}`);
      }
    }
  };

  walk('/');
  return found;
};

/** Without modification times: a section that is taken back alone is an edit of its own, with the time of that. */
export const untimed = (tree: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map([...tree].map(([path, what]) => [path, what.replace(/^(file \S+ \S+) \d+/, '$1')]));

/** Paths that differ, as lines: `- path was`, `+ path is`. */
export const differences = (
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] =>
  [...new Set([...before.keys(), ...after.keys()])]
    .filter(path => before.get(path) !== after.get(path))
    .sort()
    .map(path => `${path}: ${before.get(path) ?? '(not there)'} -> ${after.get(path) ?? '(gone)'}`);
