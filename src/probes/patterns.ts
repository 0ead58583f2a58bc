import {randomBytes} from 'node:crypto';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Finding} from '../core/finding.js';
import type {Attempt} from '../core/question.js';
import {fill, type Text, visibleLine} from '../core/text.js';
import type {Host} from '../system/types.js';
import {common, fail, pass, unchecked} from './result.js';
import type {ProbeHandler} from './types.js';

const postmap = '/usr/sbin/postmap';

/**
 * Whether Postfix reads patterns without complaint; with a sample, also which of them hits it first. Postfix's own postmap(1)
 * judges on a copy whose actions are the numbers of the rules; where there is none, it is said that JavaScript judged.
 */
export const judgePatterns = async (host: Host, check: Attempt): Promise<readonly Finding[]> => {
  if (host.ground === 'directory' || !host.runs || host.files.lstat(postmap) === undefined) {
    return judgeAlone(check);
  }

  const folder = mkdtempSync(join(tmpdir(), 'dovetail-'));
  try {
    const table = join(folder, 'rules');
    writeFileSync(table, check.rules.map((rule, at) => `${numbered(rule, at)}\n`).join(''), {mode: 0o600});
    const name = `${check.type}:${table}`;
    const read = await host.run(postmap, ['-q', `dovetail-${randomBytes(4).toString('hex')}`, name]);
    const wrong = complaints(read.stderr, check.rules);
    if (wrong.length > 0 || check.sample === undefined) {
      return wrong;
    }

    const option = check.part === 'header' ? '-hq' : '-bq';
    // In body mode, postmap(1) looks at what follows the header of a message.
    const input = check.part === 'header' ? `${check.sample}\n\n` : `Subject: x\n\n${check.sample}\n`;
    const {stdout} = await host.run(postmap, [option, '-', name], {input});
    const hit = /\tWARN dovetail (\d+)$/m.exec(stdout)?.[1];
    return [verdict(check, hit === undefined ? undefined : Number(hit), texts.postfix)];
  } finally {
    rmSync(folder, {recursive: true});
  }
};

/** A table that is in use: every rule is read. */
export const patternsRead: ProbeHandler<'patterns-read'> = async (probe, {host}) => {
  const {missing, stderr} = await host.run(postmap, ['-q', 'dovetail-check', probe.table]);
  const values = {table: probe.table};
  const lines = stderr.trim().split('\n').filter(Boolean);
  return [
    missing
      ? unchecked(probe, {summary: texts.table, values, remedy: common.logRemedy})
      : lines.length === 0
        ? pass(probe, {summary: texts.read, values})
        : fail(probe, {summary: texts.unread, values, remedy: texts.remedy, evidence: lines.slice(0, 3)}),
  ];
};

// The action of a copy says which rule it was; what is before it stays as it is.
const numbered = (rule: string, at: number) =>
  rule.replace(/^(\/(?:[^/\\]|\\.)+\/[a-z]*)\s.*$/, `$1 WARN dovetail ${at + 1}`);

// `postmap: warning: regexp map /tmp/…/rules, line 2: Unmatched ( or \(`
const complaints = (stderr: string, rules: readonly string[]): readonly Finding[] =>
  stderr
    .split('\n')
    .filter(line => /\bmap \S+, line \d+: /.test(line))
    .map(line => {
      const [, number = '', words = ''] = /, line (\d+): (.*)$/.exec(line) ?? [];
      return {
        id: `patterns:${number}`,
        section: 'spam',
        severity: 'fail',
        summary: fill(texts.rule, {number, rule: visibleLine(rules[Number(number) - 1] ?? '', 80)}),
        cause: fill(texts.said, {words}),
        remedy: texts.remedy,
      };
    });

const judgeAlone = ({rules, sample, ...rest}: Attempt): readonly Finding[] => {
  const parsed = rules.map(rule => /^\/((?:[^/\\]|\\.)+)\/([a-z]*)/.exec(rule));
  const tests = parsed.map(match => compiled(match?.[1] ?? '', match?.[2]?.includes('i') === true));
  const wrong = tests.indexOf(undefined);
  if (wrong >= 0) {
    return [
      {
        id: `patterns:${wrong + 1}`,
        section: 'spam',
        severity: 'fail',
        summary: fill(texts.rule, {number: wrong + 1, rule: visibleLine(rules[wrong] ?? '', 80)}),
        remedy: texts.remedy,
      },
    ];
  }

  if (sample === undefined) {
    return [];
  }

  // header_checks(5): a header is one line, also where it goes on in the next.
  const line = sample.replaceAll(/\r?\n(?=[ \t])/g, '');
  const hit = tests.findIndex(test => test?.test(line));
  return [verdict({rules, sample, ...rest}, hit < 0 ? undefined : hit + 1, texts.alone)];
};

const compiled = (pattern: string, sensitive: boolean) => {
  try {
    return new RegExp(pattern, sensitive ? '' : 'i');
  } catch {
    return undefined;
  }
};

const verdict = ({rules}: Attempt, hit: number | undefined, by: Text): Finding => ({
  id: 'patterns:sample',
  section: 'spam',
  severity: 'pass',
  summary:
    hit === undefined
      ? fill(texts.none, {by: by.en, byJa: by.ja})
      : fill(texts.hit, {
          by: by.en,
          byJa: by.ja,
          number: hit,
          rule: visibleLine(rules[hit - 1] ?? '', 80),
        }),
});

const texts = {
  postfix: {en: 'Postfix', ja: 'Postfix'},
  alone: {
    en: 'JavaScript’s patterns, nearly the same, since Postfix is not here yet',
    ja: 'JavaScript のパターン (ほぼ同じ。Postfix がまだないため)',
  },
  hit: {en: 'Rule {number} hits ({by}): {rule}', ja: '規則 {number} が当たります ({byJa}): {rule}'},
  none: {en: 'No rule hits ({by}).', ja: 'どの規則も当たりません ({byJa})。'},
  rule: {en: 'Rule {number} is not read: {rule}', ja: '規則 {number} は読み取れません: {rule}'},
  said: {en: 'Postfix says: {words}', ja: 'Postfix の出力: {words}'},
  remedy: {
    en: 'Correct the pattern; see regexp_table(5).',
    ja: 'パターンを直してください。regexp_table(5) を参照。',
  },
  table: {en: 'Whether Postfix reads {table}.', ja: 'Postfix が {table} を読めるかどうか。'},
  read: {en: 'Postfix reads every rule of {table}.', ja: 'Postfix は {table} のすべての規則を読み取れます。'},
  unread: {
    en: 'Postfix passes over rules of {table} that it cannot read.',
    ja: 'Postfix は {table} の読み取れない規則を無視しています。',
  },
} satisfies Record<string, Text>;
