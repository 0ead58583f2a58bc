import {replyCodes} from '../../src/core/reply-codes.js';
import {fill, type Text} from '../../src/core/text.js';
import {nameProblem} from './validate.js';

/** A block list and the answers that mean a listing. */
export type BlockList = {readonly zone: string; readonly codes: string};

/** Lists whose documented answers are known; anything else they answer is an error of theirs, not a listing. */
const documented: Readonly<Record<string, string>> = {
  'zen.spamhaus.org': '127.0.0.[2..11]',
  'bl.spamcop.net': '127.0.0.2',
  'psbl.surriel.com': '127.0.0.2',
  'b.barracudacentral.org': '127.0.0.2',
};

/** Why a list that old advice names is not offered. */
const unfit = (zone: string): Text | undefined => {
  const name = zone.replace(/\.$/, '');
  return refused.find(({zones}) => zones.some(other => name === other || name.endsWith(`.${other}`)))?.why;
};

/** `zen.spamhaus.org=127.0.0.[2..11]`, or the bare name where its answers are known. Undefined where it is neither. */
export const parseBlockList = (item: string): BlockList | undefined => {
  const [zone = '', codes = documented[zone], ...more] = item.split('=');
  return codes === undefined || more.length > 0 ? undefined : {zone, codes};
};

/** The item as a restriction of Postfix names it. */
export const blockListRule = (item: string) => {
  const list = parseBlockList(item);
  return `reject_rbl_client ${list === undefined ? item : `${list.zone}=${list.codes}`}`;
};

/** Why an item cannot be asked at all; whether the list is alive is tested against DNS. */
export const blockListProblem = (item: string): Text | undefined => {
  const zone = item.split('=', 1)[0] ?? '';
  const bad = nameProblem(zone) ?? unfit(zone);
  if (bad !== undefined) {
    return bad;
  }

  const list = parseBlockList(item);
  if (list === undefined) {
    return fill(texts.codes, {zone});
  }

  const matches = replyCodes(list.codes);
  return matches === undefined || !list.codes.startsWith('127.')
    ? fill(texts.pattern, {codes: list.codes})
    : // RFC 5782, 2.1: answers are in 127.0.0.0/8; those of 127.255.255.0/24 are errors of the list.
      matches('127.255.255.254')
      ? fill(texts.wide, {zone})
      : undefined;
};

const refused: readonly {readonly zones: readonly string[]; readonly why: Text}[] = [
  {
    zones: ['rbl.jp'],
    why: {
      en: 'RBL.JP was shut down: it answers nothing, and a zone that lapses may one day list everybody.',
      ja: 'RBL.JP は終了しています。応答がなく、失効したゾーンは全員を登録済みと答えることがあります。',
    },
  },
  {
    zones: ['cbl.abuseat.org'],
    why: {
      en: 'The CBL is part of zen.spamhaus.org (XBL) now; its own zone is no longer kept.',
      ja: 'CBL は zen.spamhaus.org (XBL) に統合され、独自のゾーンは維持されていません。',
    },
  },
  {
    zones: ['uceprotect.net'],
    why: {
      en: 'Levels 2 and 3 list whole providers, and getting off any of them is sold: real mail would be refused.',
      ja: 'レベル 2 と 3 はプロバイダー全体を登録し、解除を有料で扱うため、正当なメールまで拒否します。',
    },
  },
  {
    zones: ['korea.services.net', 'services.net'],
    why: {
      en: 'It lists a whole country, and is no longer kept.',
      ja: '国全体を登録するもので、すでに維持されていません。',
    },
  },
  {
    zones: ['sorbs.net'],
    why: {en: 'SORBS was shut down in 2024.', ja: 'SORBS は 2024 年に終了しました。'},
  },
  {
    zones: ['ordb.org', 'ahbl.org', 'njabl.org', 'dsbl.org', 'spamcannibal.org'],
    why: {
      en: 'It was shut down years ago; such zones have listed the whole world before.',
      ja: '何年も前に終了しています。こうしたゾーンは過去に全世界を登録済みと答えました。',
    },
  },
];

const texts = {
  codes: {
    en: 'Write the answers that mean a listing too, as the list documents them: {zone}=127.0.0.2 or {zone}=127.0.0.[2..11].',
    ja: '登録を意味する応答も、リストの説明のとおりに書いてください: {zone}=127.0.0.2、{zone}=127.0.0.[2..11] など。',
  },
  pattern: {
    en: '“{codes}” is no pattern of answers in 127.0.0.0/8, such as 127.0.0.[2..11] (RFC 5782).',
    ja: '「{codes}」は 127.0.0.[2..11] のような 127.0.0.0/8 の応答の形ではありません (RFC 5782)。',
  },
  wide: {
    en: 'That takes the errors of {zone} for listings: when it stops answering this server, all mail would be refused.',
    ja: '{zone} のエラー応答まで登録とみなすため、応答を拒まれると全メールを拒否することになります。',
  },
} satisfies Record<string, Text>;
