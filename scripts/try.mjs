// Boots a throwaway Debian host and opens the wizard inside it; nothing else on this machine changes, and the host is gone
// afterwards. `npm run try -- [--release NAME] [arguments of dovetail]`. Started by any Node; goes on in our own.
import {spawn, spawnSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {createInterface} from 'node:readline/promises';

const root = new URL('..', import.meta.url).pathname;
const self = new URL(import.meta.url).pathname;
/** Exit codes of docs/dovetail.8. */
const code = {done: 0, internal: 1, needsRootOrTerminal: 9, networkOrPackages: 10, interrupted: 130};
const signals = ['SIGINT', 'SIGHUP', 'SIGTERM'];

/** A terminal of the host's own: a shell that shares ours would keep it for itself when it ends. */
const shell = ['/usr/bin/script', '-q', '-e', '-c', '/bin/bash -l', '/dev/null'];
/** A program inside has the terminal. */
let busy = false;
const args = process.argv.slice(2);
process.exitCode = args[0] === '--inside' ? await inside(args.slice(1)) : await setUp();

async function setUp() {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    return refuse('The trial opens the wizard, which needs a terminal.', code.needsRootOrTerminal);
  }

  if (process.getuid() !== 0) {
    return refuse(
      'A throwaway host needs root: namespaces, an overlay and a network of its own. Start it with sudo.',
      code.needsRootOrTerminal,
    );
  }

  // Asks before it installs anything, and builds what will run.
  const built = spawnSync('sh', [`${root}scripts/set-up`, 'run'], {stdio: 'inherit'});
  if (built.status !== 0) {
    return built.status ?? code.interrupted;
  }

  const missing = spawnSync('sh', [`${root}scripts/set-up-lab`, 'missing'], {encoding: 'utf8'}).stdout.trim();
  if (missing !== '') {
    if (!(await agreed(`To boot the host, these packages are needed: ${missing}. Install them?`))) {
      return refuse('Nothing was changed.', code.interrupted);
    }

    if (spawnSync('sh', [`${root}scripts/set-up-lab`], {stdio: 'inherit'}).status !== 0) {
      return refuse('The package manager failed; see above.', code.networkOrPackages);
    }
  }

  // The program inside cleans up; this one only waits for it, and passes on what was sent to it alone.
  const child = spawn(runtime(), [self, '--inside', ...args], {stdio: 'inherit'});
  for (const signal of signals) {
    process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
  }

  return new Promise(resolve =>
    child.on('close', (status, signal) => resolve(status ?? (signal ? code.interrupted : code.internal))),
  );
}

async function inside(given) {
  const {bootHost, labReason} = await hosts();
  const reason = labReason();
  if (reason !== undefined) {
    return refuse(`No host can be booted here: ${reason}.`, code.needsRootOrTerminal);
  }

  const {release, rest} = releaseOf(given);
  const stopped = new AbortController();
  for (const signal of signals) {
    process.on(signal, () => (signal === 'SIGINT' && busy) || stopped.abort());
  }

  // After a hang-up there is nobody to write to; the host must go all the same.
  process.stdout.on('error', () => stopped.abort());
  process.stderr.on('error', () => stopped.abort());
  say(`Booting a bare Debian ${release}. The first time its files are fetched, which takes a minute.`);
  const host = await bootHost({release});
  try {
    say('It is up: a machine of its own, with nothing of mail on it yet.');
    for (let next = 'w'; next !== 'q' && !stopped.signal.aborted; next = await choose(stopped.signal)) {
      await enter(host, next === 's' ? shell : ['/opt/dovetail/dovetail', ...rest], stopped.signal);
    }
  } finally {
    say('Throwing the host away …');
    await host.stop();
  }

  return stopped.signal.aborted ? code.interrupted : code.done;
}

// The lab of the tests, compiled from its one source.
async function hosts() {
  const {build} = await import('esbuild');
  await build({
    entryPoints: [`${root}test/hosts/host.ts`],
    outfile: `${root}build/test/hosts/host.js`,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    logLevel: 'warning',
  });
  return import('../build/test/hosts/host.js');
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

async function agreed(question) {
  const lines = createInterface({input: process.stdin, output: process.stdout});
  const reply = await lines.question(`${question} [y/N] `).catch(() => '');
  lines.close();
  return /^(?:y|yes|j|ja)$/i.test(reply.trim());
}

function runtime() {
  return ['x64', 'arm64']
    .map(processor => `${root}node_modules/node-linux-${processor}/bin/node`)
    .find(path => existsSync(path));
}

function say(words) {
  console.log(`try: ${words}`);
}

function refuse(words, exit) {
  console.error(`try: ${words}`);
  return exit;
}
