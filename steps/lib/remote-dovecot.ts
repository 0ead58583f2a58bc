import type {Facts} from '../../src/core/facts.js';
import {type AllAnswers, type AskContext, list, number, select, text} from '../../src/core/question.js';
import {fill, type Text} from '../../src/core/text.js';
import {rowsOf} from '../../src/config/rows/edit.js';
import {itemsOf, postfixPath, settingOf} from './postfix.js';
import {answer, domainsOf, hostnameOf, isGateway} from './read.js';
import {hostProblem} from './relay-wants.js';
import {addressProblem, pathProblem} from './validate.js';

type Said = Pick<AskContext, 'answers'>;
const gateway = ({answers}: Said) => isGateway(answers);

/** Where the mailboxes of a gateway are. */
export type Remote = {
  readonly host: string;
  readonly port: number;
  readonly tls: 'wrapper' | 'starttls';
  /** File of the authorities that its certificate is believed from. */
  readonly ca: string;
};

/** What is asked of a gateway: which host keeps the mailboxes, how it is known, and who has one. */
export const remoteQuestions = {
  host: text({
    ask: {en: 'Which host keeps the mailboxes?', ja: 'メールボックスはどのホストにありますか。'},
    help: {
      en: 'The name that its certificate has. There, “dovetail lmtp” opens the way for this host.',
      ja: '証明書に載っている名前です。相手側では「dovetail lmtp」でこのホストを許可します。',
    },
    why: {
      en: 'Mail that was checked here is handed to its Dovecot (LMTP).',
      ja: 'ここで検査したメールをその Dovecot に渡します (LMTP)。',
    },
    example: 'imap.example.com',
    level: 'basic',
    when: gateway,
    initial: () => undefined,
    validate: (host, {answers}) => hostProblem(host, hostnameOf(answers)),
  }),
  ca: text({
    ask: {
      en: 'Which file has the authority that made its certificate?',
      ja: 'その証明書を発行した認証局のファイルはどれですか。',
    },
    help: {
      en: 'A PEM file on this machine. For a self-signed certificate: a copy of that certificate.',
      ja: 'このマシン上の PEM ファイルです。自己署名なら、その証明書のコピーを指定します。',
    },
    why: {
      en: 'Without it anybody on the way could pose as that host and read all mail.',
      ja: 'これがないと、途中の誰かがそのホストを名乗って全メールを読めてしまいます。',
    },
    example: '/etc/ssl/certs/ca-certificates.crt',
    level: 'basic',
    when: gateway,
    initial: ({platform}) => platform.paths.caBundle,
    validate: path =>
      path.startsWith('/etc/') ? pathProblem(path.replace('/etc/', '/srv/')) : pathProblem(path),
    // Here host and authority are both known.
    live: (ca, context) => ({
      kind: 'lmtp-reachable',
      ...remoteOf(context.answers, context.platform.paths.caBundle),
      ca,
    }),
  }),
  port: number({
    ask: {en: 'On which port does it take mail?', ja: 'どのポートで受け取りますか。'},
    help: {en: '24 is usual for LMTP.', ja: 'LMTP では 24 が普通です。'},
    why: {en: 'The other side decides it.', ja: '相手側の設定に合わせます。'},
    level: 'advanced',
    when: gateway,
    min: 1,
    max: 65_535,
    initial: () => 24,
    validate: port => (port === 25 ? texts.smtp : undefined),
  }),
  tls: select({
    ask: {en: 'How does TLS begin there?', ja: 'そこでの TLS の始まり方はどれですか。'},
    help: {
      en: 'From the first byte where dovetail set it up. Never without TLS, and never with a certificate of somebody else.',
      ja: 'dovetail が設定した相手なら最初からです。TLS なしや、別人の証明書では渡しません。',
    },
    why: {
      en: 'By itself Postfix hands mail over in clear (old advice leaves it so).',
      ja: '何もしないと Postfix は平文で渡します (古い資料はそのままです)。',
    },
    level: 'advanced',
    when: gateway,
    choices: [
      {value: 'wrapper', label: {en: 'From the first byte', ja: '最初から TLS'}},
      {value: 'starttls', label: {en: 'STARTTLS', ja: 'STARTTLS'}},
    ],
    initial: () => 'wrapper',
  }),
  recipients_by: select({
    ask: {
      en: 'How does this host know who has a mailbox there?',
      ja: '宛先の有無をどのように確認しますか。',
    },
    help: {
      en: 'Asking needs no upkeep; the answer is remembered for an hour. A list goes on taking mail while that host is down.',
      ja: '問い合わせは保守が不要で、結果を 1 時間覚えます。一覧なら相手の停止中も受信を続けられます。',
    },
    why: {
      en: 'Mail for nobody must be refused while the sender waits: taken and bounced, it reaches people who never wrote.',
      ja: '存在しない宛先はその場で拒否します。受け取って送り返すと、無関係な人に届きます。',
    },
    level: 'advanced',
    when: gateway,
    choices: [
      {value: 'ask', label: {en: 'It asks that host', ja: '相手に問い合わせる'}},
      {value: 'list', label: {en: 'By a list here', ja: 'ここの一覧で確認する'}},
    ],
    initial: () => 'ask',
  }),
  recipients: list({
    ask: {en: 'Which addresses have a mailbox there?', ja: 'メールボックスのあるアドレスはどれですか。'},
    help: {
      en: 'Whole addresses. Those that are no longer named are refused from then on.',
      ja: 'アドレス全体を指定します。名前のなくなったものは以後拒否します。',
    },
    why: {en: 'Everybody else is refused.', ja: 'それ以外の宛先は拒否します。'},
    example: 'anna@example.com',
    level: 'basic',
    when: context => gateway(context) && own(context, 'recipients_by') === 'list',
    initial: () => undefined,
    validateItem: (address, {answers}) =>
      addressProblem(address) ??
      (domainsOf(answers).includes(address.slice(address.indexOf('@') + 1))
        ? undefined
        : fill(texts.foreign, {domains: domainsOf(answers).join(', ')})),
    validate: addresses =>
      addresses.length === 0
        ? texts.nobody
        : new Set(addresses).size < addresses.length
          ? texts.twice
          : undefined,
  }),
};

