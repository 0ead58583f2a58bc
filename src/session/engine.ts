import type {Facts} from '../core/facts.js';
import type {Finding} from '../core/finding.js';
import type {Plan} from '../core/plan.js';
import type {Platform} from '../core/platform.js';
import type {AllAnswers, LiveCheck, LiveResult, Look, Looked} from '../core/question.js';
import type {RunEvent} from '../core/run-event.js';
import type {Scope} from '../core/scope.js';
import type {Step} from '../core/step.js';
import type {Text} from '../core/text.js';

/** A transaction as history lists it. */
export type TransactionSummary = {
  readonly id: string;
  /** UTC, RFC 3339. */
  readonly when: string;
  readonly sections: readonly string[];
  readonly outcome: string;
  readonly changes: number;
};

/** Detection's result, ready for asking. */
export type Scene = {
  readonly facts: Facts;
  readonly platform: Platform;
  readonly steps: readonly Step[];
  /** Answers adopted from the machine, where it is configured. */
  readonly adopted: AllAnswers;
  /** An answers state saved by an earlier run, without secrets. */
  readonly resumable?: AllAnswers;
  /** A transaction that was cut short and must be recovered first. */
  readonly unfinished?: TransactionSummary;
  /** Another dovetail is at work: who, and since when. */
  readonly running?: {readonly by: string};
};

/** Everything the session can ask of the world; `commands/` makes it, the UI, plain prompts and tests are given it. */
export type Engine = {
  readonly detect: () => Promise<Scene>;
  /** Holds a typed secret in memory and returns its id for a SecretRef. */
  readonly hold: (value: string) => string;
  /** A generated password is shown once; returns the id and the value to show. */
  readonly generate: () => {readonly held: string; readonly value: string};
  /** Starts building the staged tree in the background, when the packages can be known; idempotent. */
  readonly prestage: (answers: AllAnswers) => void;
  readonly liveCheck: (check: LiveCheck, signal: AbortSignal) => Promise<LiveResult>;
  /** Looks for what a question can be answered with. Never rejects; five seconds at most. */
  readonly look: (look: Look) => Promise<Looked>;
  /** Plans what is in the scope with these answers; long on a first-time setup, so it says how far it is. */
  readonly plan: (answers: AllAnswers, scope: Scope, say: (line: string) => void) => Promise<PlanResult>;
  /** Applies and proves; events until `finished`. Throws a ProblemError when it cannot start (locked, stale, no root). */
  readonly apply: (plan: Plan, onEvent: (event: RunEvent) => void) => Promise<void>;
  /** Asks a running apply to stop and roll back; the events go on. */
  readonly interrupt: () => void;
  /** Stops listening to a run; one that outlives this process goes on. */
  readonly detach: () => void;
  /** Whether runs go on when this process ends. */
  readonly outlives: boolean;
  /** Tells what another dovetail does until it is done. */
  readonly attach: (onEvent: (event: RunEvent) => void) => Promise<void>;
  readonly rollback: (
    request: {readonly id?: string; readonly section?: string},
    onEvent: (event: RunEvent) => void,
  ) => Promise<void>;
  /** Keeps what waits for a confirmation, once a new connection was seen; says what is missing otherwise. */
  readonly confirm: () => Promise<Finding | undefined>;
  readonly recover: (onEvent: (event: RunEvent) => void) => Promise<void>;
  /** What to give to users and to publish once the server runs with these answers: lines of text. */
  readonly handover: (answers: AllAnswers) => readonly Text[];
  readonly saveProgress: (answers: AllAnswers) => void;
  readonly forgetProgress: () => void;
  /** Writes the review's text to a file made 0600; returns a problem's sentence or undefined. */
  readonly saveDiff: (plan: Plan, path: string) => Promise<Finding | undefined>;
};

/** A plan, or why there is none: bad answers by section and question, contradictions between sections. */
export type PlanResult =
  | {readonly kind: 'plan'; readonly plan: Plan}
  | {readonly kind: 'refused'; readonly findings: readonly (Finding & {readonly question?: string})[]};
