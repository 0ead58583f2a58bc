import type {Facts} from '../core/facts.js';
import type {Finding} from '../core/finding.js';
import type {Platform} from '../core/platform.js';
import type {AllAnswers, AskContext, Question} from '../core/question.js';
import {isChosen, type Scope} from '../core/scope.js';
import type {Step} from '../core/step.js';
import {fill, type Text} from '../core/text.js';

/**
 * Answers that the machine's present state means, of the sections whose side is configured. Questions that it gives no answer
 * to are `custom`: the machine has its own way there. One that does not apply to the machine as it is stays open: an answer
 * that makes it apply has it asked (a password for a relay where there was none).
 */
export const adoptAll = (steps: readonly Step[], facts: Facts, platform: Platform): AllAnswers => {
  const adopted = steps
    .filter(step => isConfigured(step, facts))
    .map(step => ({step, own: step.adopt(facts, platform) as AllAnswers[string]}));
  const answers = Object.fromEntries(adopted.map(({step, own}) => [step.id, own]));
  const context = {facts, platform, answers};
  return Object.fromEntries(
    adopted.map(({step, own}) => {
      const custom = Object.entries<Question>(step.questions)
        .filter(([id, question]) => own[id] === undefined && (question.when?.(context) ?? true))
        .map(([id]) => id);
      return [step.id, {...own, custom: [...new Set([...((own['custom'] as string[]) ?? []), ...custom])]}];
    }),
  );
};

/** Adopted answers with what was said on top; where that is about something else altogether, nothing of them is under it. */
export const onTop = (
  adopted: AllAnswers,
  said: AllAnswers,
  steps: readonly Pick<Step, 'id' | 'anew'>[] = [],
): AllAnswers =>
  Object.fromEntries(
    [...new Set([...Object.keys(adopted), ...Object.keys(said)])].map(section => [
      section,
      {...(startsAnew(section, adopted, said, steps) ? {} : adopted[section]), ...said[section]},
    ]),
  );

const startsAnew = (
  section: string,
  adopted: AllAnswers,
  said: AllAnswers,
  steps: readonly Pick<Step, 'id' | 'anew'>[],
) =>
  (steps.find(({id}) => id === section)?.anew ?? []).some(question => {
    const [was, is] = [adopted[section]?.[question], said[section]?.[question]];
    return was !== undefined && is !== undefined && JSON.stringify(was) !== JSON.stringify(is);
  });

/** Sections in which something was said that adoption has no answer to: what they want is planned in full. */
export const beyondAdoption = (adopted: AllAnswers, said: AllAnswers): ReadonlySet<string> =>
  new Set(
    Object.entries(said)
      .filter(([section, own]) =>
        Object.entries(own).some(
          ([question, value]) =>
            question !== 'custom' && value !== undefined && adopted[section]?.[question] === undefined,
        ),
      )
      .map(([section]) => section),
  );

/** What stays as the machine has it, for the review. */
export const customNotes = (steps: readonly Step[], context: AskContext, scope: Scope): readonly Finding[] =>
  steps
    .filter(step => isChosen(scope, step.id) && (step.applies?.(context.facts, context.answers) ?? true))
    .flatMap(step => {
      const own = context.answers[step.id];
      const kept = ((own?.['custom'] as readonly string[] | undefined) ?? []).filter(
        question =>
          own?.[question] === undefined &&
          step.questions[question]?.level === 'basic' &&
          (step.questions[question]?.when?.(context) ?? true),
      );
      return kept.length === 0
        ? []
        : [
            {
              id: `custom:${step.id}`,
              section: step.id,
              severity: 'pass' as const,
              summary: fill(texts.custom, {section: step.id, questions: kept.join(', ')}),
            },
          ];
    });

const isConfigured = ({side}: Step, {configured}: Facts) =>
  side === undefined ? configured.dovecot || configured.postfix : configured[side];

const texts = {
  custom: {
    en: '{section} ({questions}): this machine has its own way, which is kept.',
    ja: '{section} ({questions}): このマシン独自の設定のため、そのままにします。',
  },
} satisfies Record<string, Text>;
