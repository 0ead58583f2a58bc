import type {Finding} from '../core/finding.js';
import type {Probe} from '../core/probe.js';
import {fill, type Text, visibleLine} from '../core/text.js';

type Words = {
  readonly summary: Text;
  readonly values?: Readonly<Record<string, string | number>>;
  readonly cause?: Text;
  readonly remedy?: Text;
  readonly evidence?: readonly string[];
};

/** A check that held. */
export const pass = (probe: Probe, {summary, values = {}}: Pick<Words, 'summary' | 'values'>): Finding => ({
  id: probe.id,
  section: probe.section,
  severity: 'pass',
  summary: fill(summary, values),
});

/** A check that failed, with cause and remedy; what the other side said is evidence. */
export const fail = (probe: Probe, words: Words & {readonly remedy: Text}): Finding =>
  made(probe, 'fail', words);

/** A check that held, with something to do about it before long. */
export const warning = (probe: Probe, words: Words & {readonly remedy: Text}): Finding =>
  made(probe, 'warning', words);

/** A check that could not be made: never counts as passed. The remedy is what to do to check it. */
export const unchecked = (probe: Probe, words: Words & {readonly remedy: Text}): Finding =>
  made(probe, 'unchecked', words);

const made = (
  probe: Probe,
  severity: 'fail' | 'warning' | 'unchecked',
  {summary, values = {}, cause, remedy, evidence}: Words,
): Finding => ({
  id: probe.id,
  section: probe.section,
  severity,
  summary: fill(summary, values),
  ...(cause === undefined ? {} : {cause: fill(cause, values)}),
  ...(remedy === undefined ? {} : {remedy: fill(remedy, values)}),
  ...(evidence === undefined ? {} : {evidence: evidence.map(line => visibleLine(line))}),
});

/** A finding whose remedy sends to Postfix's log, `{postfixUnit}`, as this platform has it. */
export const withUnit = (finding: Finding, postfixUnit: string): Finding =>
  finding.remedy === undefined ? finding : {...finding, remedy: fill(finding.remedy, {postfixUnit})};

/** Words that many probes share. */
export const common = {
  noAccount: {
    en: 'No account to log in with was given.',
    ja: 'ログインに使うアカウントが指定されていません。',
  },
  noAccountRemedy: {
    en: 'Run “dovetail check --account NAME --password-from file:/PATH” to check it.',
    ja: '「dovetail check --account 名前 --password-from file:/パス」で確認できます。',
  },
  logRemedy: {
    en: 'Look at the last lines of “journalctl -u dovecot -u {postfixUnit}”.',
    ja: '「journalctl -u dovecot -u {postfixUnit}」の末尾を確認してください。',
  },
  noAnswer: {
    en: 'Nothing at all answered there in time: the machine may be too busy, or something on the way keeps silent.',
    ja: '時間内に何も応答しませんでした。マシンの過負荷か、途中で遮断されている可能性があります。',
  },
  slowRemedy: {
    en: 'Check again when the machine is less busy.',
    ja: 'マシンの負荷が下がってから、もう一度確認してください。',
  },
  closedToOutside: {
    en: 'Port {port} is closed to the outside.',
    ja: 'ポート {port} は外部に対して閉じています。',
  },
  noOutside: {
    en: 'No network namespace could be made on this machine, and from the server itself this proves nothing.',
    ja: 'このマシンではネットワーク名前空間を作れません。サーバー自身からの確認では証明になりません。',
  },
} satisfies Record<string, Text>;
