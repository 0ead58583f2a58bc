import {digestOf} from '../../src/system/blobs.js';
import type {Files, Stat} from '../../src/system/types.js';

/** One object of a simulated file system; never changed, only replaced. `id` is its own for good, `ino` may be used again. */
type Node = {
  readonly ino: bigint;
  readonly type: 'file' | 'directory' | 'link';
  readonly bytes: Buffer;
  readonly names: ReadonlyMap<string, number>;
  readonly target: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeNs: bigint;
  /** ACLs and extended attributes, as one text. */
  readonly attributes: string;
};

/** What is on a disk: objects by id; 1 is the root. */
export type Image = ReadonlyMap<number, Node>;

/** A change that is not durable yet: lost, kept or torn by a power cut, and in any order with others. */
type Pending = {
  /** The object whose fsync(2) makes it durable. */
  readonly owner: number;
  readonly apply: (nodes: Map<number, Node>) => void;
  /** What may be left of it, beside all and nothing. */
  readonly torn?: readonly ((nodes: Map<number, Node>) => void)[];
};

export type Disk = {
  readonly files: Files;
  /** What a process sees. */
  readonly image: () => Image;
  /** Every state that a power cut now may leave, by what fsync(2) has promised so far. */
  readonly cuts: () => Generator<Image>;
};

export type DiskOptions = {
  /** Called before each step, and may throw: nothing of it has happened then. `after`: it has. */
  readonly onStep?: (when: 'before' | 'after', step: Step) => void;
  /** Whether two names can change places in one step (renameat2(2)). */
  readonly exchanges?: boolean;
  /** Whether reading is a step too: for errors. */
  readonly readSteps?: boolean;
};

/** One step of an operation; an append is a write and an fsync(2), which a cut may come between. */
export type Step = {readonly operation: keyof Files | 'write'; readonly path: string};

const me = process.getuid?.() ?? 0;
const myGroup = process.getgid?.() ?? 0;
const umask = 0o077;

/** An empty disk. */
export const emptyImage = (): Image => new Map([[1, nodeOf('directory', 2n, 0o755, 1n)]]);

/**
 * A file system in memory as POSIX promises it and no better: a name is durable after fsync(2) of its directory, bytes, owner,
 * mode and times of an object after fsync(2) of the object itself, and until then a power cut may keep any part in any order.
 * What an fsync(2) that failed did not write is never written later (fsyncgate).
 */
