import {rowsOf} from '../../src/config/rows/edit.js';
import type {Facts} from '../../src/core/facts.js';
import {fill, type Text} from '../../src/core/text.js';
import type {Row, Want} from '../../src/core/want.js';
import {parseAddress} from './networks.js';
import {mapTypeOf, postfixPath, tableRow} from './postfix.js';
import {type RuleList, rulesThere} from './restrictions.js';
import {addressProblem, nameProblem} from './validate.js';

/** What a table of exceptions is asked about. One table for each: an OK for a greeting is none for a sender. */
export const lookups = ['client', 'helo', 'sender', 'recipient'] as const;
export type Lookup = (typeof lookups)[number];

const actions = ['OK', 'REJECT', 'DUNNO'] as const;

/** An exception: who, and what becomes of their mail. */
export type Access = {readonly lookup: Lookup; readonly key: string; readonly action: string};

/** `client:192.0.2.7=OK` in its parts; a text where it is none. */
export const parseAccess = (item: string): Access | Text => {
  const match = /^(client|helo|sender|recipient):([^=\s]+)=([A-Z]+)$/.exec(item);
  if (match === null) {
    return texts.shape;
  }

  const [, lookup, key = '', action = ''] = match;
  return !(actions as readonly string[]).includes(action)
    ? fill(texts.action, {action})
    : (keyProblem(lookup as Lookup, key) ?? {lookup: lookup as Lookup, key, action});
};

/** Whether a parsed item is an exception. */
export const isAccess = (parsed: Access | Text): parsed is Access => 'lookup' in parsed;

/** access(5): clients by address, by the first parts of one, or by name; senders and recipients by address or domain. */
const keyProblem = (lookup: Lookup, key: string): Text | undefined => {
  if (lookup === 'sender' || lookup === 'recipient') {
    return key.includes('@') ? addressProblem(key) : nameProblem(key);
  }

  const address = parseAddress(key);
  if (lookup === 'client' && address !== undefined) {
    return undefined;
  }

  if (lookup === 'client' && /^[\d.]+$/.test(key)) {
    return /^(?:\d{1,3}\.){0,2}\d{1,3}$/.test(key) && key.split('.').every(part => Number(part) < 256)
      ? undefined
      : texts.network;
  }

  return key.includes('/') ? texts.network : nameProblem(key);
};

/** Name of a lookup's own table. */
export const accessTable = (facts: Facts, lookup: Lookup) => postfixPath(facts, `access_${lookup}`);

const listOf = (lookup: Lookup): RuleList => `smtpd_${lookup}_restrictions`;

/** The restriction that asks a lookup's own table. */
export const accessRule = (facts: Facts, lookup: Lookup) => {
  const file = accessTable(facts, lookup);
  const there = rulesThere(facts, listOf(lookup)).find(rule => rule.endsWith(`:${file}`));
  return there ?? `check_${lookup}_access ${mapTypeOf(facts, '', file)}:${file}`;
};

/** Exceptions of the tables that are ours by name; what a table has beside stays there. */
export const accessThere = (facts: Facts): readonly string[] =>
  lookups.flatMap(lookup =>
    rulesThere(facts, listOf(lookup)).includes(accessRule(facts, lookup))
      ? [...rowsOf(facts.files[accessTable(facts, lookup)] ?? '', 'table').values()].flatMap(row => {
          const [key = '', action = '', ...more] = row.trim().split(/\s+/);
          const item = `${lookup}:${key}=${action}`;
          return more.length === 0 && isAccess(parseAccess(item)) ? [item] : [];
        })
      : [],
  );

/** Tables that more than one lookup asks: an exception meant for one of them is one for all. */
export const sharedTables = (facts: Facts): readonly string[] => {
  const asked = lookups.flatMap(lookup =>
    rulesThere(facts, listOf(lookup)).flatMap(rule => {
      const [check = '', table = ''] = rule.split(' ');
      return /^check_\w+_access$/.test(check) ? [`${check} ${table}`] : [];
    }),
  );
  const tables = [...new Set(asked)].map(rule => rule.split(' ')[1] ?? '');
  return [...new Set(tables.filter((table, at) => tables.indexOf(table) !== at))];
};

/** Rows of the tables, and their compiled form. */
export const accessWants = (items: readonly string[], facts: Facts): readonly Want[] => {
  const there = accessThere(facts);
  const gone = there.filter(item => !items.includes(item));
  return lookups.flatMap((lookup): readonly Want[] => {
    const own = (all: readonly string[]) =>
      all.map(parseAccess).filter((parsed): parsed is Access => isAccess(parsed) && parsed.lookup === lookup);
    const kept = new Set(own(items).map(({key}) => key));
    const rows: readonly Row[] = [
      ...own(items).map(({key, action}) => ({
        ...tableRow(key, action),
        keep: there.includes(`${lookup}:${key}=${action}`),
      })),
      ...own(gone)
        .filter(({key}) => !kept.has(key))
        .map(({key}) => ({key, state: 'absent'}) satisfies Row),
    ];
    const file = accessTable(facts, lookup);
    return rows.length === 0
      ? []
      : [
          {
            kind: 'rows',
            file,
            format: 'table',
            ownership: {owner: 'root', group: 'root', mode: 0o644},
            compile: accessRule(facts, lookup).split(' ')[1]?.split(':')[0] ?? 'hash',
            rows,
          },
        ];
  });
};

const texts = {
  shape: {
    en: 'An exception is written WHAT:WHO=ACTION, such as client:192.0.2.7=OK, helo:pc.example.net=REJECT or sender:news@example.org=REJECT.',
    ja: '例外は「対象:相手=動作」と書きます。例: client:192.0.2.7=OK、helo:pc.example.net=REJECT、sender:news@example.org=REJECT',
  },
  action: {
    en: '“{action}” is none of OK, REJECT and DUNNO.',
    ja: '「{action}」は OK、REJECT、DUNNO のいずれでもありません。',
  },
  network: {
    en: 'Clients are named by an address, its first parts (192.0.2 for 192.0.2.0/24), or a name; a table cannot hold other networks.',
    ja: 'クライアントは、アドレス、その先頭部分 (192.0.2.0/24 なら 192.0.2)、または名前で指定します。ほかのネットワークは表に書けません。',
  },
} satisfies Record<string, Text>;
