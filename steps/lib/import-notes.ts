import type {Finding} from '../../src/core/finding.js';
import type {AliasFileFound, Some} from '../../src/core/material.js';
import {fill, type Text} from '../../src/core/text.js';

/** Mailboxes and lines that are named one by one. */
const most = 10;

/** What a file of aliases brings with it though it is right: mail that leaves, and mailboxes that get no mail of their own any more. */
export const importNotes = (found: AliasFileFound | undefined): readonly Finding[] => {
  if (found === undefined) {
    return [];
  }

  const {shadowed, outside, domains, count, gone, kept} = found;
  return [
    {
      id: 'domains:import',
      section: 'domains',
      severity: 'pass',
      summary: fill(texts.taken, {count, domains: domains.length}),
    },
    ...(gone.count === 0 ? [] : [warning('gone', texts.gone, gone, texts.goneRemedy)]),
    ...(kept.count === 0 ? [] : [warning('kept', texts.kept, kept, texts.keptRemedy)]),
    ...(shadowed.length === 0
      ? []
      : [
          {
            id: 'domains:shadowed',
            section: 'domains',
            severity: 'warning' as const,
            summary: fill(texts.shadowed, {
              count: shadowed.length,
              lines: shadowed
                .slice(0, most)
                .map(({line, address}) => `${line}: ${address}`)
                .join('; '),
            }),
            remedy: texts.shadowedRemedy,
          },
        ]),
    ...(outside === undefined
      ? []
      : [
          {
            id: 'domains:outside',
            section: 'domains',
            severity: 'warning' as const,
            summary: fill(texts.outside, outside),
            remedy: texts.outsideRemedy,
          },
        ]),
  ];
};

const warning = (id: string, text: Text, {count, first}: Some, remedy: Text): Finding => ({
  id: `domains:${id}`,
  section: 'domains',
  severity: 'warning',
  summary: fill(text, {count, some: `${first.join(', ')}${count > first.length ? ' …' : ''}`}),
  remedy,
});

const texts = {
  gone: {
    en: '{count} addresses left the file since it was last taken in, and leave the table: {some}',
    ja: '前回の取り込み後に {count} 個のアドレスがファイルから消えたため、表からも消えます: {some}',
  },
  goneRemedy: {
    en: 'Nothing to do if that is meant. Mail for them is refused then.',
    ja: '意図したものなら、対処は要りません。以後そのアドレス宛のメールは拒否されます。',
  },
  kept: {
    en: '{count} rows were changed or taken out by somebody since they were taken in; they stay as they are: {some}',
    ja: '取り込み後に誰かが変更または削除した {count} 行は、そのまま残します: {some}',
  },
  keptRemedy: {
    en: 'Write the same into the file, or change the rows in Postfix’s table “virtual”.',
    ja: 'ファイルを同じ内容にするか、Postfix の表 virtual の行を直してください。',
  },
  taken: {
    en: 'The file of aliases is good: {count} rows, {domains} further domains.',
    ja: '別名のファイルに誤りはありません: {count} 行、追加ドメイン {domains} 個。',
  },
  shadowed: {
    en: '{count} mailboxes get no mail any more, because their addresses become aliases (line: address): {lines}',
    ja: 'アドレスが別名になるため、{count} 個のメールボックスに届かなくなります (行: アドレス): {lines}',
  },
  shadowedRemedy: {
    en: 'Name the address among its own targets to keep a copy there.',
    ja: '控えを残すには、宛先にそのアドレス自身も加えてください。',
  },
  outside: {
    en: 'Mail of {count} aliases leaves this server (line {line}: {from} goes to {to}): spam too, which harms its name, and mail of senders with SPF may be refused there.',
    ja: '{count} 個の別名のメールが外部へ転送されます ({line} 行目: {from} → {to})。迷惑メールも転送されて信用を損ない、SPF を使う差出人のメールは転送先で拒否されることがあります。',
  },
  outsideRemedy: {
    en: 'Nothing to do if that is meant.',
    ja: '意図したものなら、対処は要りません。',
  },
} satisfies Record<string, Text>;
