import {dovecotValue} from '../../config/quote.js';
import type {Block, DovecotDialect, DovecotEdit} from '../../core/edit.js';
import type {Passdb, SqlDatabase, Userdb} from '../../core/setting.js';
import {isLocalServer, type SqlServer, type SqlTable, sqlPassword, sqlQueries} from '../../core/sql.js';
import type {Content, DovecotWant, Row, RowsWant, SecretForm} from '../../core/want.js';

/** Where 2.3 keeps all of it, and 2.4 the password: nobody but root reads either. */
export const sqlFiles: Readonly<Record<DovecotDialect, string>> = {
  '2.3': '/etc/dovecot/dovecot-sql.conf.ext',
  '2.4': '/etc/dovecot/dovecot-sql-password.conf.ext',
};
const passwordFile = 'dovecot-sql-password.conf.ext';

/**
 * What MariaDB's client library is told about TLS. 2.3 sets `ssl_ca` for its first try alone: each later one went without TLS
 * (seen with 2.3.19). What stands in a file of the library's own holds for every try. No secret is in it.
 */
export const sqlOptionFile = '/etc/dovecot/dovetail-sql.cnf';
const optionGroup = 'dovetail';

export const sqlHome = 'auth-sql.conf.ext';
const variable: Readonly<Record<DovecotDialect, string>> = {'2.3': '%u', '2.4': '%{user}'};

type Pairs = readonly (readonly [key: string, value: string])[];

const sets = (at: readonly Block[], pairs: Pairs): readonly DovecotEdit[] =>
  pairs.map(([key, value]) => ({op: 'set', at, key, value, home: sqlHome}));

/** Edits of the configuration that Dovecot reads itself: 2.4 has all of it there, but for the password. */
export const databaseEdits = (
  value: SqlDatabase,
  state: 'present' | 'absent',
  dialect: DovecotDialect,
): readonly DovecotEdit[] => {
  const {source} = value;
  if (dialect === '2.3') {
    return [];
  }

  if (source.engine === 'sqlite') {
    return state === 'absent'
      ? ['sqlite_path', 'sqlite_readonly', 'sqlite_journal_mode'].map(key => ({op: 'unset', at: [], key}))
      : sets(
          [],
          [
            ['sql_driver', 'sqlite'],
            ['sqlite_path', source.file],
            // Its own default writes: a log beside the file.
            ['sqlite_readonly', 'yes'],
            ['sqlite_journal_mode', 'delete'],
          ],
        );
  }

  const at: readonly Block[] = [{type: source.engine, name: source.host}];
  if (state === 'absent') {
    return [{op: 'block', at, state, home: sqlHome}];
  }

  return [
    ...sets([], [['sql_driver', source.engine]]),
    {op: 'include', file: passwordFile, state: 'present', made: true},
    ...(source.engine === 'mysql'
      ? sets(at, mysqlPairs(source))
      : sets([...at, {type: 'parameters'}], pgsqlPairs(source))),
  ];
};

const mysqlPairs = ({host, port, database, user, ca}: SqlServer): Pairs => [
  ...(host.startsWith('/') ? [] : ([['port', String(port)]] as const)),
  ['dbname', database],
  ['user', user],
  ...(ca === undefined
    ? []
    : ([
        ['ssl', 'yes'],
        ['ssl_client_ca_file', ca],
      ] as const)),
];

// libpq, Connection Strings: verify-full compares the name in the certificate, which its default never does.
const pgsqlPairs = ({port, database, user, ca}: SqlServer): Pairs => [
  ['port', String(port)],
  ['dbname', database],
  ['user', user],
  ...(ca === undefined
    ? []
    : ([
        ['sslmode', 'verify-full'],
        ['sslrootcert', ca],
      ] as const)),
];

/** Settings of the password database, in the block of that name. */
export const sqlPassdb = (
  {engine, table, scheme}: Extract<Passdb, {driver: 'sql'}>,
  at: readonly Block[],
  dialect: DovecotDialect,
): readonly DovecotEdit[] =>
  dialect === '2.3'
    ? sets(at, [['args', sqlFiles[dialect]]])
    : sets(at, [
        ['default_password_scheme', scheme],
        ['query', query(engine, table, dialect).login],
      ]);

/** Settings of the user database, but for who owns the mail. */
export const sqlUserdb = (
  {engine, table}: Extract<Userdb, {driver: 'sql'}>,
  at: readonly Block[],
  dialect: DovecotDialect,
): readonly DovecotEdit[] =>
  dialect === '2.3'
    ? sets(at, [['args', sqlFiles[dialect]]])
    : sets(at, [
        ['query', query(engine, table, dialect).user],
        ['iterate_query', query(engine, table, dialect).list],
      ]);

