import {execFileSync} from 'node:child_process';
import test from 'ava';
import {openTerminal, type Terminal, terminalReason} from '../helpers/terminal.js';
import {bootHost, type LabHost, labReason} from '../hosts/host.js';
import {differences, snapshot} from '../hosts/tree.js';

const reason = labReason() ?? terminalReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const password = 'correct-horse-battery';
/** Milliseconds that staging or installing packages may take. */
const long = 180_000;
let host: LabHost;
let bare: ReadonlyMap<string, string>;

test.before(async () => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootHost();
    bare = snapshot(host.tree);
  }
});

test.after.always(async () => host?.stop());

const open = (...args: readonly string[]) =>
  openTerminal([...host.enter, 'TERM=screen-256color', '/opt/dovetail/dovetail', ...args]);

// The ten questions, answered as a new user would: one address and one password typed, all else as proposed.
const toReview = async ({press, type, until, screen}: Terminal) => {
  await until(/Begin|Start over/);
  await press(...(screen().includes('Start over') ? ['Down', 'Enter'] : ['Enter']));
  await until('What shall this machine do?');
  await press('Enter');
  await until('What is its name on the Internet?');
  await press('Enter');
  await until('Mail addresses here end in @…');
  await press('Enter');
  await until('Where do accounts live?');
  await press('Enter');
  await until('Who gets the first mailbox?');
  await type('anna@example.test');
  await press('Enter');
  await type(password);
  await press('Enter');
  await type(password);
  await press('Enter');
  await until('That is all');
  await press('Enter');
  for (let n = 0; n < 6; n += 1) {
    const shown = await until(/Question \d+ of \d+|Decided for you/);
    if (!shown.includes('Question')) {
      break;
    }

    await press('Enter');
  }

  await until('Show what would change');
  await press('Enter');
  await until('a accept', long);
};

lab('a dry run in the full screen shows the review and leaves nothing behind', async t => {
  const terminal = open('--dry-run');
  try {
    await toReview(terminal);
    t.regex(terminal.screen(), /Review \(dry run\)/);
    await terminal.press('a');
    t.regex(terminal.screen(), /Dry run: nothing will be changed\./);
    await terminal.press('Down', 'Enter');
    t.is(await terminal.exit(), 2);
    t.deepEqual(differences(bare, snapshot(host.tree)), []);
  } finally {
    terminal.close();
  }
});

lab('there are at most ten questions', async t => {
  const terminal = open('--dry-run');
  try {
    await terminal.until('Begin');
    await terminal.press('Enter');
    const [, count = ''] = /Question 1 of (\d+)/.exec(await terminal.until('Question 1 of')) ?? [];
    t.true(Number(count) <= 10, count);
    await terminal.press('C-c', 'Down', 'Enter');
    t.is(await terminal.exit(), 130);
  } finally {
    terminal.close();
  }
});

lab('Ctrl-C in the middle of the changes asks, and then the machine is as it was', async t => {
  const terminal = open();
  try {
    await toReview(terminal);
    await terminal.press('a', 'Down', 'Enter');
    await terminal.until(/Unpacking|Setting up|Installing +:/, long);
    await terminal.press('C-c');
    await terminal.until('Stop, and put everything back?');
    await terminal.press('Down', 'Enter');
    await terminal.until('everything is as it was before', long);
    await terminal.press('Enter');
    t.is(await terminal.exit(), 130);
    t.deepEqual(differences(bare, snapshot(host.tree)), []);
  } finally {
    terminal.close();
  }
});

lab(
  'killed in the middle of the changes, the next start offers to put the machine in order, and does',
  async t => {
    const first = open();
    try {
      await toReview(first);
      await first.press('a', 'Down', 'Enter');
      await first.until(/Unpacking|Setting up|Installing +:/, long);
      t.is((await host.run('pkill', ['-KILL', '-f', 'dovetail.mjs worker'])).exitCode, 0);
      // What it says is that the run broke off, not that all is well.
      await first.until(/! /, long);
      t.notRegex(first.screen(), /Done and proved/);
      await first.press('C-c');
    } finally {
      first.close();
    }

    t.notDeepEqual(differences(bare, snapshot(host.tree)), []);
    const second = open();
    try {
      await second.until('was cut short');
      await second.until('Put the machine in order first');
      await second.press('Enter');
      await second.until(/as it was before/, long);
      await second.press('Enter');
      await second.until(/Begin|Start over/);
      await second.press('C-c', 'Down', 'Enter');
      t.is(await second.exit(), 130);
      t.deepEqual(differences(bare, snapshot(host.tree)), []);
    } finally {
      second.close();
    }
  },
);

