import {bare, splitLines} from '../../src/config/lines.js';
import type {Facts} from '../../src/core/facts.js';
import {fill, type Text} from '../../src/core/text.js';
import type {Row, Want} from '../../src/core/want.js';
import {itemsOf, mainItemWant, postfixPath} from './postfix.js';

/** Which part of a message patterns look at (header_checks(5)). */
export type Part = 'header' | 'body';

const actions = ['REJECT', 'HOLD', 'DISCARD', 'WARN', 'INFO', 'IGNORE', 'DUNNO'] as const;

/** `/^Subject:.*casino/ REJECT no thanks` in its parts; a text where it is none. */
export const parseCheck = (
  item: string,
):
  | {readonly pattern: string; readonly flags: string; readonly action: string; readonly words: string}
  | Text => {
  if (!/^[\x20-\x7e]+$/.test(item)) {
    return texts.ascii;
  }

  const match = /^\/((?:[^/\\]|\\.)+)\/([a-z]*)\s+(\S+)(?:\s+(.*))?$/.exec(item);
  if (match === null) {
    return texts.shape;
  }

  const [, pattern = '', flags = '', action = '', words = ''] = match;
  return !(actions as readonly string[]).includes(action)
    ? fill(texts.action, {action, actions: actions.join(', ')})
    : /^[imx]*$/.test(flags)
      ? {pattern, flags, action, words}
      : fill(texts.flags, {flags});
};

/** What to know about patterns though they are right. */
export const checkCaution = (items: readonly string[]): Text | undefined => {
  const has = (test: RegExp) => items.some(item => test.test(item));
  return has(/^\/\^Return-Path:/i)
    ? texts.returnPath
    : has(/\/\s+DISCARD\b/)
      ? texts.discard
      : // regexp_table(5): the flag toggles what is on by default.
        has(/^\/(?:[^/\\]|\\.)+\/[mx]*i[mx]*\s/)
        ? texts.toggles
        : undefined;
};

/** Name of the file that the patterns of a part are in. */
export const checksFile = (facts: Facts, part: Part) => postfixPath(facts, `${part}_checks`);

/** Type of that table: as main.cf has it; else regexp, which every Postfix has. */
export const checksType = (facts: Facts, part: Part): 'regexp' | 'pcre' =>
  itemsOf(facts, `${part}_checks`).includes(`pcre:${checksFile(facts, part)}`) ? 'pcre' : 'regexp';

/** Patterns that are there; undefined where the file has something that is no plain rule (IF, redirections). */
export const checksThere = (facts: Facts, part: Part): readonly string[] | undefined => {
  const file = checksFile(facts, part);
  if (!itemsOf(facts, `${part}_checks`).includes(`${checksType(facts, part)}:${file}`)) {
    return [];
  }

  const lines = splitLines(facts.files[file] ?? '')
    .map(bare)
    .filter(line => line.trim() !== '' && !/^\s*#/.test(line));
  return lines.every(line => 'action' in parseCheck(line)) ? lines : undefined;
};

/** The patterns as lines of their file, beside those of others, and the setting that names it. */
export const checkWants = (items: readonly string[], part: Part, facts: Facts): readonly Want[] => {
  const gone = (checksThere(facts, part) ?? []).filter(item => !items.includes(item));
  const rows: readonly Row[] = [
    ...items.map(item => ({key: item, state: 'present', content: [{text: item}]}) satisfies Row),
    ...gone.map(key => ({key, state: 'absent'}) satisfies Row),
  ];
  const file = checksFile(facts, part);
  return rows.length === 0
    ? []
    : [
        ...(items.length === 0 ? [] : [mainItemWant(`${part}_checks`, `${checksType(facts, part)}:${file}`)]),
        {kind: 'rows', file, format: 'lines', ownership: {owner: 'root', group: 'root', mode: 0o644}, rows},
      ];
};

const texts = {
  ascii: {
    en: 'Only plain characters can be in a pattern; mail codes others (RFC 2047).',
    ja: 'パターンに使えるのは ASCII 文字だけです。ほかの文字はメール内で符号化されています (RFC 2047)。',
  },
  shape: {
    en: 'A rule is written /PATTERN/ ACTION TEXT, such as /^Subject:.*casino/ REJECT no thanks.',
    ja: '規則は「/パターン/ 動作 文言」と書きます。例: /^Subject:.*casino/ REJECT no thanks',
  },
  action: {
    en: '“{action}” is none of the actions {actions}.',
    ja: '「{action}」は動作 {actions} のいずれでもありません。',
  },
  flags: {
    en: '“{flags}”: after the pattern only i, m and x may stand.',
    ja: '「{flags}」: パターンの後には i、m、x だけを書けます。',
  },
  returnPath: {
    en: 'A message has no Return-Path while it is received (RFC 5321, 4.4): that rule, from old advice, hits nothing but forwarded copies.',
    ja: '受信中のメールに Return-Path はありません (RFC 5321 4.4)。古い資料のこの規則は転送された控えにしか当たりません。',
  },
  discard: {
    en: 'DISCARD makes mail vanish without a word to anybody; REJECT tells the sender.',
    ja: 'DISCARD では誰にも知らされずメールが消えます。REJECT なら差出人に伝わります。',
  },
  toggles: {
    en: 'Patterns ignore upper and lower case already; the flag i switches that off.',
    ja: 'パターンは元から大文字と小文字を区別しません。フラグ i は区別するように切り替えます。',
  },
} satisfies Record<string, Text>;
