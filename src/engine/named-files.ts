import type {Facts} from '../core/facts.js';
import type {Finding} from '../core/finding.js';
import type {Platform} from '../core/platform.js';
import type {AllAnswers, Question} from '../core/question.js';
import type {Step} from '../core/step.js';
import {inspectFiles} from '../materials/found.js';
import type {System} from '../system/types.js';

type Asked = {
  readonly system: System;
  readonly steps: readonly Step[];
  readonly facts: Facts;
  readonly platform: Platform;
};

/**
 * What is wrong with the certificate and key that the answers name. Those that a server has been running with (`base`) are its
 * own business: nothing is asked of them.
 */
export const namedFiles = (
  {system, steps, facts, platform}: Asked,
  base: AllAnswers,
  answers: AllAnswers,
): readonly Finding[] => {
  if (same(base['tls'], answers['tls'])) {
    return [];
  }

  const context = {facts, platform, answers};
  return steps
    .filter(step => step.applies?.(facts, answers) ?? true)
    .flatMap(step =>
      Object.entries<Question>(step.questions).flatMap(([id, question]) => {
        const value = answers[step.id]?.[id];
        const asks = value !== undefined && (question.when?.(context) ?? true);
        const check = asks ? question.live?.(value as never, context) : undefined;
        return check?.kind === 'certificate-pair' ? inspectFiles(system.files, check) : [];
      }),
    );
};

const same = (one: AllAnswers[string] = {}, other: AllAnswers[string] = {}) =>
  ['source', 'certificate', 'key', 'lineage'].every(id => one[id] === other[id]);
