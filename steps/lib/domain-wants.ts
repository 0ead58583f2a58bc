import type {Facts} from '../../src/core/facts.js';
import type {AllAnswers} from '../../src/core/question.js';
import type {Row, Want} from '../../src/core/want.js';
import {aliasesOf, targetsOf} from './aliases.js';
import {aliasesThere, alsoThere, recordPath} from './aliases-there.js';
import {mapItem, mapTypeOf, postfixPath, tableRow} from './postfix.js';
import {domainsOf} from './read.js';
import {adminOf, roleAddresses} from './role-mail.js';

/** Domains that are no longer named; one that became a main domain is taken out by `delivery`. */
const dropped = (also: readonly string[], all: AllAnswers, facts: Facts) =>
  alsoThere(facts).filter(domain => !also.includes(domain) && !domainsOf(all).includes(domain));

/** Domains that Postfix takes mail for though they have aliases alone. */
export const domainWants = (also: readonly string[], all: AllAnswers, facts: Facts): readonly Want[] => [
  ...also.map(
    value =>
      ({
        kind: 'item',
        in: 'main.cf',
        at: 'virtual_alias_domains',
        value,
        state: 'present',
        // Postfix's default: domains that a table names by themselves stay (postconf(5)).
        base: ['$virtual_alias_maps'],
      }) satisfies Want,
  ),
  ...dropped(also, all, facts).map(
    value =>
      ({kind: 'item', in: 'main.cf', at: 'virtual_alias_domains', value, state: 'absent'}) satisfies Want,
  ),
];

/** Rows of the roles. A domain that is there already has its own way with them, or was given them before. */
export const roleRows = (also: readonly string[], all: AllAnswers, facts: Facts): readonly Row[] => {
  const admin = adminOf(all);
  const there = alsoThere(facts);
  const fresh = also.filter(domain => !there.includes(domain));
  return [
    ...(admin === undefined ? [] : roleAddresses(fresh).map(key => ({...tableRow(key, admin), keep: true}))),
    ...roleAddresses(dropped(also, all, facts)).map(key => ({key, state: 'absent'}) satisfies Row),
  ];
};

/** Rows of what was typed in; one that is no longer among it goes. */
export const aliasRows = (items: readonly string[], facts: Facts): readonly Row[] => {
  const there = targetsOf(aliasesThere(facts));
  const wanted = targetsOf(aliasesOf(items));
  return [
    ...[...wanted].map(([from, targets]) => {
      const value = targets.join(', ');
      // The same targets keep the bytes in which somebody wrote them.
      return {...tableRow(from, value), keep: there.get(from)?.join(', ') === value};
    }),
    ...[...there.keys()].filter(from => !wanted.has(from)).map(key => ({key, state: 'absent'}) satisfies Row),
  ];
};

/** The table with these rows, and with those of a file. */
export const rowWants = (
  wanted: readonly Row[],
  facts: Facts,
  found: {readonly digest: string; readonly count: number} | undefined,
): readonly Want[] => {
  const file = postfixPath(facts, 'virtual');
  return wanted.length === 0 && found === undefined
    ? []
    : [
        mapItem(facts, 'virtual_alias_maps', file),
        {
          kind: 'rows',
          file,
          format: 'table',
          ownership: {owner: 'root', group: 'root', mode: 0o644},
          compile: mapTypeOf(facts, 'virtual_alias_maps', file),
          rows: wanted,
          ...(found === undefined ? {} : {bulk: {digest: found.digest, count: found.count}}),
        },
      ];
};

/** What was taken in from a file, to see what leaves it until it is taken in again. */
export const recordWant = (facts: Facts, digest: string): Want => ({
  kind: 'file',
  path: recordPath(facts),
  state: 'present',
  content: [{blob: digest}],
  shown: 'elsewhere',
  owner: 'root',
  group: 'root',
  mode: 0o644,
});
