import {exitCode} from '../core/exit-code.js';
import {isEmpty} from '../core/plan.js';
import {fill, type Text} from '../core/text.js';
import type {PlanResult} from './engine.js';
import {plan as planAgain} from './moving.js';
import {isDetected} from './places.js';
import {startRun} from './run-view.js';
import type {Action, Reduced, State} from './state.js';

/** Actions around the plan; undefined where the action is none of them. */
export const review = (state: State, action: Action): Reduced | undefined => {
  const {screen} = state;
  switch (action.type) {
    case 'say':
      return screen.at === 'planning' && screen.id === action.id
        ? only({...state, screen: {...screen, lines: [...screen.lines, action.line].slice(-200)}})
        : only(state);
    case 'planned':
      return screen.at === 'planning' && screen.id === action.id
        ? planned(state, action.result)
        : only(state);
    case 'leave-out':
      return again(state, [...new Set([...state.leftOut, action.section])]);
    case 'put-back':
      return again(
        state,
        state.leftOut.filter(section => section !== action.section),
      );
    case 'accept':
      return screen.at === 'review' && !isEmpty(screen.plan)
        ? only({...state, screen: {...screen, confirming: true}})
        : finish(state);
    case 'decline':
      return screen.at === 'review' ? only({...state, screen: {...screen, confirming: false}}) : only(state);
    case 'confirm':
      return confirm(state);
    case 'save-diff':
      return screen.at === 'review'
        ? {state, effects: [{type: 'save-diff', plan: screen.plan, path: action.path}]}
        : only(state);
    case 'diff-saved':
      return screen.at === 'review'
        ? only({
            ...state,
            screen: {...screen, saved: action.problem?.summary ?? fill(texts.saved, {path: action.path})},
          })
        : only(state);
    default:
      return undefined;
  }
};

const planned = (state: State, result: PlanResult): Reduced =>
  only({
    ...state,
    screen:
      result.kind === 'plan'
        ? {at: 'review', plan: result.plan, confirming: false}
        : {at: 'refused', findings: result.findings},
  });

// What stays out of the plan is planned again without it, so that the rest still fits together.
const again = (state: State, leftOut: readonly string[]): Reduced =>
  isDetected(state) && (state.screen.at === 'review' || state.screen.at === 'refused')
    ? planAgain({...state, leftOut})
    : only(state);

const confirm = (state: State): Reduced => {
  if (state.screen.at !== 'review' || !state.screen.confirming) {
    return only(state);
  }

  const {plan} = state.screen;
  return state.request.dryRun
    ? only({...state, screen: {at: 'ended', code: exitCode.pending, saved: false}})
    : {
        state: {...state, screen: {at: 'running'}, run: startRun('apply')},
        effects: [{type: 'apply', plan}],
      };
};

const finish = (state: State): Reduced =>
  state.screen.at === 'review'
    ? {
        state: {...state, screen: {at: 'ended', code: exitCode.done, saved: false}},
        effects: [{type: 'forget-progress'}],
      }
    : only(state);

const only = (state: State): Reduced => ({state, effects: []});

const texts = {
  saved: {en: 'Saved to {path}.', ja: '{path} に保存しました。'},
} satisfies Record<string, Text>;
