import {type AccountAnswer, number, secretQuestion, select, text} from '../src/core/question.js';
import type {SecretRef} from '../src/core/secret.js';
import {defineStep} from '../src/core/step.js';
import {fill, type Text} from '../src/core/text.js';
import {main, mainUnset, settingOf} from './lib/postfix.js';
import {hostnameOf, hasPostfix, isServer} from './lib/read.js';
import {adoptExceptions, exceptionProbes, exceptionWants} from './lib/exception-wants.js';
import {exceptionQuestions} from './lib/relay-exceptions.js';
import {
  authWants,
  hasRow,
  hostProblem,
  loginWants,
  smarthostWants,
  target,
  userThere,
} from './lib/relay-wants.js';

type Tls = 'starttls' | 'wrapper' | 'none';
type Said = {readonly answers: Readonly<Record<string, Readonly<Record<string, unknown>>>>};
const own = ({answers}: Said, question: string) => answers['relay']?.[question];
const smarthost = (said: Said) => own(said, 'how') === 'smarthost';
const hasUser = (said: Said) => smarthost(said) && (own(said, 'user') ?? '') !== '';

/** How mail leaves: directly, or through another server. */
export const relay = defineStep({
  id: 'relay',
  side: 'postfix',
  title: {en: 'Outgoing mail', ja: '外部への送信'},
  why: {
    en: 'Where the provider closes port 25, mail leaves only through its relay.',
    ja: 'ポート 25 が塞がれている場合は、中継サーバー経由で送ります。',
  },
  needs: ['role'],
  owns: [
    'main.cf:relayhost',
    'main.cf:smtp_sasl_*',
    'main.cf:local_transport',
    'main.cf:smtp_host_lookup',
    'main.cf:transport_maps',
    'main.cf:sender_dependent_default_transport_maps',
    'master:exception/unix',
  ],
  applies: (_facts, all) => hasPostfix(all),
  questions: {
    how: select({
      ask: {en: 'How does mail leave?', ja: 'メールはどのように外部へ出ますか。'},
      help: {
        en: 'Directly to each receiver’s server, or all through one relay.',
        ja: '相手のサーバーに直接送るか、すべて中継サーバーに渡すかです。',
      },
      why: {
        en: 'Many providers block port 25, and mail from new addresses is often taken for spam.',
        ja: 'ポート 25 を塞ぐ事業者が多く、新しいアドレスからのメールは迷惑メール扱いされがちです。',
      },
      level: 'basic',
      choices: [
        {
          value: 'direct',
          label: {en: 'Directly', ja: '直接'},
          unavailable: ({answers}) =>
            isServer(answers)
              ? undefined
              : {en: 'A null client needs a relay.', ja: 'ヌルクライアントには中継サーバーが必要です。'},
        },
        {value: 'smarthost', label: {en: 'Through a relay', ja: '中継サーバー経由'}},
      ],
      initial: ({answers, facts}) =>
        isServer(answers) && facts.outboundSmtp !== false ? 'direct' : 'smarthost',
      caution: (how, {facts}) =>
        how === 'direct' && facts.outboundSmtp === false ? texts.blocked : undefined,
    }),
    host: text({
      ask: {en: 'Which server is the relay?', ja: '中継サーバーはどれですか。'},
      help: {
        en: 'Its whole name, or its address. Your own addresses keep your own domain, whatever the relay is called.',
        ja: '完全な名前かアドレスです。中継サーバーの名前が何であれ、差出人は自分のドメインのままです。',
      },
      why: {en: 'All mail goes there.', ja: 'すべてのメールがそこへ送られます。'},
      example: 'relay.example.net',
      level: 'basic',
      when: smarthost,
      initial: () => undefined,
      validate: (host, {answers}) => hostProblem(host, hostnameOf(answers)),
      live: (host, context) => ({
        kind: 'smtp-reachable',
        host,
        port: Number(own(context, 'port') ?? 587),
        ...(own(context, 'tls') === undefined ? {} : {tls: own(context, 'tls') as Tls}),
      }),
    }),
    port: number({
      ask: {en: 'On which port?', ja: 'どのポートですか。'},
      help: {
        en: '587 with STARTTLS or 465 with TLS; 25 where the relay is in your own network.',
        ja: 'STARTTLS の 587 か TLS の 465 です。自分のネットワーク内の中継サーバーなら 25 です。',
      },
      why: {en: 'Port 25 is often blocked.', ja: 'ポート 25 は塞がれていることがあります。'},
      level: 'advanced',
      when: smarthost,
      min: 1,
      max: 65_535,
      initial: () => 587,
      validate: port => (port === 22 ? texts.ssh : undefined),
    }),
    tls: select({
      ask: {en: 'How is the way to the relay encrypted?', ja: '中継サーバーまでをどう暗号化しますか。'},
      help: {
        en: 'STARTTLS for 587 and 25, TLS from the first byte for 465.',
        ja: '587 と 25 は STARTTLS、465 は最初から TLS です。',
      },
      why: {
        en: 'Without it the password of the relay and all mail can be read on the way.',
        ja: '暗号化しないと、中継サーバーのパスワードと全メールが途中で読まれます。',
      },
      level: 'advanced',
      when: smarthost,
      choices: [
        {value: 'starttls', label: {en: 'STARTTLS, always', ja: 'STARTTLS (必須)'}},
        {value: 'wrapper', label: {en: 'TLS from the first byte', ja: '最初から TLS'}},
        {value: 'none', label: {en: 'Only if the relay offers it', ja: '中継サーバーが対応していれば'}},
      ],
      initial: context => (own(context, 'port') === 465 ? 'wrapper' : 'starttls'),
      validate: (tls, context) => {
        const port = own(context, 'port') ?? 587;
        if (tls === 'wrapper' && (port === 25 || port === 587)) {
          return fill(texts.noWrapper, {port: Number(port)});
        }

        return tls === 'starttls' && port === 465
          ? texts.noStarttls
          : tls === 'none' && hasUser(context)
            ? texts.clear
            : undefined;
      },
    }),
    user: text({
      ask: {en: 'With which user name (empty: no login)?', ja: 'ユーザー名は何ですか (空なら認証なし)。'},
      help: {en: 'What the relay’s operator gave you.', ja: '中継サーバーの管理者から受け取ったものです。'},
      why: {
        en: 'Relays take mail only from those they know.',
        ja: '中継サーバーは知っている相手からだけ受け取ります。',
      },
      level: 'basic',
      when: smarthost,
      initial: () => '',
      validate: user => (/[\s:]/.test(user) || user.length > 254 ? texts.user : undefined),
    }),
    password: secretQuestion({
      ask: {en: 'With which password?', ja: 'パスワードは何ですか。'},
      help: {
        en: 'It is written to a file that only root can read.',
        ja: 'root だけが読めるファイルに書き込みます。',
      },
      why: {en: 'It is sent over TLS alone.', ja: 'TLS 上でのみ送信します。'},
      level: 'basic',
      canGenerate: false,
      when: hasUser,
      initial: context =>
        hasRow(context.facts, target(own(context, 'host'), own(context, 'port'))) ? 'keep' : undefined,
      validate: (password, context) =>
        password === 'keep' && !hasRow(context.facts, target(own(context, 'host'), own(context, 'port')))
          ? texts.nothingToKeep
          : password === 'generate'
            ? texts.notGenerated
            : undefined,
      validateSecret: value =>
        value === ''
          ? texts.empty
          : /^\s|\s$|[\u0000-\u001f\u007f]/.test(value)
            ? texts.blanks
            : value.length > 1024
              ? texts.long
              : undefined,
      live: (password, context) =>
        password === 'keep'
          ? undefined
          : {
              kind: 'smtp-login',
              host: String(own(context, 'host') ?? ''),
              port: Number(own(context, 'port') ?? 587),
              user: String(own(context, 'user') ?? ''),
              password,
              tls: (own(context, 'tls') ?? 'starttls') as Tls,
            },
    }),
    ...exceptionQuestions,
  },
  // Without them Postfix says "no worthy mechs found", and no mail leaves.
  packages: ({answers}) => (logsIn(answers) ? ['sasl-mechanisms'] : []),
  adopt: facts => {
    if (!facts.configured.postfix) {
      return {};
    }

    const relayhost = settingOf(facts, 'relayhost') ?? '';
    if (relayhost === '') {
      return {how: 'direct' as const, ...adoptExceptions(facts)};
    }

    const match = /^\[([^\]]+)\](?::(\d+))?$/.exec(relayhost);
    if (match?.[1] === undefined) {
      return {...adoptExceptions(facts), custom: ['main.cf:relayhost']};
    }

    const port = Number(match[2] ?? 25);
    const user = userThere(facts, relayhost);
    const level = settingOf(facts, 'smtp_tls_security_level') ?? '';
    return {
      how: 'smarthost' as const,
      host: match[1].replace(/^IPv6:/i, ''),
      port,
      tls:
        settingOf(facts, 'smtp_tls_wrappermode') === 'yes'
          ? ('wrapper' as const)
          : /^(?:encrypt|verify|secure|fingerprint|dane-only)$/.test(level)
            ? ('starttls' as const)
            : ('none' as const),
      ...(user === undefined ? {} : {user, password: 'keep' as const}),
      ...adoptExceptions(facts),
    };
  },
  plan: ({answers, all, facts, platform}) => [
    ...(answers.how === 'smarthost'
      ? [
          ...smarthostWants(target(answers.host, answers.port)),
          ...loginWants(target(answers.host, answers.port), answers.user ?? '', answers.password, facts),
        ]
      : (settingOf(facts, 'relayhost') ?? '') === ''
        ? []
        : [main('relayhost', '')]),
    ...authWants(logsIn(answers), facts),
    ...exceptionWants(all, facts, platform),
    ...(isServer(all)
      ? (settingOf(facts, 'local_transport') ?? '').startsWith('error:')
        ? mainUnset(facts, 'local_transport')
        : []
      : [main('local_transport', 'error:5.1.1 local delivery is disabled')]),
  ],
  probes: ({answers, all}) => [
    ...(answers.how === 'smarthost'
      ? [
          {
            id: 'relay',
            section: 'relay',
            kind: 'relay-host' as const,
            host: answers.host ?? '',
            port: answers.port ?? 587,
            tls: answers.tls ?? 'starttls',
            ...(answers.user === undefined || answers.password === undefined || answers.password === 'keep'
              ? {}
              : {user: answers.user, password: answers.password}),
          },
        ]
      : []),
    ...exceptionProbes(all),
  ],
});

