import type {Text} from './text.js';

/** Result of a check. `unchecked` is never `pass`: it says why and what to run elsewhere. */
export type Severity = 'pass' | 'warning' | 'fail' | 'unchecked';

/** What a check, a detector or a verification found out. Every finding that is not `pass` has a remedy. */
export type Finding = {
  readonly id: string;
  readonly section?: string;
  readonly severity: Severity;
  readonly summary: Text;
  readonly cause?: Text;
  readonly remedy?: Text;
  /** Lines of a log or command output that explain it, already made visible. */
  readonly evidence?: readonly string[];
};

/** A failure of dovetail itself or of the machine, as data: what, cause, remedy, where the log is. */
export type Problem = {
  readonly code: number;
  readonly what: Text;
  readonly cause?: Text;
  readonly remedy: Text;
  readonly log?: string;
};

/** Thrown where a problem ends a command; `cli.ts` prints it and exits with its code. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.what.en);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}
