import {detected, begin} from './starting.js';
import {answerWith, settle} from './answering.js';
import {dropLive, goOn, indexIn, plan, show} from './moving.js';
import {decidedOf, type Detected, flowOf, isDetected, refusalOf, effectiveValue} from './places.js';
import {type Action, type Place, placeKey, type Reduced, type State} from './state.js';

/** Actions of the questions and of the screen of decided answers; undefined where the action is none of them. */
export const ask = (state: State, action: Action): Reduced | undefined => {
  switch (action.type) {
    case 'detected':
      return detected(state, action.scene);
    case 'begin':
      return isDetected(state) ? begin(state, action.resume) : same(state);
    case 'answer':
      return isDetected(state) && state.screen.at === 'question'
        ? answerWith(state, state.screen.place, action.value)
        : same(state);
    case 'edit':
      return state.live === undefined && state.problem === undefined ? same(state) : dropLive(state);
    case 'overrule':
      return isDetected(state) && state.live?.findings !== undefined
        ? settle(state, state.live)
        : same(state);
    case 'live':
      return liveResult(state, action.id, action.findings);
    case 'forward':
      return isDetected(state) ? forward(state) : same(state);
    case 'back':
      return isDetected(state) ? back(state) : undefined;
    case 'jump':
      return isDetected(state) ? jump(state, action.section) : same(state);
    case 'open':
      return isDetected(state) ? open(state, action.place) : same(state);
    case 'plan':
      return isDetected(state) ? plan(state) : same(state);
    default:
      return undefined;
  }
};

const forward = (state: Detected): Reduced => {
  if (state.screen.at === 'decided') {
    return plan(state);
  }

  if (state.screen.at !== 'question') {
    return same(state);
  }

  const {place} = state.screen;
  const {state: quiet, effects} = dropLive(state);
  const open = refusalOf(state, place, effectiveValue(state, place)) !== undefined;
  const skipped = open ? [...new Set([...state.skipped, placeKey(place)])] : state.skipped;
  const next = goOn({...(quiet as Detected), skipped}, place);
  return {state: next.state, effects: [...effects, ...next.effects]};
};

const back = (state: Detected): Reduced | undefined => {
  const {screen} = state;
  switch (screen.at) {
    case 'question': {
      const flow = flowOf(state);
      const before = flow[indexIn(flow, screen.place) - 1];
      return screen.from === 'decided'
        ? show(state, {at: 'decided', focus: screen.place})
        : show(state, before === undefined ? {at: 'start'} : {at: 'question', place: before, from: 'flow'});
    }

    case 'decided':
    case 'planning':
    case 'refused':
    case 'review':
      return beforePlan(state, screen.at === 'decided');
    case 'problem':
      return show(state, screen.back ?? {at: 'start'});
    default:
      return same(state);
  }
};

// From the plan back to the decided answers, from there to the last question of the flow.
const beforePlan = (state: Detected, fromDecided: boolean): Reduced => {
  if (!fromDecided && state.request.sections.length === 0) {
    return show(state, {at: 'decided'});
  }

  const last = flowOf(state).at(-1);
  return show(state, last === undefined ? {at: 'start'} : {at: 'question', place: last, from: 'flow'});
};

const jump = (state: Detected, section: string): Reduced => {
  const inFlow = flowOf(state).find(place => place.section === section);
  if (inFlow !== undefined) {
    return show(state, {at: 'question', place: inFlow, from: 'flow'});
  }

  const focus = decidedOf(state).find(place => place.section === section);
  return focus === undefined ? same(state) : show(state, {at: 'decided', focus});
};

const open = (state: Detected, place: Place): Reduced => {
  const inFlow = indexIn(flowOf(state), place) >= 0;
  return show(state, {at: 'question', place, from: inFlow ? 'flow' : 'decided'});
};

const liveResult = (state: State, id: number, findings: NonNullable<State['live']>['findings']): Reduced => {
  const {live} = state;
  if (live?.id !== id || findings === undefined || !isDetected(state)) {
    return same(state);
  }

  const done = {...live, findings};
  return findings.some(({severity}) => severity === 'fail')
    ? {state: {...state, live: done}, effects: []}
    : settle(state, done);
};

const same = (state: State): Reduced => ({state, effects: []});
