/** Exit codes of every command; public, see docs/commands.md. */
export const exitCode = {
  done: 0,
  internal: 1,
  /** `plan`: changes pending; `check`: a check failed. */
  pending: 2,
  stuck: 3,
  badAnswers: 4,
  stalePlan: 5,
  rolledBack: 6,
  conflictsKept: 7,
  unsupportedPlatform: 8,
  needsRootOrTerminal: 9,
  networkOrPackages: 10,
  notChecked: 11,
  locked: 75,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
