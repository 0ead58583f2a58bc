import type {Facts} from '../../src/core/facts.js';
import type {AllAnswers} from '../../src/core/question.js';
import type {Want} from '../../src/core/want.js';
import {domainClassOf, hasMailOwner, hasPam, roleNames, uidRangeOf} from './people.js';
import {aliasRow, mapItem, mapTypeOf, postfixPath, tableRow} from './postfix.js';
import {answer, domainsOf, isServer, mailUserOf} from './read.js';

/** Who reads the mail for the roles. */
export const adminOf = (all: AllAnswers) => answer<string>(all, 'smtp', 'admin');

/** Addresses of the roles in each domain. */
export const roleAddresses = (domains: readonly string[]) =>
  domains.flatMap(domain => roleNames.map(role => `${role}@${domain}`));

const ownership = {owner: 'root', group: 'root', mode: 0o644};
const aliases = '/etc/aliases';

/**
 * The roles stand in the map that the domain's class really uses: aliases(5) is read for local domains alone, virtual(5)
 * for all. Root's mail of the machine itself is local on a server; a null client has no local delivery.
 */
export const roleWants = (all: AllAnswers, facts: Facts, admin: string | undefined): readonly Want[] => {
  if (admin === undefined) {
    return [];
  }

  if (!isServer(all)) {
    // A key without a domain means the name at $myorigin (virtual(5)).
    return virtualRows(facts, ['root', 'postmaster'], admin);
  }

  return domainClassOf(all) === 'virtual'
    ? [...virtualRows(facts, roleAddresses(domainsOf(all)), admin), ...aliasRows(all, facts, admin)]
    : aliasRows(all, facts, admin);
};

const virtualRows = (facts: Facts, keys: readonly string[], admin: string): readonly Want[] => {
  const file = postfixPath(facts, 'virtual');
  return [
    mapItem(facts, 'virtual_alias_maps', file),
    {
      kind: 'rows',
      file,
      format: 'table',
      ownership,
      compile: mapTypeOf(facts, 'virtual_alias_maps', file),
      rows: keys.map(key => tableRow(key, admin)),
    },
  ];
};

// Postfix takes mail for every user of passwd(5); Dovecot would put off that of users who may not have any (451), until it
// bounces to somebody who never sent it. It goes to who reads root's.
const serviceNames = (all: AllAnswers, facts: Facts): readonly string[] => {
  if (!hasPam(all)) {
    return [];
  }

  const {first, last} = uidRangeOf(all);
  // Those of a directory are many, and others from day to day.
  const outside = facts.users
    .filter(({uid, elsewhere}) => elsewhere !== true && (uid < first || uid > last || uid === 65_534))
    .map(({name}) => name);
  return [...outside, ...(hasMailOwner(all) ? [mailUserOf(all)] : [])].filter(
    name => !['root', 'postmaster', 'abuse'].includes(name) && /^[A-Za-z_][\w.-]*$/.test(name),
  );
};

const aliasRows = (all: AllAnswers, facts: Facts, admin: string): readonly Want[] => [
  mapItem(facts, 'alias_maps', aliases),
  {
    kind: 'rows',
    file: aliases,
    format: 'aliases',
    ownership,
    compile: mapTypeOf(facts, 'alias_maps', aliases),
    // Distributions point postmaster and abuse at root already, some by way of each other.
    rows: [
      aliasRow('root', admin),
      aliasRow('postmaster', 'root', true),
      aliasRow('abuse', 'root', true),
      ...serviceNames(all, facts).map(name => aliasRow(name, 'root', true)),
    ],
  },
];
