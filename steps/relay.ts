import {number, secretQuestion, select, text} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import type {Want} from '../src/core/want.js';
import {isServer} from './lib/read.js';
import {nameProblem} from './lib/validate.js';

type Said = {readonly answers: Readonly<Record<string, Readonly<Record<string, unknown>>>>};
const smarthost = ({answers}: Said) => answers['relay']?.['how'] === 'smarthost';
const file = '/etc/postfix/sasl_passwd';

/** How mail leaves: directly, or through another server. */
export const relay = defineStep({
  id: 'relay',
  title: {en: 'Outgoing mail', ja: '外部への送信'},
  why: {
    en: 'Where the provider closes port 25, mail leaves only through its relay.',
    ja: 'ポート 25 が塞がれている場合は、中継サーバー経由で送ります。',
  },
  needs: ['role'],
  owns: ['main.cf:relayhost', 'main.cf:smtp_sasl_*'],
  questions: {
    how: select({
      ask: {en: 'How does mail leave?', ja: 'メールはどのように外部へ出ますか。'},
      help: {
        en: 'Directly to each receiver’s server, or all through one relay.',
        ja: '相手のサーバーに直接送るか、すべて中継サーバーに渡すかです。',
      },
      why: {en: 'Many providers block direct sending.', ja: '直接の送信を塞ぐ事業者が多くあります。'},
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
      initial: ({answers}) => (isServer(answers) ? 'direct' : 'smarthost'),
    }),
    host: text({
      ask: {en: 'Which server is the relay?', ja: '中継サーバーはどれですか。'},
      help: {en: 'Its whole name.', ja: '完全な名前を指定します。'},
      why: {en: 'All mail goes there.', ja: 'すべてのメールがそこへ送られます。'},
      example: 'relay.example.net',
      level: 'basic',
      when: smarthost,
      initial: () => undefined,
      validate: nameProblem,
    }),
    port: number({
      ask: {en: 'On which port?', ja: 'どのポートですか。'},
      help: {en: '587 with STARTTLS is usual.', ja: '通常は STARTTLS の 587 です。'},
      why: {en: 'Port 25 is often blocked.', ja: 'ポート 25 は塞がれていることがあります。'},
      level: 'advanced',
      when: smarthost,
      min: 1,
      max: 65_535,
      initial: () => 587,
      validate: port =>
        port === 22 ? {en: 'That is the port of SSH.', ja: 'それは SSH のポートです。'} : undefined,
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
      validate: user =>
        /[\s:]/.test(user)
          ? {
              en: 'Blanks and colons cannot be written into Postfix’s table.',
              ja: '空白とコロンは Postfix の表に書けません。',
            }
          : undefined,
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
      when: context => smarthost(context) && (context.answers['relay']?.['user'] ?? '') !== '',
      initial: () => undefined,
      validateSecret: value =>
        /^\s|\s$|[\u0000-\u001f]/.test(value)
          ? {
              en: 'Postfix’s table can hold no blank at either end.',
              ja: '先頭と末尾の空白は Postfix の表に書けません。',
            }
          : undefined,
    }),
  },
  adopt: ({postfix}) => {
    const match = /^\[?([^\]:]+)\]?(?::(\d+))?$/.exec(postfix?.settings['relayhost'] ?? '');
    return match?.[1] === undefined
      ? {how: 'direct' as const}
      : {how: 'smarthost' as const, host: match[1], port: Number(match[2] ?? 25)};
  },
  plan: ({answers, all, facts}) => {
    const main = (at: string, value: string): Want => ({
      kind: 'setting',
      in: 'main.cf',
      at,
      op: 'set',
      value,
    });
    const nullClient: readonly Want[] = isServer(all)
      ? []
      : [main('local_transport', 'error:local delivery is disabled')];
    if (answers.how !== 'smarthost') {
      return [main('relayhost', ''), ...nullClient];
    }

    const map = facts.postfix?.mapType ?? 'hash';
    const target = `[${answers.host ?? ''}]:${answers.port ?? 587}`;
    const login: readonly Want[] =
      answers.user === undefined || answers.user === '' || answers.password === undefined
        ? []
        : [
            main('smtp_sasl_auth_enable', 'yes'),
            main('smtp_sasl_password_maps', `${map}:${file}`),
            main('smtp_sasl_security_options', 'noanonymous'),
            main('smtp_sasl_tls_security_options', 'noanonymous'),
            {
              kind: 'rows',
              file,
              format: 'table',
              secret: true,
              compile: map,
              ownership: {owner: 'root', group: 'root', mode: 0o600},
              rows: [
                {
                  key: target,
                  state: 'present',
                  content: [{text: `${target} ${answers.user}:`}, {secret: answers.password}],
                },
              ],
            },
          ];
    return [main('relayhost', target), ...nullClient, ...login];
  },
  probes: ({answers}) =>
    answers.how === 'smarthost'
      ? [
          {
            id: 'relay',
            section: 'relay',
            kind: 'relay-host',
            host: answers.host ?? '',
            port: answers.port ?? 587,
            tls: answers.port === 465 ? 'wrapper' : 'starttls',
            ...(answers.user === undefined || answers.password === undefined
              ? {}
              : {user: answers.user, password: answers.password}),
          },
        ]
      : [],
});
