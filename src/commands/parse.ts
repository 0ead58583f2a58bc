import {parseArgs} from 'node:util';
import {nearest} from '../answers/nearest.js';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, join, type Lang, type Text} from '../core/text.js';
import {everywhere, type OptionInfo, type OptionName, options} from './options.js';
import {type CommandInfo, commands, wizardInfo} from './table.js';

/** The command line, understood. No name: the wizard. */
export type Parsed = {
  readonly name?: string;
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
};

// How dovetail starts itself again; nobody else has a use for them.
const hidden: ReadonlySet<string> = new Set([
  'play',
  'worker',
  'recover-at-boot',
  'keep-countdown',
  'pair-agent',
  'watch-now',
]);

type Token = ReturnType<typeof tokensOf>[number];
type Option = Extract<Token, {kind: 'option'}>;

/** Reads the arguments against the table of commands; what does not fit is refused with the nearest that would. */
export const parse = (argv: readonly string[]): Parsed => {
  const tokens = tokensOf(argv);
  const words = tokens.flatMap(token => (token.kind === 'positional' ? [token.value] : []));
  const [first, ...rest] = words;
  const name =
    first !== undefined && (hidden.has(first) || Object.hasOwn(commands, first)) ? first : undefined;
  const info = (name === undefined ? wizardInfo : commands[name]) ?? {...wizardInfo, options: []};
  const args = name === undefined ? words : rest;
  const given = tokens.filter(token => token.kind === 'option');
  for (const option of given) {
    checkOption(option, name, info);
  }

  const values = Object.fromEntries(given.map(({name: option, value}) => [option, value ?? true]));
  if (values['help'] !== true && values['version'] !== true) {
    checkWords(args, name, info);
  }

  return {args, options: values, ...(name === undefined ? {} : {name})};
};

/** The language to speak: asked for, or the locale's. Works before the rest is understood, for its errors. */
export const langOf = (argv: readonly string[], locale: string): Lang => {
  const asked = tokensOf(argv).findLast(token => token.kind === 'option' && token.name === 'lang');
  const value = asked?.kind === 'option' ? asked.value : locale;
  return /^ja/.test(value ?? '') ? 'ja' : 'en';
};

const infoOf = (name: string): OptionInfo | undefined =>
  Object.hasOwn(options, name) ? options[name as OptionName] : undefined;

// Not strict: Node's own messages are neither bilingual nor do they say what would be right.
const tokensOf = (argv: readonly string[]) =>
  parseArgs({
    args: [...argv],
    allowPositionals: true,
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      Object.entries<OptionInfo>(options).map(([name, {value, short}]) => [
        name,
        {
          type: value === undefined ? ('boolean' as const) : ('string' as const),
          ...(short === undefined ? {} : {short}),
        },
      ]),
    ),
  }).tokens;

const checkOption = (
  {name, rawName, value, inlineValue}: Option,
  command: string | undefined,
  info: CommandInfo,
) => {
  const known = infoOf(name);
  const usable = [...info.options, ...everywhere];
  if (known === undefined) {
    throw refusal(fill(texts.unknownOption, {option: rawName}), near(name, usable, '--'), command);
  }

  if (!usable.includes(name as OptionName)) {
    throw refusal(
      fill(command === undefined ? texts.notOfWizard : texts.notOfCommand, {
        option: rawName,
        command: command ?? '',
      }),
      undefined,
      command,
    );
  }

  if (known.value !== undefined && (value === undefined || (inlineValue !== true && value.startsWith('-')))) {
    throw refusal(fill(texts.needsValue, {option: rawName, value: known.value.en}), undefined, command);
  }

  if (known.value === undefined && value !== undefined) {
    throw refusal(fill(texts.noValue, {option: rawName}), undefined, command);
  }

  if (name === 'lang' && value !== 'en' && value !== 'ja') {
    throw refusal(texts.lang, undefined, command);
  }
};

const checkWords = (args: readonly string[], command: string | undefined, {takes}: CommandInfo) => {
  const most = takes === undefined ? 0 : takes.many === true ? Infinity : 1;
  const extra = args[most];
  if (extra !== undefined) {
    throw refusal(fill(texts.extra, {word: extra, command: command ?? ''}), undefined, command);
  }

  const words = takes?.words;
  const word = args[0];
  const isMissing = word === undefined && takes?.optional !== true;
  if (typeof words === 'object' && (isMissing || (word !== undefined && !words.includes(word)))) {
    throw refusal(fill(texts.oneOf, {known: words.join(', ')}), near(word ?? '', words, ''), command);
  }
};

const near = (word: string, known: readonly string[], before: string): Text | undefined => {
  const found = nearest(word, known);
  return found === undefined ? undefined : fill(texts.near, {word: `${before}${found}`});
};

const refusal = (what: Text, guess: Text | undefined, command: string | undefined) =>
  new ProblemError({
    code: exitCode.badAnswers,
    what: guess === undefined ? what : join([what, guess]),
    remedy: fill(texts.remedy, {help: `dovetail ${command === undefined ? '' : `${command} `}--help`}),
  });

const texts = {
  unknownOption: {en: 'There is no option “{option}”.', ja: 'オプション「{option}」はありません。'},
  notOfCommand: {
    en: '“{option}” is not an option of “{command}”.',
    ja: '「{option}」は「{command}」のオプションではありません。',
  },
  notOfWizard: {
    en: '“{option}” is not an option of the wizard.',
    ja: '「{option}」はウィザードのオプションではありません。',
  },
  needsValue: {
    en: '“{option}” needs a value: {option} {value}',
    ja: '「{option}」には値が必要です: {option} {value}',
  },
  noValue: {en: '“{option}” takes no value.', ja: '「{option}」は値を取りません。'},
  lang: {en: '“--lang” is en or ja.', ja: '「--lang」は en か ja です。'},
  extra: {en: '“{word}” is too much for “{command}”.', ja: '「{command}」に「{word}」は余分です。'},
  oneOf: {en: 'One of these is needed: {known}.', ja: '次のいずれかが必要です: {known}'},
  near: {en: 'Was “{word}” meant?', ja: '「{word}」のことですか。'},
  remedy: {en: '“{help}” lists what there is.', ja: '「{help}」で一覧を確認できます。'},
} satisfies Record<string, Text>;