export const openDisk = (
  start: Image,
  {onStep = () => undefined, exchanges = true, readSteps = false}: DiskOptions = {},
): Disk => {
  const nodes = new Map(start);
  const durable = new Map(start);
  let pending: Pending[] = [];
  let clock = BigInt(nodes.size) * 1_000_003n;
  const tick = () => {
    clock += 1_000_007n;
    return clock;
  };
  let nextId = Math.max(...nodes.keys()) + 1;

  const find = (path: string, follow = false): number | undefined => {
    let at = 1;
    for (const name of path.split('/').filter(Boolean)) {
      const found = nodes.get(at)?.names.get(name);
      if (found === undefined) {
        return undefined;
      }

      at = found;
    }

    const node = nodes.get(at);
    return follow && node?.type === 'link' ? find(node.target, true) : at;
  };
  const must = (path: string): [number, Node] => {
    const id = find(path);
    const node = id === undefined ? undefined : nodes.get(id);
    if (id === undefined || node === undefined) {
      throw failure('ENOENT', path);
    }

    return [id, node];
  };
  const split = (path: string): [number, string] => {
    const [id] = must(path.slice(0, path.lastIndexOf('/')));
    return [id, path.slice(path.lastIndexOf('/') + 1)];
  };
  const does = (change: Pending) => {
    change.apply(nodes);
    pending.push(change);
  };
  const name = (parent: number, changes: readonly (readonly [string, number | undefined])[]) =>
    does({
      owner: parent,
      apply: target => {
        const directory = target.get(parent);
        if (directory !== undefined) {
          const names = new Map(directory.names);
          for (const [entry, id] of changes) {
            if (id === undefined) {
              names.delete(entry);
            } else {
              names.set(entry, id);
            }
          }

          target.set(parent, {...directory, names});
        }
      },
    });
  const patch = (id: number, what: Partial<Node>) =>
    does({owner: id, apply: target => void target.set(id, {...(target.get(id) as Node), ...what})});
  const bear = (type: Node['type'], mode: number, more: Partial<Node> = {}) => {
    const used = new Set([...reachable(nodes)].map(id => nodes.get(id)?.ino));
    let ino = 3n;
    while (used.has(ino)) {
      ino += 1n;
    }

    const id = nextId++;
    const node = {...nodeOf(type, ino, mode, tick()), ...more};
    nodes.set(id, node);
    // An object is born with its first mode and owner, and empty.
    durable.set(id, node);
    return id;
  };
  const write = (id: number, bytes: Buffer, from: number) => {
    const mtimeNs = tick();
    const put = (content: Buffer) => (target: Map<number, Node>) =>
      void target.set(id, {...(target.get(id) as Node), bytes: content, mtimeNs});
    const half = from + Math.floor((bytes.length - from) / 2);
    const trashed = Buffer.from(bytes);
    trashed.fill(0, half);
    does({owner: id, apply: put(bytes), torn: [put(bytes.subarray(0, half)), put(trashed)]});
  };
  const sync = (id: number) => {
    for (const change of pending.filter(({owner}) => owner === id)) {
      change.apply(durable);
    }

    pending = pending.filter(({owner}) => owner !== id);
  };
  const free = (path: string) => {
    if (find(path) !== undefined) {
      throw failure('EEXIST', path);
    }
  };
  // A step is what a fault or a cut may come before or after.
  const step = (operation: Step['operation'], path: string, act: () => void, part?: () => void) => {
    try {
      onStep('before', {operation, path});
    } catch (error) {
      // The kernel marks what it could not write as clean: no later fsync(2) writes it.
      const id = find(path);
      if ((operation === 'syncFile' || operation === 'syncDirectory') && isError(error) && id !== undefined) {
        pending = pending.filter(({owner}) => owner !== id);
      }

      // A disk that fills up takes the beginning of a write.
      if (isError(error)) {
        part?.();
      }

      throw error;
    }

    act();
    onStep('after', {operation, path});
  };

  const reading = (operation: Step['operation'], path: string) => {
    if (readSteps) {
      onStep('before', {operation, path});
    }
  };

  const contentAt = (path: string, follow: boolean) => {
    const id = find(path, follow);
    const node = id === undefined ? undefined : nodes.get(id);
    if (node !== undefined && node.type !== 'file') {
      throw failure(node.type === 'link' ? 'ELOOP' : 'EISDIR', path);
    }

    return node?.bytes;
  };

  const files: Files = {
    lstat: path => {
      reading('lstat', path);
      const id = find(path);
      const node = id === undefined ? undefined : nodes.get(id);
      return id === undefined || node === undefined ? undefined : statOf(nodes, id, node);
    },
    read: (path, {follow = false} = {}) => {
      reading('read', path);
      const bytes = contentAt(path, follow);
      return bytes === undefined ? undefined : Buffer.from(bytes);
    },
    digest: (path, {follow = false} = {}) => {
      reading('digest', path);
      const bytes = contentAt(path, follow);
      return bytes === undefined ? undefined : digest(bytes);
    },
    list: path => {
      reading('list', path);
      const id = find(path);
      return id === undefined ? undefined : [...(nodes.get(id)?.names.keys() ?? [])].sort();
    },
    readLink: path => {
      reading('readLink', path);
      const id = find(path);
      return id === undefined ? undefined : nodes.get(id)?.target;
    },
    create: (path, bytes, mode) => {
      let id = 0;
      step('create', path, () => {
        free(path);
        const [parent, own] = split(path);
        id = bear('file', mode & ~umask);
        name(parent, [[own, id]]);
      });
      if (bytes.length > 0) {
        step(
          'write',
          path,
          () => write(id, Buffer.from(bytes), 0),
          () => write(id, Buffer.from(bytes).subarray(0, bytes.length / 2), 0),
        );
      }

      patch(id, {mode});
    },
    copy: (from, to, mode) => {
      reading('copy', from);
      const bytes = contentAt(from, false);
      if (bytes === undefined) {
        return undefined;
      }

      files.create(to, bytes, mode);
      return digest(bytes);
    },
    append: (path, bytes) => {
      const [id] = must(path);
      const add = (added: Uint8Array) => {
        const old = nodes.get(id)?.bytes ?? Buffer.alloc(0);
        write(id, Buffer.concat([old, added]), old.length);
      };
      step(
        'write',
        path,
        () => add(bytes),
        () => add(bytes.subarray(0, bytes.length / 2)),
      );
      step('syncFile', path, () => sync(id));
    },
    note: (path, bytes) => {
      const [id] = must(path);
      step('write', path, () => {
        const old = nodes.get(id)?.bytes ?? Buffer.alloc(0);
        write(id, Buffer.concat([old, bytes]), old.length);
      });
    },
    overwrite: (path, bytes) => {
      const [id] = must(path);
      step('write', path, () => write(id, Buffer.from(bytes), 0));
      step('syncFile', path, () => sync(id));
    },
    syncFile: path => {
      const [id] = must(path);
      step('syncFile', path, () => sync(id));
    },
    syncDirectory: path => {
      const [id] = must(path);
      step('syncDirectory', path, () => sync(id));
    },
    chown: (path, uid, gid) => {
      const [id] = must(path);
      step('chown', path, () => patch(id, {uid, gid, mode: (nodes.get(id)?.mode ?? 0) & 0o1777}));
    },
    chmod: (path, mode) => {
      const [id] = must(path);
      step('chmod', path, () => patch(id, {mode}));
    },
    copyAttributes: (from, to) => {
      const [, {mode, uid, gid, attributes}] = must(from);
      const [id] = must(to);
      step('copyAttributes', to, () => patch(id, {mode, uid, gid, attributes}));
    },
    setTime: (path, mtimeNs) => {
      const [id] = must(path);
      step('setTime', path, () => patch(id, {mtimeNs}));
    },
    rename: (from, to) =>
      step('rename', from, () => {
        const [id] = must(from);
        const [parent, own] = split(from);
        const [other, next] = split(to);
        if (parent !== other) {
          throw failure('EXDEV', to);
        }

        // rename(2): two names of one file stay as they are.
        if (find(to) !== id) {
          name(parent, [
            [own, undefined],
            [next, id],
          ]);
        }
      }),
    exchange: (one, other) => {
      let done = exchanges;
      if (exchanges) {
        step('exchange', one, () => {
          const first = find(one);
          const second = find(other);
          done = first !== undefined && second !== undefined;
          if (done) {
            const [parent, own] = split(one);
            name(parent, [
              [own, second],
              [split(other)[1], first],
            ]);
          }
        });
      }

      return done;
    },
    link: (from, to) =>
      step('link', from, () => {
        const [id] = must(from);
        free(to);
        const [parent, own] = split(to);
        name(parent, [[own, id]]);
      }),
    symlink: (target, path) =>
      step('symlink', path, () => {
        free(path);
        const [parent, own] = split(path);
        name(parent, [[own, bear('link', 0o777, {target})]]);
      }),
    unlink: path =>
      step('unlink', path, () => {
        must(path);
        const [parent, own] = split(path);
        name(parent, [[own, undefined]]);
      }),
    makeDirectory: (path, mode) => {
      let id = 0;
      step('makeDirectory', path, () => {
        free(path);
        const [parent, own] = split(path);
        id = bear('directory', mode & ~umask);
        name(parent, [[own, id]]);
      });
      patch(id, {mode});
    },
    removeDirectory: path => {
      const [, node] = must(path);
      if (node.names.size > 0) {
        throw failure('ENOTEMPTY', path);
      }

      step('removeDirectory', path, () => {
        const [parent, own] = split(path);
        name(parent, [[own, undefined]]);
      });
    },
  };

  return {
    files,
    image: () => new Map(nodes),
    *cuts() {
      yield* cutsOf(durable, pending);
    },
  };
};

