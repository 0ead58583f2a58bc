import type {Text} from '../core/text.js';
import {fail, pass, unchecked} from './result.js';
import {answerTimeout, type ProbeHandler} from './types.js';

/** A lookup table answers for a key, as Postfix asks it (postmap(1)). */
export const tableAnswers: ProbeHandler<'table-answers'> = async (probe, {host}) => {
  const {table, key} = probe;
  if (key === undefined) {
    return [unchecked(probe, {summary: texts.unnamed, values: {table}, remedy: texts.unnamedRemedy})];
  }

  const {exitCode, stdout, stderr} = await host.run('/usr/sbin/postmap', ['-q', key, table], {
    timeout: answerTimeout,
  });
  const values = {table, key, answer: stdout.trim()};
  return [
    exitCode === 0 && stdout.trim() !== ''
      ? pass(probe, {summary: texts.answers, values})
      : fail(probe, {
          summary: texts.silent,
          values,
          remedy: texts.remedy,
          evidence: stderr.trim().split('\n').slice(-2),
        }),
  ];
};

const texts = {
  answers: {en: '{table} sends {key} to {answer}.', ja: '{table} では {key} の宛先は {answer} です。'},
  silent: {en: '{table} does not know {key}.', ja: '{table} に {key} がありません。'},
  remedy: {
    en: 'Compare filter and attribute with the entry in the directory: “dovetail ldap-lookup”.',
    ja: 'フィルターと属性をディレクトリーのエントリーと照合してください: 「dovetail ldap-lookup」。',
  },
  unnamed: {en: 'Whether {table} answers.', ja: '{table} が応答するかどうか。'},
  unnamedRemedy: {
    en: 'Name an alias in “dovetail ldap-lookup” (sample), or run “postmap -q ADDRESS TABLE”.',
    ja: '「dovetail ldap-lookup」の sample にエイリアスを指定するか、「postmap -q アドレス 表」を実行してください。',
  },
} satisfies Record<string, Text>;
