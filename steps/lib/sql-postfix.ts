import type {Facts} from '../../src/core/facts.js';
import type {AllAnswers} from '../../src/core/question.js';
import {isLocalServer, type SqlServer, type SqlSource, sqlPassword, sqlQueries} from '../../src/core/sql.js';
import type {Content, Want} from '../../src/core/want.js';
import {itemsOf, postfixPath} from './postfix.js';
import {engineOf, serverPasswordOf, sourceOf, tableOf} from './sql.js';

const file = (facts: Facts) => postfixPath(facts, 'sql-accounts.cf');

/**
 * The table in which Postfix finds the accounts. A server is asked by proxymap(8): Debian's smtpd is chrooted and sees neither
 * sockets nor the file of authorities. A file is opened by each daemon itself before it gives up its rights, so that the user
 * postfix need not be able to read hashes.
 */
export const sqlTable = (all: AllAnswers, facts: Facts) =>
  engineOf(all) === 'sqlite' ? `sqlite:${file(facts)}` : `proxy:${engineOf(all)}:${file(facts)}`;

/** What that table is made of: mysql_table(5), pgsql_table(5), sqlite_table(5). Nothing in these files is expanded but `%` in the query. */
export const sqlTableWants = (all: AllAnswers, facts: Facts): readonly Want[] => {
  const source = sourceOf(all);
  const table = tableOf(all);
  // The password that is there cannot be written a second time.
  if (source === undefined || table === undefined || isKept(source, all, facts)) {
    return [];
  }

  const query = sqlQueries(source.engine, table, '%s').user;
  return [
    {
      kind: 'file',
      path: file(facts),
      state: 'present',
      content: [...sourceLines(source), {text: `query = ${query}\n`}],
      secret: source.engine !== 'sqlite',
      owner: 'root',
      group: source.engine === 'sqlite' ? 'root' : 'postfix',
      mode: source.engine === 'sqlite' ? 0o600 : 0o640,
    },
  ];
};

// One that was generated once stays, unless the file is there for a database of another kind.
const isKept = ({engine}: SqlSource, all: AllAnswers, facts: Facts) => {
  const password = serverPasswordOf(all) ?? 'keep';
  const isThere =
    facts.files[file(facts)] !== undefined &&
    itemsOf(facts, 'virtual_mailbox_maps').includes(sqlTable(all, facts));
  return engine !== 'sqlite' && (password === 'keep' || (password === 'generate' && isThere));
};

const sourceLines = (source: SqlSource): Content => {
  switch (source.engine) {
    case 'sqlite':
      return [{text: `dbpath = ${source.file}\n`}];
    case 'mysql':
      return mysqlLines(source);
    case 'pgsql':
      return pgsqlLines(source);
  }
};

const mysqlLines = ({host, port, database, user, ca}: SqlServer): Content => [
  {text: `hosts = ${host.startsWith('/') ? `unix:${host}` : `inet:${host}:${port}`}\n`},
  {text: `user = ${user}\npassword = `},
  {material: sqlPassword},
  {text: `\ndbname = ${database}\n`},
  ...(ca === undefined ? [] : [{text: `tls_CAfile = ${ca}\ntls_verify_cert = yes\n`}]),
];

// Only a URI can say that the name in the certificate counts.
const pgsqlLines = ({host, port, database, user, ca}: SqlServer): Content => {
  const at = host.includes(':') ? `[${host}]` : host.startsWith('/') ? encodeURIComponent(host) : host;
  const tls =
    ca === undefined || isLocalServer(host)
      ? ''
      : `?sslmode=verify-full&sslrootcert=${encodeURIComponent(ca)}`;
  return [
    {text: `hosts = postgresql://${user}:`},
    {material: sqlPassword, as: 'uri'},
    {text: `@${at}:${port}/${database}${tls}\ndbname = ${database}\n`},
  ];
};