// In quotes as 2.3 has them: the variables must stay what they are.
const query = (engine: SqlDatabase['source']['engine'], table: SqlTable, dialect: DovecotDialect) => {
  const {login, user, list} = sqlQueries(engine, table, variable[dialect]);
  return {
    login: dovecotValue(login, '2.3'),
    user: dovecotValue(user, '2.3'),
    list: dovecotValue(list, '2.3'),
  };
};

/** Rows of the file beside the configuration that a want comes to; none where it has nothing there. */
export const sqlRows = (want: DovecotWant, dialect: DovecotDialect): RowsWant | undefined => {
  const rows =
    want.kind !== 'block' ? [] : want.state === 'present' ? rowsOf(want, dialect) : leftRows(want, dialect);
  return rows.length === 0
    ? undefined
    : {
        kind: 'rows',
        file: sqlFiles[dialect],
        format: dialect === '2.3' ? 'ext' : 'settings',
        secret: true,
        ownership: {owner: 'root', group: 'root', mode: 0o600},
        rows,
      };
};

const rowsOf = (want: Extract<DovecotWant, {kind: 'block'}>, dialect: DovecotDialect): readonly Row[] => {
  if (dialect === '2.4') {
    return want.at === 'database' ? passwordRows(want.value) : [];
  }

  switch (want.at) {
    case 'database':
      return [row('driver', want.value.source.engine), ...connectRows(want.value)];
    case 'passdb':
      return want.value.driver === 'sql'
        ? [
            row('default_pass_scheme', want.value.scheme),
            row('password_query', query(want.value.engine, want.value.table, dialect).login),
          ]
        : [];
    case 'userdb': {
      if (want.value.driver !== 'sql') {
        return [];
      }

      const {user, list} = query(want.value.engine, want.value.table, dialect);
      return [row('user_query', user), row('iterate_query', list)];
    }

    default:
      return [];
  }
};

// What no section asks any more needs no password: it goes, and comes back with an undo.
const leftRows = (
  {at, value}: Extract<DovecotWant, {kind: 'block'}>,
  dialect: DovecotDialect,
): readonly Row[] =>
  at === 'passdb' && value.driver === 'sql'
    ? (dialect === '2.3' ? ['connect'] : ['mysql_password', 'pgsql_parameters/password']).map(key => ({
        key,
        state: 'absent',
      }))
    : [];

const passwordRows = ({source, password}: SqlDatabase): readonly Row[] => {
  if (source.engine === 'sqlite' || password === 'keep') {
    return [];
  }

  const key = source.engine === 'mysql' ? 'mysql_password' : 'pgsql_parameters/password';
  return [present(key, [{text: `${key} = `}, {material: sqlPassword, as: 'dovecot-2.4'}])];
};

// 2.3 splits this at blanks, whatever quotes there are inside (driver-mysql.c, driver-pgsql.c).
const connectRows = ({source, password}: SqlDatabase): readonly Row[] => {
  if (source.engine === 'sqlite') {
    return [row('connect', source.file)];
  }

  if (password === 'keep') {
    return [];
  }

  const {engine, host, port, database, user, ca} = source;
  const words = [
    `host=${host}`,
    ...(host.startsWith('/') && engine === 'mysql' ? [] : [`port=${port}`]),
    `dbname=${database}`,
    `user=${user}`,
    ...(ca === undefined
      ? []
      : engine === 'mysql'
        ? [`option_file=${sqlOptionFile}`, `option_group=${optionGroup}`]
        : ['sslmode=verify-full', `sslrootcert=${ca}`]),
  ];
  const form: SecretForm = engine === 'mysql' ? 'connect-mysql' : 'connect-pgsql';
  return [
    present('connect', [
      {text: `connect = "${words.join(' ')} password=`},
      {material: sqlPassword, as: form},
      {text: '"'},
    ]),
  ];
};

const present = (key: string, content: Content): Row => ({key, state: 'present', content});
const row = (key: string, value: string): Row => present(key, [{text: `${key} = ${value}`}]);

/** The file that tells MariaDB's library about TLS; undefined where none is needed. */
export const optionFileText = ({source}: SqlDatabase, dialect: DovecotDialect): string | undefined =>
  dialect === '2.3' && source.engine === 'mysql' && source.ca !== undefined && !isLocalServer(source.host)
    ? `# TLS to the database of accounts (${sqlFiles['2.3']}).\n[${optionGroup}]\nssl-ca=${source.ca}\nssl-verify-server-cert=1\n`
    : undefined;
