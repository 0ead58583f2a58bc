import type {AliasFile, AliasFileFound} from '../../core/material.js';
import {fill, type Text, visibleLine} from '../../core/text.js';
import {type PackedRows, packRows} from '../rows/packed.js';
import {aliasEntries} from './entries.js';
import {judgeAliases, meaningOf, type Report, rolesAt} from './judge.js';
import {isUsual, longest, parseLine, type UsualLine} from './line.js';

/** Something that is wrong with a line. */
export type LineProblem = {readonly line: number; readonly problem: Text};

/** Rows of a file of aliases, all of which are to be there, or what is wrong with the file. */
export type ReadAliases =
  | {
      readonly ok: true;
      readonly rows: PackedRows;
      readonly found: Omit<AliasFileFound, 'digest' | 'record' | 'gone' | 'kept'>;
    }
  | {readonly ok: false; readonly problems: readonly LineProblem[]; readonly more: number};

/** Problems that are told one by one; more are counted. */
const told = 20;

/**
 * Reads a file of aliases (`ADDRESS TARGET[, TARGET]`, or with `=` between; a bare domain in front of anything declares the
 * domain, as in virtual(5)) and judges it as a whole: each line once, then what the lines mean for each other. `progress`: how
 * many lines were read.
 */
export const readAliases = (
  bytes: Buffer,
  file: Omit<AliasFile, 'path' | 'table' | 'record'>,
  inTable: (keys: ReadonlySet<string>) => ReadonlySet<string>,
  progress: (lines: number) => void = () => undefined,
): ReadAliases => {
  const problems: LineProblem[] = [];
  let wrong = 0;
  const report: Report = (line, text, values = {}) => {
    wrong += 1;
    if (problems.length < told) {
      problems.push({line, problem: fill(text, {line, ...values})});
    }
  };

  const entries = aliasEntries();
  const own = new Set(file.domains);
  const brought = new Set<string>();
  const twice = (line: number, from: string, earlier: number) =>
    earlier < 0 || report(line, texts.duplicate, {from, other: entries.line(earlier)});
  const usual: UsualLine = {from: 0, fromEnd: 0, to: 0, toEnd: 0, domain: ''};
  eachLine(bytes, progress, (start, stop, line) => {
    if (stop - start <= longest && isUsual(bytes, start, stop, usual)) {
      const earlier = entries.addFrom(bytes, usual, line);
      earlier < 0 || twice(line, entries.from(earlier), earlier);
      return;
    }

    const text = bytes.toString('latin1', start, Math.min(stop, start + longest + 1));
    const parsed = parseLine(text, line);
    if (parsed === undefined) {
      return;
    }

    if ('en' in parsed) {
      return report(line, parsed, {text: visibleLine(text, 60)});
    }

    const {from, to} = parsed;
    if (to === '-') {
      brought.add(from);
      return;
    }

    twice(line, from, entries.add(from, to, line));
  });
  brought.forEach(domain => void own.add(domain));
  judgeAliases(entries, {...file, own, brought}, inTable, report);
  if (wrong > 0) {
    problems.sort((one, other) => one.line - other.line);
    return {ok: false, problems, more: wrong - problems.length};
  }

  const added = packRows();
  for (const domain of brought) {
    added.add(`+${domain} -`);
    for (const address of rolesAt(domain)) {
      if (entries.find(address) < 0 && file.admin !== undefined) {
        added.add(`+${address} ${file.admin}`);
      }
    }
  }

  return {
    ok: true,
    rows: added.size() === 0 ? entries.rows : packRows(Buffer.concat([added.bytes(), entries.rows.bytes()])),
    found: {
      count: added.size() + entries.size(),
      domains: [...brought],
      ...meaningOf(entries, file.mailboxes, own),
      has: address => entries.find(address) >= 0,
    },
  };
};

const eachLine = (
  bytes: Buffer,
  progress: (lines: number) => void,
  use: (start: number, stop: number, line: number) => void,
) => {
  let line = 0;
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(10, at);
    const stop = end < 0 ? bytes.length : end;
    line += 1;
    use(at, stop, line);
    at = stop + 1;
    if (line % 100_000 === 0) {
      progress(line);
    }
  }
};

const texts = {
  duplicate: {
    en: 'Line {line}: {from} is in line {other} already; Postfix would use that one only. Put all targets into one line.',
    ja: '{line} 行目: {from} は {other} 行目にすでにあり、Postfix はそちらだけを使います。宛先を 1 行にまとめてください。',
  },
} satisfies Record<string, Text>;
