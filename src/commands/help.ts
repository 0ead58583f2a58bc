import type {Lang} from '../core/text.js';
import {everywhere, type OptionInfo, type OptionName, options} from './options.js';
import {type CommandInfo, commands, wizardInfo} from './table.js';

/** What `--help` prints: everything in short, or one command in full. */
export const help = (lang: Lang, name?: string): string => {
  const info = name === undefined ? undefined : commands[name];
  return name === undefined || info === undefined ? overview(lang) : ofCommand(name, info, lang);
};

const overview = (lang: Lang) => {
  const rows = Object.entries(commands).map(([name, {takes, about}]) => [
    [name, takes?.shown[lang]].filter(Boolean).join(' '),
    about[lang],
  ]);
  return [
    `${words.usage[lang]} dovetail ${wizardInfo.takes?.shown[lang]}  ${wizardInfo.about[lang]}`,
    `${' '.repeat(wide(words.usage[lang]))} dovetail ${words.command[lang]}`,
    '',
    ...columns(rows),
    '',
    words.wizard[lang],
    ...optionRows(wizardInfo.options, lang),
    '',
    words.always[lang],
    ...optionRows(everywhere, lang),
    '',
    words.more[lang],
  ].join('\n');
};

const ofCommand = (name: string, {takes, about, detail, options: own}: CommandInfo, lang: Lang) =>
  [
    `${words.usage[lang]} ${['dovetail', name, takes?.shown[lang], own.length > 0 ? words.options[lang] : ''].filter(Boolean).join(' ')}`,
    '',
    sentence(about[lang], lang),
    ...(detail === undefined ? [] : [detail[lang]]),
    '',
    ...optionRows([...own, ...everywhere], lang),
  ].join('\n');

const optionRows = (names: readonly OptionName[], lang: Lang) =>
  columns(
    names.map(name => {
      const {short, value, about}: OptionInfo = options[name];
      return [
        `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value[lang]}`}`,
        about[lang],
      ];
    }),
  );

const columns = (rows: readonly (readonly (string | undefined)[])[]) => {
  const left = Math.max(...rows.map(([first = '']) => wide(first)));
  return rows.map(([first = '', second = '']) => `  ${first}${' '.repeat(left - wide(first))}  ${second}`);
};

// Kana, kanji and full-width forms take two columns (UAX #11).
const wide = (text: string) =>
  [...text].reduce((sum, character) => sum + (/[\u3000-\u9fff\uff00-\uff60]/.test(character) ? 2 : 1), 0);

/** A short description as a sentence of its own. */
export const sentence = (about: string, lang: Lang) =>
  lang === 'ja' ? `${about}。`.replace(/。。$/, '。') : `${about.charAt(0).toUpperCase()}${about.slice(1)}.`;

const words = {
  usage: {en: 'Usage:', ja: '使い方:'},
  command: {en: 'COMMAND [options]', ja: 'コマンド [オプション]'},
  options: {en: '[options]', ja: '[オプション]'},
  wizard: {en: 'Options of the wizard:', ja: 'ウィザードのオプション:'},
  always: {en: 'Options everywhere:', ja: '共通のオプション:'},
  more: {
    en: '“dovetail COMMAND --help” says more. Exit codes: man 8 dovetail.',
    ja: '詳細は「dovetail コマンド --help」。終了コードは man 8 dovetail を参照。',
  },
} as const;
