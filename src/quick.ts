import {runMain} from './commands/main.js';
import {status} from './commands/status.js';

// `--help`, `--version` and `status` in one small file, which the launcher takes for them: they are asked often, and most of
// their time would be the loading of what they do not use.
void runMain(process.argv.slice(2), async () => status, '');
