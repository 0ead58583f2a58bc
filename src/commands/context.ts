import {readAnswers} from '../answers/file.js';
import {exitCode} from '../core/exit-code.js';
import {type Finding, ProblemError} from '../core/finding.js';
import type {AllAnswers} from '../core/question.js';
import {fill, type Lang, literal, type Text, visibleLine} from '../core/text.js';
import {detect} from '../detect/index.js';
import {generatePassword} from '../engine/password.js';
import type {Machine} from '../engine/machine.js';
import {createVault} from '../engine/vault.js';
import type {Program} from '../system/types.js';
import {isSupported, platformOf, platforms} from '../platforms/index.js';
import {readAnswersFile} from './answers-file.js';
import {systemOf} from './system-of.js';
import {steps} from '../../steps/index.js';

export {needRoot} from './need-root.js';

/** What every command is given; made once in `cli.ts`. */
export type CommandContext = {
  readonly lang: Lang;
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  readonly root: boolean;
  readonly user: string;
  readonly ssh?: string;
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly args: readonly string[];
  /** This program's own script. */
  readonly script: string;
  /** How this program is started again inside a namespace. */
  readonly self: Program;
};

/**
 * Detection, refused on a system that dovetail does not know unless `--platform` names one, and on one whose package
 * manager it cannot drive unless nothing is to be changed (`reading`).
 */
export const openMachine = async (
  context: CommandContext,
  {reading = false}: {readonly reading?: boolean} = {},
): Promise<Machine> => {
  const system = systemOf(context);
  const named = context.options['platform'];
  const facts = await detect(system, {
    ground: system.ground === 'directory' ? 'directory' : 'machine',
    root: context.root,
    user: context.user,
    ...(context.ssh === undefined ? {} : {ssh: context.ssh}),
  });
  const platform = platformOf(facts.os, typeof named === 'string' ? named : undefined);
  const known = platforms
    .filter(isSupported)
    .map(({id, name}) => `${name} (${id})`)
    .join(', ');
  if (platform === undefined) {
    throw new ProblemError({
      code: exitCode.unsupportedPlatform,
      what:
        typeof named === 'string'
          ? fill(texts.unknown, {named: visibleLine(named)})
          : fill(texts.unsupported, {os: facts.os.name || '?'}),
      remedy: fill(texts.supported, {known}),
    });
  }

  if (!reading && !isSupported(platform)) {
    throw new ProblemError({
      code: exitCode.unsupportedPlatform,
      what: fill(texts.packages, {name: platform.name, manager: platform.foreign ?? platform.packageManager}),
      remedy: fill(texts.packagesRemedy, {known}),
    });
  }

  return {system, facts, platform, vault: createVault(generatePassword)};
};

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

/** Findings as lines of text: summary, cause, remedy, evidence. */
export const findingLines = (
  {severity, summary, cause, remedy, evidence}: Finding,
  lang: Lang,
): readonly string[] => [
  `${{pass: '[ok]  ', warning: '[!]   ', fail: '[FAIL]', unchecked: '[?]   '}[severity]} ${summary[lang]}`,
  ...[cause, severity === 'pass' ? undefined : remedy].flatMap(text =>
    text === undefined ? [] : [`       ${text[lang]}`],
  ),
  ...(evidence ?? []).map(line => `       | ${line}`),
];

const texts = {
  unsupported: {en: 'This system is not known: {os}.', ja: '未対応のシステムです: {os}'},
  unknown: {
    en: 'There is no platform “{named}”.',
    ja: '「{named}」というプラットフォームはありません。',
  },
  supported: {
    en: 'Supported: {known}. “--platform ID” takes the nearest one.',
    ja: '対応システム: {known}。「--platform ID」で最も近いものを指定できます。',
  },
  packages: {
    en: 'dovetail knows {name}, but cannot install packages with {manager} yet.',
    ja: '{name} は既知ですが、{manager} によるパッケージの導入にはまだ対応していません。',
  },
  packagesRemedy: {
    en: 'Nothing was changed. It works on: {known}.',
    ja: '何も変更していません。対応システム: {known}',
  },
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
