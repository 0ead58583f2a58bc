import {fileURLToPath} from 'node:url';
import {type Command, runMain} from './commands/main.js';

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
  'client-settings': async () => (await import('./commands/client-settings.js')).clientSettings,
  users: async () => (await import('./commands/users/index.js')).users,
  'migrate-report': async () => (await import('./commands/migrate-report.js')).migrateReport,
  pair: async () => (await import('./commands/pair/pair.js')).pair,
  completion: async () => (await import('./commands/completion.js')).completion,
  'pair-agent': async () => (await import('./commands/pair/agent.js')).pairAgent,
  play: async () => (await import('./commands/play.js')).play,
  worker: async () => (await import('./commands/worker.js')).worker,
  'keep-countdown': async () => (await import('./commands/keep-countdown.js')).keepCountdown,
  'watch-now': async () => (await import('./commands/watch-now.js')).watchNow,
  'recover-at-boot': async () => (await import('./commands/recover-at-boot.js')).recoverAtBoot,
};

const wizard = async (): Promise<Command> => (await import('./commands/wizard.js')).wizard;

await runMain(
  process.argv.slice(2),
  name => ((name === undefined ? undefined : programs[name]) ?? wizard)(),
  fileURLToPath(import.meta.url),
);
