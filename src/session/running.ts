import {type ExitCode, exitCode} from '../core/exit-code.js';
import type {Outcome, RunEvent} from '../core/run-event.js';
import type {Finding} from '../core/finding.js';
import {plan} from './moving.js';
import {isDetected} from './places.js';
import {foldEvent, startRun} from './run-view.js';
import type {Action, Effect, Reduced, State} from './state.js';

/** Actions of a run and of what comes after it; undefined where the action is none of them. */
export const running = (state: State, action: Action): Reduced | undefined => {
  switch (action.type) {
    case 'event':
      return event(state, action.event);
    case 'recover':
      return state.scene?.unfinished === undefined || state.screen.at !== 'start' || state.request.dryRun
        ? same(state)
        : start(state, 'recover', {type: 'recover'}, state.scene.unfinished.id);
    case 'roll-back':
      return state.screen.at === 'finished' && canRollBack(state)
        ? start(state, 'undo', {
            type: 'rollback',
            ...(state.run?.id === undefined ? {} : {id: state.run.id}),
          })
        : same(state);
    case 'keep':
      return state.screen.at === 'finished' && state.run?.pending !== undefined
        ? {state, effects: [{type: 'keep'}]}
        : same(state);
    case 'kept':
      return same(kept(state, action.problem));
    case 'retry':
      return state.screen.at === 'finished' && state.run?.outcome === 'rolled-back' && isDetected(state)
        ? plan(state)
        : same(state);
    case 'finish':
      return state.screen.at === 'finished' || state.screen.at === 'problem' ? end(state) : same(state);
    case 'failed':
      return failed(state, action);
    default:
      return undefined;
  }
};

/** What an outcome means as an exit code. */
export const codeOf = (outcome: Outcome): ExitCode =>
  ({
    committed: exitCode.done,
    unproved: exitCode.pending,
    'rolled-back': exitCode.rolledBack,
    'conflicts-kept': exitCode.conflictsKept,
    stuck: exitCode.stuck,
    interrupted: exitCode.interrupted,
  })[outcome];

/** Whether what was just applied stands on the machine and can be taken back. */
export const canRollBack = ({run}: State) =>
  run?.what === 'apply' && (run.outcome === 'committed' || run.outcome === 'unproved');

const kept = (state: State, problem: Finding | undefined): State => {
  if (state.run?.pending === undefined) {
    return state;
  }

  const {pending, ...run} = state.run;
  return {...state, run: problem === undefined ? run : {...run, pending: {...pending, finding: problem}}};
};

const start = (state: State, what: 'undo' | 'recover', effect: Effect, id?: string): Reduced => ({
  state: {
    ...state,
    screen: {at: 'running'},
    run: {...startRun(what), ...(id === undefined ? {} : {id})},
  },
  effects: [effect],
});

const event = (state: State, happened: RunEvent): Reduced => {
  if (state.run === undefined || state.screen.at !== 'running') {
    return same(state);
  }

  const run = foldEvent(state.run, happened);
  if (run.outcome === undefined) {
    return same({...state, run});
  }

  const effects: readonly Effect[] =
    run.outcome === 'committed' && run.what === 'apply' ? [{type: 'forget-progress'}] : [];
  const over: State = {...state, run, quitting: false, screen: {at: 'finished'}};
  return state.hungUp ? {state: end(over).state, effects} : {state: over, effects};
};

// A recovery leads back to the beginning: the machine is another one now.
const end = (state: State): Reduced => {
  const {run, screen} = state;
  if (screen.at === 'problem') {
    const code = screen.problem.code as ExitCode;
    return same({...state, screen: {at: 'ended', code, saved: false}});
  }

  const outcome = run?.outcome ?? 'stuck';
  if (run?.what === 'recover' && !state.hungUp && (outcome === 'rolled-back' || outcome === 'committed')) {
    const {run: _over, scene: _old, ...rest} = state;
    return {state: {...rest, screen: {at: 'detecting'}}, effects: [{type: 'detect'}]};
  }

  return same({...state, screen: {at: 'ended', code: codeOf(outcome), saved: false}});
};

const failed = (state: State, {id, problem}: Extract<Action, {type: 'failed'}>): Reduced => {
  const {screen} = state;
  if (id !== undefined && !(screen.at === 'planning' && screen.id === id)) {
    return same(state);
  }

  // What was cut short must be put in order by the next start; everything else left the machine as it was.
  const back: State['screen'] | undefined =
    screen.at === 'planning' ||
    (screen.at === 'running' && state.run?.what === 'apply' && problem.code !== exitCode.stuck)
      ? {at: 'decided'}
      : undefined;
  const {run, ...others} = state;
  const next: State = {
    ...others,
    // A run that left the machine as it was is none.
    ...(run === undefined || back !== undefined ? {} : {run}),
    quitting: false,
    screen: {at: 'problem', problem, ...(back === undefined ? {} : {back})},
  };
  return state.hungUp ? end(next) : same(next);
};

const same = (state: State): Reduced => ({state, effects: []});
