import {accessSync, constants} from 'node:fs';
import type {Secret} from '../core/secret.js';
import {visibleLine} from '../core/text.js';
import {inOwnDomain} from './domain.js';
import type {Run, RunOptions, RunResult} from './types.js';

const folders = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];
const environment = {PATH: folders.join(':'), LC_ALL: 'C.UTF-8', HOME: '/root'};

/**
 * Runs programs of this machine; `prefix` puts a program before each, such as chroot(8) with its arguments. `alive`: what is run
 * there has the kernel's own files around it, as in a tree that is no machine's it has not.
 */
export const createRun =
  (prefix: readonly string[] = [], alive = true): Run =>
  async (file, args, options = {}) => {
    const found = prefix.length > 0 ? file : locate(file);
    if (found === undefined) {
      return {exitCode: null, stdout: '', stderr: '', timedOut: false, missing: true};
    }

    const [program = found, ...rest] = [...prefix, ...(alive ? inOwnDomain(found, args) : [found, ...args])];
    return start(program, rest, options);
  };

const start = async (program: string, args: readonly string[], options: RunOptions): Promise<RunResult> => {
  const {input, timeout = 60_000, env = {}, onLine, limit = 1024 * 1024, silent} = options;
  // Loaded with the first program that is run: `status` and its kin run none.
  const {execa} = await import('execa');
  const child = execa(program, args, {
    input: bytesOf(input),
    env: {...environment, ...env},
    extendEnv: false,
    cwd: '/',
    reject: false,
    stripFinalNewline: false,
    maxBuffer: limit,
    ...(silent === true ? {stdout: 'ignore' as const} : {}),
    forceKillAfterDelay: 2000,
    detached: true,
    cleanup: false,
    ...(timeout === 0 ? {} : {timeout}),
  });
  if (onLine !== undefined) {
    for (const stream of [child.stdout, child.stderr].filter(each => each !== null)) {
      eachLine(stream, line => onLine(visibleLine(line)));
    }
  }

  const result = await child;
  return {
    exitCode: result.exitCode ?? null,
    stdout: result.stdout ?? '',
    stderr: result.stderr,
    timedOut: result.timedOut,
    missing: result.code === 'ENOENT',
  };
};

const bytesOf = (input: RunOptions['input']) =>
  input === undefined
    ? new Uint8Array()
    : typeof input === 'string' || input instanceof Uint8Array
      ? input
      : (input as Secret).reveal();

const locate = (file: string) => {
  const candidates = file.startsWith('/') ? [file] : folders.map(folder => `${folder}/${file}`);
  return candidates.find(candidate => {
    try {
      accessSync(candidate, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
};

const eachLine = (stream: NodeJS.ReadableStream, use: (line: string) => void) => {
  let rest = '';
  stream.on('data', (chunk: Buffer | string) => {
    const lines = (rest + chunk.toString()).split(/\r?\n|\r/);
    rest = (lines.pop() ?? '').slice(-65_536);
    lines.forEach(use);
  });
  stream.on('end', () => rest !== '' && use(rest));
};
