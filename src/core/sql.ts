/** Kinds of databases that accounts can live in; MariaDB and MySQL are one. */
export type SqlEngine = 'mysql' | 'pgsql' | 'sqlite';

/** A database server, and as whom it is asked. The password is no part of it. */
export type SqlServer = {
  readonly engine: 'mysql' | 'pgsql';
  /** A name, an address, or the absolute path of a socket (pgsql: of its directory). */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** File of the authorities that the server's certificate is checked by; missing where nothing leaves this machine. */
  readonly ca?: string;
};

/** Where accounts are looked up. */
export type SqlSource = SqlServer | {readonly engine: 'sqlite'; readonly file: string};

/** Names in the database. Each account is a row; its name is a whole address. */
export type SqlTable = {
  readonly table: string;
  readonly user: string;
  readonly password: string;
  /** A column that is 1 (or true) for accounts that may log in. */
  readonly active?: string;
};

/** Material that holds the password of a database server. */
export const sqlPassword = 'sql.password';

/** Whether a server is on this machine: a socket, or an address that no other machine has. */
export const isLocalServer = (host: string) => host.startsWith('/') || /^(?:127\.[\d.]+|::1)$/.test(host);

/** Whether a text may be the name of a table (with or without its schema) or of a column: nothing in it means anything to SQL. */
export const isIdentifier = (name: string, parts = 1) =>
  name.split('.').length <= parts &&
  name.split('.').every(part => /^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(part));

/** A name as it stands in a statement. Quoted always: `user` is a function in PostgreSQL, and upper case would be folded there. */
export const identifier = (engine: SqlEngine, name: string) => {
  const mark = engine === 'mysql' ? '`' : '"';
  return name
    .split('.')
    .map(part => `${mark}${part}${mark}`)
    .join('.');
};

/** A text as it stands in a statement. MySQL reads backslashes in texts. */
export const textLiteral = (engine: SqlEngine, text: string) =>
  `'${(engine === 'mysql' ? text.replaceAll('\\', '\\\\') : text).replaceAll("'", "''")}'`;

/** `variable` stands for the name that is looked up; whoever fills it in escapes it. */
export const sqlQueries = (
  engine: SqlEngine,
  {table, user, password, active}: SqlTable,
  variable: string,
) => {
  const name = (column: string) => identifier(engine, column);
  const on = active === undefined ? '' : `${name(active)} = '1'`;
  const where = `WHERE ${name(user)} = '${variable}'${on === '' ? '' : ` AND ${on}`}`;
  const all = on === '' ? '' : ` WHERE ${on}`;
  return {
    login: `SELECT ${name(user)} AS ${name('user')}, ${name(password)} AS ${name('password')} FROM ${name(table)} ${where}`,
    user: `SELECT ${name(user)} AS ${name('user')} FROM ${name(table)} ${where}`,
    list: `SELECT ${name(user)} AS ${name('user')} FROM ${name(table)}${all}`,
  };
};
