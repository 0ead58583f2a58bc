import type {Finding} from '../core/finding.js';
import {fill, type Text, visibleLine} from '../core/text.js';
import type {System} from '../system/types.js';
import {driftOf} from '../transaction/drift.js';
import {listTransactions} from '../transaction/store.js';

/** Seconds after which a message that waits is worth a word, how many may wait, and how many logins may fail between two looks. */
const limits = {age: 4 * 3600, count: 100, logins: 100};

/** What the checks do not look at: files that others changed, mail that waits, logins that failed since the last look. */
export const watchFindings = async (system: System, since: Date): Promise<readonly Finding[]> => [
  ...drift(system),
  ...(await queue(system)),
  ...(await logins(system, since)),
];

const drift = ({files}: System): readonly Finding[] =>
  driftOf(files, listTransactions(files)).map(({path, how, transaction}) => ({
    id: `watch:drift:${path}`,
    section: 'watch',
    severity: 'warning',
    summary: fill(how === 'gone' ? texts.gone : texts.changed, {path, transaction}),
    remedy: texts.driftRemedy,
  }));

// postqueue(1): one JSON object a line.
const queue = async ({run}: System): Promise<readonly Finding[]> => {
  const id = 'watch:queue';
  const {exitCode, stdout} = await run('/usr/sbin/postqueue', ['-j'], {limit: 64 * 1024 * 1024});
  if (exitCode !== 0) {
    return [{id, section: 'watch', severity: 'unchecked', summary: texts.noQueue, remedy: texts.queueRemedy}];
  }

  const waiting = stdout.split('\n').flatMap(line => {
    try {
      return [JSON.parse(line) as {arrival_time?: number; recipients?: {delay_reason?: string}[]}];
    } catch {
      return [];
    }
  });
  const oldest = Math.min(...waiting.map(({arrival_time: at = Infinity}) => at));
  const hours = Math.floor((Date.now() / 1000 - oldest) / 3600);
  const reasons = waiting.flatMap(({recipients = []}) =>
    recipients.flatMap(({delay_reason: why}) => why ?? []),
  );
  return waiting.length > limits.count || Date.now() / 1000 - oldest > limits.age
    ? [
        {
          id,
          section: 'watch',
          severity: 'warning',
          summary: fill(texts.queue, {count: waiting.length, hours: Number.isFinite(hours) ? hours : 0}),
          remedy: texts.queueRemedy,
          evidence: [...new Set(reasons)].slice(0, 3).map(reason => visibleLine(reason)),
        },
      ]
    : [];
};

// The checks’ own attempts have names of their own.
const logins = async ({run}: System, since: Date): Promise<readonly Finding[]> => {
  const units = ['dovecot', 'postfix', 'postfix@-'].flatMap(unit => ['--unit', `${unit}*`]);
  const when = `--since=@${Math.floor(since.getTime() / 1000)}`;
  const {exitCode, stdout} = await run(
    '/usr/bin/journalctl',
    ['--quiet', '--no-pager', '--output=cat', when, ...units],
    {limit: 64 * 1024 * 1024},
  );
  if (exitCode !== 0 && exitCode !== 1) {
    return [];
  }

  const failed = stdout
    .split('\n')
    .filter(
      line => /\(auth failed|SASL \S+ authentication failed/.test(line) && !/dovetail-check/.test(line),
    );
  return failed.length > limits.logins
    ? [
        {
          id: 'watch:logins',
          section: 'watch',
          severity: 'warning',
          summary: fill(texts.logins, {count: failed.length}),
          remedy: texts.loginsRemedy,
          evidence: failed.slice(-3).map(line => visibleLine(line)),
        },
      ]
    : [];
};

const texts = {
  changed: {
    en: '{path} was changed since {transaction} wrote it.',
    ja: '{path} は {transaction} が書いた後に変更されています。',
  },
  gone: {
    en: '{path} is gone since {transaction} wrote it.',
    ja: '{path} は {transaction} が書いた後になくなっています。',
  },
  driftRemedy: {
    en: 'If that was you, nothing is to be done; “dovetail show” has what it was.',
    ja: '自分で変更したなら対処は不要です。元の内容は「dovetail show」で確認できます。',
  },
  queue: {
    en: '{count} messages wait to be delivered, the oldest for {hours} hours.',
    ja: '配送待ちのメールが {count} 通あり、最も古いものは {hours} 時間待っています。',
  },
  noQueue: {en: 'The queue of Postfix could not be read.', ja: 'Postfix のキューを読み取れません。'},
  queueRemedy: {
    en: '“postqueue -p” lists them with the reason.',
    ja: '「postqueue -p」で理由とともに確認できます。',
  },
  logins: {
    en: '{count} logins failed since the last look.',
    ja: '前回の確認以降、ログインが {count} 回失敗しました。',
  },
  loginsRemedy: {
    en: 'Somebody guesses passwords: “dovetail brute-force” keeps them out.',
    ja: 'パスワードの総当たりの可能性があります。「dovetail brute-force」で遮断できます。',
  },
} satisfies Record<string, Text>;
