import {restrictionItems} from '../../src/config/list.js';
import type {Facts} from '../../src/core/facts.js';
import type {MainWant} from '../../src/core/want.js';
import {settingOf} from './postfix.js';

/** Who is trusted comes first in every list: no rule after it can lock them out. */
const trusted = ['permit_mynetworks', 'permit_sasl_authenticated'] as const;

/** What ends a list: a rule after it is never asked. */
const ends = ['permit', 'reject', 'defer', 'permit_auth_destination'] as const;

/** The lists of restrictions, in the order in which Postfix asks them (SMTPD_ACCESS_README). */
export type RuleList =
  | 'smtpd_client_restrictions'
  | 'smtpd_helo_restrictions'
  | 'smtpd_sender_restrictions'
  | 'smtpd_recipient_restrictions'
  | 'smtpd_data_restrictions';

/** A rule that a choice stands for; `old`: the name that Postfix before 2.3 had for it, and still reads. */
export type Rule = {readonly list: RuleList; readonly name: string; readonly old?: string};

/** The rules by question and choice, in the order in which they are asked. */
export const rules = {
  client: {
    'no-name': {list: 'smtpd_client_restrictions', name: 'reject_unknown_reverse_client_hostname'},
    mismatch: {
      list: 'smtpd_client_restrictions',
      name: 'reject_unknown_client_hostname',
      old: 'reject_unknown_client',
    },
  },
  helo: {
    invalid: {
      list: 'smtpd_helo_restrictions',
      name: 'reject_invalid_helo_hostname',
      old: 'reject_invalid_hostname',
    },
    short: {
      list: 'smtpd_helo_restrictions',
      name: 'reject_non_fqdn_helo_hostname',
      old: 'reject_non_fqdn_hostname',
    },
    unknown: {
      list: 'smtpd_helo_restrictions',
      name: 'reject_unknown_helo_hostname',
      old: 'reject_unknown_hostname',
    },
  },
  sender: {
    short: {list: 'smtpd_sender_restrictions', name: 'reject_non_fqdn_sender'},
    unknown: {list: 'smtpd_sender_restrictions', name: 'reject_unknown_sender_domain'},
  },
  recipient: {
    short: {list: 'smtpd_recipient_restrictions', name: 'reject_non_fqdn_recipient'},
    unknown: {list: 'smtpd_recipient_restrictions', name: 'reject_unknown_recipient_domain'},
  },
} as const satisfies Record<string, Record<string, Rule>>;

/** Rules that a list of main.cf has. */
export const rulesThere = (facts: Facts, list: RuleList) => restrictionItems(settingOf(facts, list) ?? '');

/** Whether a rule is in its list, under either of its names. */
export const isThere = (facts: Facts, {list, name, old}: Rule) => {
  const there = rulesThere(facts, list);
  return there.includes(name) || (old !== undefined && there.includes(old));
};

/** The name under which a list has a rule, or will have it. */
export const nameIn = (facts: Facts, {list, name, old}: Rule) => {
  const there = rulesThere(facts, list);
  return old !== undefined && there.includes(old) && !there.includes(name) ? old : name;
};

/** Old names that stand in the lists. */
export const oldNamesThere = (facts: Facts): readonly (Rule & {readonly old: string})[] =>
  Object.values(rules)
    .flatMap(group => Object.values(group) as readonly Rule[])
    .filter((rule): rule is Rule & {old: string} => nameIn(facts, rule) === rule.old);

/**
 * What makes a list have some rules, in their order, and lack others; what else is in it stays where it is. A list that gets a
 * rule of ours lets those who are trusted through first. `renamed`: rules by the name that they had: each takes its own place, since
 * a table that was asked before it, or after it, may let somebody through; and nothing of the list is new for it.
 */
export const listWants = (
  facts: Facts,
  list: RuleList,
  {
    wanted,
    unwanted,
    renamed = new Map(),
  }: {
    readonly wanted: readonly string[];
    readonly unwanted: readonly string[];
    readonly renamed?: ReadonlyMap<string, string>;
  },
): readonly MainWant[] => {
  const there = rulesThere(facts, list);
  const item = {kind: 'item', in: 'main.cf', at: list} as const;
  const isNew = wanted.some(name => !there.includes(name) && !renamed.has(name));
  return [
    ...(isNew
      ? trusted.map(
          (value, at) =>
            ({
              ...item,
              value,
              state: 'present',
              ...(at === 0 ? {before: there} : {after: [trusted[0]]}),
              base: trusted,
            }) satisfies MainWant,
        )
      : []),
    ...wanted.map((value, at) => {
      const old = renamed.get(value);
      return {
        ...item,
        value,
        state: 'present',
        after: old === undefined ? [...trusted, ...wanted.slice(0, at)] : [old],
        before: ends,
        base: trusted,
      } satisfies MainWant;
    }),
    ...[...unwanted, ...renamed.values()]
      .filter(name => there.includes(name) && !wanted.includes(name))
      .map(value => ({...item, value, state: 'absent'}) satisfies MainWant),
  ];
};