type Logins = {
  readonly how?: string;
  readonly user?: string;
  readonly password?: SecretRef;
  readonly logins?: readonly AccountAnswer[];
};

const logsIn = ({how, user = '', password, logins = []}: Logins) =>
  (how === 'smarthost' && user !== '' && password !== undefined) || logins.length > 0;

const texts = {
  blocked: {
    en: 'Port 25 to the outside did not answer from here: mail would stay in the queue.',
    ja: 'ここから外部のポート 25 に接続できません。メールはキューに残ります。',
  },
  ssh: {en: 'That is the port of SSH.', ja: 'それは SSH のポートです。'},
  noWrapper: {
    en: 'Port {port} starts in clear and switches by STARTTLS.',
    ja: 'ポート {port} は平文で始まり STARTTLS で切り替えます。',
  },
  noStarttls: {
    en: 'Port 465 speaks TLS from the first byte.',
    ja: 'ポート 465 は最初から TLS で通信します。',
  },
  clear: {
    en: 'With a password the way to the relay must be encrypted.',
    ja: 'パスワードを使う場合、中継サーバーまでの暗号化が必須です。',
  },
  user: {
    en: 'Blanks and colons cannot be written into Postfix’s table.',
    ja: '空白とコロンは Postfix の表に書けません。',
  },
  empty: {en: 'A password is needed.', ja: 'パスワードが必要です。'},
  blanks: {
    en: 'Postfix’s table can hold no blank at either end, and no control characters.',
    ja: '先頭と末尾の空白、制御文字は Postfix の表に書けません。',
  },
  long: {en: 'That is longer than 1024 characters.', ja: '1024 文字を超えています。'},
  nothingToKeep: {
    en: 'This machine has no password for that relay yet: give one.',
    ja: 'この中継サーバーのパスワードはまだありません。指定してください。',
  },
  notGenerated: {
    en: 'Only the relay’s operator can give this password.',
    ja: 'このパスワードは中継サーバーの管理者から受け取るものです。',
  },
} satisfies Record<string, Text>;
