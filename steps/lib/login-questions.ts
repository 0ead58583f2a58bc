import {type AskContext, number, secretQuestion, select, text, yesNo} from '../../src/core/question.js';
import {fill, type Text} from '../../src/core/text.js';
import {saslSocket} from './cyrus.js';
import {systemPeopleOf} from './people.js';
import {answer, domainsOf, hostnameOf, isGateway, loginOf} from './read.js';
import {hostProblem} from './relay-wants.js';

type Said = Pick<AskContext, 'answers'>;
const overNetwork = ({answers}: Said) => loginOf(answers) === 'tcp';
const ofMachine = ({answers}: Said) => loginOf(answers) === 'cyrus';
const sampleOf = ({answers}: Said) => answer<string>(answers, 'submission', 'sample') ?? '';

/** What a gateway is asked before people may send by it: who knows their passwords. */
export const loginQuestions = {
  login: select({
    ask: {
      en: 'Who checks the passwords of people who send by this gateway?',
      ja: 'このゲートウェイから送信する人のパスワードは誰が確認しますか。',
    },
    help: {
      en: 'The Dovecot that keeps the mailboxes has their accounts. Users of this machine log in by their bare name. Nobody: people send elsewhere.',
      ja: 'アカウントはメールボックスのある Dovecot にあります。このマシンのユーザーはユーザー名だけでログインします。「なし」なら送信は別のサーバーで行います。',
    },
    why: {
      en: 'Without a login nobody may send to the world through this server.',
      ja: 'ログインなしで外部に送信できる人はいません。',
    },
    level: 'advanced',
    when: ({answers}) => isGateway(answers),
    choices: [
      {value: 'none', label: {en: 'Nobody sends here', ja: 'なし (送信は受け付けない)'}},
      {
        value: 'tcp',
        label: {
          en: 'The Dovecot of another host, over a private link',
          ja: '専用回線でつながる別のホストの Dovecot',
        },
      },
      {
        value: 'cyrus',
        label: {
          en: 'This machine, for its own users (saslauthd, PAM)',
          ja: 'このマシン自身のユーザー (saslauthd、PAM)',
        },
      },
    ],
    initial: () => 'none',
  }),
  login_host: text({
    ask: {en: 'Which host is asked?', ja: 'どのホストに問い合わせますか。'},
    help: {
      en: 'There, “dovetail auth” opens a port for this host.',
      ja: '相手側では「dovetail auth」でこのホストにポートを開きます。',
    },
    why: {en: 'It sees the passwords.', ja: 'パスワードがそこに渡ります。'},
    example: 'imap.example.com',
    level: 'advanced',
    when: overNetwork,
    initial: ({answers}) => answer<string>(answers, 'delivery', 'host'),
    validate: (host, {answers}) => hostProblem(host, hostnameOf(answers)),
  }),
  login_port: number({
    ask: {en: 'On which port?', ja: 'どのポートですか。'},
    help: {en: 'The one that was opened there.', ja: '相手側で開いた番号です。'},
    why: {en: 'The other side decides it.', ja: '相手側の設定に合わせます。'},
    level: 'advanced',
    when: overNetwork,
    min: 1024,
    max: 65_535,
    initial: () => 12_345,
    live: (port, {answers}) => ({
      kind: 'sasl-reachable',
      host: answer<string>(answers, 'submission', 'login_host') ?? '',
      port,
    }),
  }),
  login_in_clear: yesNo({
    ask: {
      en: 'Passwords go to that host in clear. Is the link between the two private?',
      ja: 'パスワードは平文でそのホストに渡ります。両者の間は専用の回線ですか。',
    },
    help: {
      en: 'A VPN or a cable of your own. Dovecot’s protocol for this knows no TLS.',
      ja: 'VPN や自前の配線です。この通信に TLS はありません。',
    },
    why: {
      en: 'Whoever listens on the way reads every password.',
      ja: '途中で盗聴すれば全員のパスワードが読めます。',
    },
    level: 'basic',
    when: overNetwork,
    initial: () => undefined,
    validate: isPrivate => (isPrivate ? undefined : texts.notPrivate),
  }),
  login_names: select({
    ask: {en: 'By which name do people log in there?', ja: 'そこではどの名前でログインしますか。'},
    help: {
      en: 'The name that its Dovecot answers with: whole addresses for a list, a database or a directory, bare names for users of that machine alone.',
      ja: '相手の Dovecot が応答する名前です。一覧、データベース、ディレクトリーならアドレス全体、そのマシンのユーザーだけならユーザー名です。',
    },
    why: {
      en: 'With a name of the other kind nobody could send as themselves. Where both are taken but belong to different people, one could send as the other.',
      ja: '種類が違うと誰も自分の名前で送信できません。両方を使えても別人なら、一方が他方を名乗れてしまいます。',
    },
    level: 'basic',
    when: overNetwork,
    choices: [
      {value: 'address', label: {en: 'By their whole address', ja: 'アドレス全体'}},
      {value: 'name', label: {en: 'By the part before the @', ja: '@ より前のユーザー名'}},
      {
        value: 'either',
        label: {en: 'By either: both are the same person', ja: 'どちらでも (同じ人を指す)'},
      },
    ],
    initial: () => 'address',
    caution: (names, {answers}) =>
      names !== 'address' && domainsOf(answers).length > 1
        ? fill(texts.everyDomain, {domains: domainsOf(answers).join(', ')})
        : undefined,
  }),
  sample: text({
    ask: {
      en: 'Which user of this machine shall prove that people can send (empty: none)?',
      ja: 'このマシンのどのユーザーで送信を確認しますか (空なら確認しません)。',
    },
    help: {en: 'The bare name, as for a login.', ja: 'ログイン時のユーザー名だけを書きます。'},
    why: {
      en: 'Only a login shows that saslauthd and PAM let people in.',
      ja: 'saslauthd と PAM が利用者を通すことは、実際のログインでしかわかりません。',
    },
    example: 'anna',
    level: 'advanced',
    when: ofMachine,
    initial: () => '',
    validate: (name, {answers, facts}) =>
      name === '' || systemPeopleOf(answers, facts).includes(name)
        ? undefined
        : fill(texts.nobody, {name, people: systemPeopleOf(answers, facts).slice(0, 5).join(', ') || '—'}),
  }),
  sample_password: secretQuestion({
    ask: {en: 'What is the password of that user?', ja: 'そのユーザーのパスワードは何ですか。'},
    help: {en: 'It is tried, and kept nowhere.', ja: '試すだけで、どこにも保存しません。'},
    why: {
      en: 'A login on each port is tried with it, and in the name of somebody else.',
      ja: '各ポートでのログインと、他人を名乗る送信を試します。',
    },
    level: 'basic',
    canGenerate: false,
    when: context => ofMachine(context) && sampleOf(context) !== '',
    initial: () => undefined,
    validate: password => (password === 'generate' ? texts.notGenerated : undefined),
    validateSecret: value => (value === '' ? texts.empty : undefined),
    live: (password, context) =>
      password === 'keep'
        ? undefined
        : {
            kind: 'saslauthd',
            socket: saslSocket(context.facts, context.platform),
            user: sampleOf(context),
            password,
          },
  }),
};

const texts = {
  everyDomain: {
    en: 'Whoever logs in by a bare name may send as that name in each of {domains}: it must be the same person in all of them.',
    ja: 'ユーザー名でログインした人は {domains} のすべてで同じ名前を名乗れます。どのドメインでも同じ人でなければなりません。',
  },
  nobody: {
    en: '{name} is no person of this machine (those: {people}).',
    ja: '{name} はこのマシンの利用者ではありません (利用者: {people})。',
  },
  notGenerated: {
    en: 'It is a password that exists: only its owner knows it.',
    ja: '既存のパスワードのため、生成はできません。',
  },
  empty: {en: 'PAM takes nobody without a password.', ja: '空のパスワードでは PAM は誰も通しません。'},
  notPrivate: {
    en: 'Without a private link the passwords of all who send could be read: make one (WireGuard, for example), or let people send by the server that has the mailboxes.',
    ja: '専用回線なしでは送信者全員のパスワードが読まれます。WireGuard などで回線を用意するか、メールボックスのあるサーバーから送信してください。',
  },
} satisfies Record<string, Text>;
