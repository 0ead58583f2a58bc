import {userInfo} from 'node:os';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {exitCode} from './core/exit-code.js';
import {ProblemError} from './core/finding.js';
import {type Lang, visible} from './core/text.js';
import {version} from './core/version.js';
import type {CommandContext} from './commands/context.js';
import {help} from './commands/help.js';

type Command = (context: CommandContext) => Promise<number>;

// Loaded when they are named: `--help` and `--version` must not wait for protocol clients.
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  plan: async () => (await import('./commands/plan.js')).plan,
  apply: async () => (await import('./commands/apply.js')).apply,
  check: async () => (await import('./commands/check.js')).check,
  answers: async () => (await import('./commands/check.js')).answers,
  status: async () => (await import('./commands/check.js')).status,
  history: async () => (await import('./commands/history.js')).history,
  show: async () => (await import('./commands/show.js')).show,
  rollback: async () => (await import('./commands/rollback.js')).rollback,
  play: async () => (await import('./commands/play.js')).play,
};

const wizard = async (): Promise<Command> => (await import('./commands/wizard.js')).wizard;

const main = async (argv: readonly string[]): Promise<number> => {
  const parsed = parse(argv);
  if (parsed === undefined) {
    process.stderr.write(`${help('en')}\n`);
    return exitCode.badAnswers;
  }

  const {values, positionals} = parsed;
  const lang: Lang =
    values.lang === 'ja' || (values.lang === undefined && /^ja/.test(process.env['LANG'] ?? ''))
      ? 'ja'
      : 'en';
  const out = (line: string) => process.stdout.write(`${visible(line)}\n`);
  const err = (line: string) => process.stderr.write(`${visible(line)}\n`);
  if (values.version === true) {
    out(`dovetail ${version}`);
    return exitCode.done;
  }

  const [name, ...rest] = positionals;
  const args = name !== undefined && Object.hasOwn(commands, name) ? rest : positionals;
  const command = name === undefined || !Object.hasOwn(commands, name) ? wizard : commands[name];
  if (values.help === true || command === undefined) {
    (values.help === true ? out : err)(help(lang));
    return values.help === true ? exitCode.done : exitCode.badAnswers;
  }

  try {
    return await (await command())({
      lang,
      out,
      err,
      args,
      options: values,
      root: process.getuid?.() === 0,
      user: userInfo().username,
      ...(process.env['SSH_CONNECTION'] === undefined ? {} : {ssh: process.env['SSH_CONNECTION']}),
      self: {file: process.execPath, args: [fileURLToPath(import.meta.url), 'play']},
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

const parse = (argv: readonly string[]) => {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        answers: {type: 'string'},
        yes: {type: 'boolean'},
        keep: {type: 'boolean'},
        section: {type: 'string'},
        'dry-run': {type: 'boolean', short: 'n'},
        json: {type: 'boolean'},
        verbose: {type: 'boolean', short: 'v'},
        lang: {type: 'string'},
        platform: {type: 'string'},
        account: {type: 'string'},
        'password-from': {type: 'string'},
        help: {type: 'boolean', short: 'h'},
        version: {type: 'boolean'},
        plain: {type: 'boolean'},
        numbered: {type: 'boolean'},
      },
    });
  } catch {
    return undefined;
  }
};

process.umask(0o077);
process.exitCode = await main(process.argv.slice(2));
