import {rowsOf} from '../../src/config/rows/edit.js';
import type {Facts} from '../../src/core/facts.js';
import {type Alias, domainOf} from './aliases.js';
import {domainsThere} from './domains-there.js';
import {roleNames} from './people.js';
import {itemsOf, postfixPath, settingOf} from './postfix.js';
import {addressProblem, nameProblem} from './validate.js';

/** As many as a person can look through; a larger table stays as it is, and entries are added to it. */
const most = 2000;

/** Further domains that main.cf names one by one. */
export const alsoThere = (facts: Facts): readonly string[] => {
  const own = new Set([...domainsThere(facts), ...itemsOf(facts, 'mydestination')]);
  return facts.configured.postfix
    ? itemsOf(facts, 'virtual_alias_domains').filter(
        name => nameProblem(name) === undefined && !own.has(name),
      )
    : [];
};

/** Where it is kept what was last taken in from a file of aliases. */
export const recordPath = (facts: Facts) => postfixPath(facts, 'virtual.imported');

/** Aliases of the machine's own table that the question can hold; others there are nobody's business. */
export const aliasesThere = (facts: Facts): readonly Alias[] => {
  const known = remembered.get(facts);
  const found = known ?? readThere(facts);
  remembered.set(facts, found);
  return found;
};

// A table may be large, and every key that is pressed asks for the defaults again.
const remembered = new WeakMap<Facts, readonly Alias[]>();

const readThere = (facts: Facts): readonly Alias[] => {
  const file = postfixPath(facts, 'virtual');
  if (
    !facts.configured.postfix ||
    !itemsOf(facts, 'virtual_alias_maps').some(item => item.endsWith(`:${file}`))
  ) {
    return [];
  }

  const domains = new Set([...domainsThere(facts), ...alsoThere(facts)]);
  const hostname = settingOf(facts, 'myhostname');
  const plain = plainRows(facts.files[file] ?? '');
  // The record may be far longer than the table that is left: only these addresses are looked for.
  const known = rowsOf(
    facts.files[recordPath(facts)] ?? '',
    'table',
    new Set(plain.map(({from}) => from.toLowerCase())),
  );
  const found = plain.filter(
    ({from, to}) =>
      // What came from a file is changed there.
      known.get(from) !== `${from} ${to.join(', ')}` &&
      domains.has(domainOf(from)) &&
      !isRole(from) &&
      // Users of the machine beside a list: `delivery` writes these.
      !to.includes(`${from.slice(0, from.indexOf('@'))}@${hostname}`),
  );
  return found.length > most ? [] : found.flatMap(({from, to}) => to.map(target => ({from, to: target})));
};

// The first row of a key counts (postmap(1) warns of others).
const plainRows = (text: string) => {
  // More aliases than the question holds: nobody needs to know which.
  if (text.length > most * 400) {
    return [];
  }

  return [...rowsOf(text, 'table')].flatMap(([from, row]) => {
    const [key = '', ...rest] = row.trim().split(/[\s,]+/);
    const to = rest.filter(target => target !== '');
    return key === from && to.length > 0 && [from, ...to].every(isPlain) ? [{from, to}] : [];
  });
};

const isPlain = (address: string) => addressProblem(address) === undefined;
const isRole = (address: string) => roleNames.some(role => address.startsWith(`${role}@`));
