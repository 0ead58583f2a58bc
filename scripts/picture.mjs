// Draws docs/wizard.svg from a real screen: the wizard on a real host in a real terminal. Needs root and the lab; run it
// after `tsc` and `bundle.mjs`.
import {writeFileSync} from 'node:fs';
import {openTerminal} from '../build/test/helpers/terminal.js';
import {bootHost} from '../build/test/hosts/host.js';
import {svgOf} from './svg.mjs';

const size = {columns: 80, rows: 24};
/** Milliseconds that staging the packages may take. */
const long = 300_000;
/** The heading of a change to a packaged file, near the top of the screen. */
const shown = () => /^(?:.*\n){3,5}.*10-auth\.conf/;
const password = 'correct-horse-battery';

const host = await bootHost();
const terminal = openTerminal([...host.enter, 'TERM=screen-256color', '/opt/dovetail/dovetail'], size);
try {
  await toReview();
  // Down to a file of the packages: comments kept, one line changed.
  for (let tries = 0; !shown().test(terminal.screen()) && tries < 400; tries += 1) {
    await terminal.press('Down');
  }

  writeFileSync(new URL('../docs/wizard.svg', import.meta.url), svgOf(terminal.painted(), size));
  console.log(terminal.screen());
} finally {
  terminal.close();
  await host.stop();
}

async function toReview() {
  const {press, type, until} = terminal;
  await until('Begin', 60_000);
  await press('Enter');
  for (let asked = 0; asked < 20; asked += 1) {
    const shown = await until(/Question \d+ of \d+|Show what would change/);
    if (shown.includes('Show what would change')) {
      break;
    }

    await (shown.includes('Who gets the first mailbox?') ? account() : press('Enter'));
  }

  await until('Show what would change');
  await press('Enter');
  await until('a accept', long);

  async function account() {
    await type('anna@example.test');
    await press('Enter');
    for (const _ of ['password', 'again']) {
      await type(password);
      await press('Enter');
    }

    await until('That is all');
    await press('Enter');
  }
}
