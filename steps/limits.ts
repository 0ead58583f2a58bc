import type {Facts} from '../src/core/facts.js';
import {type AllAnswers, list, number} from '../src/core/question.js';
import {defineStep} from '../src/core/step.js';
import {fill, type Text} from '../src/core/text.js';
import type {Want} from '../src/core/want.js';
import {
  exceptionsThere,
  fittingProcesses,
  type LimitName,
  limitSettings,
  neededSpace,
  numberThere,
} from './lib/limits.js';
import {networkProblem} from './lib/networks.js';
import {main} from './lib/postfix.js';
import {isServer} from './lib/read.js';

/** How much of the machine one client, or all of them, may take (document 000, 2.9.2). */
export const limits = defineStep({
  id: 'limits',
  side: 'postfix',
  title: {en: 'Limits', ja: '制限'},
  why: {
    en: 'One client that connects without end takes the places of all others.',
    ja: '際限なく接続するクライアントは、ほかの全員の接続を奪います。',
  },
  needs: ['smtp'],
  owns: Object.values(limitSettings).map(({name}) => `main.cf:${name}`),
  applies: (_facts, all) => isServer(all),
  questions: {
    connection_rate: number({
      ask: {
        en: 'How many connections may one client open in a time unit (0: no limit)?',
        ja: '1 クライアントが単位時間に開ける接続数はいくつですか (0 は無制限)。',
      },
      help: {
        en: 'Postfix’s default is 0. 60 in a minute stops floods and no real mail server.',
        ja: 'Postfix の既定は 0 です。1 分間に 60 なら通常のメールサーバーを妨げません。',
      },
      why: {
        en: 'People behind one address share it, and large providers send much from few addresses.',
        ja: '同じアドレスの背後の利用者は上限を共有し、大手は少数のアドレスから大量に送ります。',
      },
      level: 'advanced',
      min: 0,
      max: 100_000,
      initial: ({facts}) => numberThere('connection_rate', facts),
      caution: value => (value > 0 && value < 20 ? texts.few : undefined),
    }),
    message_rate: number({
      ask: {
        en: 'How many messages may one client send in a time unit (0: no limit)?',
        ja: '1 クライアントが単位時間に送れるメール数はいくつですか (0 は無制限)。',
      },
      help: {
        en: 'Postfix’s default is 0. Refused attempts count too.',
        ja: 'Postfix の既定は 0 です。拒否された分も数えます。',
      },
      why: {
        en: 'A stolen password sends thousands of messages in minutes.',
        ja: '盗まれたパスワードは数分で数千通を送ります。',
      },
      level: 'advanced',
      min: 0,
      max: 100_000,
      initial: ({facts}) => numberThere('message_rate', facts),
      caution: value => (value > 0 && value < 20 ? texts.few : undefined),
    }),
    time_unit: number({
      ask: {en: 'How many seconds is the time unit?', ja: '単位時間は何秒ですか。'},
      help: {en: 'Postfix’s default is 60.', ja: 'Postfix の既定は 60 です。'},
      why: {
        en: 'Both limits above are counted over it.',
        ja: '上の 2 つの上限はこの時間で数えます。',
      },
      level: 'advanced',
      min: 1,
      max: 86_400,
      initial: ({facts}) => numberThere('time_unit', facts),
    }),
    exceptions: list({
      ask: {en: 'Which clients have no such limits?', ja: 'これらの上限を受けないクライアントはどれですか。'},
      help: {
        en: '$mynetworks, Postfix’s default, is the machines that are trusted to send; or addresses and networks.',
        ja: '既定の $mynetworks は送信を信頼するマシンです。アドレスやネットワークも指定できます。',
      },
      why: {
        en: 'A trusted machine that was broken into floods without a limit.',
        ja: '侵入された信頼済みのマシンは際限なく送り続けます。',
      },
      example: '$mynetworks, 192.0.2.10',
      level: 'advanced',
      initial: ({facts}) => exceptionsThere(facts) ?? ['$mynetworks'],
      validateItem: item => (item === '$mynetworks' ? undefined : networkProblem(item)),
    }),
    processes: number({
      ask: {
        en: 'How many processes of a kind may Postfix run at once?',
        ja: 'Postfix は同じ種類のプロセスをいくつまで同時に動かせますか。',
      },
      help: {
        en: 'Postfix’s default is 100. Each takes about 10 MiB while it talks to a client.',
        ja: 'Postfix の既定は 100 です。1 つの接続に約 10 MiB を使います。',
      },
      why: {
        en: 'Too many, and a flood drives the machine out of memory; too few, and mail waits.',
        ja: '多すぎると接続の集中でメモリーが尽き、少なすぎるとメールが待たされます。',
      },
      level: 'advanced',
      min: 10,
      max: 10_000,
      initial: ({facts}) => numberThere('processes', facts),
      caution: (value, {facts}) =>
        value > fittingProcesses(facts)
          ? fill(texts.memory, {value, memory: facts.memoryMiB, fitting: fittingProcesses(facts)})
          : undefined,
    }),
    header_size: number({
      ask: {
        en: 'How many bytes may the header of a message have?',
        ja: 'メールのヘッダーは何バイトまでですか。',
      },
      help: {en: 'Postfix’s default is 102400.', ja: 'Postfix の既定は 102400 です。'},
      why: {
        en: 'What is beyond is cut off, so a small limit loses lines of long lists of recipients.',
        ja: '超えた分は切り捨てられ、小さいと長い宛先の行が失われます。',
      },
      level: 'advanced',
      min: 10_240,
      max: 10_485_760,
      initial: ({facts}) => numberThere('header_size', facts),
    }),
    free_space: number({
      ask: {
        en: 'With how little free space does the server stop taking mail (bytes; 0: as a message needs)?',
        ja: '空き容量が何バイトを切ったら受信を止めますか (0 は 1 通に必要な分)。',
      },
      help: {
        en: 'Postfix’s default is 0: room for one message of the largest size, and half as much again, is always asked for.',
        ja: 'Postfix の既定は 0 です。その場合も、最大のメール 1 通の 1.5 倍の空きを常に求めます。',
      },
      why: {
        en: 'Mail that is put off in time comes later; a disk that is full stops everything.',
        ja: '早めに断れば後で届きますが、ディスクが埋まるとすべてが止まります。',
      },
      level: 'advanced',
      min: 0,
      initial: ({facts}) => numberThere('free_space', facts),
      // What the machine has is raised with the size of a message, not refused.
      validate: (value, {answers, facts}) =>
        value === 0 || value >= neededSpace(answers) || value === numberThere('free_space', facts)
          ? undefined
          : fill(texts.space, {needed: neededSpace(answers)}),
    }),
  },
  adopt: facts => {
    if (!facts.configured.postfix) {
      return {};
    }

    const there = (name: Exclude<LimitName, 'exceptions'>) => {
      const value = numberThere(name, facts);
      return value === undefined ? {} : {[name]: value};
    };
    const exceptions = exceptionsThere(facts);
    return {
      ...there('connection_rate'),
      ...there('message_rate'),
      ...there('time_unit'),
      ...(exceptions === undefined ? {} : {exceptions}),
      ...there('processes'),
      ...there('header_size'),
      ...there('free_space'),
    };
  },
  plan: ({answers, all, facts}) => [
    ...numbers.flatMap(name => numberWant(name, answers[name], facts)),
    ...numberWant('free_space', enoughSpace(answers.free_space, all), facts),
    ...exceptionWants(answers.exceptions, facts),
  ],
  probes: () => [],
});

