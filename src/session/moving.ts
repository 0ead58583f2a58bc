import {type Detected, firstOpen, flowOf} from './places.js';
import {type Place, placeKey, type Reduced, type State} from './state.js';

/** Leaves for the next question of the flow, or for what comes after it. */
export const goOn = (state: Detected, from: Place): Reduced => {
  if (state.screen.at === 'question' && state.screen.from === 'decided') {
    return show(state, {at: 'decided', focus: from});
  }

  const flow = flowOf(state);
  const next = flow[indexIn(flow, from) + 1];
  return next !== undefined
    ? show(state, {at: 'question', place: next, from: 'flow'})
    : state.request.sections.length === 0
      ? show(state, {at: 'decided'})
      : plan(state);
};

/** Plans, or opens the first question that still lacks a good answer. */
export const plan = (state: Detected): Reduced => {
  const open = firstOpen(state);
  if (open !== undefined) {
    const inFlow = indexIn(flowOf(state), open.place) >= 0;
    const {state: shown, effects} = show(state, {
      at: 'question',
      place: open.place,
      from: inFlow ? 'flow' : 'decided',
    });
    return {state: {...shown, problem: open}, effects};
  }

  const id = state.sequence + 1;
  const {state: quiet, effects} = dropLive(state);
  return {
    state: {...quiet, sequence: id, screen: {at: 'planning', id, lines: []}},
    effects: [
      ...effects,
      {
        type: 'plan',
        id,
        answers: state.answers,
        scope: {named: state.request.sections, leftOut: state.leftOut},
      },
    ],
  };
};

/** Puts a screen up; what was being checked on the old one no longer counts. */
export const show = (state: Detected, screen: State['screen']): Reduced => {
  const {state: quiet, effects} = dropLive(state);
  return {state: {...quiet, screen}, effects};
};

/** Forgets the live check and the refusal of a value that no longer is on the screen. */
export const dropLive = ({live, problem: _gone, ...rest}: State): Reduced => ({
  state: rest,
  effects: live === undefined || live.findings !== undefined ? [] : [{type: 'cancel-live', id: live.id}],
});

export const indexIn = (places: readonly Place[], place: Place) =>
  places.findIndex(other => placeKey(other) === placeKey(place));
