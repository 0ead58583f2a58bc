import {exitCode} from '../core/exit-code.js';
import {ask} from './asking.js';
import {isDetected} from './places.js';
import {withoutSecrets} from './progress.js';
import {review} from './reviewing.js';
import {running} from './running.js';
import type {Action, Effect, Reduced, State} from './state.js';

/** The whole session as one pure function: what to show next, and what to ask of the world. */
export const reduce = (state: State, action: Action): Reduced => {
  const reduced = step(state, action);
  return state.request.dryRun
    ? {...reduced, effects: reduced.effects.filter(({type}) => !writing.has(type))}
    : reduced;
};

// A dry run leaves nothing behind, not even answers; and it takes none away.
const writing: ReadonlySet<Effect['type']> = new Set(['save-progress', 'forget-progress']);

const step = (state: State, action: Action): Reduced => {
  if (state.screen.at === 'ended') {
    return {state, effects: []};
  }

  switch (action.type) {
    case 'quit':
      return {state: {...state, quitting: true}, effects: []};
    case 'stay':
      return {state: {...state, quitting: false}, effects: []};
    case 'leave':
      return leave(state, action.save);
    case 'hang-up':
      return leave({...state, hungUp: true}, true);
    default:
      return route(state, action);
  }
};

const route = (state: State, action: Action): Reduced =>
  ask(state, action) ?? review(state, action) ?? running(state, action) ?? {state, effects: []};

// A run is asked to stop and put things back; it ends by itself. Everywhere else nothing has been changed yet.
const leave = (state: State, save: boolean): Reduced => {
  // Watching changes nothing, and a run in a process of its own needs nobody who watches.
  if (
    state.screen.at === 'running' &&
    (state.run?.what === 'attach' || (state.hungUp && state.request.outlives))
  ) {
    return {
      state: {...state, quitting: false, screen: {at: 'ended', code: exitCode.interrupted, saved: false}},
      effects: [{type: 'detach'}],
    };
  }

  if (state.screen.at === 'running') {
    const undoing = state.run?.undo !== undefined || state.run?.what !== 'apply';
    return {
      state: {
        ...state,
        quitting: false,
        ...(state.run === undefined ? {} : {run: {...state.run, stopping: true}}),
      },
      effects: undoing || state.run?.stopping === true ? [] : [{type: 'interrupt'}],
    };
  }

  if (state.screen.at === 'finished') {
    return running({...state, quitting: false}, {type: 'finish'}) ?? {state, effects: []};
  }

  const {sections, dryRun} = state.request;
  const asked = isDetected(state) && sections.length === 0 && !dryRun && state.screen.at !== 'start';
  return {
    state: {
      ...state,
      quitting: false,
      screen: {at: 'ended', code: exitCode.interrupted, saved: save && asked},
    },
    effects: [
      ...(state.live === undefined ? [] : [{type: 'cancel-live', id: state.live.id} as const]),
      ...(!asked
        ? []
        : save
          ? [{type: 'save-progress', answers: withoutSecrets(state.answers, state.scene.steps)} as const]
          : [{type: 'forget-progress'} as const]),
    ],
  };
};