// Nothing, everything, every beginning (what a journal that keeps order leaves), each one alone, each one missing, each torn.
const cutsOf = function* (durable: Image, pending: readonly Pending[]): Generator<Image> {
  const build = (chosen: (index: number) => Pending['apply'] | undefined) => {
    const nodes = new Map(durable);
    for (const index of pending.keys()) {
      chosen(index)?.(nodes);
    }

    return nodes;
  };
  const all = (index: number) => pending[index]?.apply;
  yield build(() => undefined);
  for (const upTo of pending.keys()) {
    yield build(index => (index <= upTo ? all(index) : undefined));
    yield build(index => (index === upTo ? all(index) : undefined));
    yield build(index => (index === upTo ? undefined : all(index)));
    for (const torn of pending[upTo]?.torn ?? []) {
      yield build(index => (index === upTo ? torn : all(index)));
      yield build(index => (index === upTo ? torn : undefined));
    }
  }
};

/** Everything below a folder, by path, as lines that can be compared. `ino`: with the number of the inode. */
export const describe = (image: Image, {ino = false} = {}): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  const walk = (id: number, path: string) => {
    const node = image.get(id);
    if (node === undefined) {
      return;
    }

    const owner = `${node.mode.toString(8)} ${node.uid}:${node.gid} ${node.attributes}`;
    found.set(
      path === '' ? '/' : path,
      node.type === 'directory'
        ? `directory ${owner}`
        : node.type === 'link'
          ? `link ${node.target}`
          : `file ${owner} ${node.mtimeNs} ${digest(node.bytes).slice(0, 16)}${ino ? ` #${id}` : ''}`,
    );
    for (const [entry, child] of node.names) {
      walk(child, `${path}/${entry}`);
    }
  };
  walk(1, '');
  return found;
};

