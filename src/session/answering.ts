import type {AllAnswers, LiveResult} from '../core/question.js';
import {dropLive, goOn} from './moving.js';
import {contextOf, type Detected, questionOf, refusalOf} from './places.js';
import {withoutSecrets} from './progress.js';
import {type Effect, type LiveState, type Place, placeKey, type Reduced} from './state.js';

/** Takes an answer: refused with the reason, tested live, or kept; then the next question. */
export const answerWith = (state: Detected, place: Place, value: unknown): Reduced => {
  const {state: quiet, effects} = dropLive(state);
  const clean = {...quiet, scene: state.scene} satisfies Detected;
  const reason = refusalOf(clean, place, value);
  if (reason !== undefined) {
    return {state: {...clean, problem: {place, reason}}, effects};
  }

  const check = questionOf(clean, place)?.live?.(
    value as never,
    contextOf({...clean, answers: withAnswer(clean.answers, place, value)}),
  );
  if (check === undefined) {
    const next = keep(clean, place, value, []);
    return {state: next.state, effects: [...effects, ...next.effects]};
  }

  const id = clean.sequence + 1;
  return {
    state: {...clean, sequence: id, live: {id, place, value}},
    effects: [...effects, {type: 'live', id, check}],
  };
};

/** A live check is over: the answer counts, and what was overruled is remembered for the review. */
export const settle = (state: Detected, live: LiveState): Reduced => {
  const {live: _over, ...rest} = state;
  return keep(rest, live.place, live.value, live.findings ?? []);
};

const keep = (state: Detected, place: Place, value: unknown, findings: LiveResult): Reduced => {
  const key = placeKey(place);
  const {[key]: _draft, ...drafts} = state.drafts;
  const {[key]: _before, ...overruled} = state.overruled;
  const open = findings.filter(({severity}) => severity !== 'pass');
  const kept: Detected = {
    ...state,
    answers: withAnswer(state.answers, place, value),
    drafts,
    skipped: state.skipped.filter(other => other !== key),
    overruled: open.length === 0 ? overruled : {...overruled, [key]: open},
  };
  const next = goOn(kept, place);
  return {state: next.state, effects: [...inTheBackground(kept), ...next.effects]};
};

// Answers are kept from the first one on, so that a lost connection costs nothing; the stage is built behind the questions.
const inTheBackground = ({request, answers, scene}: Detected): readonly Effect[] =>
  request.sections.length > 0
    ? []
    : [
        {type: 'save-progress', answers: withoutSecrets(answers, scene.steps)},
        {type: 'prestage', answers},
      ];

const withAnswer = (answers: AllAnswers, {section, question}: Place, value: unknown): AllAnswers => ({
  ...answers,
  [section]: {...answers[section], [question]: value},
});
