import {readAnswers} from '../answers/file.js';
import {exitCode} from '../core/exit-code.js';
import {type Finding, ProblemError} from '../core/finding.js';
import type {AllAnswers} from '../core/question.js';
import {fill, literal, type Text} from '../core/text.js';
import {steps} from '../../steps/index.js';
import {readAnswersFile} from './answers-file.js';
import type {CommandContext} from './context.js';

/** Answers from the file that `--answers` names. */
export const loadAnswers = (context: CommandContext): AllAnswers => {
  const path = context.options['answers'];
  if (typeof path !== 'string') {
    throw new ProblemError({code: exitCode.badAnswers, what: texts.noAnswers, remedy: texts.noAnswersRemedy});
  }

  const read = readAnswers(readAnswersFile(path, context.script), steps);
  if (!read.ok) {
    const lines = read.problems.map(({line, reason}) => `${path}:${line}: ${reason[context.lang]}`);
    throw new ProblemError({
      code: exitCode.badAnswers,
      what: fill(texts.badAnswers, {path}),
      cause: literal(lines.join('\n')),
      remedy: texts.badAnswersRemedy,
    });
  }

  places.set(read.answers, {path, lines: read.lines});
  return read.answers;
};

// Where the answers of a run stand.
const places = new WeakMap<
  AllAnswers,
  {readonly path: string; readonly lines: Readonly<Record<string, number>>}
>();

/** A finding about an answer, with the line of the file in which that stands. */
export const located = (finding: Finding, answers: AllAnswers): Finding => {
  const there = places.get(answers);
  const [, section = '', question = ''] = /^(?:answer|caution):([^.]+)\.(.+)$/.exec(finding.id) ?? [];
  // Of one that is missing, where its section is.
  const line = there?.lines[`${section}.${question}`] ?? there?.lines[section];
  return line === undefined
    ? finding
    : {...finding, evidence: [`${there?.path}:${line}`, ...(finding.evidence ?? [])]};
};

const texts = {
  noAnswers: {en: 'No answers file was given.', ja: '回答ファイルが指定されていません。'},
  noAnswersRemedy: {
    en: 'Name one with “--answers FILE”; examples/ has one to start from.',
    ja: '「--answers ファイル」で指定してください。examples/ に例があります。',
  },
  badAnswers: {en: 'The answers file {path} has mistakes.', ja: '回答ファイル {path} に誤りがあります。'},
  badAnswersRemedy: {
    en: 'Correct these lines; nothing was changed.',
    ja: '該当の行を修正してください。何も変更していません。',
  },
} satisfies Record<string, Text>;
