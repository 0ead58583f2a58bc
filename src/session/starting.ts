import type {AllAnswers} from '../core/question.js';
import type {Scene} from './engine.js';
import {plan} from './moving.js';
import {type Detected, flowOf, refusalOf, effectiveValue} from './places.js';
import {resumed} from './progress.js';
import {startRun} from './run-view.js';
import {placeKey, type Reduced, type State} from './state.js';

/** Detection is over: adopted answers are the ones to start from. Where another dovetail is at work, it is watched. */
export const detected = (state: State, scene: Scene): Reduced =>
  scene.running === undefined
    ? {state: {...state, scene, answers: scene.adopted, screen: {at: 'start'}}, effects: []}
    : {
        state: {...state, scene, screen: {at: 'running'}, run: startRun('attach')},
        effects: [{type: 'attach'}],
      };

/** From the start screen to the first question; a resumed session goes to the first that is open. */
export const begin = (state: Detected, resume: boolean): Reduced => {
  if (state.scene.unfinished !== undefined) {
    return {state, effects: []};
  }

  const saved = resume ? state.scene.resumable : undefined;
  const kept = saved === undefined ? {answers: {}, drafts: {}} : resumed(saved, state.scene.steps);
  const next: Detected = {
    ...state,
    answers: merged(state.scene.adopted, kept.answers),
    drafts: kept.drafts,
  };
  const flow = flowOf(next);
  const open =
    saved === undefined
      ? flow[0]
      : flow.find(
          place =>
            next.drafts[placeKey(place)] !== undefined ||
            kept.answers[place.section]?.[place.question] === undefined ||
            refusalOf(next, place, effectiveValue(next, place)) !== undefined,
        );
  if (open !== undefined) {
    return {state: {...next, screen: {at: 'question', place: open, from: 'flow'}}, effects: []};
  }

  return next.request.sections.length > 0
    ? plan(next)
    : {state: {...next, screen: {at: 'decided'}}, effects: []};
};

const merged = (first: AllAnswers, second: AllAnswers): AllAnswers =>
  Object.fromEntries(
    [...new Set([...Object.keys(first), ...Object.keys(second)])].map(section => [
      section,
      {...first[section], ...second[section]},
    ]),
  );
