import type {Facts} from '../../src/core/facts.js';
import {itemsOf, settingOf} from './postfix.js';
import {nameProblem} from './validate.js';

/** Mail domains of a configured Postfix; none where they are kept in a table, or written with $names. */
export const domainsThere = (facts: Facts) => {
  const isPlain = (name: string) => nameProblem(name) === undefined;
  const virtual = itemsOf(facts, 'virtual_mailbox_domains');
  if (virtual.length > 0) {
    return virtual.every(isPlain) ? virtual : [];
  }

  const hostname = settingOf(facts, 'myhostname');
  return itemsOf(facts, 'mydestination').filter(
    name => isPlain(name) && name !== hostname && !name.startsWith('localhost.'),
  );
};
