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
  const {[key]: _said, ...found} = state.found;
  const answered = {...state, found, answers: withAnswer(state.answers, place, value)};
  const kept: Detected = {
    ...answered,
    ...withFound(answered, place.section, findings),
    drafts,
    skipped: state.skipped.filter(other => other !== key),
    overruled: open.length === 0 ? overruled : {...overruled, [key]: open},
  };
  const next = goOn(kept, place);
  return {state: next.state, effects: [...inTheBackground(kept), ...next.effects]};
};

// A value that was found out before gives way to one that is found out now; one that was said stays.
const withFound = (
  {answers, found}: Pick<Detected, 'answers' | 'found'>,
  section: string,
  findings: LiveResult,
): Pick<Detected, 'answers' | 'found'> =>
  findings
    .flatMap(({decides}) => Object.entries(decides ?? {}))
    .reduce<Pick<Detected, 'answers' | 'found'>>(
      (so, [question, value]) => {
        const key = placeKey({section, question});
        const present = so.answers[section]?.[question];
        return present === undefined || present === so.found[key]
          ? {
              answers: withAnswer(so.answers, {section, question}, value),
              found: {...so.found, [key]: value},
            }
          : so;
      },
      {answers, found},
    );

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
