// Rounds on files of this machine, for a host of the lab. Arguments: `edit` and a file, or `race` and a folder; how many. What came
// of it goes to the standard output as JSON.
import {machineSystem} from '../../src/system/grounds.js';
import {editRounds, raceRounds} from './rounds.js';

const [, , kind, path = '', rounds = ''] = process.argv;
const go = kind === 'edit' ? editRounds : raceRounds;
process.stdout.write(JSON.stringify(await go(machineSystem(), path, Number(rounds))));
