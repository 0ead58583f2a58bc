// What `try` and `bench` share: set-up that asks first, our own runtime, and the lab of the tests.
import {spawn, spawnSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {createInterface} from 'node:readline/promises';

export const root = new URL('..', import.meta.url).pathname;
/** Exit codes of docs/dovetail.8. */
export const code = {
  done: 0,
  internal: 1,
  failed: 2,
  needsRootOrTerminal: 9,
  networkOrPackages: 10,
  interrupted: 130,
};
export const signals = ['SIGINT', 'SIGHUP', 'SIGTERM'];

/** Installs and builds what is needed, asking first; then runs `script` again in our own runtime. Returns its exit code. */
export async function goInside(script, args, name) {
  if (process.getuid() !== 0) {
    return refuse(
      name,
      'A throwaway host needs root: namespaces, an overlay and a network of its own. Start it with sudo.',
      code.needsRootOrTerminal,
    );
  }

  const built = spawnSync('sh', [`${root}scripts/set-up`, 'run'], {stdio: 'inherit'});
  if (built.status !== 0) {
    return built.status ?? code.interrupted;
  }

  const missing = spawnSync('sh', [`${root}scripts/set-up-lab`, 'missing'], {encoding: 'utf8'}).stdout.trim();
  if (missing !== '') {
    if (!(await agreed(`To boot the host, these packages are needed: ${missing}. Install them?`))) {
      return refuse(name, 'Nothing was changed.', code.interrupted);
    }

    if (spawnSync('sh', [`${root}scripts/set-up-lab`], {stdio: 'inherit'}).status !== 0) {
      return refuse(name, 'The package manager failed; see above.', code.networkOrPackages);
    }
  }

  // The program inside cleans up; this one only waits for it, and passes on what was sent to it alone.
  const child = spawn(runtime(), [script, '--inside', ...args], {stdio: 'inherit'});
  for (const signal of signals) {
    process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
  }

  return new Promise(resolve =>
    child.on('close', (status, signal) => resolve(status ?? (signal ? code.interrupted : code.internal))),
  );
}

/** The hosts of the tests, compiled from their one source. */
export async function hosts() {
  const {build} = await import('esbuild');
  await build({
    entryPoints: [`${root}test/hosts/host.ts`],
    outfile: `${root}build/test/hosts/host.js`,
    // With what it is made of: a fresh clone has nothing compiled beside it.
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node24',
    logLevel: 'warning',
  });
  return import('../build/test/hosts/host.js');
}

export function say(name, words) {
  console.log(`${name}: ${words}`);
}

export function refuse(name, words, exit) {
  console.error(`${name}: ${words}`);
  return exit;
}

async function agreed(question) {
  if (!process.stdin.isTTY) {
    return false;
  }

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
