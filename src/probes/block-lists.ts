import type {Finding} from '../core/finding.js';
import {replyCodes} from '../core/reply-codes.js';
import {fill, type Text} from '../core/text.js';
import {answerOf, openResolver} from '../system/dns.js';
import type {ProbeHandler} from './types.js';

/** What a name server says of a name: addresses, none, or that it did not answer. */
export type Lookup = (name: string) => Promise<readonly string[] | 'no-answer'>;

type BlockList = {readonly zone: string; readonly codes: string};

/**
 * Whether a block list may be asked (RFC 5782, 5): 127.0.0.2 is listed for tests, 127.0.0.1 never is, and what it answers is
 * what it documents. A list that lapsed answers nothing, or says of the whole world that it is listed.
 */
export const judgeList = async ({zone, codes}: BlockList, lookup: Lookup): Promise<Finding> => {
  const [listed, free] = await Promise.all([lookup(`2.0.0.127.${zone}`), lookup(`1.0.0.127.${zone}`)]);
  const found = (severity: Finding['severity'], summary: Text, remedy?: Text): Finding => {
    const values = {zone, codes, answers: Array.isArray(listed) ? listed.join(', ') : ''};
    return {
      id: `block-list:${zone}`,
      section: 'spam',
      severity,
      summary: fill(summary, values),
      ...(remedy === undefined ? {} : {remedy: fill(remedy, values)}),
    };
  };
  if (listed === 'no-answer' || free === 'no-answer') {
    return found('unchecked', texts.silent, texts.silentRemedy);
  }

  if (free.length > 0) {
    return found('fail', texts.world, texts.dropRemedy);
  }

  if (listed.length === 0) {
    return found('fail', texts.dead, texts.dropRemedy);
  }

  const matches = replyCodes(codes);
  return listed.every(address => matches?.(address) === true)
    ? found('pass', texts.good)
    : found('fail', listed.some(isError) ? texts.refused : texts.other, texts.otherRemedy);
};

/** The same for lists that are to be asked from now on: what could not be tested is not used. */
export const judgeNew = async (
  lists: readonly BlockList[],
  lookup = dnsLookup,
): Promise<readonly Finding[]> =>
  (await Promise.all(lists.map(one => judgeList(one, lookup))))
    .filter(({severity}) => severity !== 'pass')
    .map(finding => ({...finding, severity: 'fail'}));

/** A list that the server asks already. */
export const blockList: ProbeHandler<'block-list'> = async probe => [
  {...(await judgeList(probe, dnsLookup)), id: probe.id},
];

/** Asks the name servers of resolv.conf(5), as Postfix does. */
const dnsLookup: Lookup = async name => (await answerOf(openResolver().resolve4(name))) ?? 'no-answer';

// 127.255.255.0/24: a list tells so that it does not answer this resolver, or that it is asked in a wrong way.
const isError = (address: string) => address.startsWith('127.255.255.');

const texts = {
  good: {
    en: 'The block list {zone} answers for its test entry, and only for it.',
    ja: 'ブロックリスト {zone} は試験用の項目にだけ正しく応答します。',
  },
  silent: {
    en: 'Whether the block list {zone} is alive: no name server answered.',
    ja: 'ブロックリスト {zone} が稼働しているか: ネームサーバーが応答しません。',
  },
  silentRemedy: {
    en: 'See whether “getent ahosts 2.0.0.127.{zone}” answers; mail waits for each lookup that does not.',
    ja: '「getent ahosts 2.0.0.127.{zone}」を確認してください。応答がない間、受信のたびに待たされます。',
  },
  dead: {
    en: 'The block list {zone} does not have its test entry (127.0.0.2): it is dead, or does not answer this server.',
    ja: 'ブロックリスト {zone} に試験用の項目 (127.0.0.2) がありません。終了しているか、このサーバーに応答していません。',
  },
  world: {
    en: 'The block list {zone} lists 127.0.0.1, which none may: it lists the whole world, and all mail would be refused.',
    ja: 'ブロックリスト {zone} は登録してはならない 127.0.0.1 を登録しています。全世界を登録し、すべてのメールを拒否することになります。',
  },
  refused: {
    en: 'The block list {zone} answers this server’s resolver with an error ({answers}): public resolvers are often shut out.',
    ja: 'ブロックリスト {zone} はこのサーバーのリゾルバーにエラー ({answers}) を返します。公開リゾルバーは拒まれることがあります。',
  },
  other: {
    en: 'The block list {zone} answers {answers} for its test entry, which is not among {codes}.',
    ja: 'ブロックリスト {zone} の試験応答 {answers} は {codes} に含まれません。',
  },
  dropRemedy: {en: 'Take {zone} out of spam.rbls.', ja: 'spam.rbls から {zone} を外してください。'},
  otherRemedy: {
    en: 'Use a resolver of your own, correct the answers after “{zone}=”, or take it out of spam.rbls.',
    ja: '自前のリゾルバーを使う、「{zone}=」の応答を直す、または spam.rbls から外してください。',
  },
} satisfies Record<string, Text>;
