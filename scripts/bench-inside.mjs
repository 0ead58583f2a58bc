// The part of `npm run bench` that runs inside the host: measures, and prints one line of JSON. Times in milliseconds.
import {spawn, spawnSync} from 'node:child_process';
import {appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {setTimeout as wait} from 'node:timers/promises';
import {detect} from '../src/detect/index.js';
import {realFiles} from '../src/system/files.js';
import {machineSystem} from '../src/system/grounds.js';
import {openJournal} from '../src/transaction/journal.js';
import {journalOf, listTransactions} from '../src/transaction/store.js';

const dovetail = '/opt/dovetail/dovetail';
const bundle = 'dist/dovetail.mjs';
const answers = '/opt/dovetail/examples/first-server.yaml';
const keys = {enter: '\r', up: '\u001b[A', down: '\u001b[B', space: ' ', back: '\u007f', ctrlC: '\u0003'};

/** Programs that run; none outlives a failure of ours. */
const started = new Set();
process.on('exit', () => started.forEach(child => void child.kill('SIGKILL')));
const parts = {starts, terminal, planning, every, pieces, aliases, accounts};
console.log(JSON.stringify(await parts[process.argv[2]]()));

// Bare Node, ours, bare Node, ours …: what else the machine does meanwhile falls on both.
async function starts() {
  const found = {node: [], version: [], help: [], status: [], frame: [], ready: []};
  for (let round = 0; round < 16; round += 1) {
    const times = {
      node: ran(process.execPath, ['-e', '0']),
      version: ran(dovetail, ['--version']),
      help: ran(dovetail, ['--help']),
      status: ran(dovetail, ['status']),
      ...(await firstFrame()),
    };
    // The first round warms the machine's caches.
    if (round > 0) {
      for (const [name, ms] of Object.entries(times)) {
        found[name].push(ms);
      }
    }
  }

  return found;
}

async function firstFrame() {
  const started = performance.now();
  const screen = open([]);
  await screen.shows('Looking at this machine');
  const frame = performance.now() - started;
  await screen.shows('Begin');
  const ready = performance.now() - started;
  await screen.close();
  return {frame, ready};
}

// The bytes that reach a real terminal, key by key: a text is typed, a diff is scrolled, nothing is done.
async function terminal() {
  const screen = open(['protocols', 'smtp', '--dry-run']);
  await screen.shows('Begin');
  const first = screen.memory();
  await screen.press(keys.enter);
  await screen.press(keys.down, keys.space, keys.enter);
  await screen.press(keys.up, keys.enter);
  await screen.shows('postmaster and abuse?');
  const typed = [];
  for (const letter of 'abcdefghijklmnop') {
    typed.push(await screen.press(letter));
  }

  const idle = await screen.idle(3000);
  for (let n = 0; n < 16; n += 1) {
    await screen.press(keys.back);
  }

  for (let n = 0; n < 7; n += 1) {
    await screen.press(keys.enter);
  }

  await screen.shows('accept');
  await screen.idle(500);
  const scrolled = [];
  for (let n = 0; n < 15; n += 1) {
    scrolled.push(await screen.press(keys.down));
  }

  const memory = screen.memory();
  await screen.close();
  return {typed, scrolled, idle, first: first.now, review: memory.now, peak: memory.peak};
}

// `plan` with nothing to change, beside the same settings asked of Ansible.
async function planning() {
  const found = {plan: [], ansible: []};
  for (let round = 0; round < 5; round += 1) {
    const plan = ran(dovetail, ['plan', '--answers', answers]);
    const ansible = ran(
      'ansible-playbook',
      ['--check', '--diff', '-i', 'localhost,', '/root/bench.yaml'],
      /changed=0/,
    );
    if (round > 0) {
      found.plan.push(plan);
      found.ansible.push(ansible);
    }
  }

  return found;
}

// `plan` with nothing to change, on a server that has of every section what one server can have at once.
async function every() {
  const file = '/root/every.yaml';
  const plans = [];
  for (let round = 0; round < 6; round += 1) {
    const plan = ran(dovetail, ['plan', '--answers', file]);
    if (round > 0) {
      plans.push(plan);
    }
  }

  const {stdout} = spawnSync(dovetail, ['plan', '--answers', file, '--json'], {encoding: 'utf8'});
  return {plans, sections: JSON.parse(stdout).sections.length};
}

// Aliases from a file: read, judged, shown as a diff and compiled into a table, on the view; memory is the peak of the program.
async function aliases() {
  const file = '/root/aliases.txt';
  const own = '/root/aliases.yaml';
  const fill = (count, changed) =>
    writeFileSync(
      file,
      Array.from(
        {length: count},
        (_, at) => `user${at}@example.test ${at === changed ? 'user1' : 'anna'}@example.test\n`,
      ).join(''),
    );
  writeFileSync(own, `${readFileSync(answers, 'utf8')}domains:\n  import_file: ${file}\n`);
  const found = {many: [], memory: [], one: [], oneMemory: [], cpu: {many: [], one: []}};
  for (let round = 0; round < 3; round += 1) {
    fill(100_000);
    const {ms, cpu, peak} = await planned(own);
    found.many.push(ms);
    found.cpu.many.push(cpu);
    found.memory.push(peak);
  }

  fill(1_000_000);
  const million = await planned(own);
  if (!/aliases\.txt: 500000 lines/.test(million.told)) {
    throw new Error(`not told how far it is:\n${million.told.slice(-500)}`);
  }

  fill(100_000);
  ran(dovetail, ['apply', '--answers', own, '--yes']);
  for (let round = 0; round < 3; round += 1) {
    fill(100_000, 777);
    const {ms, cpu, peak, said} = await planned(own);
    if (said.match(/^ *[+-]user/gm)?.length !== 2) {
      throw new Error(`not the one line that changed:\n${said.slice(0, 2000)}`);
    }

    found.one.push(ms);
    found.cpu.one.push(cpu);
    found.oneMemory.push(peak);
  }

  return {...found, million: {ms: million.ms, cpu: million.cpu, peak: million.peak}};
}

// 100,000 accounts with the first one's hash: told, one more added, its password changed. A change includes the hash, which takes a
// quarter of a second by intent, and the login that proves it.
async function accounts() {
  const list = '/etc/dovecot/users';
  const table = '/etc/postfix/vmailbox';
  const [, hash] = readFileSync(list, 'utf8').split('\n')[0].split(':');
  const names = Array.from({length: 100_000}, (_, at) => `user${at}@example.test`);
  appendFileSync(list, names.map(name => `${name}:${hash}::::::\n`).join(''));
  appendFileSync(table, names.map(name => `${name} ${name}\n`).join(''));
  ran('/usr/sbin/postmap', [table]);
  const found = {list: [], add: [], passwd: [], memory: [], cpu: {list: [], add: [], passwd: []}};
  const measure = async (act, ...words) => {
    // Dovecot tells versions of a file apart by whole seconds.
    await wait(1500);
    const {ms, peak, cpu} = await watched(['users', act, ...words], 0);
    found[act].push(ms);
    found.cpu[act].push(cpu);
    found.memory.push(peak);
  };
  for (let round = 0; round < 3; round += 1) {
    await measure('list');
    await measure('add', `more${round}@example.test`, '--generate');
    await measure('passwd', `more${round}@example.test`, '--generate');
  }

  return found;
}

function planned(file) {
  return watched(['plan', '--answers', file], 2);
}

async function watched(args, expected) {
  const started = performance.now();
  const before = cpuOfChildren();
  const child = spawn(dovetail, args, {stdio: ['ignore', 'pipe', 'pipe']});
  let said = '';
  let told = '';
  let peak = 0;
  child.stderr.on('data', chunk => {
    told += chunk;
  });
  child.stdout.on('data', chunk => {
    said += chunk;
  });
  const watch = setInterval(() => {
    const status = read(`/proc/${programOf(child.pid)}/status`);
    peak = Math.max(peak, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024);
  }, 50);
  const code = await new Promise(resolve => child.on('close', resolve));
  clearInterval(watch);
  if (code !== expected) {
    throw new Error(`${args.join(' ')}: ${code}\n${said.slice(0, 2000)}${told}`);
  }

  return {ms: performance.now() - started, cpu: cpuOfChildren() - before, peak, said, told};
}

// What ended children, and theirs, had of the processors (proc(5): cutime and cstime, in hundredths of a second): it tells how much
// of a time was spent waiting for others.
function cpuOfChildren() {
  const fields = read('/proc/self/stat')
    .replace(/^.*\) /, '')
    .split(' ');
  return 10 * (Number(fields[13]) + Number(fields[14]));
}

