// Takes a lock and holds it until its input ends; says so, or who has it. Arguments: the lock, and a name.
import {ProblemError} from '../../src/core/finding.js';
import {takeLock} from '../../src/transaction/lock.js';

const [, , path = '', name = ''] = process.argv;
try {
  takeLock(path, name);
  process.stdout.write('taken\n');
  process.stdin.resume();
} catch (error) {
  process.stdout.write(`${error instanceof ProblemError ? error.problem.cause?.en : error}\n`);
}
