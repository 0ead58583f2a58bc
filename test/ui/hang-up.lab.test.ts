import {execFileSync} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {openTerminal, type Terminal, terminalReason} from '../helpers/terminal.js';
import {bootHost, type LabHost, labReason} from '../hosts/host.js';
import {startSsh} from '../hosts/ssh.js';
import {changesSince, stateOf} from '../hosts/oracle.js';

const reason = labReason() ?? terminalReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

/** Milliseconds that staging packages may take. */
const long = 180_000;
let host: LabHost;
let bare: ReadonlyMap<string, string>;
let folder: string;

test.before(async () => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootHost();
    folder = mkdtempSync(join(tmpdir(), 'dovetail-ssh-'));
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')]);
    await startSsh(host, readFileSync(join(folder, 'key.pub'), 'utf8'));
    host.write('/root/anna.password', 'correct-horse-battery\n', 0o600);
    bare = await stateOf(host);
  }
});

test.after.always(async () => {
  await host?.stop();
  if (folder !== undefined) {
    rmSync(folder, {recursive: true});
  }
});

/** A login by SSH from this machine, in a terminal; with the wizard in it. */
const login = () =>
  openTerminal([
    ...['ssh', '-tt', '-i', join(folder, 'key'), '-o', 'StrictHostKeyChecking=accept-new'],
    ...['-o', `UserKnownHostsFile=${join(folder, 'known')}`, '-o', 'IdentitiesOnly=yes'],
    ...[`root@${host.address}`, '/opt/dovetail/dovetail'],
  ]);
/** Both ways in which a connection ends: here the terminal closes, there the process that serves it is gone. */
const drops = {
  client: async (terminal: Terminal) => terminal.close(),
  server: async () => void (await host.run('pkill', ['-KILL', '-f', 'sshd(-session)?: root@pts'])),
};

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

const isGone = async () => (await host.run('pgrep', ['-f', 'dovetail.mjs'])).exitCode === 1;
const gone = async () => {
  for (let tries = 0; tries < 600 && !(await isGone()); tries += 1) {
    await new Promise(resolve => setTimeout(resolve, 100));
  }
};
// The answers so far are kept for the next time; a login is logged; nothing else may be left.
const left = async () =>
  (await changesSince(host, bare)).filter(
    line => !/^\/var\/lib\/dovetail|^active (?:session-|user[@-])|^\/root\/\.cache/.test(line),
  );

lab(
  'an SSH connection that drops on any screen ends the wizard, and nothing is changed or left behind',
  async t => {
    const screens = {start, question, password, decided, planning, review, accepting};
    for (const [index, [name, walk]] of Object.entries(screens).entries()) {
      const terminal = login();
      try {
        await walk(terminal);
        await (index % 2 === 0 ? drops.client : drops.server)(terminal);
      } finally {
        terminal.close();
      }

      await gone();
      t.true(await isGone(), `${name}: still there`);
      t.deepEqual(await left(), [], name);
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
  t.deepEqual(await left(), []);
});

lab(
  'an SSH connection that drops while the changes are made ends nothing; the next login shows the end',
  async t => {
    const first = login();
    try {
      await accepting(first);
      await first.press('Down', 'Enter');
      for (let tries = 0; tries < 1200 && !existsSync(join(host.tree, 'usr/sbin/dovecot')); tries += 1) {
        await new Promise(resolve => setTimeout(resolve, 100));
      }

      await drops.server();
    } finally {
      first.close();
    }

    const second = login();
    try {
      await second.until('Another dovetail is at work');
      const shown = await second.until('What next?', long);
      t.regex(shown, /Done and proved\./);
      await second.press('Enter');
      t.is(await second.exit(), 0);
    } finally {
      second.close();
    }

    await gone();
    t.is((await host.run('systemctl', ['is-active', 'dovecot', 'postfix'])).exitCode, 0);
    await host.run('rm', ['-rf', '/var/vmail/example.test']);
    const {exitCode, stdout, stderr} = await host.run('/opt/dovetail/dovetail', ['rollback']);
    t.is(exitCode, 0, stdout + stderr);
    t.deepEqual(await left(), []);
  },
);
