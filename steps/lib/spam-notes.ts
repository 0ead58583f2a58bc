import type {Facts} from '../../src/core/facts.js';
import type {Finding} from '../../src/core/finding.js';
import {fill, type Text} from '../../src/core/text.js';
import {sharedTables} from './access.js';
import {blockListProblem} from './dnsbl.js';
import {oldNamesThere} from './restrictions.js';
import {blockListsThere, type SpamAnswers} from './spam-wants.js';

/** What a machine has from old advice, and what to do about it. */
export const spamNotes = (answers: SpamAnswers, facts: Facts): readonly Finding[] => {
  const rbls = answers.rbls ?? [];
  // A rule that names no answers takes the errors of a list for listings.
  const troubled = blockListsThere(facts).flatMap(item => {
    const why = blockListProblem(item) ?? (item.includes('=') ? undefined : texts.bare);
    return rbls.includes(item) && why !== undefined ? [{item, why}] : [];
  });
  const old = answers.present_names === true ? [] : oldNamesThere(facts);
  const shared = sharedTables(facts);
  const note = (id: string, summary: Text, remedy: Text, cause?: Text): Finding => ({
    id: `spam:${id}`,
    section: 'spam',
    severity: 'warning',
    summary,
    remedy,
    ...(cause === undefined ? {} : {cause}),
  });
  return [
    ...troubled.map(({item, why}) =>
      note(`list:${item}`, fill(texts.list, {item}), fill(texts.listRemedy, {item}), why),
    ),
    ...(old.length === 0
      ? []
      : [note('old-names', fill(texts.old, {names: old.map(rule => rule.old).join(', ')}), texts.oldRemedy)]),
    ...shared.map(table => note(`shared:${table}`, fill(texts.shared, {table}), texts.sharedRemedy)),
  ];
};

const texts = {
  list: {
    en: 'This server asks the block list {item} about every message.',
    ja: 'このサーバーはすべてのメールについて {item} に照会しています。',
  },
  listRemedy: {
    en: 'Take {item} out of spam.rbls, or give it with the answers that it documents: “dovetail spam”.',
    ja: 'spam.rbls から {item} を外すか、公表された応答を付けてください: 「dovetail spam」。',
  },
  bare: {
    en: 'Whatever it answers counts as a listing, its errors too: when it refuses this server’s resolver, all mail is refused.',
    ja: 'エラーを含むすべての応答が登録とみなされ、リゾルバーが拒まれると全メールを拒否することになります。',
  },
  old: {
    en: 'Rules stand under names that Postfix replaced in 2006: {names}.',
    ja: '規則が 2006 年に置き換えられた古い名前で書かれています: {names}',
  },
  oldRemedy: {
    en: 'They still work. spam.present_names writes them by their present names.',
    ja: '今も有効です。spam.present_names で現在の名前に書き換えられます。',
  },
  shared: {
    en: 'The table {table} is asked about several things: an OK for a greeting, which anybody can forge, is one for a client or sender too.',
    ja: '{table} が複数の対象に使われています。偽れる挨拶への OK が、接続元や差出人にも効いてしまいます。',
  },
  sharedRemedy: {
    en: 'Give each lookup a table of its own: spam.access does.',
    ja: '対象ごとに表を分けてください。spam.access ならそうなります。',
  },
} satisfies Record<string, Text>;
