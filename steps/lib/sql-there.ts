import {extValue} from '../../src/config/dovecot/ext.js';
import {rowsOf} from '../../src/config/rows/edit.js';
import type {Facts} from '../../src/core/facts.js';
import type {Platform} from '../../src/core/platform.js';
import {isLocalServer, type SqlEngine, type SqlTable} from '../../src/core/sql.js';
import {readDovecot} from '../../src/planner/dialects/read.js';
import type {DatabaseThere} from '../../src/planner/dialects/read-blocks.js';
import {usualPort} from './sql.js';

/** What a machine that asks a database says to the questions of `auth-sql`; what they cannot say is missing. */
export const sqlThere = (facts: Facts, platform: Platform) => {
  const passdb = readDovecot(facts).passdbs.find(({driver}) => driver === 'sql');
  if (!facts.configured.dovecot || passdb === undefined) {
    return {};
  }

  const there =
    facts.dovecot?.dialect === '2.4' ? newSettings(facts, passdb) : oldSettings(facts, passdb.values['args']);
  const engine = (['mysql', 'pgsql', 'sqlite'] as const).find(name => name === there['driver']);
  if (engine === undefined) {
    return {};
  }

  const table = tableIn(there['login'] ?? '');
  const scheme = there['scheme'];
  return {
    engine,
    ...(engine === 'sqlite'
      ? there['file'] === undefined
        ? {}
        : {file: there['file']}
      : serverThere(engine, there, platform)),
    ...(table === undefined
      ? {}
      : {
          table: table.table,
          user_column: table.user,
          password_column: table.password,
          active_column: table.active ?? '',
        }),
    ...(scheme === undefined ? {} : {scheme}),
    sample: '',
  };
};

const serverThere = (
  engine: Exclude<SqlEngine, 'sqlite'>,
  there: Readonly<Record<string, string | undefined>>,
  {paths}: Platform,
) => {
  const {host, port, database, user, ca, password} = there;
  if (host === undefined || database === undefined || user === undefined) {
    return {};
  }

  return {
    host,
    ...(host.startsWith('/') && engine === 'mysql' ? {} : {port: Number(port ?? usualPort(engine))}),
    ...(isLocalServer(host) ? {} : {ca: ca ?? paths.caBundle}),
    database,
    user,
    ...(password === undefined ? {} : {password: 'keep' as const}),
  };
};

type There = Readonly<Record<string, string | undefined>>;

// 2.3: everything stands in the file that `args` names.
const oldSettings = (facts: Facts, path: string | undefined): There => {
  const rows = rowsOf(facts.files[path ?? ''] ?? '', 'ext');
  const value = (key: string) => {
    const row = rows.get(key);
    return row === undefined ? undefined : extValue(row);
  };
  const driver = value('driver');
  const connect = value('connect') ?? '';
  const words = Object.fromEntries(
    [...connect.matchAll(/(\w+)=(\S*)/g)].map(([, key = '', word = '']) => [key, word]),
  );
  const options = facts.files[words['option_file'] ?? ''] ?? '';
  return {
    driver,
    file: driver === 'sqlite' ? connect : undefined,
    // Two servers take turns: that is a way of its own.
    host: connect.match(/\bhost=/g)?.length === 1 ? words['host'] : undefined,
    port: words['port'],
    database: words['dbname'],
    user: words['user'],
    password: words['password'],
    ca: words['ssl_ca'] ?? words['sslrootcert'] ?? /^ssl-ca=(\S+)/m.exec(options)?.[1],
    scheme: value('default_pass_scheme'),
    login: value('password_query'),
  };
};

const newSettings = (facts: Facts, {values}: DatabaseThere): There => {
  const {driver, file, servers} = readDovecot(facts).sql;
  const [server] = servers;
  const own = servers.length === 1 ? server?.values : undefined;
  // Each name may be written with what the block is called before it, or without.
  const of = (key: string) =>
    values[key] ?? values[`sql_${key}`] ?? values[`passdb_sql_${key}`] ?? values[`passdb_${key}`];
  return {
    driver,
    file,
    host: own === undefined ? undefined : server?.host,
    port: own?.['port'],
    database: own?.['dbname'],
    user: own?.['user'],
    // It may stand anywhere, and not everybody may read it.
    password: own === undefined ? undefined : 'there',
    ca: own?.['ssl_client_ca_file'] ?? own?.['sslrootcert'],
    scheme: of('default_password_scheme'),
    login: of('query'),
  };
};

// A query of one table by one column, as the documents have it too; any other is the machine's own way.
const shape =
  /^SELECT (?:(\w+) AS user, ?)?(\w+)(?: AS password)?(?:, ?(\w+) AS user)? FROM ([\w.]+) WHERE (\w+) ?= ?'%(?:u|\{user\})'(?: AND (\w+) ?= ?'?1'?)?;?$/i;

const tableIn = (query: string): SqlTable | undefined => {
  const plain = query.replaceAll(/["`]/g, '').replaceAll(/\s+/g, ' ').trim();
  const [, first, password, last, table, where, active] = shape.exec(plain) ?? [];
  return password === undefined ||
    table === undefined ||
    where === undefined ||
    [first, last].some(user => user !== undefined && user !== where)
    ? undefined
    : {table, user: where, password, ...(active === undefined ? {} : {active})};
};
