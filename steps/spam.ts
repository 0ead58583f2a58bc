import {list, rows, yesNo} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import {fill, type Text} from '../src/core/text.js';
import {accessThere, isAccess, parseAccess} from './lib/access.js';
import {checksFile, checksThere, checksType} from './lib/checks.js';
import {patterns} from './lib/pattern-question.js';
import {strangerQuestions} from './lib/stranger-questions.js';
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
    ...strangerQuestions,
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

const texts = {
  twice: {en: '{who} has two entries.', ja: '{who} の項目が 2 つあります。'},
} satisfies Record<string, Text>;
