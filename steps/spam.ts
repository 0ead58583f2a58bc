import type {Facts} from '../src/core/facts.js';
import {list, multi, rows, yesNo} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import {fill, type Text} from '../src/core/text.js';
import {accessThere, isAccess, parseAccess} from './lib/access.js';
import {checkCaution, checksFile, checksThere, checksType, parseCheck, type Part} from './lib/checks.js';
import {blockListProblem, parseBlockList} from './lib/dnsbl.js';
import {domainsOf, isServer} from './lib/read.js';
import {oldNamesThere} from './lib/restrictions.js';
import {roleAddresses} from './lib/role-mail.js';
import {spamNotes} from './lib/spam-notes.js';
import {blockListsThere, chosenThere, conductThere, spamWants} from './lib/spam-wants.js';

/** What strangers must show before their mail is taken, and who is excepted. */
export const spam = defineStep({
  id: 'spam',
  side: 'postfix',
  title: {en: 'Unwanted mail', ja: '迷惑メール対策'},
  why: {
    en: 'Most spam gives itself away while it is sent: it is refused then, and nobody gets a bounce.',
    ja: '迷惑メールの多くは送信中に見分けられます。その場で拒否すれば戻りメールも出ません。',
  },
  needs: ['role', 'smtp'],
  owns: [
    'main.cf:smtpd_client_restrictions',
    'main.cf:smtpd_helo_restrictions',
    'main.cf:smtpd_sender_restrictions',
    'main.cf:smtpd_recipient_restrictions',
    'main.cf:smtpd_data_restrictions',
    'main.cf:smtpd_forbid_bare_newline',
    'main.cf:smtpd_forbid_unauth_pipelining',
    'main.cf:header_checks',
    'main.cf:body_checks',
  ],
  applies: (_facts, all) => isServer(all),
  questions: {
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
    rbls: list({
      ask: {
        en: 'Which block lists are asked about each stranger?',
        ja: '接続元をどのブロックリスト (DNSBL) に照会しますか。',
      },
      help: {
        en: 'None is a good start. LIST=ANSWERS, such as zen.spamhaus.org=127.0.0.[2..11]; each is tested before it is used.',
        ja: '最初は「なし」が安全です。zen.spamhaus.org=127.0.0.[2..11] のように「リスト=応答」と書きます。使う前に試験します。',
      },
      why: {
        en: 'A list that dies may answer “listed” for everybody; then only the answers that it documents keep mail coming.',
        ja: '終了したリストは全員を登録済みと答えることがあります。公表された応答だけに限れば、メールは止まりません。',
      },
      example: 'zen.spamhaus.org=127.0.0.[2..11]',
      level: 'advanced',
      initial: ({facts}) => blockListsThere(facts),
      // What the machine asks already is said, not refused.
      validateItem: (item, {facts}) =>
        blockListsThere(facts).includes(item) ? undefined : blockListProblem(item),
      caution: items => items.map(blockListProblem).find(Boolean),
      live: (items, {facts}) => {
        const fresh = items.filter(item => !blockListsThere(facts).includes(item));
        return fresh.length === 0
          ? undefined
          : {kind: 'block-lists', lists: fresh.map(parseBlockList).filter(found => found !== undefined)};
      },
    }),
    access: rows({
      ask: {
        en: 'Who is excepted, or always refused?',
        ja: '例外として許可、または常に拒否する相手は誰ですか。',
      },
      help: {
        en: 'WHAT:WHO=ACTION. OK passes the rules about that alone: client, helo, sender or recipient.',
        ja: '「対象:相手=動作」と書きます。OK は client、helo、sender、recipient のうち、その対象の規則だけを免除します。',
      },
      why: {
        en: 'One table for each: an OK for a greeting, which anybody can forge, is none for a sender.',
        ja: '対象ごとに表を分けます。偽れる挨拶への OK が、差出人への OK になることはありません。',
      },
      example: 'client:192.0.2.7=OK',
      level: 'advanced',
      initial: ({facts}) => accessThere(facts),
      validateItem: item => {
        const parsed = parseAccess(item);
        return isAccess(parsed) ? undefined : parsed;
      },
      validate: items => {
        const keys = items.map(item => item.replace(/=[^=]*$/, ''));
        const twice = keys.find((key, at) => keys.indexOf(key) !== at);
        return twice === undefined ? undefined : fill(texts.twice, {who: twice});
      },
    }),
    headers: patterns('header', {
      ask: {
        en: 'Which patterns in the header refuse a message?',
        ja: 'ヘッダーがどのパターンに合うメールを拒否しますか。',
      },
      example: '/^Subject:.*casino/ REJECT no thanks',
    }),
    bodies: patterns('body', {
      ask: {
        en: 'Which patterns in the text refuse a message?',
        ja: '本文がどのパターンに合うメールを拒否しますか。',
      },
      example: '/casino\\.example\\.net/ REJECT no thanks',
    }),
    present_names: yesNo({
      ask: {
        en: 'Write rules that have old names by their present ones?',
        ja: '古い名前の規則を現在の名前に書き換えますか。',
      },
      help: {
        en: 'They mean the same. Postfix still reads the old ones, and will not for ever.',
        ja: '意味は同じです。Postfix は今も古い名前を読みますが、いずれ廃止されます。',
      },
      why: {
        en: 'The manual has the present names only.',
        ja: 'マニュアルには現在の名前だけが載っています。',
      },
      level: 'advanced',
      when: ({facts}) => oldNamesThere(facts).length > 0,
      initial: () => false,
    }),
  },
  adopt: facts => {
    if (!facts.configured.postfix) {
      return {};
    }

    const headers = checksThere(facts, 'header');
    const bodies = checksThere(facts, 'body');
    return {
      helo: chosenThere(facts, 'helo'),
      client: chosenThere(facts, 'client'),
      sender: chosenThere(facts, 'sender'),
      recipient: chosenThere(facts, 'recipient'),
      conduct: conductThere(facts),
      rbls: blockListsThere(facts),
      access: accessThere(facts),
      ...(headers === undefined ? {} : {headers}),
      ...(bodies === undefined ? {} : {bodies}),
      present_names: false,
    };
  },
  plan: ({answers, facts}) => spamWants(answers, facts),
  probes: ({answers: {helo = [], sender = [], rbls = [], headers = [], bodies = []}, all, facts}) => {
    const [recipient] = roleAddresses(domainsOf(all));
    return [
      ...(recipient !== undefined && (helo.length > 0 || sender.length > 0)
        ? [
            {
              id: 'spam:strangers',
              section: 'spam',
              kind: 'strangers-judged' as const,
              recipient,
              helo: helo.includes('short') || helo.includes('invalid'),
              sender: sender.includes('short'),
            },
          ]
        : []),
      ...rbls
        .map(parseBlockList)
        .flatMap(found =>
          found === undefined
            ? []
            : [{id: `spam:list:${found.zone}`, section: 'spam', kind: 'block-list' as const, ...found}],
        ),
      ...(
        [
          ['header', headers],
          ['body', bodies],
        ] as const
      ).flatMap(([part, items]) =>
        items.length === 0
          ? []
          : [
              {
                id: `spam:${part}`,
                section: 'spam',
                kind: 'patterns-read' as const,
                table: `${checksType(facts, part)}:${checksFile(facts, part)}`,
              },
            ],
      ),
    ];
  },
  notes: ({answers, facts}) => spamNotes(answers, facts),
});

