import type {AllAnswers, AskContext, Question} from '../core/question.js';
import type {Step} from '../core/step.js';
import {isCustom} from './custom.js';

/**
 * Answers of every section with defaults filled in, in section order, so that a default may look at earlier answers.
 * A question that does not apply has no answer; `custom` and unknown keys are passed through.
 */
export const complete = (
  steps: readonly Step[],
  given: AllAnswers,
  context: Omit<AskContext, 'answers'>,
): AllAnswers => {
  let answers: AllAnswers = given;
  for (const step of steps) {
    let own: Readonly<Record<string, unknown>> = given[step.id] ?? {};
    for (const [id, question] of Object.entries<Question>(step.questions)) {
      answers = {...answers, [step.id]: own};
      own = answered(id, question, own, {...context, answers});
    }

    answers = {...answers, [step.id]: own};
  }

  return answers;
};

const answered = (
  id: string,
  question: Question,
  own: Readonly<Record<string, unknown>>,
  context: AskContext,
): Readonly<Record<string, unknown>> => {
  if (!(question.when?.(context) ?? true)) {
    const {[id]: _dropped, ...rest} = own;
    return rest;
  }

  if (own[id] !== undefined || isCustom(own, id)) {
    return own;
  }

  const initial = question.initial(context);
  return initial === undefined ? own : {...own, [id]: initial};
};
