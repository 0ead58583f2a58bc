// Holds postconf(1) off a file, reads it, waits until its input ends, and writes it with a line more: what a change of ours does,
// slowly. Argument: the file.
import {once} from 'node:events';
import {readFileSync, writeFileSync} from 'node:fs';
import {realFiles} from '../../src/system/files.js';

const [, , path = ''] = process.argv;
const letGo = realFiles().holdOffPostconf?.(path, 5);
const text = readFileSync(path, 'latin1');
process.stdout.write(letGo === undefined ? 'busy\n' : 'held\n');
process.stdin.resume();
await once(process.stdin, 'end');
writeFileSync(path, `${text}lab_ours = yes\n`, 'latin1');
letGo?.();
