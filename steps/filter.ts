import {clamavFiles, clamavUnits} from '../src/core/clamav-files.js';
import type {Finding} from '../src/core/finding.js';
import {list, select, yesNo} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import {fill, type Text} from '../src/core/text.js';
import type {Want} from '../src/core/want.js';
import {endingsIn} from '../templates/attachments.js';
import {dangerous, ruleGone, rulesFile, rulesMap, ruleWants} from './lib/attachment-wants.js';
import {filterProbes, spamUnit} from './lib/filter-probes.js';
import {milterGone, milterThere, milterWants, otherMilters, whenDownThere} from './lib/milters.js';
import {itemsOf} from './lib/postfix.js';
import {answer, hasSpamFolder, isServer} from './lib/read.js';
import {noPackage, virusQuestions} from './lib/virus-questions.js';
import {virusAnswer, virusGone, virusWants} from './lib/virus-wants.js';

type Said = {readonly answers: Readonly<Record<string, Readonly<Record<string, unknown>>>>};
const refuses = ({answers}: Said) => answer<boolean>(answers, 'filter', 'attachments') === true;
const scores = ({answers}: Said) => answer<string>(answers, 'filter', 'spam') === 'rspamd';

/** Mail that nobody wants: attachments that run as programs, spam, and viruses. */
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
    `unit:${spamUnit}`,
    'main.cf:smtpd_milters { unix:clamav/*',
    'main.cf:non_smtpd_milters { unix:clamav/*',
    `path:${clamavFiles.path}`,
    `path:${clamavFiles.unit}`,
    `path:${clamavFiles.once}`,
    ...Object.values(clamavUnits).map(name => `unit:${name}`),
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
              ? fill(noPackage, {platform: platform.name, name: 'rspamd'})
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
    ...virusQuestions,
  },
  packages: ({answers}) => [
    ...(answers.spam === 'rspamd' ? (['rspamd'] as const) : []),
    ...(answers.viruses === 'clamav' ? (['clamav'] as const) : []),
  ],
  adopt: facts => {
    if (!facts.configured.postfix) {
      return {};
    }

    const isOn = itemsOf(facts, 'mime_header_checks').includes(rulesMap);
    const endings = endingsIn(facts.files[rulesFile] ?? '');
    const others = (words: RegExp) => otherMilters(facts).some(item => words.test(item));
    const virusesDown = whenDownThere(facts, 'clamav');
    return {
      ...(!isOn ? {attachments: false} : endings === undefined ? {} : {attachments: true, endings}),
      ...(milterThere(facts, 'rspamd') !== undefined
        ? {spam: 'rspamd' as const, when_down: whenDownThere(facts, 'rspamd')}
        : others(/11332|rspamd|spam/i)
          ? {}
          : {spam: 'off' as const}),
      ...(virusAnswer(facts, virusesDown)
        ? {viruses: 'clamav' as const, viruses_down: virusesDown}
        : milterThere(facts, 'clamav') !== undefined || others(/clam/i)
          ? {}
          : {viruses: 'off' as const}),
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
          {kind: 'service' as const, unit: spamUnit, state: 'present' as const},
        ]
      : answers.spam === 'off' && milterThere(facts, 'rspamd') !== undefined
        ? [
            ...milterGone(facts, 'rspamd'),
            {kind: 'service' as const, unit: spamUnit, state: 'absent' as const},
          ]
        : []),
    ...(answers.viruses === 'clamav'
      ? virusWants(facts, answers.viruses_down ?? 'accept')
      : answers.viruses === 'off' && milterThere(facts, 'clamav') !== undefined
        ? virusGone(facts)
        : []),
  ],
  probes: ({answers, all, facts}) => filterProbes(answers, all, facts),
  notes: ({answers, all, facts}): readonly Finding[] => {
    const note = (id: string, summary: Text, remedy: Text) =>
      ({id: `filter:${id}`, section: 'filter', severity: 'warning', summary, remedy}) as const;
    return [
      ...(answers.spam === 'rspamd' && !hasSpamFolder(all)
        ? [note('junk', texts.untouched, texts.untouchedRemedy)]
        : []),
      ...(answers.viruses === 'clamav' && facts.virusSignatures !== true
        ? [note('signatures', texts.noSignatures, texts.noSignaturesRemedy)]
        : []),
    ];
  },
});

const texts = {
  noEndings: {en: 'Name one at least.', ja: '一つ以上指定してください。'},
  ending: {
    en: 'Up to ten small letters and digits, without the dot.',
    ja: '点を除き、英小文字と数字 10 文字以内で書いてください。',
  },
  memory: {
    en: 'This machine has {have} MB of memory; rspamd takes about 300 of them.',
    ja: 'このマシンのメモリーは {have} MB です。rspamd が約 300 MB を使います。',
  },
  noSignatures: {
    en: 'There are no signatures of viruses on this machine yet: until freshclam has loaded them (about 250 MB) ClamAV does not start.',
    ja: 'ウイルスの定義ファイルがまだありません。freshclam が取得 (約 250 MB) するまで、ClamAV は起動しません。',
  },
  noSignaturesRemedy: {
    en: 'It needs the way to database.clamav.net by HTTPS. Some minutes later “dovetail check” says whether viruses are refused.',
    ja: 'database.clamav.net への HTTPS 接続が必要です。数分後に「dovetail check」で、ウイルスが拒否されるか確認できます。',
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
