import {fill, type Lang, type Text, visibleLine} from '../core/text.js';
import type {QueueFacts, WaitReason} from '../detect/queue.js';

/** The queue in words: how many messages, since when, and the commonest reason with Postfix's own sentence. */
export const queueWords = (
  queue: QueueFacts | 'unread' | undefined,
  lang: Lang,
  now = new Date(),
): readonly string[] => {
  if (queue === undefined) {
    return [];
  }

  if (queue === 'unread') {
    return [texts.unread[lang]];
  }

  const {count, oldest, reasons} = queue;
  const [first] = reasons;
  if (count === 0 || first === undefined) {
    return [texts.empty[lang]];
  }

  return [
    fill(count === 1 ? texts.one : texts.many, {
      count,
      age: ageOf((now.getTime() - (oldest ?? now).getTime()) / 1000)[lang],
    })[lang],
    `  ${fill(first.count === count ? texts.all : texts.most, {count: first.count, all: count, why: why[first.reason][lang]})[lang]}`,
    ...(first.example === ''
      ? []
      : [`  ${fill(texts.said, {example: visibleLine(first.example, 300)})[lang]}`]),
  ];
};

/** The queue for programs. */
export const queueJson = (queue: QueueFacts | 'unread') =>
  queue === 'unread'
    ? {unchecked: true}
    : {
        count: queue.count,
        oldest: queue.oldest?.toISOString() ?? null,
        reasons: queue.reasons.map(({reason, count, example}) => ({
          reason,
          count,
          example: visibleLine(example, 300),
        })),
      };

const ageOf = (seconds: number): Text => {
  const unit = (
    [
      ['days', 86_400],
      ['hours', 3600],
      ['minutes', 60],
    ] as const
  ).find(([, length]) => seconds >= 2 * length);
  return unit === undefined
    ? fill(units.seconds, {n: Math.max(0, Math.round(seconds))})
    : fill(units[unit[0]], {n: Math.floor(seconds / unit[1])});
};

const units = {
  days: {en: '{n} days', ja: '{n} 日'},
  hours: {en: '{n} hours', ja: '{n} 時間'},
  minutes: {en: '{n} minutes', ja: '{n} 分'},
  seconds: {en: '{n} seconds', ja: '{n} 秒'},
} satisfies Record<string, Text>;

const why: Readonly<Record<WaitReason, Text>> = {
  name: {
    en: 'the name of the receiving server is not found in DNS',
    ja: '宛先サーバーの名前が DNS で見つかりません',
  },
  unreachable: {
    en: 'the receiving server cannot be reached, or port 25 is closed on the way',
    ja: '宛先サーバーに接続できないか、途中でポート 25 が閉じられています',
  },
  later: {
    en: 'the receiving server says to try again later',
    ja: '宛先サーバーが後で再送するよう求めています',
  },
  login: {
    en: 'the relay does not take this server’s login',
    ja: '中継サーバーがこのサーバーのログインを受け付けません',
  },
  tls: {
    en: 'no TLS connection that is good enough could be made',
    ja: '条件を満たす TLS 接続を確立できません',
  },
  mailboxes: {
    en: 'the mailboxes of this server cannot be reached: does Dovecot run?',
    ja: 'このサーバーのメールボックスに届きません。Dovecot は動作していますか',
  },
  full: {en: 'a mailbox or a disk is full', ja: 'メールボックスまたはディスクが一杯です'},
  held: {
    en: 'somebody put it on hold (postsuper -h, or a rule)',
    ja: '保留にされています (postsuper -h または規則による)',
  },
  'under-way': {en: 'it is on its way', ja: '配送中です'},
  other: {en: 'for a reason of its own', ja: '個別の理由があります'},
};

const texts = {
  empty: {en: 'No mail waits in the queue.', ja: 'キューで待つメールはありません。'},
  one: {en: '1 message waits in the queue, for {age}.', ja: 'メールが 1 通、{age}前からキューにあります。'},
  many: {
    en: '{count} messages wait in the queue, the oldest for {age}.',
    ja: 'メールが {count} 通キューにあり、最も古いものは {age}前からです。',
  },
  all: {en: 'Because {why}.', ja: '理由: {why}。'},
  most: {en: '{count} of {all}, most often: {why}.', ja: '最も多い理由 ({all} 通中 {count} 通): {why}。'},
  said: {en: 'For example: {example}', ja: '例: {example}'},
  unread: {
    en: 'Mail waits in the queue, but how much and why was not checked: “postqueue -p” does not answer.',
    ja: 'キューにメールがありますが、数と理由は未確認です (「postqueue -p」が応答しません)。',
  },
} satisfies Record<string, Text>;
