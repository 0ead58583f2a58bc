import {isMap, isScalar, LineCounter, parseDocument, stringify, visit} from 'yaml';
import type {AllAnswers} from '../core/question.js';
import type {Step} from '../core/step.js';
import {fill, literal, type Text} from '../core/text.js';
import {nearest} from './nearest.js';

/** Bytes that an answers file may have; more is a mistake or an attack. */
export const answersFileLimit = 1024 * 1024;

export type ReadAnswers =
  /** `lines`: where each answer begins, by `section.question`. */
  | {readonly ok: true; readonly answers: AllAnswers; readonly lines: Readonly<Record<string, number>>}
  | {readonly ok: false; readonly problems: readonly {readonly line: number; readonly reason: Text}[]};

/** Reads an answers file (YAML 1.2, `version: 1`). Unknown sections and questions are errors that name the nearest one. */
export const readAnswers = (source: string, steps: readonly Step[]): ReadAnswers => {
  try {
    return read(source, steps);
  } catch (error) {
    // Nesting deeper than the parser's stack: nobody's honest answers.
    if (error instanceof RangeError) {
      return {ok: false, problems: [{line: 1, reason: texts.nesting}]};
    }

    throw error;
  }
};

const read = (source: string, steps: readonly Step[]): ReadAnswers => {
  if (isDeep(source)) {
    return {ok: false, problems: [{line: 1, reason: texts.nesting}]};
  }

  const lineCounter = new LineCounter();
  const document = parseDocument(source, {lineCounter, uniqueKeys: true});
  const lineOf = (offset: number | undefined) =>
    offset === undefined ? 1 : lineCounter.linePos(offset).line;
  const errors = [...document.errors].map(error => ({
    line: lineOf(error.pos[0]),
    reason: literal(error.message.split('\n')[0] ?? error.code),
  }));
  if (errors.length > 0) {
    return {ok: false, problems: errors};
  }

  if (hasAlias(document)) {
    return {ok: false, problems: [{line: 1, reason: texts.alias}]};
  }

  if (!isMap(document.contents)) {
    return {ok: false, problems: [{line: 1, reason: texts.version}]};
  }

  const problems: {line: number; reason: Text}[] = [];
  const answers: Record<string, Record<string, unknown>> = Object.create(null);
  const lines: Record<string, number> = Object.create(null);
  let versioned = false;
  for (const {key, value} of document.contents.items) {
    const name = isScalar(key) ? String(key.value) : '';
    const line = lineOf(isScalar(key) ? key.range?.[0] : undefined);
    if (name === 'version') {
      versioned = isScalar(value) && value.value === 1;
      continue;
    }

    const step = steps.find(candidate => candidate.id === name);
    if (step === undefined) {
      problems.push({
        line,
        reason: unknown(
          texts.section,
          name,
          steps.map(candidate => candidate.id),
        ),
      });
      continue;
    }

    if (value === null || (isScalar(value) && value.value === null)) {
      answers[name] = {};
      continue;
    }

    if (!isMap(value)) {
      problems.push({line, reason: fill(texts.notMap, {name})});
      continue;
    }

    lines[name] = line;
    const own: Record<string, unknown> = Object.create(null);
    for (const item of value.items) {
      const question = isScalar(item.key) ? String(item.key.value) : '';
      const at = lineOf(isScalar(item.key) ? item.key.range?.[0] : undefined);
      if (Object.hasOwn(step.questions, question)) {
        own[question] = (item.value as {toJSON?: () => unknown} | null)?.toJSON?.();
        lines[`${name}.${question}`] = at;
        if (saysHeld(own[question])) {
          problems.push({line: at, reason: fill(texts.held, {name: `${name}.${question}`})});
        }
      } else if (question !== 'custom') {
        problems.push({
          line: at,
          reason: unknown(texts.question, `${name}.${question}`, Object.keys(step.questions)),
        });
      }
    }

    answers[name] = {...own};
  }

  if (!versioned) {
    problems.unshift({line: 1, reason: texts.version});
  }

  return problems.length > 0 ? {ok: false, problems} : {ok: true, answers: {...answers}, lines};
};

/** Writes answers as a file that `readAnswers` reads back. Secrets that are held in memory become `keep`. */
export const printAnswers = (answers: AllAnswers): string =>
  stringify({version: 1, ...withoutHeld(answers)}, {lineWidth: 0, aliasDuplicateObjects: false});

const withoutHeld = (value: unknown): Record<string, unknown> => strip(value) as Record<string, unknown>;

const strip = (value: unknown): unknown => {
  if (Array.isArray(value)) {
    return value.map(strip);
  }

  if (typeof value !== 'object' || value === null) {
    return value;
  }

  return 'held' in value
    ? 'keep'
    : Object.fromEntries(
        Object.entries(value)
          .filter(([key, item]) => key !== 'custom' && item !== undefined)
          .map(([key, item]) => [key, strip(item)]),
      );
};

// Brackets that stay open, roughly: the parser takes seconds to find out that a million of them is too many.
const isDeep = (source: string) => {
  let depth = 0;
  for (const character of source) {
    depth += character === '[' || character === '{' ? 1 : character === ']' || character === '}' ? -1 : 0;
    if (depth > 500) {
      return true;
    }
  }

  return false;
};

// Only this process's own memory has held secrets: in a file, it is a secret that somebody wrote there.
const saysHeld = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (Object.hasOwn(value, 'held') || Object.values(value).some(saysHeld));

const hasAlias = (document: ReturnType<typeof parseDocument>) => {
  let found = false;
  visit(document, {
    Alias: () => {
      found = true;
      return visit.BREAK;
    },
  });
  return found;
};

const unknown = (text: Text, name: string, known: readonly string[]) => {
  const guess = nearest(name.includes('.') ? name.slice(name.lastIndexOf('.') + 1) : name, known);
  return fill(text, {name, guess: guess ?? known.slice(0, 8).join(', ')});
};

const texts = {
  nesting: {en: 'The file is nested too deeply.', ja: 'ファイルの入れ子が深すぎます。'},
  version: {
    en: 'An answers file starts with “version: 1”, then one block for each section.',
    ja: '回答ファイルは「version: 1」で始まり、セクションごとのブロックが続きます。',
  },
  alias: {
    en: 'Anchors and aliases (& and *) are not allowed in an answers file.',
    ja: '回答ファイルではアンカーとエイリアス (& と *) は使えません。',
  },
  section: {
    en: 'There is no section “{name}”. Did you mean {guess}?',
    ja: 'セクション「{name}」はありません。{guess} の間違いではありませんか。',
  },
  question: {
    en: 'There is no question “{name}”. Did you mean {guess}?',
    ja: '質問「{name}」はありません。{guess} の間違いではありませんか。',
  },
  held: {
    en: '“{name}”: a secret is never written here; give {from: file:/path}, {from: fd:N}, keep or generate.',
    ja: '「{name}」: 秘密の値はここに書きません。{from: file:/パス}、{from: fd:N}、keep、generate のいずれかを指定してください。',
  },
  notMap: {
    en: 'The section “{name}” must hold questions and answers.',
    ja: 'セクション「{name}」には質問と回答を書いてください。',
  },
} satisfies Record<string, Text>;
