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

/** Milliseconds that staging packages may take. */
const long = 180_000;
let host: LabHost;
let bare: ReadonlyMap<string, string>;

test.before(async () => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootHost();
    host.write('/root/anna.password', 'correct-horse-battery\n', 0o600);
    bare = snapshot(host.tree);
  }
});

test.after.always(async () => host?.stop());

type Walk = (terminal: Terminal) => Promise<void>;

const start: Walk = async ({until}) => void (await until(/Begin|Start over/));
const question: Walk = async terminal => {
  await start(terminal);
  await terminal.press(...(terminal.screen().includes('Start over') ? ['Down', 'Enter'] : ['Enter']));
  await terminal.until('What shall this machine do?');
};
const password: Walk = async terminal => {
  await question(terminal);
  for (const next of [
    'What is its name on the Internet?',
    'Mail addresses here end in @…',
    'Where do accounts live?',
    'Who gets the first mailbox?',
  ]) {
    await terminal.press('Enter');
    await terminal.until(next);
  }

  await terminal.type('anna@example.test');
  await terminal.press('Enter');
  await terminal.type('correct-horse-battery');
};
const decided: Walk = async terminal => {
  await password(terminal);
  await terminal.press('Enter');
  await terminal.type('correct-horse-battery');
  await terminal.press('Enter');
  await terminal.until('That is all');
  await terminal.press('Enter');
  for (let n = 0; n < 10; n += 1) {
    if (!(await terminal.until(/Question \d+ of \d+|Decided for you/)).includes('Question')) {
      break;
    }

    await terminal.press('Enter');
  }

  await terminal.until('Show what would change');
};
const planning: Walk = async terminal => {
  await decided(terminal);
  await terminal.press('Enter');
  await terminal.until(/Planning|a accept/, long);
};
const review: Walk = async terminal => {
  await planning(terminal);
  await terminal.until('a accept', long);
};
const accepting: Walk = async terminal => {
  await review(terminal);
  await terminal.press('a');
  await terminal.until(/Make these \d+ changes now\?/);
};

// Other hosts of the lab that come and go meanwhile are mounted below the project, which this one sees too.
const mounts = async () =>
  (await host.run('findmnt', ['-rno', 'TARGET,FSTYPE'])).stdout
    .split('\n')
    .filter(line => !line.startsWith('/opt/dovetail/.lab/'));
const isGone = async () => (await host.run('pgrep', ['-f', 'dovetail.mjs'])).exitCode === 1;

lab(
  'a connection that drops on any screen ends the wizard, and nothing is changed or left behind',
  async t => {
    const before = await mounts();
    const screens = {start, question, password, decided, planning, review, accepting};
    for (const [name, walk] of Object.entries(screens)) {
      const terminal = openTerminal([...host.enter, 'TERM=screen-256color', '/opt/dovetail/dovetail']);
      try {
        await walk(terminal);
      } finally {
        terminal.close();
      }

      for (let tries = 0; tries < 600 && !(await isGone()); tries += 1) {
        await new Promise(resolve => setTimeout(resolve, 100));
      }

      t.true(await isGone(), `${name}: still there`);
      t.deepEqual(await mounts(), before, `${name}: mounts`);
      // The answers so far are kept for the next time; nothing else.
      t.deepEqual(
        differences(bare, snapshot(host.tree)).filter(line => !line.startsWith('/var/lib/dovetail')),
        [],
        name,
      );
      t.is((await host.run('test', ['-e', '/var/lib/dovetail/current'])).exitCode, 1, name);
      const kept = await host.run('grep', ['-r', 'correct-horse', '/var/lib/dovetail', '/tmp', '/run']);
      t.not(kept.exitCode, 0, `${name}: ${kept.stdout}`);
    }
  },
);

lab('without room for its record nothing is begun, and the machine is as it was', async t => {
  await host.run('mkdir', ['-p', '/var/lib/dovetail']);
  await host.run('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=0700', 'tmpfs', '/var/lib/dovetail']);
  const {exitCode, stdout, stderr} = await host.run('/opt/dovetail/dovetail', [
    'apply',
    '--answers',
    '/opt/dovetail/examples/first-server.yaml',
    '--yes',
  ]);
  await host.run('umount', ['/var/lib/dovetail']);
  t.not(exitCode, 0, stdout);
  t.regex(stdout + stderr, /room|space|ENOSPC/i);
  t.deepEqual(
    differences(bare, snapshot(host.tree)).filter(line => !line.startsWith('/var/lib/dovetail')),
    [],
  );
});
