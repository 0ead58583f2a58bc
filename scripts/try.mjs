// Boots a throwaway Debian host and opens the wizard inside it; nothing else on this machine changes, and the host is gone
// afterwards. `npm run try -- [--release NAME] [arguments of dovetail]`. Started by any Node; goes on in our own.
import {spawn} from 'node:child_process';
import {createInterface} from 'node:readline/promises';
import {code, goInside, hosts, refuse, say, signals} from './lab.mjs';

const name = 'try';
/** A terminal of the host's own: a shell that shares ours would keep it for itself when it ends. */
const shell = ['/usr/bin/script', '-q', '-e', '-c', '/bin/bash -l', '/dev/null'];
/** A program inside has the terminal. */
let busy = false;
const args = process.argv.slice(2);
process.exitCode = await (args[0] === '--inside' ? inside(args.slice(1)) : begin());

async function begin() {
  return process.stdin.isTTY && process.stdout.isTTY
    ? goInside(new URL(import.meta.url).pathname, args, name)
    : refuse(name, 'The trial opens the wizard, which needs a terminal.', code.needsRootOrTerminal);
}

async function inside(given) {
  const {bootHost, labReason} = await hosts();
  const reason = labReason();
  if (reason !== undefined) {
    return refuse(name, `No host can be booted here: ${reason}.`, code.needsRootOrTerminal);
  }

  const {release, rest} = releaseOf(given);
  const stopped = new AbortController();
  for (const signal of signals) {
    process.on(signal, () => (signal === 'SIGINT' && busy) || stopped.abort());
  }

  // After a hang-up there is nobody to write to; the host must go all the same.
  process.stdout.on('error', () => stopped.abort());
  process.stderr.on('error', () => stopped.abort());
  say(name, `Booting a bare Debian ${release}. The first time its files are fetched, which takes a minute.`);
  const host = await bootHost({release});
  try {
    say(name, 'It is up: a machine of its own, with nothing of mail on it yet.');
    for (let next = 'w'; next !== 'q' && !stopped.signal.aborted; next = await choose(stopped.signal)) {
      await enter(host, next === 's' ? shell : ['/opt/dovetail/dovetail', ...rest], stopped.signal);
    }
  } finally {
    say(name, 'Throwing the host away …');
    await host.stop();
  }

  return stopped.signal.aborted ? code.interrupted : code.done;
}

function releaseOf(given) {
  const at = given.indexOf('--release');
  return at === -1
    ? {release: 'bookworm', rest: given}
    : {release: given[at + 1] ?? 'bookworm', rest: given.toSpliced(at, 2)};
}

// Ctrl-C is for the program inside; a hang-up ends it.
async function enter(host, command, signal) {
  const [file, ...before] = host.enter;
  const words = ['TERM', 'COLORTERM', 'NO_COLOR', 'LANG', 'LC_ALL'].flatMap(name =>
    process.env[name] === undefined ? [] : [`${name}=${process.env[name]}`],
  );
  const child = spawn(file, [...before, ...words, ...command], {stdio: 'inherit', cwd: '/'});
  const hangUp = () => child.kill('SIGHUP');
  signal.addEventListener('abort', hangUp);
  busy = true;
  await new Promise(resolve => child.on('close', resolve));
  busy = false;
  signal.removeEventListener('abort', hangUp);
}

async function choose(signal) {
  try {
    const lines = createInterface({input: process.stdin, output: process.stdout});
    lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    const closed = new Promise(resolve => lines.once('close', () => resolve('q')));
    const question = '[w] the wizard again   [s] a shell in the host   [q] throw the host away: ';
    const reply = await Promise.race([closed, lines.question(question, {signal})]);
    lines.close();
    return ['w', 's', 'q'].find(letter => reply.trim().toLowerCase() === letter) ?? (await choose(signal));
  } catch {
    // Asked to stop, or the terminal is gone.
    return 'q';
  }
}
