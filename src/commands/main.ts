import {userInfo} from 'node:os';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {version} from '../core/version.js';
import type {CommandContext} from './context.js';
import {help} from './help.js';
import {lineWriter, unwritten, watchedOutput} from './output.js';
import {langOf, parse} from './parse.js';

/** A command: what it got, to its exit code. */
export type Command = (context: CommandContext) => Promise<number>;

/**
 * Runs what the command line names, with the process's own streams, and sets its exit code. `find` loads a command by its name;
 * undefined is the wizard. `script` is the whole program, which starts itself for what it does apart.
 */
export const runMain = async (
  argv: readonly string[],
  find: (name: string | undefined) => Promise<Command>,
  script: string,
): Promise<void> => {
  process.umask(0o077);
  process.exitCode = (await codeOf(argv, find, script)) || process.exitCode || exitCode.done;
};

const codeOf = async (argv: readonly string[], find: Parameters<typeof runMain>[1], script: string) => {
  const lang = langOf(argv, process.env['LANG'] ?? '');
  const out = lineWriter(1, watchedOutput, unwritten);
  const err = lineWriter(2, () => process.stderr.on('error', ignore), ignore);
  try {
    const {name, args, options} = parse(argv);
    if (options['version'] === true) {
      out(`dovetail ${version}`);
      return exitCode.done;
    }

    if (options['help'] === true) {
      out(help(lang, name));
      return exitCode.done;
    }

    const command = await find(name);
    if (name !== 'status') {
      watchedOutput();
      process.stderr.on('error', ignore);
    }

    return await command({
      lang,
      out,
      err,
      args,
      options,
      root: process.getuid?.() === 0,
      user: userName(),
      ...(process.env['SSH_CONNECTION'] === undefined ? {} : {ssh: process.env['SSH_CONNECTION']}),
      script,
      self: {file: process.execPath, args: [script, 'play']},
    });
  } catch (error) {
    if (!(error instanceof ProblemError)) {
      err(String((error as Error).stack ?? error));
      return exitCode.internal;
    }

    const {code, what, cause, remedy} = error.problem;
    for (const text of [what, cause, remedy]) {
      if (text !== undefined) {
        err(text[lang]);
      }
    }

    return code;
  }
};

// A user without an entry in passwd(5) has a number and no name.
const userName = () => {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '');
  }
};

const ignore = () => undefined;