const own = ({answers}: Said, question: string) => answers['delivery']?.[question];

/** Where the mailboxes are, with defaults for what was not said. */
export const remoteOf = (all: AllAnswers, caBundle: string): Remote => ({
  host: answer<string>(all, 'delivery', 'host') ?? '',
  port: answer<number>(all, 'delivery', 'port') ?? 24,
  tls: answer<Remote['tls']>(all, 'delivery', 'tls') ?? 'wrapper',
  ca: answer<string>(all, 'delivery', 'ca') ?? caBundle,
});

/** Whether this host asks the other one for each recipient. */
export const asksRemote = (all: AllAnswers) =>
  isGateway(all) && answer<string>(all, 'delivery', 'recipients_by') !== 'list';

/** Host and port of a transport over the network; undefined where mail is not handed over by one. */
export const remoteThere = (
  transport: string | undefined,
): {readonly host: string; readonly port: number} | undefined => {
  const [, bracketed, plain, port] =
    /^lmtp:inet:(?:\[([^\]]+)\]|([^:\s[\]]+))(?::(\d+))?$/.exec(transport ?? '') ?? [];
  const host = bracketed?.replace(/^IPv6:/i, '') ?? plain;
  return host === undefined ? undefined : {host, port: Number(port ?? 24)};
};

/** What a machine says to these questions. */
export const adoptRemote = (facts: Facts) => {
  const there = remoteThere(settingOf(facts, 'virtual_transport'));
  if (there === undefined) {
    return {};
  }

  const rows = recipientsThere(facts);
  const asks = itemsOf(facts, 'smtpd_recipient_restrictions').includes('reject_unverified_recipient');
  const ca = settingOf(facts, 'lmtp_tls_CAfile');
  return {
    ...there,
    tls: settingOf(facts, 'lmtp_tls_wrappermode') === 'yes' ? ('wrapper' as const) : ('starttls' as const),
    ...(ca === undefined ? {} : {ca}),
    ...(asks
      ? {recipients_by: 'ask' as const}
      : rows.length > 0
        ? {recipients_by: 'list' as const, recipients: rows}
        : {}),
  };
};

/** Addresses in the table of recipients, where Postfix uses it. */
export const recipientsThere = (facts: Facts): readonly string[] => {
  const file = postfixPath(facts, 'vmailbox');
  return itemsOf(facts, 'virtual_mailbox_maps').some(item => item.endsWith(`:${file}`))
    ? [...rowsOf(facts.files[file] ?? '', 'table').keys()].filter(key => /^[^@\s]+@[^@\s]+$/.test(key))
    : [];
};

const texts = {
  smtp: {
    en: 'LMTP must not be spoken on port 25 (RFC 2033).',
    ja: 'LMTP をポート 25 で使うことは禁じられています (RFC 2033)。',
  },
  foreign: {
    en: 'It is in none of the domains of this server ({domains}).',
    ja: 'このサーバーのドメイン ({domains}) のアドレスではありません。',
  },
  nobody: {en: 'At least one address is needed.', ja: 'アドレスが 1 つ以上必要です。'},
  twice: {en: 'An address is named twice.', ja: 'アドレスが重複しています。'},
} satisfies Record<string, Text>;
