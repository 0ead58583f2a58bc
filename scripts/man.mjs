// Writes docs/dovetail.8 from the table of commands; run it after `tsc`. A test compares.
import {writeFileSync} from 'node:fs';
import {manualPage} from '../build/src/commands/man.js';

writeFileSync(new URL('../docs/dovetail.8', import.meta.url), manualPage());
