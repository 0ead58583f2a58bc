import type {Finding} from '../src/core/finding.js';
import type {Probe} from '../src/core/probe.js';
import {list, select, yesNo} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import {fill, type Text} from '../src/core/text.js';
import type {Want} from '../src/core/want.js';
import {attachmentRules, endingsIn} from '../templates/attachments.js';
import {milterGone, milterThere, milterWants, otherMilters, whenDownThere} from './lib/milters.js';
import {probeAccountOf} from './lib/people.js';
import {itemsOf} from './lib/postfix.js';
import {answer, hasSpamFolder, hostnameOf, isServer} from './lib/read.js';
import {deliveryPath} from './lib/sieve-path.js';

const rulesFile = '/etc/postfix/dovetail_attachments';
const rulesMap = `regexp:${rulesFile}`;
const unit = 'rspamd.service';

/** What Windows runs when it is opened, and nobody sends by mail. */
const dangerous = [
  ...['exe', 'com', 'scr', 'pif', 'bat', 'cmd', 'cpl', 'msi', 'lnk', 'jar', 'hta'],
  ...['js', 'jse', 'vbs', 'vbe', 'wsf', 'wsh', 'ps1', 'reg'],
];

type Said = {readonly answers: Readonly<Record<string, Readonly<Record<string, unknown>>>>};
const refuses = ({answers}: Said) => answer<boolean>(answers, 'filter', 'attachments') === true;
const scores = ({answers}: Said) => answer<string>(answers, 'filter', 'spam') === 'rspamd';

/** Mail that nobody wants: attachments that run as programs, and spam. */
export const filter = defineStep({
  id: 'filter',
  side: 'postfix',
  title: {en: 'Filtering mail', ja: 'メールのフィルター'},
  why: {
    en: 'Most mail that reaches a server is spam, and some of it carries programs.',
    ja: '届くメールの多くは迷惑メールで、プログラムを含むものもあります。',
  },
  needs: ['role', 'sieve', 'submission'],
  owns: [
    `main.cf:mime_header_checks ${rulesMap}`,
    `path:${rulesFile}`,
    'main.cf:smtpd_milters { inet:localhost:11332*',
    'main.cf:non_smtpd_milters { inet:localhost:11332*',
    `unit:${unit}`,
  ],
  applies: (_facts, all) => isServer(all),
  questions: {
    attachments: yesNo({
      ask: {en: 'Refuse attachments that are programs?', ja: 'プログラムの添付ファイルを拒否しますか。'},
      help: {
        en: 'By the ending of their names, in both directions; the sender is told which one. What hides in an archive is not seen.',
        ja: '名前の拡張子で送受信とも拒否し、送信者に通知します。圧縮ファイルの中までは見ません。',
      },
      why: {
        en: 'One that is opened without a thought is how most break-ins begin.',
        ja: '不用意に開かれた添付ファイルが、侵入の主な入口です。',
      },
      level: 'advanced',
      initial: () => false,
    }),
    endings: list({
      ask: {en: 'Which endings?', ja: 'どの拡張子ですか。'},
      help: {en: 'Without the dot: exe, js.', ja: '点を除いて書きます: exe, js。'},
      why: {
        en: 'Each one that is not listed gets through.',
        ja: 'ここにない拡張子は通過します。',
      },
      example: 'exe, js, vbs',
      level: 'advanced',
      when: refuses,
      initial: () => dangerous,
      validate: endings => (endings.length === 0 ? texts.noEndings : undefined),
      validateItem: ending => (/^[a-z0-9]{1,10}$/.test(ending) ? undefined : texts.ending),
    }),
    spam: select({
      ask: {en: 'Who looks for spam?', ja: '迷惑メールを何で判定しますか。'},
      help: {
        en: 'rspamd of the distribution refuses what is surely spam, and tags what may be. It needs about 300 MB of memory.',
        ja: 'ディストリビューションの rspamd が、確実なものを拒否し、疑わしいものに印を付けます。約 300 MB のメモリーが必要です。',
      },
      why: {
        en: 'Refusing while it comes in tells a real sender; throwing away later loses mail.',
        ja: '受信時の拒否なら正規の送信者にも伝わりますが、後で捨てるとメールが失われます。',
      },
      level: 'advanced',
      choices: [
        {value: 'off', label: {en: 'Nobody', ja: '判定しない'}},
        {
          value: 'rspamd',
          label: {en: 'rspamd', ja: 'rspamd'},
          unavailable: ({platform}) =>
            platform.packages.rspamd === undefined
              ? fill(texts.noPackage, {platform: platform.name})
              : undefined,
        },
      ],
      initial: () => 'off',
      caution: (spam, {facts}) =>
        spam === 'rspamd' && facts.memoryMiB > 0 && facts.memoryMiB < 1024
          ? fill(texts.memory, {have: facts.memoryMiB})
          : undefined,
    }),
    when_down: select({
      ask: {
        en: 'What happens to mail while the filter does not answer?',
        ja: 'フィルターが応答しない間、メールをどうしますか。',
      },
      help: {
        en: 'Going on takes it unfiltered; waiting asks the sender to come again.',
        ja: '「通す」ではそのまま受け取ります。「待たせる」では送信元に再送を求めます。',
      },
      why: {
        en: 'Either some spam, or no mail at all until it is mended.',
        ja: '復旧まで、迷惑メールが混じるか、メールが止まるかの選択です。',
      },
      level: 'advanced',
      when: scores,
      choices: [
        {value: 'accept', label: {en: 'It goes on without', ja: '通す'}},
        {value: 'tempfail', label: {en: 'It waits', ja: '待たせる'}},
      ],
      initial: () => 'accept',
    }),
  },
  packages: ({answers}) => (answers.spam === 'rspamd' ? ['rspamd'] : []),
  adopt: facts => {
    if (!facts.configured.postfix) {
      return {};
    }

    const isOn = itemsOf(facts, 'mime_header_checks').includes(rulesMap);
    const endings = endingsIn(facts.files[rulesFile] ?? '');
    const others = otherMilters(facts).some(item => /11332|rspamd|spam/i.test(item));
    return {
      ...(!isOn ? {attachments: false} : endings === undefined ? {} : {attachments: true, endings}),
      ...(milterThere(facts, 'rspamd') !== undefined
        ? {spam: 'rspamd' as const, when_down: whenDownThere(facts, 'rspamd')}
        : others
          ? {}
          : {spam: 'off' as const}),
    };
  },
  plan: ({answers, facts}): readonly Want[] => [
    ...(answers.attachments === true
      ? ruleWants(answers.endings ?? dangerous)
      : answers.attachments === false && itemsOf(facts, 'mime_header_checks').includes(rulesMap)
        ? ruleGone
        : []),
    ...(answers.spam === 'rspamd'
      ? [
          ...milterWants(facts, 'rspamd', answers.when_down ?? 'accept'),
          {kind: 'service' as const, unit, state: 'present' as const},
        ]
      : answers.spam === 'off' && milterThere(facts, 'rspamd') !== undefined
        ? [...milterGone(facts, 'rspamd'), {kind: 'service' as const, unit, state: 'absent' as const}]
        : []),
  ],
  probes: ({answers, all}): readonly Probe[] => {
    const section = 'filter';
    const {submit, imap, domain} = deliveryPath(all);
    const way = {
      section,
      name: hostnameOf(all),
      imap,
      ...(domain === undefined ? {} : {domain}),
      ...probeAccountOf(all),
    };
    const [ending] = answers.endings ?? dangerous;
    return submit === undefined
      ? []
      : [
          ...(answers.attachments === true && ending !== undefined
            ? [
                {
                  ...way,
                  id: 'filter:attachment',
                  kind: 'filtered-message' as const,
                  submit,
                  what: {attachment: ending},
                },
              ]
            : []),
          ...(answers.spam === 'rspamd'
            ? ([
                {id: 'filter:service', section, kind: 'service', unit},
                {...way, id: 'filter:spam', kind: 'filtered-message', submit, what: {spam: 11_332}},
              ] as const)
            : []),
        ];
  },
  notes: ({answers, all}): readonly Finding[] =>
    answers.spam === 'rspamd' && !hasSpamFolder(all)
      ? [
          {
            id: 'filter:junk',
            section: 'filter',
            severity: 'warning',
            summary: texts.untouched,
            remedy: texts.untouchedRemedy,
          },
        ]
      : [],
});

