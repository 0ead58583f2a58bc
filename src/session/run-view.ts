import type {Finding, Problem} from '../core/finding.js';
import type {StageName} from '../core/plan.js';
import type {Outcome, RunEvent} from '../core/run-event.js';
import type {Text} from '../core/text.js';

/** A change or activation that is over. `ms`: wall-clock milliseconds. */
export type RunStep = {readonly title: Text; readonly ms: number; readonly ok: boolean};

/** A run as a screen shows it: the events so far, folded. */
export type RunView = {
  readonly what: 'apply' | 'undo' | 'recover' | 'attach';
  readonly id?: string;
  readonly total: number;
  readonly stage?: StageName;
  readonly current?: {readonly id: string; readonly index: number; readonly title: Text};
  readonly done: readonly RunStep[];
  /** Last lines of the package manager and other long work. */
  readonly lines: readonly string[];
  /** How many checks there are; undefined before the proof. */
  readonly proving?: number;
  readonly findings: readonly Finding[];
  readonly failed?: {readonly problem: Problem; readonly evidence: readonly string[]};
  readonly undo?: {readonly total: number; readonly done: number};
  readonly conflicts: readonly Finding[];
  /** What goes back unless somebody confirms it until then (UTC, RFC 3339). */
  readonly pending?: {readonly deadline: string; readonly finding: Finding};
  /** The admin asked to stop. */
  readonly stopping: boolean;
  readonly outcome?: Outcome;
  readonly ms?: number;
};

/** Lines of output that are kept for the screen; the journal has all of them. */
const keptLines = 200;

export const startRun = (what: RunView['what']): RunView => ({
  what,
  total: 0,
  done: [],
  lines: [],
  findings: [],
  conflicts: [],
  stopping: false,
});

/** How a run ended, in the words of the faces: proved is only what no check was missing for. */
export const endingOf = ({outcome, findings}: RunView) =>
  outcome === 'committed' && findings.some(({severity}) => severity === 'unchecked')
    ? 'committedInPart'
    : (outcome ?? 'stuck');

/** Folds one event into the view. */
export const foldEvent = (run: RunView, event: RunEvent): RunView => {
  switch (event.type) {
    case 'transaction':
      return {...run, id: event.id, total: event.total};
    case 'stage':
      return {...run, stage: event.name};
    case 'change-start':
      return {...run, current: {id: event.id, index: event.index, title: event.title}, lines: []};
    case 'change-done':
      return endChange(run, event.id, event.ms);
    case 'line':
      return event.text.trim() === '' ? run : {...run, lines: [...run.lines, event.text].slice(-keptLines)};
    case 'activation':
      return {
        ...run,
        done: [...run.done, {title: activationTitle(event.act, event.unit), ms: event.ms, ok: event.ok}],
      };
    case 'proving':
      return {...run, proving: event.total, findings: []};
    case 'finding':
      return {...run, findings: [...run.findings, event.finding]};
    case 'pending':
      return {...run, pending: {deadline: event.deadline, finding: event.finding}};
    case 'failed':
      return {...run, failed: {problem: event.problem, evidence: event.evidence}};
    case 'undo-start':
      return {...run, undo: {total: event.total, done: 0}};
    case 'undone':
      return {
        ...run,
        undo: {
          total: Math.max(run.undo?.total ?? 0, (run.undo?.done ?? 0) + 1),
          done: (run.undo?.done ?? 0) + 1,
        },
        conflicts: event.conflict === undefined ? run.conflicts : [...run.conflicts, event.conflict],
      };
    case 'finished':
      return {...run, outcome: event.outcome, ms: event.ms};
  }
};

const endChange = ({current, ...run}: RunView, id: string, ms: number): RunView =>
  current?.id === id
    ? {...run, done: [...run.done, {title: current.title, ms, ok: true}]}
    : {...run, ...(current === undefined ? {} : {current})};

const activationTitle = (act: string, unit: string): Text => {
  const words = `systemctl ${act} ${unit}`;
  return {en: words, ja: words};
};
