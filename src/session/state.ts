import type {ExitCode} from '../core/exit-code.js';
import type {Finding, Problem} from '../core/finding.js';
import type {Plan} from '../core/plan.js';
import type {Scope} from '../core/scope.js';
import type {AllAnswers, LiveCheck, LiveResult} from '../core/question.js';
import type {RunEvent} from '../core/run-event.js';
import type {Text} from '../core/text.js';
import type {PlanResult, Scene} from './engine.js';
import type {RunView} from './run-view.js';

/** One question of one section. */
export type Place = {readonly section: string; readonly question: string};

/** How the session was started. No sections: the wizard; else all questions of these sections. */
export type Request = {
  readonly sections: readonly string[];
  readonly dryRun: boolean;
  /** Whether a run goes on when this process ends. */
  readonly outlives: boolean;
};

/** Where the admin is. */
export type Screen =
  | {readonly at: 'detecting'}
  | {readonly at: 'start'}
  /** `decided`: opened from the screen of decided answers, and returns there. */
  | {readonly at: 'question'; readonly place: Place; readonly from: 'flow' | 'decided'}
  | {readonly at: 'decided'; readonly focus?: Place}
  | {readonly at: 'planning'; readonly id: number; readonly lines: readonly string[]}
  | {readonly at: 'refused'; readonly findings: readonly (Finding & {readonly question?: string})[]}
  | {readonly at: 'review'; readonly plan: Plan; readonly confirming: boolean; readonly saved?: Text}
  | {readonly at: 'running'}
  | {readonly at: 'finished'}
  /** An effect could not be done; `back` is where to go on from, where there is such a place. */
  | {readonly at: 'problem'; readonly problem: Problem; readonly back?: Screen}
  | {readonly at: 'ended'; readonly code: ExitCode; readonly saved: boolean};

/** A live check of the value just given: under way, or failed and open to being overruled. */
export type LiveState = {
  readonly id: number;
  readonly place: Place;
  readonly value: unknown;
  readonly findings?: LiveResult;
};

/** Everything a front end shows, as plain data. Secrets are references only. */
export type State = {
  readonly request: Request;
  readonly scene?: Scene;
  /** What was said or adopted; defaults are not in it. */
  readonly answers: AllAnswers;
  /** Names of accounts whose password has to be asked again, by place. */
  readonly drafts: Readonly<Record<string, readonly string[]>>;
  /** Places that were passed by without an answer. */
  readonly skipped: readonly string[];
  /** Findings of live checks that the admin overruled, by place; the review lists them. */
  readonly overruled: Readonly<Record<string, readonly Finding[]>>;
  /** What live checks found out for other questions, by place: it holds while nobody says otherwise. */
  readonly found: Readonly<Record<string, unknown>>;
  readonly live?: LiveState;
  readonly problem?: {readonly place: Place; readonly reason: Text};
  /** Sections that the review left out. */
  readonly leftOut: readonly string[];
  readonly screen: Screen;
  /** The question whether to quit (or to stop a run) is open. */
  readonly quitting: boolean;
  /** The terminal is gone; the session ends as soon as the machine is in order, or at once where a run goes on without it. */
  readonly hungUp: boolean;
  readonly run?: RunView;
  /** Last request id given out. */
  readonly sequence: number;
};

/** What an admin or the world does to the session. */
export type Action =
  | {readonly type: 'detected'; readonly scene: Scene}
  | {readonly type: 'begin'; readonly resume: boolean}
  | {readonly type: 'recover'}
  /** The answer to the question on the screen. */
  | {readonly type: 'answer'; readonly value: unknown}
  /** The value on the screen is being changed: a live check of the old one no longer counts. */
  | {readonly type: 'edit'}
  | {readonly type: 'overrule'}
  | {readonly type: 'live'; readonly id: number; readonly findings: LiveResult}
  | {readonly type: 'forward'}
  | {readonly type: 'back'}
  | {readonly type: 'jump'; readonly section: string}
  | {readonly type: 'open'; readonly place: Place}
  | {readonly type: 'plan'}
  | {readonly type: 'say'; readonly id: number; readonly line: string}
  | {readonly type: 'planned'; readonly id: number; readonly result: PlanResult}
  | {readonly type: 'leave-out'; readonly section: string}
  | {readonly type: 'put-back'; readonly section: string}
  | {readonly type: 'accept'}
  | {readonly type: 'decline'}
  | {readonly type: 'confirm'}
  | {readonly type: 'save-diff'; readonly path: string}
  | {readonly type: 'diff-saved'; readonly path: string; readonly problem?: Finding}
  | {readonly type: 'event'; readonly event: RunEvent}
  | {readonly type: 'failed'; readonly id?: number; readonly problem: Problem}
  | {readonly type: 'roll-back'}
  /** What waits for a confirmation shall stay. */
  | {readonly type: 'keep'}
  | {readonly type: 'kept'; readonly problem?: Finding}
  | {readonly type: 'retry'}
  | {readonly type: 'finish'}
  | {readonly type: 'quit'}
  | {readonly type: 'stay'}
  | {readonly type: 'leave'; readonly save: boolean}
  | {readonly type: 'hang-up'};

/** What the session asks of the world; the runner does it and answers with actions. */
export type Effect =
  | {readonly type: 'detect'}
  | {readonly type: 'prestage'; readonly answers: AllAnswers}
  | {readonly type: 'live'; readonly id: number; readonly check: LiveCheck}
  | {readonly type: 'cancel-live'; readonly id: number}
  | {
      readonly type: 'plan';
      readonly id: number;
      readonly answers: AllAnswers;
      readonly scope: Scope;
    }
  | {readonly type: 'apply'; readonly plan: Plan}
  | {readonly type: 'interrupt'}
  | {readonly type: 'detach'}
  | {readonly type: 'attach'}
  | {readonly type: 'rollback'; readonly id?: string}
  | {readonly type: 'recover'}
  | {readonly type: 'keep'}
  | {readonly type: 'save-progress'; readonly answers: AllAnswers}
  | {readonly type: 'forget-progress'}
  | {readonly type: 'save-diff'; readonly plan: Plan; readonly path: string};

export type Reduced = {readonly state: State; readonly effects: readonly Effect[]};

export const placeKey = ({section, question}: Place) => `${section}.${question}`;

export const initialState = (request: Request): State => ({
  request,
  answers: {},
  drafts: {},
  skipped: [],
  overruled: {},
  found: {},
  leftOut: [],
  screen: {at: 'detecting'},
  quitting: false,
  hungUp: false,
  sequence: 0,
});
