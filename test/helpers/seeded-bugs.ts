import {digestOf} from '../../src/system/blobs.js';
import type {Files} from '../../src/system/types.js';
import type {Around} from './model.js';

// What is arranged for the next boot has checks of its own; these bugs are about the files of the plan.
const isPlanned = (path: string) => path.startsWith('/etc/') && !path.startsWith('/etc/systemd');
const isBeside = (path: string) => path.includes('.dovetail-');
const changed = (files: Files, how: Partial<Files>): Files => ({...files, ...how});

/** The same floor, with the syncs of some paths left out. */
const without =
  (which: 'syncFile' | 'syncDirectory', is: (path: string) => boolean): Around =>
  files =>
    changed(files, {
      [which]: (path: string) => {
        if (!is(path)) {
          files[which](path);
        }
      },
    });

/** Takes a file for what it was when we last looked at it or wrote it: as if the check for others' changes were not there. */
const blind =
  (isUndo: boolean): Around =>
  files => {
    const stats = new Map<string, ReturnType<Files['lstat']>>();
    const bytes = new Map<string, ReturnType<Files['read']>>();
    let undoing = false;
    const known = <V>(memory: Map<string, V>, path: string, look: () => V): V => {
      if (!isPlanned(path) || isBeside(path)) {
        return look();
      }

      if (!memory.has(path) || undoing !== isUndo) {
        memory.set(path, look());
      }

      return memory.get(path) as V;
    };
    const forget = (path: string) => {
      stats.delete(path);
      bytes.delete(path);
    };
    return changed(files, {
      append: (path, added) => {
        undoing ||= Buffer.from(added).toString().includes('"rolling-back"');
        files.append(path, added);
      },
      lstat: path => known(stats, path, () => files.lstat(path)),
      read: (path, options) => known(bytes, path, () => files.read(path, options)),
      digest: (path, options) => {
        const content = known(bytes, path, () => files.read(path, options));
        return content === undefined ? undefined : digestOf(content);
      },
      copy: (from, to, mode) => {
        const content = known(bytes, from, () => files.read(from));
        if (content === undefined) {
          return undefined;
        }

        files.create(to, content, mode);
        return digestOf(content);
      },
      exchange: () => false,
      rename: (from, to) => {
        files.rename(from, to);
        forget(from);
        forget(to);
      },
      link: (from, to) => {
        files.link(from, to);
        forget(to);
      },
      unlink: path => {
        files.unlink(path);
        forget(path);
      },
    });
  };

