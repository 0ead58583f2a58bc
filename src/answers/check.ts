import type {Finding} from '../core/finding.js';
import type {AllAnswers, AskContext, Question} from '../core/question.js';
import type {Step} from '../core/step.js';
import {fill, type Text} from '../core/text.js';
import {isCustom} from './custom.js';
import {shapeProblem} from './shape.js';

export type AnswerFinding = Finding & {readonly question?: string};

/** What is wrong with the answers of the applicable sections: missing, of the wrong kind, or refused by their question. */
export const checkAnswers = (steps: readonly Step[], context: AskContext): readonly AnswerFinding[] =>
  steps
    .filter(step => step.applies?.(context.facts, context.answers) ?? true)
    .flatMap(step =>
      Object.entries<Question>(step.questions).flatMap(([id, question]) => {
        if (isCustom(context.answers[step.id], id)) {
          return [];
        }

        const reason = problemOf(question, context.answers[step.id]?.[id], context);
        return reason === undefined ? [] : [answerFinding(step.id, id, reason)];
      }),
    );

/** Why a value is not an answer to the question; undefined where it is one, or where none is needed. */
export const problemOf = (question: Question, value: unknown, context: AskContext): Text | undefined => {
  if (!(question.when?.(context) ?? true)) {
    return undefined;
  }

  if (value === undefined) {
    return question.initial(context) === undefined && question.level === 'basic' ? texts.missing : undefined;
  }

  return shapeProblem(question, value, context) ?? validate(question, value, context);
};

// The shape was checked just before, so the value is of the question's type.
const validate = (question: Question, value: unknown, context: AskContext): Text | undefined => {
  const items =
    (question.kind === 'list' || question.kind === 'rows') && question.validateItem !== undefined
      ? (value as readonly string[]).map(item => question.validateItem?.(item, context)).find(Boolean)
      : undefined;
  return items ?? question.validate?.(value as never, context);
};

/**
 * What a wizard would say beside the answers of a run, where they can be used: that a network is written in another way, that a choice
 * needs much memory. Of answers that say what the machine is already, nothing is said.
 */
export const cautionsOf = (
  steps: readonly Step[],
  said: AllAnswers,
  base: AllAnswers,
  context: AskContext,
): readonly AnswerFinding[] =>
  steps
    .filter(step => step.applies?.(context.facts, context.answers) ?? true)
    .flatMap(({id: section, questions}) =>
      Object.entries<Question>(questions).flatMap(([id, question]) => {
        const value = said[section]?.[id];
        const isNew = value !== undefined && JSON.stringify(value) !== JSON.stringify(base[section]?.[id]);
        const caution =
          isNew && (question.when?.(context) ?? true)
            ? question.caution?.(value as never, context)
            : undefined;
        return caution === undefined
          ? []
          : [
              {
                id: `caution:${section}.${id}`,
                section,
                question: id,
                severity: 'warning' as const,
                summary: {en: `${section}.${id}: ${caution.en}`, ja: `${section}.${id}: ${caution.ja}`},
                remedy: texts.cautionRemedy,
              },
            ];
      }),
    );

/** The finding for an answer that cannot be used. */
export const answerFinding = (section: string, question: string, reason: Text): AnswerFinding => ({
  id: `answer:${section}.${question}`,
  section,
  question,
  severity: 'fail',
  summary: fill(texts.wrong, {place: `${section}.${question}`}),
  cause: reason,
  remedy: fill(texts.remedy, {place: `${section}.${question}`}),
});

const texts = {
  missing: {en: 'This needs an answer.', ja: '回答が必要です。'},
  cautionRemedy: {
    en: 'Nothing to do, if it is meant so.',
    ja: '意図したものなら、対処は要りません。',
  },
  wrong: {en: 'The answer to {place} cannot be used.', ja: '{place} の回答は使えません。'},
  remedy: {
    en: 'Correct {place} in the answers file or in the wizard.',
    ja: '回答ファイルまたはウィザードで {place} を修正してください。',
  },
} satisfies Record<string, Text>;
