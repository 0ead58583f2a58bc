import type {Finding} from '../../src/core/finding.js';
import type {AliasFileFound} from '../../src/core/material.js';
import {fill, type Text} from '../../src/core/text.js';

/** Mailboxes and lines that are named one by one. */
const most = 10;

/** What a file of aliases brings with it though it is right: mail that leaves, and mailboxes that get no mail of their own any more. */
export const importNotes = (found: AliasFileFound | undefined): readonly Finding[] => {
  if (found === undefined) {
    return [];
  }

  const {shadowed, outside, domains, count} = found;
  return [
    {
      id: 'domains:import',
      section: 'domains',
      severity: 'pass',
      summary: fill(texts.taken, {count, domains: domains.length}),
    },
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

const texts = {
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