// The same for the header and the text: a rule a line, and a field to try them in.
function patterns(part: Part, {ask, example}: {readonly ask: Text; readonly example: string}) {
  return rows({
    ask,
    help: {
      en: '/PATTERN/ ACTION TEXT, a rule a line, the first that hits counts. They are for all mail, also what people here send.',
      ja: '1 行に 1 つ「/パターン/ 動作 文言」と書き、最初に合ったものが適用されます。ここの利用者が送るメールも対象です。',
    },
    why: {
      en: 'A pattern that is too wide refuses real mail: try it on a message that you have.',
      ja: '広すぎるパターンは正当なメールも拒否します。手元のメールで試してください。',
    },
    example,
    level: 'advanced',
    initial: ({facts}: {readonly facts: Facts}) => checksThere(facts, part) ?? [],
    validateItem: item => {
      const parsed = parseCheck(item);
      return 'action' in parsed ? undefined : parsed;
    },
    validate: items =>
      new Set(items).size < items.length
        ? {en: 'A rule is there twice.', ja: '規則が重複しています。'}
        : undefined,
    caution: checkCaution,
    live: (items, {facts}) =>
      items.length === 0 || checksThere(facts, part)?.join('\n') === items.join('\n')
        ? undefined
        : {kind: 'patterns', part, type: checksType(facts, part), rules: items},
    attempt: (items, {facts}) => ({kind: 'patterns', part, type: checksType(facts, part), rules: items}),
  });
}

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
  twice: {en: '{who} has two entries.', ja: '{who} の項目が 2 つあります。'},
} satisfies Record<string, Text>;
