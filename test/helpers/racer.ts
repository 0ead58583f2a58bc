// A user in a thread of its own: a directory of theirs and a link to somebody else's change places, again and again.
import {renameSync, symlinkSync, unlinkSync} from 'node:fs';
import {workerData} from 'node:worker_threads';

/** What it is told: their directory, what the link leads to, and a cell that is 1 to end and counts turns in the next. */
export type Race = {readonly path: string; readonly victim: string; readonly cells: Int32Array};

const {path, victim, cells} = workerData as Race;
while (Atomics.load(cells, 0) === 0) {
  renameSync(path, `${path}.real`);
  symlinkSync(victim, path);
  unlinkSync(path);
  renameSync(`${path}.real`, path);
  Atomics.add(cells, 1, 1);
}