/** Mistakes in the protocol that have been made elsewhere (RELIABILITY: ALICE, netplan, fsyncgate); the harness must find each. */
export const seededBugs: Readonly<Record<string, Around>> = {
  'no fsync of any directory': without('syncDirectory', () => true),
  'no fsync of the directories of the machine’s files': without('syncDirectory', path =>
    isPlanned(`${path}/`),
  ),
  'no fsync of the directory that holds the mark of an unfinished run': without(
    'syncDirectory',
    path => path === '/var/lib/dovetail',
  ),
  'no fsync of a new directory itself': without('syncDirectory', path => path === '/srv/a/b'),
  'no fsync of new files': without('syncFile', path => path.endsWith('-new~')),
  'no fsync of blobs': without('syncFile', path => path.includes('/blobs/')),
  'no fsync of the plan': without('syncFile', path => path.endsWith('plan.json')),
  'no fsync of the journal': files =>
    changed(files, {
      append: (path, bytes) => {
        const old = files.read(path) ?? Buffer.alloc(0);
        const {mode = 0o600} = files.lstat(path) ?? {};
        files.unlink(path);
        files.create(path, Buffer.concat([old, bytes]), mode);
      },
    }),
  'the file is put in its place before its fsync': files => {
    let late = '';
    const settle = () => {
      if (late !== '' && files.lstat(late) !== undefined) {
        files.syncFile(late);
      }

      late = '';
    };
    return changed(files, {
      syncFile: path => {
        if (path.endsWith('-new~')) {
          late = path;
        } else {
          files.syncFile(path);
        }
      },
      append: (path, bytes) => {
        settle();
        files.append(path, bytes);
      },
    });
  },
  'the intent is recorded after the act': files => {
    let held: Uint8Array = new Uint8Array();
    return changed(files, {
      append: (path, bytes) => {
        const text = Buffer.from(bytes).toString();
        if (text.includes('"t":"intent"')) {
          held = bytes;
        } else {
          files.append(path, Buffer.concat([held, bytes]));
          held = new Uint8Array();
        }
      },
    });
  },
  'the names beside a file are not durable before it changes': files => {
    let fresh = false;
    return changed(files, {
      syncFile: path => {
        fresh = path.endsWith('-new~');
        files.syncFile(path);
      },
      syncDirectory: path => {
        if (!fresh) {
          files.syncDirectory(path);
        }

        fresh = false;
      },
    });
  },
  'the mode is set before the owner': files => {
    const modes = new Map<string, number>();
    return changed(files, {
      chown: path => void modes.set(path, files.lstat(path)?.mode ?? 0),
      chmod: (path, mode) => {
        files.chmod(path, mode);
        if (modes.has(path)) {
          const {uid = 0, gid = 0} = files.lstat(path) ?? {};
          files.chown(path, uid, gid);
        }
      },
    });
  },
  'the old file is moved away, then the new one gets its name': files =>
    changed(files, {
      exchange: (one, other) => {
        files.rename(other, `${one}.old`);
        files.rename(one, other);
        files.rename(`${one}.old`, one);
        return true;
      },
    }),
  'a short write is taken for a whole one': files => {
    let writes = 0;
    return changed(files, {
      append: (path, bytes) => {
        writes += 1;
        files.append(path, writes === 30 ? bytes.subarray(0, bytes.length / 2) : bytes);
      },
    });
  },
  'nobody looks whether a file was changed before it is replaced': blind(false),
  'an undo overwrites what others changed since': blind(true),
  'one directory that was made is forgotten': files =>
    changed(files, {
      removeDirectory: path => {
        if (path !== '/srv/a') {
          files.removeDirectory(path);
        }
      },
    }),
  'an fsync that failed is tried again': files => {
    const again = (act: () => void) => {
      try {
        act();
      } catch {
        act();
      }
    };
    return changed(files, {
      syncFile: path => again(() => files.syncFile(path)),
      syncDirectory: path => again(() => files.syncDirectory(path)),
    });
  },
  'the run is called finished before the names beside files are gone': files => {
    const late: string[] = [];
    let gone = false;
    return changed(files, {
      unlink: path => {
        if (path.endsWith('-new~') && !gone) {
          late.push(path);
        } else {
          files.unlink(path);
        }

        if (path.endsWith('/current')) {
          gone = true;
          files.syncDirectory('/var/lib/dovetail');
          late.filter(name => files.lstat(name) !== undefined).forEach(name => void files.unlink(name));
        }
      },
    });
  },
  'making a file overwrites one that somebody made meanwhile': files =>
    changed(files, {
      link: (from, to) => {
        if (files.lstat(to) !== undefined) {
          files.unlink(to);
        }

        files.link(from, to);
      },
    }),
  'a secret is written before its file is closed to others': files =>
    changed(files, {
      create: (path, bytes, mode) => {
        files.create(path, bytes, mode);
        if (path.endsWith('-new~')) {
          files.chmod(path, 0o644);
        }
      },
    }),
  'attributes are not taken over': files => changed(files, {copyAttributes: () => undefined}),
  'times come back only to the second': files =>
    changed(files, {setTime: (path, time) => files.setTime(path, (time / 1_000_000_000n) * 1_000_000_000n)}),
  'an error is swallowed': files =>
    changed(files, {
      syncFile: path => {
        try {
          files.syncFile(path);
        } catch {
          // As if it had worked.
        }
      },
    }),
};
