import type {Finding} from '../src/core/finding.js';
import type {Probe} from '../src/core/probe.js';
import {list, number, select} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import {fill, type Text} from '../src/core/text.js';
import {
  fail2banFiles,
  fail2banGone,
  fail2banUnit,
  fail2banWants,
  hasOthersJails,
  jailsOf,
  jailsThere,
  neverOf,
  takesLogins,
} from './lib/fail2ban.js';
import {isWithin, networkProblem, parseNetwork} from './lib/networks.js';
import {main, mainUnset, settingOf} from './lib/postfix.js';
import {answer, hasPostfix} from './lib/read.js';

type Said = {readonly answers: Readonly<Record<string, Readonly<Record<string, unknown>>>>};
const how = ({answers}: Said) => answer<string>(answers, 'brute-force', 'how');
const withJails = (said: Said) => how(said) === 'fail2ban';

/** Who guesses passwords is kept out, or slowed down; the administrators never are. */
export const bruteForce = defineStep({
  id: 'brute-force',
  title: {en: 'Guessed passwords', ja: 'パスワード総当たり対策'},
  why: {
    en: 'Every mail server is tried with lists of stolen passwords, all day long.',
    ja: 'どのメールサーバーも、流出したパスワードで絶えずログインを試されます。',
  },
  needs: ['role', 'smtp', 'submission', 'protocols'],
  owns: [
    `path:${fail2banFiles.jails}`,
    `path:${fail2banFiles.filter}`,
    `unit:${fail2banUnit}`,
    'main.cf:smtpd_client_auth_rate_limit',
  ],
  applies: (_facts, all) => takesLogins(all),
  questions: {
    how: select({
      ask: {
        en: 'What happens to those who guess passwords?',
        ja: 'パスワードを総当たりで試す相手をどうしますか。',
      },
      help: {
        en: 'fail2ban bans an address for a while; the servers’ own limits only slow it down.',
        ja: 'fail2ban はアドレスを一定時間遮断します。サーバー自身の制限では試行が遅くなるだけです。',
      },
      why: {
        en: 'One mailbox with a weak password is enough to send spam in your name.',
        ja: '弱いパスワードのメールボックスが一つあれば、迷惑メールの送信に使われます。',
      },
      level: 'advanced',
      choices: [
        {
          value: 'off',
          label: {en: 'Nothing more than the servers do by themselves', ja: 'サーバーの標準動作のみ'},
        },
        {
          value: 'fail2ban',
          label: {en: 'They are banned (fail2ban)', ja: '遮断する (fail2ban)'},
          unavailable: ({platform}) =>
            platform.packages.fail2ban === undefined
              ? fill(texts.noPackage, {platform: platform.name})
              : undefined,
        },
        {
          value: 'limits',
          label: {en: 'They are slowed down', ja: '試行を遅らせる'},
          unavailable: ({answers}) => (hasPostfix(answers) ? undefined : texts.noPostfix),
        },
      ],
      initial: () => 'off',
    }),
    never: list({
      ask: {en: 'Which addresses are never banned?', ja: '決して遮断しないアドレスはどれですか。'},
      help: {
        en: 'Yours, above all. The machine itself and the networks that send without a password never are.',
        ja: 'まず自分のアドレスです。このマシン自身と、パスワードなしで送信できるネットワークは常に除外します。',
      },
      why: {
        en: 'An administrator who mistypes a password must not be locked out.',
        ja: 'パスワードを打ち間違えた管理者を締め出さないためです。',
      },
      example: '192.0.2.7, 10.1.0.0/16',
      level: 'advanced',
      when: withJails,
      initial: ({answers, facts}) => neverOf(answers, facts),
      validateItem: networkProblem,
    }),
    attempts: number({
      ask: {
        en: 'After how many failed logins within ten minutes?',
        ja: '10 分間に何回失敗したら遮断しますか。',
      },
      help: {
        en: 'People mistype, and several may share one address.',
        ja: '打ち間違いや、複数人での同一アドレス利用を考慮します。',
      },
      why: {en: 'Fewer keeps out more, users too.', ja: '少ないほど厳しく、利用者も遮断されやすくなります。'},
      level: 'advanced',
      when: withJails,
      min: 2,
      max: 1000,
      initial: () => 5,
    }),
    minutes: number({
      ask: {en: 'For how many minutes?', ja: '何分間遮断しますか。'},
      help: {en: 'An hour makes guessing hopeless.', ja: '1 時間で総当たりは事実上不可能になります。'},
      why: {
        en: 'Addresses change hands: a ban for ever hits somebody else later.',
        ja: 'アドレスの利用者は変わるため、永久に遮断すると後で別の人に影響します。',
      },
      level: 'advanced',
      when: withJails,
      min: 1,
      max: 525_600,
      initial: () => 60,
    }),
    rate: number({
      ask: {
        en: 'How many logins for sending may one address try in a minute?',
        ja: '一つのアドレスから 1 分間に何回まで送信用ログインを試せますか。',
      },
      help: {
        en: 'Those that succeed count too: an office behind one address needs more.',
        ja: '成功したログインも数えます。一つのアドレスを共有する職場では多めにします。',
      },
      why: {
        en: 'Dovecot makes who failed wait by itself; Postfix does not.',
        ja: 'Dovecot は失敗した相手を自動的に待たせますが、Postfix は待たせません。',
      },
      level: 'advanced',
      when: context => how(context) === 'limits',
      min: 1,
      max: 10_000,
      initial: () => 20,
    }),
  },
  packages: ({answers}) => (answers.how === 'fail2ban' ? ['fail2ban'] : []),
  adopt: facts => {
    const {networks: _networks, ...there} = jailsThere(facts) ?? {networks: []};
    if ('attempts' in there) {
      return {how: 'fail2ban' as const, ...there};
    }

    const rate = Number(settingOf(facts, 'smtpd_client_auth_rate_limit') ?? 0);
    return hasOthersJails(facts) || !Number.isInteger(rate)
      ? {}
      : rate > 0
        ? {how: 'limits' as const, rate}
        : {how: 'off' as const};
  },
  plan: ({answers, all, facts}) => [
    ...(answers.how === 'fail2ban'
      ? fail2banWants(all, facts)
      : answers.how === undefined
        ? []
        : fail2banGone(facts)),
    ...(answers.how === 'limits'
      ? [main('smtpd_client_auth_rate_limit', String(answers.rate ?? 20))]
      : answers.how !== undefined && hasPostfix(all)
        ? mainUnset(facts, 'smtpd_client_auth_rate_limit')
        : []),
  ],
  probes: ({answers, all, facts}): readonly Probe[] =>
    answers.how === 'fail2ban'
      ? [
          {id: 'brute-force:service', section: 'brute-force', kind: 'service', unit: fail2banUnit},
          {
            id: 'brute-force:jails',
            section: 'brute-force',
            kind: 'bans',
            jails: jailsOf(all),
            never: neverOf(all, facts),
          },
        ]
      : [],
  notes: ({answers, all, facts}): readonly Finding[] => {
    const client = facts.session.ssh?.client;
    return answers.how !== 'fail2ban' || client === undefined || isSpared(client, neverOf(all, facts))
      ? []
      : [
          {
            id: 'brute-force:admin',
            section: 'brute-force',
            severity: 'warning',
            summary: fill(texts.notSpared, {client}),
            remedy: texts.notSparedRemedy,
          },
        ];
  },
});

const isSpared = (client: string, never: readonly string[]) => {
  const inner = parseNetwork(client);
  return never.some(text => {
    const outer = parseNetwork(text);
    return inner !== undefined && outer !== undefined && isWithin(inner, outer);
  });
};

const texts = {
  noPackage: {
    en: '{platform} has no fail2ban in its own repositories.',
    ja: '{platform} のリポジトリーに fail2ban はありません。',
  },
  noPostfix: {
    en: 'Nobody sends through this machine, and Dovecot slows guessing down by itself.',
    ja: 'このマシンから送信する人はおらず、Dovecot は自動的に試行を遅らせます。',
  },
  notSpared: {
    en: 'You are logged in from {client}, which would be banned like any other address.',
    ja: '現在の接続元 {client} は、ほかのアドレスと同様に遮断の対象になります。',
  },
  notSparedRemedy: {
    en: 'Add it to the addresses that are never banned, if it is yours for long.',
    ja: '今後も使うアドレスなら、遮断しないアドレスに追加してください。',
  },
} satisfies Record<string, Text>;
