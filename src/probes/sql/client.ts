import type {SqlServer, SqlSource} from '../../core/sql.js';
import type {ReadFiles} from '../../system/types.js';

/** A connection that can only be asked. Rows as the server has them; errors are the driver's own, with `code`. */
export type SqlClient = {
  readonly ask: (
    statement: string,
    values?: readonly string[],
  ) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** At once: a server that has stopped answering is not waited for. */
  readonly close: () => void;
};

/** Connects as the mail server will: its certificate is verified against its name. The drivers are loaded when they are needed. */
export const openSql = async (
  source: SqlSource,
  password: string,
  {files, timeout}: {readonly files: ReadFiles; readonly timeout: number},
): Promise<SqlClient> => {
  if (source.engine === 'sqlite') {
    return openFile(source.file);
  }

  const ca = source.ca === undefined ? undefined : caOf(source.ca, files);
  return source.engine === 'mysql'
    ? openMysql(source, password, ca, timeout)
    : openPgsql(source, password, ca, timeout);
};

/** The file of authorities cannot be read. */
export const noCa = 'DOVETAIL_NO_CA';

const caOf = (path: string, files: ReadFiles) => {
  const bytes = files.read(path, {follow: true, limit: 8 * 1024 * 1024});
  if (bytes === undefined || !bytes.includes('-----BEGIN CERTIFICATE-----')) {
    throw Object.assign(new Error(path), {code: noCa});
  }

  return bytes.toString('latin1');
};

const openMysql = async (
  {host, port, database, user}: SqlServer,
  password: string,
  ca: string | undefined,
  timeout: number,
): Promise<SqlClient> => {
  const {default: mysql} = await import('mysql2/promise');
  const connection = await mysql.createConnection({
    ...(host.startsWith('/') ? {socketPath: host} : {host, port}),
    user,
    password,
    database,
    connectTimeout: timeout,
    // Its own default compares no names.
    ...(ca === undefined ? {} : {ssl: {ca, rejectUnauthorized: true, verifyIdentity: true}}),
    disableEval: true,
  });
  // A connection that breaks later is noticed by whoever asks.
  connection.on('error', () => undefined);
  return {
    ask: async (statement, values = []) => {
      const [rows] = await connection.query(statement, [...values]);
      return rows as readonly Readonly<Record<string, unknown>>[];
    },
    close: () => connection.destroy(),
  };
};

const openPgsql = async (
  {host, port, database, user}: SqlServer,
  password: string,
  ca: string | undefined,
  timeout: number,
): Promise<SqlClient> => {
  const {default: pg} = await import('pg');
  const client = new pg.Client({
    host,
    port,
    database,
    user,
    password,
    connectionTimeoutMillis: timeout,
    query_timeout: timeout,
    ssl: ca === undefined ? false : {ca, rejectUnauthorized: true},
  });
  client.on('error', () => undefined);
  await client.connect();
  return {
    ask: async (statement, values = []) => {
      const [first = '', ...rest] = statement.split('?');
      const numbered = first + rest.map((part, at) => `$${at + 1}${part}`).join('');
      return (await client.query(numbered, [...values])).rows as readonly Readonly<Record<string, unknown>>[];
    },
    close: () => void client.end().catch(() => undefined),
  };
};

const openFile = async (path: string): Promise<SqlClient> => {
  const {DatabaseSync} = await import('node:sqlite');
  const database = new DatabaseSync(path, {readOnly: true});
  return {
    ask: async (statement, values = []) =>
      database.prepare(statement).all(...values) as readonly Readonly<Record<string, unknown>>[],
    close: () => database.close(),
  };
};
