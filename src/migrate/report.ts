import {diffLines, maskLine} from '../config/diff.js';
import {masked} from '../core/secret.js';
import {type Lang, type Text, visibleLine} from '../core/text.js';
import type {Migration} from './index.js';
import {notes} from './texts.js';
import type {Entry, Outcome, Setting} from './types.js';

/** The report as lines: what is lost first, replication before all; then what a person decides, what changes, the diff. */
export const reportLines = ({entries, before, after}: Migration, lang: Lang): readonly string[] => [
  ...(['lost', 'by-hand', 'changed'] as const).flatMap(outcome => part(entries, outcome, lang)),
  `${texts.kept[lang]}: ${entries.filter(({outcome}) => outcome === 'kept').length}`,
  '',
  texts.diff[lang],
  ...diffLines('dovecot.conf', hideAll(before), hideAll(after)).map(line => `    ${line}`),
];

/** The same for programs; no secret is in it. */
export const reportData = ({entries}: Migration) =>
  entries.map(({was, outcome, now, note}) => ({
    file: was.file,
    line: was.line,
    was: shown(was),
    outcome,
    now: now.map(shown),
    ...(note === undefined ? {} : {why: note}),
  }));

const part = (entries: readonly Entry[], outcome: Outcome, lang: Lang): readonly string[] => {
  const found = entries.filter(entry => entry.outcome === outcome);
  // Said once for all lines that it is about.
  const whys = [...Object.values<Text>(notes), undefined].filter(why => found.some(({note}) => note === why));
  return found.length === 0
    ? []
    : [
        `${texts[outcome][lang]}: ${found.length}`,
        ...whys.flatMap(why => [
          ...(why === undefined ? [] : [`  ${why[lang]}`]),
          ...found.filter(({note}) => note === why).flatMap(lineOf),
        ]),
        '',
      ];
};

const lineOf = ({was, now}: Entry): readonly string[] => [
  `    ${was.file}:${was.line}  ${visibleLine(shown(was))}`,
  ...now.map(setting => `      → ${visibleLine(shown(setting))}`),
];

const shown = ({path, key, value}: Setting) =>
  [
    ...path.map(({type, name}) => (name === undefined ? type : `${type} ${name}`)),
    ...(key === '' ? [] : [hide(`${key} = ${value}`.trimEnd())]),
  ].join(' / ');

const hideAll = (text: string) => text.split('\n').map(hide).join('\n');

/** A line without secrets: settings named for one, and those inside of a connection, of arguments or of an address. */
const hide = (line: string) =>
  maskLine(line)
    .replaceAll(/(\b(?!no)\w*pass(?:word|wd)?=)(?:'(?:[^'\\]|\\.)*'|[^\s"']+)/gi, `$1${masked}`)
    .replace(/(\w*api_key\s*=\s*)(\S.*)$/, `$1${masked}`)
    .replaceAll(/(:\/\/[^/\s:@]+:)[^@\s]+@/g, `$1${masked}@`);

const texts = {
  lost: {en: 'Lost in 2.4', ja: '2.4 で失われるもの'},
  'by-hand': {en: 'To be decided by you', ja: '判断が必要なもの'},
  changed: {en: 'Written another way', ja: '書き方が変わるもの'},
  kept: {en: 'Kept as they are', ja: 'そのまま使えるもの'},
  diff: {
    en: 'The configuration for 2.4, as a change of the present one (all files together):',
    ja: '2.4 用の設定 (現在の全ファイルを 1 つにまとめたものとの差分):',
  },
} satisfies Record<Outcome | 'diff', Text>;
