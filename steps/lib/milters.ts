import {listItems} from '../../src/config/list.js';
import type {Facts} from '../../src/core/facts.js';
import type {MainWant} from '../../src/core/want.js';
import {itemsOf, settingOf} from './postfix.js';

/** What Postfix does with mail while a filter does not answer: takes it without, or asks the sender to come again (MILTER_README). */
export type WhenDown = 'accept' | 'tempfail';

/** Sockets of the filters that this tool sets up, in the order in which they look at a message: who signs comes last. */
export const milterSockets = {
  clamav: 'unix:clamav/clamav-milter.sock',
  rspamd: 'inet:localhost:11332',
  opendkim: 'unix:opendkim/opendkim.sock',
} as const;

export type Milter = keyof typeof milterSockets;

// Mail of submission and of strangers; and what programs of this machine hand to sendmail(1).
const lists = ['smtpd_milters', 'non_smtpd_milters'] as const;

/** The entry of a filter as main.cf has it; undefined where it has none. */
export const milterThere = (facts: Facts, milter: Milter, list: (typeof lists)[number] = 'smtpd_milters') =>
  itemsOf(facts, list).find(item => socketOf(item) === milterSockets[milter]);

/** What happens while that filter is down, as main.cf says. */
export const whenDownThere = (facts: Facts, milter: Milter): WhenDown => {
  const own = /default_action\s*=\s*(\w+)/.exec(milterThere(facts, milter) ?? '')?.[1];
  return (own ?? settingOf(facts, 'milter_default_action')) === 'accept' ? 'accept' : 'tempfail';
};

/** Filters of others in main.cf. */
export const otherMilters = (facts: Facts): readonly string[] => {
  const ours: readonly string[] = Object.values(milterSockets);
  return [...new Set(lists.flatMap(list => itemsOf(facts, list)))].filter(
    item => !ours.includes(socketOf(item)),
  );
};

/** A filter in its place among the others. Each entry says itself what happens while its filter is down (Postfix 3.0). */
export const milterWants = (facts: Facts, milter: Milter, whenDown: WhenDown): readonly MainWant[] => {
  const order = Object.keys(milterSockets) as Milter[];
  const place = order.indexOf(milter);
  const entries = (milters: readonly Milter[]) =>
    milters.flatMap(name => (['accept', 'tempfail'] as const).map(action => entry(name, action)));
  return lists.flatMap(at => [
    ...milterGone(facts, milter, [at], entry(milter, whenDown)),
    {
      kind: 'item' as const,
      in: 'main.cf' as const,
      at,
      value: entry(milter, whenDown),
      state: 'present' as const,
      before: entries(order.slice(place + 1)),
      after: entries(order.slice(0, place)),
    },
  ]);
};

/** Takes a filter out, but for the entry that is kept. */
export const milterGone = (
  facts: Facts,
  milter: Milter,
  from: readonly (typeof lists)[number][] = lists,
  keep?: string,
): readonly MainWant[] =>
  from.flatMap(at => {
    const value = milterThere(facts, milter, at);
    return value === undefined || value === keep
      ? []
      : [{kind: 'item' as const, in: 'main.cf' as const, at, value, state: 'absent' as const}];
  });

const entry = (milter: Milter, whenDown: WhenDown) =>
  `{ ${milterSockets[milter]}, default_action=${whenDown} }`;

const socketOf = (item: string) => (item.startsWith('{') ? (listItems(item.slice(1, -1))[0] ?? '') : item);
