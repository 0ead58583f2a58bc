import type {AskContext, Question} from '../core/question.js';
import type {SecretRef} from '../core/secret.js';
import {fill, type Text} from '../core/text.js';

/** Why a value is not of the question's kind: wrong type, not one of the choices, out of range. */
export const shapeProblem = (question: Question, value: unknown, context: AskContext): Text | undefined => {
  switch (question.kind) {
    case 'text':
      return typeof value === 'string' ? controlProblem(value) : texts.text;
    case 'number':
      return numberProblem(value, question.min, question.max);
    case 'yes-no':
      return typeof value === 'boolean' ? undefined : texts.yesNo;
    case 'select':
      return choiceProblem(question.choices, value, context);
    case 'multi':
      return Array.isArray(value)
        ? (value.map(item => choiceProblem(question.choices, item, context)).find(Boolean) ??
            (new Set(value).size < value.length ? texts.twice : undefined))
        : texts.list;
    case 'list':
    case 'rows':
      return Array.isArray(value) && value.every(item => typeof item === 'string')
        ? value.map(controlProblem).find(Boolean)
        : texts.list;
    case 'secret':
      return isSecretRef(value) ? undefined : texts.secret;
    case 'accounts':
      return accountsProblem(value);
  }
};

/** Whether a value says where a secret is; the secret itself never stands in answers. */
export const isSecretRef = (value: unknown): value is SecretRef => {
  if (value === 'keep' || value === 'generate') {
    return true;
  }

  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 1) {
    return false;
  }

  const {from, held} = value as {from?: unknown; held?: unknown};
  return (typeof from === 'string' && /^(?:file:\/|fd:[0-9]{1,4}$)/.test(from)) || typeof held === 'string';
};

const numberProblem = (value: unknown, min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER) => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    return texts.number;
  }

  return value < min || value > max ? fill(texts.range, {min, max}) : undefined;
};

const choiceProblem = (
  choices: Extract<Question, {kind: 'select'}>['choices'],
  value: unknown,
  context: AskContext,
): Text | undefined => {
  const choice = choices.find(candidate => candidate.value === value);
  return choice === undefined
    ? fill(texts.choice, {choices: choices.map(candidate => candidate.value).join(', ')})
    : choice.unavailable?.(context);
};

const accountsProblem = (value: unknown): Text | undefined => {
  if (!Array.isArray(value)) {
    return texts.list;
  }

  for (const account of value as readonly unknown[]) {
    const {name, password, ...rest} = (account ?? {}) as Record<string, unknown>;
    if (typeof name !== 'string' || Object.keys(rest).length > 0) {
      return texts.account;
    }

    if (!isSecretRef(password)) {
      return texts.secret;
    }

    const control = controlProblem(name);
    if (control !== undefined) {
      return control;
    }
  }

  return undefined;
};

// Nothing that people type into a setting has control characters; they are how settings are smuggled in.
const controlProblem = (value: string) =>
  /[\u0000-\u001f\u007f-\u009f]/.test(value) ? texts.control : undefined;

const texts = {
  text: {en: 'This must be a text.', ja: '文字列で指定してください。'},
  number: {en: 'This must be a whole number.', ja: '整数で指定してください。'},
  range: {en: 'This must be from {min} to {max}.', ja: '{min} から {max} の範囲で指定してください。'},
  yesNo: {en: 'This must be true or false.', ja: 'true または false で指定してください。'},
  choice: {en: 'This must be one of: {choices}.', ja: '次のいずれかを指定してください: {choices}'},
  twice: {en: 'One of them is named twice.', ja: '重複しています。'},
  list: {en: 'This must be a list.', ja: 'リストで指定してください。'},
  account: {
    en: 'An account has a name and a password, nothing else.',
    ja: 'アカウントには name と password だけを指定してください。',
  },
  secret: {
    en: 'A secret is never written here: give {from: file:/path}, {from: fd:N}, keep or generate.',
    ja: '秘密の値はここに書きません。{from: file:/パス}、{from: fd:N}、keep、generate のいずれかを指定してください。',
  },
  control: {
    en: 'Line breaks and other control characters are not allowed.',
    ja: '改行などの制御文字は使えません。',
  },
} satisfies Record<string, Text>;
