// A user in a process of its own: a directory of theirs and a link to somebody else's change places, again and again, until the
// input ends; then it says how often they did. Arguments: their directory, and what the link leads to.
import {renameSync, symlinkSync, unlinkSync} from 'node:fs';
import {setImmediate as breathe} from 'node:timers/promises';

const [, , path = '', victim = ''] = process.argv;
let turns = 0;
let isOver = false;
process.stdin.on('end', () => {
  isOver = true;
});
process.stdin.resume();
process.stdout.write('at it\n');
while (!isOver) {
  for (let count = 0; count < 20; count += 1) {
    renameSync(path, `${path}.real`);
    symlinkSync(victim, path);
    unlinkSync(path);
    renameSync(`${path}.real`, path);
    turns += 1;
  }

  await breathe();
}

process.stdout.write(`${turns}\n`);
