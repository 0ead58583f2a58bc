import {spawnSync} from 'node:child_process';
import * as fs from 'node:fs';

/**
 * Locks an open file for this process alone (flock(2)); Node has no call for it. The lock belongs to the open file
 * description, so it lasts until the descriptor is closed, or the process ends, however it ends. `seconds`: how long to
 * wait for another holder. False where it is still held then.
 */
export const flock = (descriptor: number, seconds: number): boolean =>
  spawnSync('/usr/bin/flock', ['--timeout', `${seconds}`, '3'], {
    stdio: ['ignore', 'ignore', 'ignore', descriptor],
  }).status === 0;

/**
 * Keeps postconf(1) from editing a file of Postfix's until the function that is returned is called. Its protocol
 * (edit_file.c): who edits `main.cf` holds an exclusive lock on `main.cf.tmp`, from before it reads the old file until the
 * new one has its name; others wait, and look whether the name still is the file that they locked. Undefined where another
 * program still holds it after `seconds`. A file that a kill leaves behind is taken by the next holder.
 */
export const holdOffPostconf = (path: string, seconds: number): (() => void) | undefined => {
  const name = `${path}.tmp`;
  const {O_CREAT, O_NOFOLLOW, O_RDWR} = fs.constants;
  const end = Date.now() + seconds * 1000;
  do {
    const descriptor = fs.openSync(name, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
    if (!flock(descriptor, seconds)) {
      fs.closeSync(descriptor);
      return undefined;
    }

    if (fs.fstatSync(descriptor).ino === inodeOf(name)) {
      return () => {
        // The name goes before the lock does: whoever waits finds that it is another file by then.
        fs.unlinkSync(name);
        fs.closeSync(descriptor);
      };
    }

    fs.closeSync(descriptor);
  } while (Date.now() < end);

  return undefined;
};

const inodeOf = (path: string) => {
  try {
    return fs.lstatSync(path).ino;
  } catch {
    return undefined;
  }
};