// Detection; and the writes of the journal of the newest transaction, made again.
async function pieces() {
  const found = {detect: [], journal: []};
  const system = machineSystem();
  for (let round = 0; round < 10; round += 1) {
    const started = performance.now();
    await detect(system, {ground: 'machine', root: true, user: 'root'});
    found.detect.push(performance.now() - started);
  }

  const files = realFiles();
  const [newest] = listTransactions(files);
  const folder = mkdtempSync('/var/lib/dovetail/bench-');
  for (let round = 0; round < 10; round += 1) {
    const started = performance.now();
    const journal = openJournal(files, `${folder}/${round}`);
    newest.entries.forEach(entry => void journal.add(entry));
    found.journal.push(performance.now() - started);
  }

  rmSync(folder, {recursive: true});
  const bytes = readFileSync(journalOf(newest.id)).length;
  return {
    detect: found.detect.slice(1),
    journal: found.journal.slice(1),
    entries: newest.entries.length,
    bytes,
  };
}

function ran(file, args, says = /(?:)/) {
  const started = performance.now();
  const {status, stdout, stderr} = spawnSync(file, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ms = performance.now() - started;
  if (status !== 0 || !says.test(stdout)) {
    throw new Error(`${file} ${args.join(' ')}: ${status}\n${stdout}${stderr}`);
  }

  return ms;
}

// script(1) gives the program a terminal of its own; what it writes there comes out here, byte for byte.
function open(args) {
  const line = ['stty cols 80 rows 24; exec', dovetail, ...args].join(' ');
  const child = spawn('/usr/bin/script', ['-q', '-e', '-c', line, '/dev/null'], {
    env: {PATH: process.env.PATH, TERM: 'xterm-256color', LANG: 'C.UTF-8', HOME: '/root'},
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  started.add(child);
  child.on('close', () => started.delete(child));
  let heard = '';
  let count = 0;
  let last = Date.now();
  child.stdout.on('data', chunk => {
    heard += chunk.toString('utf8');
    count += chunk.length;
    last = Date.now();
  });
  const rest = async quiet => {
    last = Date.now();
    while (Date.now() - last < quiet) {
      await wait(5);
    }
  };
  const press = async (...pressed) => {
    const before = count;
    for (const key of pressed) {
      child.stdin.write(key);
      await rest(250);
    }

    return count - before;
  };

  return {
    press,
    shows: async words => {
      for (let end = Date.now() + 60_000; !heard.includes(words); ) {
        if (Date.now() > end || child.exitCode !== null) {
          throw new Error(`“${words}” did not appear in:\n${heard.slice(-2000)}`);
        }

        await wait(1);
      }
    },
    idle: async ms => {
      const before = count;
      await wait(ms);
      return count - before;
    },
    memory: () => {
      const status = readFileSync(`/proc/${programOf(child.pid)}/status`, 'utf8');
      const of = name => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)[1]) / 1024;
      return {now: of('VmRSS'), peak: of('VmHWM')};
    },
    close: async () => {
      const ended = new Promise(resolve => child.on('close', resolve));
      process.kill(programOf(child.pid), 'SIGTERM');
      await ended;
    },
  };
}

// The descendant that runs the bundle.
function programOf(pid) {
  const all = readdirSync('/proc').filter(name => /^\d+$/.test(name));
  const parents = new Map(all.map(name => [name, parentOf(name)]));
  return Number(
    all.find(name => {
      for (let at = name; at !== undefined && at !== '1'; at = parents.get(at)) {
        if (at === String(pid)) {
          return commandOf(name).includes(bundle) && commandOf(name).includes('/bin/node');
        }
      }

      return false;
    }),
  );
}

function parentOf(pid) {
  return read(`/proc/${pid}/stat`)
    .replace(/^.*\) /, '')
    .split(' ')[1];
}

function commandOf(pid) {
  const [first = '', ...others] = read(`/proc/${pid}/cmdline`).split('\0');
  return first.endsWith('/node') ? [first, ...others].join(' ') : '';
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