const ruleWants = (endings: readonly string[]): readonly Want[] => [
  {
    kind: 'file',
    path: rulesFile,
    state: 'present',
    content: [{text: attachmentRules(endings)}],
    owner: 'root',
    group: 'root',
    mode: 0o644,
  },
  {
    kind: 'item',
    in: 'main.cf',
    at: 'mime_header_checks',
    value: rulesMap,
    state: 'present',
    // postconf(5): without a value of its own it is this.
    base: ['$header_checks'],
  },
];

const ruleGone: readonly Want[] = [
  {kind: 'item', in: 'main.cf', at: 'mime_header_checks', value: rulesMap, state: 'absent'},
  {kind: 'file', path: rulesFile, state: 'absent'},
];

const texts = {
  noEndings: {en: 'Name one at least.', ja: '一つ以上指定してください。'},
  ending: {
    en: 'Up to ten small letters and digits, without the dot.',
    ja: '点を除き、英小文字と数字 10 文字以内で書いてください。',
  },
  noPackage: {
    en: '{platform} has no rspamd in its own repositories.',
    ja: '{platform} のリポジトリーに rspamd はありません。',
  },
  memory: {
    en: 'This machine has {have} MB of memory; rspamd takes about 300 of them.',
    ja: 'このマシンのメモリーは {have} MB です。rspamd が約 300 MB を使います。',
  },
  untouched: {
    en: 'What rspamd tags as spam stays among the other mail: nothing files it into Junk.',
    ja: 'rspamd が印を付けたメールは、Junk に分けられず通常のメールに混じります。',
  },
  untouchedRemedy: {
    en: 'Switch on that mail is sorted (“dovetail sieve”).',
    ja: 'メールの振り分けを有効にしてください (「dovetail sieve」)。',
  },
} satisfies Record<string, Text>;
