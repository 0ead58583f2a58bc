import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync, writeFileSync} from 'node:fs';
import {join, relative} from 'node:path';
import {text} from 'node:stream/consumers';
import {setTimeout as wait} from 'node:timers/promises';
import test from 'ava';
import {racedNames, racedText, type Rounds} from '../helpers/rounds.js';
import {arrived, submit} from '../hosts/clients.js';
import {type LabHost, labReason} from '../hosts/host.js';
import {bootServer, password} from '../hosts/server.js';
import {differences, snapshot} from '../hosts/tree.js';

const isFull = process.env['DOVETAIL_FULL'] === '1';
const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
const root = new URL('../../../', import.meta.url).pathname;
const dovetail = '/opt/dovetail/dovetail';
const inside = (path: string) => `/opt/dovetail/${relative(root, path)}`;
const node = inside(process.execPath);
const helper = (name: string) => inside(new URL(`../helpers/${name}.js`, import.meta.url).pathname);
const anna = {user: 'anna@example.test', pass: password};
const folder = '/var/vmail/box';
const victim = '/etc/victim';
const file = '/etc/dovecot/dovecot.conf';
const mainCf = '/etc/postfix/main.cf';
let host: LabHost;
let effective: string;

const must = async (name: string, ...args: readonly string[]) => {
  const {exitCode, stdout, stderr} = await host.run(name, args, {timeout: 110 * 60_000});
  if (exitCode !== 0) {
    throw new Error(`${name} ${args.join(' ')}: ${stdout}${stderr}`);
  }

  return stdout;
};

/** Configuration and programs, and the folder in the mail directory; what Dovecot and Postfix write by themselves is their own. */
const machine = () =>
  new Map([...snapshot(host.tree)].filter(([path]) => /^\/(?:etc|usr|root|var\/vmail\/box)\b/.test(path)));

/** A login of the user who owns the mail races as long as `meanwhile` runs; how often links and directories changed places. */
const raced = async (meanwhile: () => Promise<void>) => {
  const [enter = '', ...rest] = host.enter;
  const racer = spawn(
    enter,
    [...rest, 'runuser', '-u', 'vmail', '--', node, helper('racer'), folder, victim],
    {stdio: ['pipe', 'pipe', 'inherit']},
  );
  try {
    await once(racer.stdout, 'readable');
    await meanwhile();
  } finally {
    racer.stdin.end();
  }

  return Number((await text(racer.stdout)).split('\n')[1]);
};

const deliver = async (subject: string) => {
  const sent = await submit(host.address, anna, {from: anna.user, to: anna.user, subject});
  return sent === 'sent' && (await arrived(host.address, anna, subject));
};

test.before(async () => {
  if (reason === undefined) {
    host = await bootServer();
    const answers = readFileSync(join(root, 'examples/first-server.yaml'), 'utf8');
    host.write('/root/no-pop3.yaml', answers.replace(/services: \[.*\]/, 'services: [imap]'));
    host.write('/root/there.yaml', `${answers}vmail:\n  root: ${folder}/mail\n`);
    await must('install', '-d', '-o', 'vmail', '-g', 'vmail', folder);
    await must('mkdir', victim);
    for (const name of racedNames) {
      host.write(join(folder, name), racedText);
      host.write(join(victim, name), racedText);
    }

    await must('chown', 'vmail:vmail', ...racedNames.map(name => join(folder, name)));
    effective = await must('doveconf', '-n');
  }
});

test.after.always(async () => host?.stop());

lab(
  'the program changes the server and undoes it while that user races: exactly its own changes, and mail',
  async t => {
    const before = machine();
    const turns = await raced(async () => {
      await must(dovetail, 'apply', '--answers', '/root/no-pop3.yaml', '--yes');
      await must(dovetail, 'rollback');
    });
    t.true(turns > 10);
    t.deepEqual(differences(before, machine()), []);
    t.is(await must('doveconf', '-n'), effective);
  },
);