const numbers = ['connection_rate', 'message_rate', 'time_unit', 'processes', 'header_size'] as const;

// A value that Postfix has already, by itself or in main.cf, is not written.
const numberWant = (
  name: (typeof numbers)[number] | 'free_space',
  value: number | undefined,
  facts: Facts,
): readonly Want[] =>
  value === undefined || value === numberThere(name, facts)
    ? []
    : [main(limitSettings[name].name, name === 'time_unit' ? `${value}s` : String(value))];

// Less than one message needs would only be a trap: it is raised with the size of a message, never lowered.
const enoughSpace = (value: number | undefined, all: AllAnswers) =>
  value === undefined || value === 0 ? value : Math.max(value, neededSpace(all));

const exceptionWants = (items: readonly string[] | undefined, facts: Facts): readonly Want[] => {
  const there = exceptionsThere(facts);
  return items === undefined || there === undefined || items.join(' ') === there.join(' ')
    ? []
    : [main(limitSettings.exceptions.name, items.join(' '))];
};

const texts = {
  few: {
    en: 'So few also stops people behind one address, and large providers; their mail comes later or not at all.',
    ja: 'この値では同じアドレスを共有する人や大手からのメールも遅れたり届かなくなったりします。',
  },
  space: {
    en: 'It must be 0, or at least {needed}: 1.5 times the largest message.',
    ja: '0、または {needed} (最大のメールの 1.5 倍) 以上にしてください。',
  },
  memory: {
    en: '{value} processes can take more than half of this machine’s memory ({memory} MiB); {fitting} fit.',
    ja: '{value} プロセスはこのマシンのメモリー ({memory} MiB) の半分を超えることがあります。{fitting} なら収まります。',
  },
} satisfies Record<string, Text>;
