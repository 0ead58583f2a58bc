import type {Questions} from '../../src/core/question.js';
import {select} from '../../src/core/question.js';
import {fill, type Text} from '../../src/core/text.js';
import {answer} from './read.js';

/** Why a filter cannot be had. */
export const noPackage = {
  en: '{platform} has no {name} in its own repositories.',
  ja: '{platform} のリポジトリーに {name} はありません。',
} satisfies Text;

const memory = {
  en: 'This machine has {have} MB of memory; ClamAV takes about 1500 of them, and twice as much while it loads new signatures.',
  ja: 'このマシンのメモリーは {have} MB です。ClamAV が約 1500 MB、定義ファイルの更新時はその倍を使います。',
} satisfies Text;

const scans = ({answers}: {readonly answers: Readonly<Record<string, Readonly<Record<string, unknown>>>>}) =>
  answer<string>(answers, 'filter', 'viruses') === 'clamav';

/** What is asked about viruses. */
export const virusQuestions = {
  viruses: select({
    ask: {en: 'Who looks for viruses?', ja: 'ウイルスを何で検査しますか。'},
    help: {
      en: 'ClamAV of the distribution refuses what it knows. It needs about 1.5 GB of memory, and loads its signatures from the Internet.',
      ja: 'ディストリビューションの ClamAV が、検出したものを拒否します。約 1.5 GB のメモリーが必要で、定義ファイルはインターネットから取得します。',
    },
    why: {
      en: 'It looks into archives and documents, which a rule for names cannot.',
      ja: '名前の規則では見えない、圧縮ファイルや文書の中も検査します。',
    },
    level: 'advanced',
    choices: [
      {value: 'off', label: {en: 'Nobody', ja: '検査しない'}},
      {
        value: 'clamav',
        label: {en: 'ClamAV', ja: 'ClamAV'},
        unavailable: ({platform}) =>
          platform.packages.clamav === undefined
            ? fill(noPackage, {platform: platform.name, name: 'ClamAV'})
            : undefined,
      },
    ],
    initial: () => 'off',
    caution: (viruses, {facts}) =>
      viruses === 'clamav' && facts.memoryMiB > 0 && facts.memoryMiB < 3072
        ? fill(memory, {have: facts.memoryMiB})
        : undefined,
  }),
  viruses_down: select({
    ask: {
      en: 'What happens to mail while ClamAV does not answer?',
      ja: 'ClamAV が応答しない間、メールをどうしますか。',
    },
    help: {
      en: 'Going on takes it unseen; waiting asks the sender to come again. Until its signatures are loaded it does not answer.',
      ja: '「通す」では検査せずに受け取ります。「待たせる」では送信元に再送を求めます。定義ファイルを取得するまでは応答しません。',
    },
    why: {
      en: 'Either a virus that gets through, or no mail at all until it is mended.',
      ja: '復旧まで、ウイルスが通るか、メールが止まるかの選択です。',
    },
    level: 'advanced',
    when: scans,
    choices: [
      {value: 'accept', label: {en: 'It goes on without', ja: '通す'}},
      {value: 'tempfail', label: {en: 'It waits', ja: '待たせる'}},
    ],
    initial: () => 'accept',
  }),
} satisfies Questions;
