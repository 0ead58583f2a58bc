import type {AccountAnswer, AllAnswers, Question} from '../core/question.js';
import type {SecretRef} from '../core/secret.js';
import type {Step} from '../core/step.js';

/** Answers as they may be kept on disk: typed secrets are gone with this process, so only the names of accounts stay. */
export const withoutSecrets = (answers: AllAnswers, steps: readonly Step[]): AllAnswers =>
  mapAnswers(answers, steps, (question, value) =>
    question.kind === 'secret' && isHeld(value as SecretRef)
      ? undefined
      : question.kind === 'accounts'
        ? (value as readonly AccountAnswer[]).map(({name, password}) =>
            isHeld(password) ? {name} : {name, password},
          )
        : value,
  );

/** Splits saved answers into those that hold and the account names whose password must be asked again. */
export const resumed = (
  saved: AllAnswers,
  steps: readonly Step[],
): {readonly answers: AllAnswers; readonly drafts: Readonly<Record<string, readonly string[]>>} => {
  const drafts: Record<string, readonly string[]> = {};
  const answers = mapAnswers(saved, steps, (question, value, place) => {
    if (question.kind === 'secret' && isHeld(value as SecretRef)) {
      return undefined;
    }

    const open =
      question.kind === 'accounts' &&
      (value as readonly Partial<AccountAnswer>[]).some(
        ({password}) => password === undefined || isHeld(password),
      );
    if (open) {
      drafts[place] = (value as readonly AccountAnswer[]).map(({name}) => name);
    }

    return open ? undefined : value;
  });
  return {answers, drafts};
};

const mapAnswers = (
  answers: AllAnswers,
  steps: readonly Step[],
  map: (question: Question, value: unknown, place: string) => unknown,
): AllAnswers =>
  Object.fromEntries(
    Object.entries(answers).map(([section, own]) => {
      const questions = steps.find(({id}) => id === section)?.questions ?? {};
      const kept = Object.entries(own).flatMap(([id, value]) => {
        const question = questions[id];
        const mapped = question === undefined ? value : map(question, value, `${section}.${id}`);
        return mapped === undefined ? [] : [[id, mapped] as const];
      });
      return [section, Object.fromEntries(kept)];
    }),
  );

const isHeld = (value: SecretRef | undefined): boolean =>
  typeof value === 'object' && value !== null && 'held' in value;
