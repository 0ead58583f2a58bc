import {complete} from '../answers/complete.js';
import {isCustom} from '../answers/custom.js';
import {checkAnswers, problemOf} from '../answers/check.js';
import type {AskContext, Question} from '../core/question.js';
import type {Step} from '../core/step.js';
import type {Text} from '../core/text.js';
import type {Scene} from './engine.js';
import type {Place, State} from './state.js';

// The ten questions come in the order in which people think of them; sections that are not named keep their own order.
const basicOrder = ['role', 'auth', 'auth-passwdfile', 'auth-pam', 'smtp', 'tls', 'protocols', 'relay'];

/** A state after detection. */
export type Detected = State & {readonly scene: Scene};

export const isDetected = (state: State): state is Detected => state.scene !== undefined;

/** What questions may look at now, defaults filled in. */
export const contextOf = ({scene, answers}: Detected): AskContext => {
  const {facts, platform} = scene;
  return {facts, platform, answers: complete(scene.steps, answers, {facts, platform})};
};

/** Sections that apply to these answers; with named sections, those alone. */
export const sectionsOf = (state: Detected, context = contextOf(state)): readonly Step[] =>
  state.scene.steps.filter(
    step =>
      (step.applies?.(context.facts, context.answers) ?? true) &&
      (state.request.sections.length === 0 || state.request.sections.includes(step.id)),
  );

/** The questions of the flow, in order: the basic ones, or all of the named sections. */
export const flowOf = (state: Detected, context = contextOf(state)): readonly Place[] =>
  inAskingOrder(sectionsOf(state, context), state).flatMap(step =>
    placesOf(step, context).filter(
      place =>
        (state.request.sections.length > 0 || step.questions[place.question]?.level === 'basic') &&
        !isCustom(context.answers[step.id], place.question),
    ),
  );

/** The questions that were decided by default, in section order. */
export const decidedOf = (state: Detected, context = contextOf(state)): readonly Place[] =>
  sectionsOf(state, context).flatMap(step =>
    placesOf(step, context).filter(
      place =>
        step.questions[place.question]?.level === 'advanced' ||
        isCustom(context.answers[step.id], place.question),
    ),
  );

export const stepOf = ({scene}: Detected, section: string): Step | undefined =>
  scene.steps.find(({id}) => id === section);

export const questionOf = (state: Detected, {section, question}: Place): Question | undefined =>
  stepOf(state, section)?.questions[question];

/** The value that holds now: said, adopted, or the default. */
export const effectiveValue = (
  state: Detected,
  {section, question}: Place,
  context = contextOf(state),
): unknown => context.answers[section]?.[question];

/** Why a value is refused; undefined where it is good. */
export const refusalOf = (
  state: Detected,
  place: Place,
  value: unknown,
  context = contextOf(state),
): Text | undefined => {
  const question = questionOf(state, place);
  return question === undefined ? undefined : problemOf(question, value, context);
};

/** What to know about the value that holds now; undefined where there is none yet. */
export const cautionOf = (state: Detected, place: Place): Text | undefined => {
  const value = effectiveValue(state, place);
  return value === undefined
    ? undefined
    : questionOf(state, place)?.caution?.(value as never, contextOf(state));
};

/** The first question whose answer is missing or refused. */
export const firstOpen = (
  state: Detected,
  context = contextOf(state),
): {readonly place: Place; readonly reason: Text} | undefined => {
  const [found] = checkAnswers(sectionsOf(state, context), context);
  return found?.section === undefined || found.question === undefined
    ? undefined
    : {
        place: {section: found.section, question: found.question},
        reason: found.cause ?? found.summary,
      };
};

const placesOf = (step: Step, context: AskContext): readonly Place[] =>
  Object.entries<Question>(step.questions)
    .filter(([, question]) => question.when?.(context) ?? true)
    .map(([question]) => ({section: step.id, question}));

const inAskingOrder = (sections: readonly Step[], {request}: State): readonly Step[] => {
  if (request.sections.length > 0) {
    return sections;
  }

  const first = basicOrder.flatMap(id => sections.filter(step => step.id === id));
  return [...first, ...sections.filter(step => !first.includes(step))];
};
