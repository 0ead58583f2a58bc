import type {Facts} from '../../src/core/facts.js';
import {foundBy} from '../../src/core/ldap/pattern.js';
import type {AllAnswers} from '../../src/core/question.js';
import type {Want} from '../../src/core/want.js';
import {filterOf, ldapTable, serverOf} from './ldap.js';
import {type Backend, backendsOf, mailUsersOf} from './people.js';
import {itemsOf, mapTypeOf, postfixPath, tableRow} from './postfix.js';
import {domainsOf} from './read.js';
import {sqlTable, sqlTableWants} from './sql-postfix.js';

const list = 'virtual_mailbox_maps';

/** How Postfix finds the accounts of one back end that are whole addresses. The value of each is the name that it logs in by. */
type Recipients = {
  /** The table as an item of a list, `type:path`. */
  readonly table: (all: AllAnswers, facts: Facts) => string;
  /** What makes the table. */
  readonly wants?: (all: AllAnswers, facts: Facts) => readonly Want[];
};

const vmailbox = (facts: Facts) => postfixPath(facts, 'vmailbox');

/** Only proxymap(8) is outside of the chroot that Debian's smtpd runs in: from there neither the CA's file nor a name server is seen. */
const directory = (facts: Facts) => postfixPath(facts, 'ldap-accounts.cf');

const sources: Readonly<Partial<Record<Backend, Recipients>>> = {
  'passwd-file': {
    table: (_all, facts) => `${mapTypeOf(facts, list, vmailbox(facts))}:${vmailbox(facts)}`,
    wants: (all, facts) => [
      {
        kind: 'rows',
        file: vmailbox(facts),
        format: 'table',
        ownership: {owner: 'root', group: 'root', mode: 0o644},
        compile: mapTypeOf(facts, list, vmailbox(facts)),
        rows: mailUsersOf(all, facts)
          .filter(user => domainsOf(all).includes(user.slice(user.indexOf('@') + 1)))
          .map(user => tableRow(user, user)),
      },
    ],
  },
  sql: {table: sqlTable, wants: sqlTableWants},
  ldap: {
    table: (_all, facts) => `proxy:ldap:${directory(facts)}`,
    wants: (all, facts) => [
      ldapTable({
        file: directory(facts),
        server: serverOf(all),
        filter: filterOf(all),
        attribute: foundBy(filterOf(all))?.attribute ?? 'mail',
        same: true,
        domains: domainsOf(all),
      }),
    ],
  },
};

/** Files of these tables that have the password of a server: nobody needs one once its back end is not asked any more. */
export const secretTables = ['/etc/postfix/sql-accounts.cf', '/etc/postfix/ldap-accounts.cf'];

/** Tables of all accounts that are addresses, in the order of the back ends. */
export const recipientTables = (all: AllAnswers, facts: Facts): readonly string[] =>
  backendsOf(all).flatMap(backend => sources[backend]?.table(all, facts) ?? []);

/**
 * The recipient tables follow the back ends: Postfix refuses everybody else at RCPT, so nothing has to bounce. Those of back ends
 * that are no longer asked go; what somebody added by hand stays.
 */
export const recipientWants = (all: AllAnswers, facts: Facts): readonly Want[] => {
  const tables = recipientTables(all, facts);
  const ours = Object.values(sources).map(({table}) => fileOf(table(all, facts)));
  const dropped = itemsOf(facts, list).filter(
    table => ours.includes(fileOf(table)) && !tables.includes(table),
  );
  const item = (value: string, state: 'present' | 'absent'): Want => ({
    kind: 'item',
    in: 'main.cf',
    at: list,
    value,
    state,
  });
  return [
    ...tables.map(table => item(table, 'present')),
    ...dropped.map(table => item(table, 'absent')),
    ...backendsOf(all).flatMap(backend => sources[backend]?.wants?.(all, facts) ?? []),
    ...leftSecrets(tables, facts),
  ];
};

// By their files: the same one is read by another kind of table where a database gives way to one of another kind.
const fileOf = (table: string) => table.slice(table.lastIndexOf(':') + 1);

// Files that Postfix was told to ask by are ours by their names; one that it was never told of is somebody else's.
const leftSecrets = (tables: readonly string[], facts: Facts): readonly Want[] => {
  const asked = new Set([list, 'smtpd_sender_login_maps'].flatMap(key => itemsOf(facts, key)).map(fileOf));
  const needed = new Set(tables.map(fileOf));
  return secretTables
    .filter(path => asked.has(path) && !needed.has(path) && facts.files[path] !== undefined)
    .map(path => ({kind: 'file', path, state: 'absent', unless: 'named-by-postfix'}));
};
