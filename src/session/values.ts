import type {AccountAnswer, AskContext, Question} from '../core/question.js';
import {masked, type SecretRef} from '../core/secret.js';
import {type Lang, type Text, visibleLine} from '../core/text.js';

/** A value as people read it; secrets are never shown, not even their length. */
export const valueText = (question: Question, value: unknown, lang: Lang): string => {
  if (value === undefined) {
    return texts.open[lang];
  }

  switch (question.kind) {
    case 'yes-no':
      return (value === true ? texts.yes : texts.no)[lang];
    case 'select':
      return labelOf(question.choices, value, lang);
    case 'multi':
      return some(
        (value as readonly unknown[]).map(item => labelOf(question.choices, item, lang)),
        lang,
      );
    case 'list':
    case 'rows':
      return some(
        (value as readonly string[]).slice(0, shownItems).map(item => visibleLine(item)),
        lang,
        (value as readonly string[]).length - shownItems,
      );
    case 'secret':
      return secretText(value as SecretRef, lang);
    case 'accounts':
      return some(
        (value as readonly AccountAnswer[]).map(({name}) => visibleLine(name)),
        lang,
      );
    case 'text':
    case 'number':
      return value === '' ? texts.none[lang] : visibleLine(String(value));
  }
};

/** What was typed, as a value of the question's kind, or why it is none. Lists take blanks and commas between items. */
export const parseTyped = (
  question: Question,
  typed: string,
): {readonly value: unknown} | {readonly reason: Text} => {
  const text = typed.trim();
  switch (question.kind) {
    case 'number':
      return /^-?[0-9]{1,15}$/.test(text) ? {value: Number(text)} : {reason: texts.number};
    case 'list':
      return {value: text.split(/[\s,]+/).filter(item => item !== '')};
    default:
      return {value: text};
  }
};

/** A value as it is typed; empty for what is not typed. */
export const typedText = (question: Question, value: unknown): string =>
  question.kind === 'list'
    ? ((value ?? []) as readonly string[]).join(' ')
    : (question.kind === 'text' || question.kind === 'number') && value !== undefined
      ? String(value)
      : '';

/** Choices with the reason why one cannot be chosen here. */
export const choicesOf = (question: Extract<Question, {kind: 'select' | 'multi'}>, context: AskContext) =>
  question.choices.map(({value, label, hint, unavailable}) => ({
    value,
    label,
    hint,
    unavailable: unavailable?.(context),
  }));

const labelOf = (
  choices: Extract<Question, {kind: 'select'}>['choices'],
  value: unknown,
  lang: Lang,
): string => choices.find(choice => choice.value === value)?.label[lang] ?? visibleLine(String(value));

/** Items that are shown of a long list; the rest is a number. */
const shownItems = 20;

const some = (items: readonly string[], lang: Lang, more = 0) =>
  items.length === 0 ? texts.none[lang] : `${items.join(', ')}${more > 0 ? ` … (+${more})` : ''}`;

const secretText = (value: SecretRef, lang: Lang) =>
  value === 'keep'
    ? texts.keep[lang]
    : value === 'generate'
      ? texts.generate[lang]
      : 'from' in value
        ? visibleLine(value.from)
        : masked;

const texts = {
  open: {en: '(open)', ja: '(未回答)'},
  none: {en: '(none)', ja: '(なし)'},
  yes: {en: 'Yes', ja: 'はい'},
  no: {en: 'No', ja: 'いいえ'},
  keep: {en: 'stays as it is', ja: '現状のまま'},
  generate: {en: 'will be generated', ja: '自動生成'},
  number: {en: 'A whole number is needed here.', ja: '整数を入力してください。'},
} satisfies Record<string, Text>;
