import {multi, type Questions} from '../../src/core/question.js';
import type {Text} from '../../src/core/text.js';
import {chosenThere, conductThere} from './spam-wants.js';

/** What is asked about who and what a stranger says they are. */
export const strangerQuestions = {
  helo: multi({
    ask: {
      en: 'Which greetings of other servers are refused?',
      ja: 'ほかのサーバーのどのような挨拶 (HELO) を拒否しますか。',
    },
    help: {
      en: 'Real servers greet with their full name. Who is trusted or has logged in may greet as they like.',
      ja: '正規のサーバーは完全な名前を名乗ります。信頼済みやログイン済みの相手には適用しません。',
    },
    why: {
      en: 'Infected home computers greet with nonsense.',
      ja: 'ウイルスに感染した PC はでたらめな名前を名乗ります。',
    },
    level: 'advanced',
    choices: [
      {value: 'invalid', label: {en: 'What is no name at all', ja: '名前になっていないもの'}},
      {value: 'short', label: {en: 'A name without a domain', ja: 'ドメインのない名前'}},
      {
        value: 'unknown',
        label: {en: 'A name that DNS does not know', ja: 'DNS にない名前'},
        hint: {en: 'some real servers too', ja: '正規のサーバーにもあります'},
      },
    ],
    initial: ({facts}) => (facts.configured.postfix ? chosenThere(facts, 'helo') : ['invalid', 'short']),
    caution: chosen => (chosen.includes('unknown') ? texts.heloUnknown : undefined),
  }),
  client: multi({
    ask: {en: 'Which machines are refused?', ja: 'どのようなマシンを拒否しますか。'},
    help: {
      en: 'None is a good start: each of these refuses some real servers too.',
      ja: 'いずれも正規のサーバーまで拒否することがあるため、最初は「なし」が安全です。',
    },
    why: {
      en: 'An address without a name is often a home connection, but not always.',
      ja: '名前のないアドレスは家庭の回線が多いものの、例外もあります。',
    },
    level: 'advanced',
    choices: [
      {
        value: 'no-name',
        label: {en: 'An address that points back to no name', ja: '逆引きのないアドレス'},
      },
      {
        value: 'mismatch',
        label: {en: 'One whose name does not point to it again', ja: '逆引きと正引きが一致しないもの'},
        hint: {en: 'refuses many real servers', ja: '多くの正規サーバーを拒否します'},
      },
    ],
    initial: ({facts}) => chosenThere(facts, 'client'),
    caution: chosen =>
      chosen.includes('mismatch') ? texts.mismatch : chosen.length > 0 ? texts.noName : undefined,
  }),
  sender: multi({
    ask: {en: 'Which sender addresses are refused?', ja: 'どのような差出人を拒否しますか。'},
    help: {
      en: 'Nobody could answer such an address. What DNS does not know is put off for now, for as long as DNS does not answer.',
      ja: '返信できないアドレスです。DNS にないものは、DNS が応答しない間も含めて一時的に拒否します。',
    },
    why: {
      en: 'A bounce to such a sender would stay in the queue for days.',
      ja: 'こうした差出人への戻りメールは何日もキューに残ります。',
    },
    level: 'advanced',
    choices: [
      {value: 'short', label: {en: 'One without a full domain', ja: '完全なドメインのないもの'}},
      {value: 'unknown', label: {en: 'One whose domain is not in DNS', ja: 'ドメインが DNS にないもの'}},
    ],
    initial: ({facts}) => (facts.configured.postfix ? chosenThere(facts, 'sender') : ['short']),
  }),
  recipient: multi({
    ask: {en: 'Which recipient addresses are refused?', ja: 'どのような宛先を拒否しますか。'},
    help: {
      en: 'Strangers can write to addresses of this server only, whatever is chosen here.',
      ja: '外部からの宛先は、この選択に関係なくこのサーバーのアドレスに限られます。',
    },
    why: {en: 'Such mail cannot be delivered.', ja: '配送できないメールです。'},
    level: 'advanced',
    choices: [
      {value: 'short', label: {en: 'One without a full domain', ja: '完全なドメインのないもの'}},
      {value: 'unknown', label: {en: 'One whose domain is not in DNS', ja: 'ドメインが DNS にないもの'}},
    ],
    initial: ({facts}) => (facts.configured.postfix ? chosenThere(facts, 'recipient') : ['short']),
  }),
  conduct: multi({
    ask: {
      en: 'Which tricks of the protocol are refused?',
      ja: 'どのようなプロトコル上の細工を拒否しますか。',
    },
    help: {
      en: 'No real server does either. How it is said depends on the version of Postfix.',
      ja: '正規のサーバーはどちらも行いません。設定の書き方は Postfix のバージョンによります。',
    },
    why: {
      en: 'A wrong line end smuggles a second message in under somebody else’s name (CVE-2023-51764).',
      ja: '不正な行末を使うと、他人を名乗る別のメールを紛れ込ませられます (CVE-2023-51764)。',
    },
    level: 'advanced',
    choices: [
      {value: 'line-ends', label: {en: 'Lines that end in a wrong way', ja: '不正な行末'}},
      {value: 'pipelining', label: {en: 'Talking without waiting for answers', ja: '応答を待たない送信'}},
    ],
    initial: ({facts}) => (facts.configured.postfix ? conductThere(facts) : ['line-ends', 'pipelining']),
    caution: chosen => (chosen.includes('line-ends') ? undefined : texts.smuggling),
  }),
} satisfies Questions;

const texts = {
  heloUnknown: {
    en: 'Servers behind a misconfigured firewall greet with a name that only they know; their mail is put off, and then lost.',
    ja: '設定の不備で外部にない名前を名乗る正規のサーバーもあり、そのメールは遅延の末に失われます。',
  },
  mismatch: {
    en: 'Many real servers have a name that does not point back exactly: their mail is put off, and then lost. Look in the log before.',
    ja: '逆引きが正確でない正規のサーバーは多く、そのメールは遅延の末に失われます。先にログで確認してください。',
  },
  noName: {
    en: 'Some real servers have no name for their address: their mail is put off, and then lost. Look in the log before.',
    ja: '逆引きのない正規のサーバーもあり、そのメールは遅延の末に失われます。先にログで確認してください。',
  },
  smuggling: {
    en: 'Without it, messages can be smuggled in under other people’s names (SMTP smuggling).',
    ja: 'これがないと、他人を名乗るメールを紛れ込ませられます (SMTP スマグリング)。',
  },
} satisfies Record<string, Text>;