/** Whose modification time nothing is decided by, nor promised. */
const records = '/var/lib/dovetail';

/**
 * All that is on a disk but what is mere chance: two recoveries that come to the same by another number of steps give what they
 * make other inodes (above `own`) and their records other times. Asked for after each step, so each object is told once.
 */
export const likeness = (image: Image, own: number): string => {
  const parts: string[] = [];
  const numbers = new Map<number, string>();
  const walk = (id: number, path: string | undefined) => {
    const node = image.get(id);
    if (node === undefined) {
      return;
    }

    parts.push(told(node));
    if (node.type === 'file') {
      if (id > own && !numbers.has(id)) {
        numbers.set(id, `new ${numbers.size}`);
      }

      parts.push(path === undefined ? '' : String(node.mtimeNs), numbers.get(id) ?? String(id));
    }

    for (const [entry, child] of node.names) {
      const below = path === undefined ? undefined : `${path}/${entry}`;
      parts.push(entry);
      walk(child, below === records ? undefined : below);
    }

    parts.push('');
  };
  walk(1, '');
  return parts.join('\n');
};

const tellings = new WeakMap<Node, string>();
const told = (node: Node) => {
  const {type, mode, uid, gid, attributes, target, bytes} = node;
  const known =
    tellings.get(node) ??
    (type === 'link'
      ? `link ${target}`
      : `${type} ${mode} ${uid}:${gid} ${attributes} ${type === 'file' ? digest(bytes).slice(0, 16) : ''}`);
  tellings.set(node, known);
  return known;
};

/** Bytes of a file of an image. */
export const bytesAt = (image: Image, path: string): Buffer | undefined => {
  let at = 1;
  for (const name of path.split('/').filter(Boolean)) {
    at = image.get(at)?.names.get(name) ?? 0;
  }

  const node = image.get(at);
  return node?.type === 'file' ? node.bytes : undefined;
};

const digests = new WeakMap<Buffer, string>();
const digest = (bytes: Buffer) => {
  const known = digests.get(bytes) ?? digestOf(bytes);
  digests.set(bytes, known);
  return known;
};

const nodeOf = (type: Node['type'], ino: bigint, mode: number, mtimeNs: bigint): Node => ({
  ino,
  type,
  bytes: Buffer.alloc(0),
  names: new Map(),
  target: '',
  mode,
  uid: me,
  gid: myGroup,
  mtimeNs,
  attributes: '',
});

const statOf = (nodes: Image, id: number, node: Node): Stat => ({
  type: node.type,
  dev: 1n,
  ino: node.ino,
  mode: node.mode,
  uid: node.uid,
  gid: node.gid,
  // Counted when it is asked for: lstat(2) is asked often.
  get nlink() {
    return [...nodes.values()].reduce(
      (count, {names}) => count + [...names.values()].filter(child => child === id).length,
      0,
    );
  },
  size: node.bytes.length,
  mtimeNs: node.mtimeNs,
  ctimeNs: node.mtimeNs,
});

const reachable = (nodes: Image) => {
  const seen = new Set<number>();
  const walk = (id: number) => {
    if (!seen.has(id)) {
      seen.add(id);
      nodes.get(id)?.names.forEach(walk);
    }
  };
  walk(1);
  return seen;
};

const failure = (code: string, path: string) => Object.assign(new Error(`${code}: ${path}`), {code});

const isError = (error: unknown) => typeof (error as {code?: unknown}).code === 'string';
