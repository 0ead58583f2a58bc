import type {Finding, Problem} from './finding.js';
import type {StageName} from './plan.js';
import type {Text} from './text.js';

/** How a transaction ended. */
export type Outcome = 'committed' | 'unproved' | 'rolled-back' | 'conflicts-kept' | 'stuck' | 'interrupted';

/** What happens while a plan is applied, proved or undone; the journal holds the same, so that a UI can attach later. Plain JSON. */
export type RunEvent =
  | {readonly type: 'transaction'; readonly id: string; readonly total: number}
  | {readonly type: 'stage'; readonly name: StageName}
  | {readonly type: 'change-start'; readonly id: string; readonly index: number; readonly title: Text}
  /** `ms`: wall-clock milliseconds that the change took. */
  | {readonly type: 'change-done'; readonly id: string; readonly ms: number}
  /** One line of a package manager or other long work, already made visible. */
  | {readonly type: 'line'; readonly text: string}
  | {
      readonly type: 'activation';
      readonly unit: string;
      readonly act: string;
      readonly ok: boolean;
      readonly ms: number;
    }
  | {readonly type: 'proving'; readonly total: number}
  | {readonly type: 'finding'; readonly finding: Finding}
  /** It is in force until then (UTC, RFC 3339), and goes back unless somebody confirms it. */
  | {readonly type: 'pending'; readonly deadline: string; readonly finding: Finding}
  | {readonly type: 'failed'; readonly problem: Problem; readonly evidence: readonly string[]}
  | {readonly type: 'undo-start'; readonly total: number}
  | {readonly type: 'undone'; readonly id: string; readonly conflict?: Finding}
  | {readonly type: 'finished'; readonly outcome: Outcome; readonly ms: number};
