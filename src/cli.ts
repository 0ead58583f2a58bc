import {userInfo} from 'node:os';
import {fileURLToPath} from 'node:url';
import {exitCode} from './core/exit-code.js';
import {ProblemError} from './core/finding.js';
import {version} from './core/version.js';
import type {CommandContext} from './commands/context.js';
import {help} from './commands/help.js';
import {lineWriter, unwritten, watchedOutput} from './commands/output.js';
import {langOf, parse} from './commands/parse.js';

type Command = (context: CommandContext) => Promise<number>;

// Loaded when they are named: `--help` and `--version` must not wait for protocol clients. Their names, arguments and
// options stand in commands/table.ts.
const programs: Readonly<Record<string, () => Promise<Command>>> = {
  plan: async () => (await import('./commands/plan.js')).plan,
  apply: async () => (await import('./commands/apply.js')).apply,
  check: async () => (await import('./commands/check.js')).check,
  answers: async () => (await import('./commands/check.js')).answers,
  status: async () => (await import('./commands/status.js')).status,
  history: async () => (await import('./commands/history.js')).history,
  show: async () => (await import('./commands/show.js')).show,
  rollback: async () => (await import('./commands/rollback.js')).rollback,
  confirm: async () => (await import('./commands/confirm-change.js')).confirmChange,
  users: async () => (await import('./commands/users.js')).users,
  'migrate-report': async () => (await import('./commands/migrate-report.js')).migrateReport,
  completion: async () => (await import('./commands/completion.js')).completion,
  play: async () => (await import('./commands/play.js')).play,
  worker: async () => (await import('./commands/worker.js')).worker,
  'keep-countdown': async () => (await import('./commands/keep-countdown.js')).keepCountdown,
  'recover-at-boot': async () => (await import('./commands/recover-at-boot.js')).recoverAtBoot,
};

const script = fileURLToPath(import.meta.url);

const wizard = async (): Promise<Command> => (await import('./commands/wizard.js')).wizard;

const main = async (argv: readonly string[]): Promise<number> => {
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

    const command = await ((name === undefined ? undefined : programs[name]) ?? wizard)();
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

process.umask(0o077);
process.exitCode = (await main(process.argv.slice(2))) || process.exitCode || exitCode.done;