lab('from the bare machine to the proved server by keys alone', async t => {
  const terminal = open();
  try {
    await toReview(terminal);
    t.false(terminal.history().includes(password));
    await terminal.press('a');
    t.regex(terminal.screen(), /Make these \d+ changes now\?/);
    await terminal.press('Down', 'Enter');
    const shown = await terminal.until('What next?', long);
    t.regex(shown, /Done and proved\./);
    const [, passed, all] = /(\d+) of (\d+) checks passed/.exec(shown) ?? [];
    t.true(Number(all) > 25 && passed === all, shown);
    await terminal.press('Enter');
    t.is(await terminal.exit(), 0);
    const end = terminal.history();
    t.regex(end, /To undo it: dovetail rollback/);
    t.regex(end, /IMAP mail\.example\.test +993 +SSL\/TLS/);
    t.false(end.includes(password));
  } finally {
    terminal.close();
  }

  // What the field's own tools say about it.
  const good = await host.run('doveadm', ['auth', 'test', 'anna@example.test'], {input: `${password}\n`});
  t.regex(good.stdout, /auth succeeded/);
  const bad = await host.run('doveadm', ['auth', 'test', 'anna@example.test'], {input: 'another-password\n'});
  t.regex(bad.stdout, /auth failed/);
  const {stdout} = await host.run('ss', ['-Hltn']);
  const ports = new Set([...stdout.matchAll(/:(\d+) /g)].map(([, port]) => Number(port)));
  t.deepEqual(
    [25, 143, 465, 587, 993, 110, 995].filter(port => ports.has(port)),
    [25, 143, 465, 587, 993],
  );
});

lab('a terminal that closes leaves the changes at work, and the next one shows how they end', async t => {
  const first = open('protocols');
  try {
    await first.until('Begin with: Reading mail');
    await first.press('Enter');
    await first.until('How do people read their mail?');
    await first.press('Down', 'Space', 'Enter');
    await first.until('Which ports are open for reading mail?');
    await first.press('Enter');
    await first.until(/Show what would change|a accept/, long);
    if (!first.screen().includes('a accept')) {
      await first.press('Enter');
      await first.until('a accept', long);
    }

    await first.press('a', 'Down', 'Enter');
    await first.until(/Proving|checks/, long);
  } finally {
    first.close();
  }

  const second = open();
  try {
    await second.until('Another dovetail is at work');
    await second.until('What next?', long);
    // Nobody gave a password this time: logins could not be tried, and that is not called proved.
    t.regex(second.screen(), /Done, proved in part/);
    await second.press('Enter');
    t.is(await second.exit(), 0);
  } finally {
    second.close();
  }

  const {stdout} = await host.run('ss', ['-Hltn']);
  t.regex(stdout, /:995 /);
});

lab('afterwards the window may shrink and grow, and a section alone can be opened and left', async t => {
  const terminal = open('protocols');
  try {
    await terminal.until('Begin with: Reading mail');
    await terminal.press('Enter');
    await terminal.until('How do people read their mail?');
    await terminal.resize(50, 12);
    await terminal.until('too small');
    await terminal.resize(100, 30);
    t.regex(terminal.screen(), /\[x\] IMAP/);
    await terminal.press('C-c', 'Down', 'Enter');
    t.is(await terminal.exit(), 130);
  } finally {
    terminal.close();
  }
});

lab('on the server that runs, every default accepted plans nothing', async t => {
  const before = snapshot(host.tree);
  const terminal = open();
  try {
    await terminal.until('Begin');
    await terminal.press('Enter');
    for (let n = 0; n < 12; n += 1) {
      const shown = await terminal.until(/Question \d+ of \d+|Decided for you/);
      if (!shown.includes('Question')) {
        break;
      }

      await terminal.press('Enter');
    }

    await terminal.until('Show what would change');
    await terminal.press('Enter');
    await terminal.until('a accept', long);
    t.regex(terminal.screen(), /Nothing to change/);
    await terminal.press('a');
    t.is(await terminal.exit(), 0);
    t.regex(terminal.history(), /Nothing had to be changed\./);
    t.deepEqual(
      differences(before, snapshot(host.tree)).filter(line => line.startsWith('/etc/')),
      [],
    );
  } finally {
    terminal.close();
  }
});
