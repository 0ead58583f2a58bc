import type {AskContext, Question} from '../core/question.js';
import type {Secret, SecretRef} from '../core/secret.js';
import type {Step} from '../core/step.js';
import {type AnswerFinding, answerFinding} from './check.js';

/**
 * What is wrong with secrets that a file or a descriptor gives: typed ones were looked at while they were typed. Passwords of
 * accounts are looked at where they are hashed, since one that is not needed any more may be gone from its file.
 */
export const checkSecrets = (
  steps: readonly Step[],
  context: AskContext,
  open: (ref: SecretRef) => Secret | undefined,
): readonly AnswerFinding[] =>
  steps
    .filter(step => step.applies?.(context.facts, context.answers) ?? true)
    .flatMap(step =>
      Object.entries<Question>(step.questions).flatMap(([id, question]) => {
        const ref = context.answers[step.id]?.[id] as SecretRef | undefined;
        if (question.kind !== 'secret' || ref === undefined || ref === 'keep' || ref === 'generate') {
          return [];
        }

        const reason = question.validateSecret?.(open(ref)?.reveal() ?? '', context);
        return reason === undefined ? [] : [answerFinding(step.id, id, reason)];
      }),
    );
