import type {Facts} from '../core/facts.js';
import type {Finding} from '../core/finding.js';
import type {Platform} from '../core/platform.js';
import type {AllAnswers, Question} from '../core/question.js';
import {isChosen, type Scope} from '../core/scope.js';
import type {Step} from '../core/step.js';
import {judgeNew} from '../probes/block-lists.js';
import {judgePatterns} from '../probes/patterns.js';
import type {System} from '../system/types.js';

type Asked = {
  readonly system: System;
  readonly steps: readonly Step[];
  readonly facts: Facts;
  readonly platform: Platform;
  readonly scope: Scope;
  readonly checked?: boolean;
};

/**
 * What is wrong with block lists and patterns that the answers add. Whoever answers: a list that does not pass its test is not
 * asked, not even when it was overruled, since it may stop all mail.
 */
export const namedChecks = async (
  {system, steps, facts, platform, scope, checked}: Asked,
  answers: AllAnswers,
): Promise<readonly Finding[]> => {
  const context = {facts, platform, answers};
  const checks = steps
    .filter(step => isChosen(scope, step.id) && (step.applies?.(facts, answers) ?? true))
    .flatMap(step =>
      Object.entries<Question>(step.questions).flatMap(([id, question]) => {
        const value = answers[step.id]?.[id];
        const check = value === undefined ? undefined : question.live?.(value as never, context);
        return check === undefined ? [] : [check];
      }),
    );
  const found: Finding[] = [];
  for (const check of checks) {
    if (check.kind === 'block-lists') {
      found.push(...(await judgeNew(check.lists)));
    } else if (check.kind === 'patterns' && checked !== true) {
      found.push(...(await judgePatterns(system, check)));
    }
  }

  return found;
};
