// An editor in a process of its own: told to, it saves a file once, some time later, in place or by renaming.
import {renameSync, writeFileSync} from 'node:fs';

/** What it is told: milliseconds to wait, and what to save how. */
export type Order = {
  readonly path: string;
  readonly text: string;
  readonly after: number;
  readonly byRename: boolean;
};

const clock = new Int32Array(new SharedArrayBuffer(4));

process.on('message', ({path, text, after, byRename}: Order) => {
  Atomics.wait(clock, 0, 0, after);
  if (byRename) {
    writeFileSync(`${path}.swp`, text);
    renameSync(`${path}.swp`, path);
  } else {
    writeFileSync(path, text);
  }

  process.send?.('saved');
});