lab('mail that is to lie where that user races is refused, and nothing there is made', async t => {
  const before = machine();
  const said: string[] = [];
  await raced(async () => {
    for (let round = 0; round < (isFull ? 10 : 2); round += 1) {
      const {exitCode, stdout, stderr} = await host.run(dovetail, [
        ...['apply', '--answers', '/root/there.yaml', '--yes'],
      ]);
      t.not(exitCode, 0, stdout);
      said.push(stdout + stderr);
    }
  });
  t.true(
    said.every(each => each.includes('others than root can change')),
    said.join('\n'),
  );
  t.deepEqual(differences(before, machine()), []);
});

lab(
  'somebody saves main.cf at a random moment of the program’s own run, its proof and its undo: no edit is lost',
  async t => {
    const before = machine();
    const rounds = isFull ? 20 : 2;
    const path = join(host.tree, mainCf);
    const original = readFileSync(path);
    const ended: string[] = [];
    let span = 3000;
    for (let round = 0; round < rounds; round += 1) {
      const mark = `# edit ${round}.`;
      const edit =
        round % 2 === 0
          ? ['sed', '-i', `$a ${mark}`, mainCf]
          : ['sh', '-c', 'echo "$1" >> "$2"', 'sh', mark, mainCf];
      const started = performance.now();
      const editing = wait(Math.random() ** 2 * span).then(() => must(edit[0] ?? '', ...edit.slice(1)));
      const {exitCode, stdout, stderr} = await host.run(dovetail, [
        ...['apply', '--answers', '/root/no-pop3.yaml', '--yes'],
      ]);
      const back = exitCode === 0 ? (await host.run(dovetail, ['rollback'])).exitCode : undefined;
      span = performance.now() - started;
      await editing;
      ended.push(`${exitCode}${back === undefined ? '' : `/${back}`}`);
      const kept = await host.run('grep', ['-rlF', mark, mainCf, '/var/lib/dovetail']);
      t.is(kept.exitCode, 0, `round ${round}: ${stdout}${stderr}`);
      t.is((await must('find', '/etc/dovecot', '/etc/postfix', '-name', '*dovetail-*~')).trim(), '');
      // Whatever came of it, mail is not put off for ever.
      t.notRegex(readFileSync(path, 'latin1'), /^soft_bounce/m, `round ${round}: ${stdout}${stderr}`);
      writeFileSync(path, original);
      t.deepEqual(differences(untimed(before), untimed(machine())), [], `round ${round}: ${stdout}${stderr}`);
    }

    t.deepEqual(readFileSync(path), original);
    t.true(await deliver('after the edits'));
    t.log(`${rounds} of ${rounds} edits kept; apply/rollback ended with ${ended.join(', ')}`);
  },
);

lab(
  'a user races in the mail directory: nothing behind their links is touched, by no sort of change',
  async t => {
    const before = machine();
    const rounds = isFull ? 1000 : 30;
    let ended: Rounds['ended'] = {};
    const turns = await raced(async () => {
      ({ended} = JSON.parse(await must(node, helper('rounds-run'), 'race', folder, `${rounds}`)) as Rounds);
    });
    t.deepEqual(differences(before, machine()), []);
    t.is((ended['refused'] ?? 0) + (ended['rolled-back'] ?? 0), rounds, JSON.stringify(ended));
    t.true(turns > rounds);
    t.true(await deliver('after the race'));
    t.log(`${rounds} of ${rounds} rounds: ${JSON.stringify(ended)}; ${turns} turns of the user’s`);
  },
);

lab(
  'an editor saves at a random moment of a transaction, in place and by rename: no edit is lost',
  async t => {
    const before = machine();
    const rounds = isFull ? 10_000 : 40;
    const {ended, wrong} = JSON.parse(
      await must(node, helper('rounds-run'), 'edit', file, `${rounds}`),
    ) as Rounds;
    t.deepEqual(wrong, []);
    t.deepEqual(differences(untimed(before), untimed(machine())), []);
    t.is(await must('doveconf', '-n'), effective);
    t.log(`${rounds} of ${rounds} edits kept: ${JSON.stringify(ended)}`);
  },
);

const untimed = (tree: ReadonlyMap<string, string>) =>
  new Map([...tree].map(([path, what]) => [path, what.replace(/^(file \S+ \S+) \d+/, '$1')]));
