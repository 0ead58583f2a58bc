import {createHash} from 'node:crypto';
import type {ChangeOf} from '../core/change.js';
import {identifier, textLiteral} from '../core/sql.js';

export type Make = ChangeOf<'database.make'>;

/** Statements by which a database for accounts is looked at, made and taken away, for the administrator of its server. */
export const statementsOf = (change: Make) => {
  const {engine, database, table, reader} = change;
  const name = (word: string) => identifier(engine, word);
  const text = (word: string) => textLiteral(engine, word);
  const isMysql = engine === 'mysql';
  const who = isMysql ? `${text(reader.name)}@'localhost'` : name(reader.name);
  const names = (words: readonly string[]) => words.map(text).join(', ');
  return {
    see: {
      database: isMysql
        ? `SELECT 1 FROM information_schema.schemata WHERE schema_name = ${text(database)}`
        : `SELECT 1 FROM pg_database WHERE datname = ${text(database)}`,
      table: isMysql
        ? `SELECT 1 FROM information_schema.tables WHERE table_schema = ${text(database)} AND table_name = ${text(table.table)}`
        : `SELECT 1 FROM information_schema.tables WHERE table_schema = 'public' AND table_name = ${text(table.table)}`,
      reader: isMysql
        ? `SELECT 1 FROM mysql.user WHERE user = ${text(reader.name)} AND host = 'localhost'`
        : `SELECT 1 FROM pg_roles WHERE rolname = ${text(reader.name)}`,
      accounts: (of: readonly string[]) =>
        `SELECT ${name(table.user)}, ${name(table.password)} FROM ${name(table.table)} WHERE ${name(table.user)} IN (${names(of)})`,
      rows: `SELECT count(*) FROM ${name(table.table)}`,
      tables: isMysql
        ? `SELECT table_name FROM information_schema.tables WHERE table_schema = ${text(database)}`
        : "SELECT table_name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')",
      rights: isMysql
        ? `SHOW GRANTS FOR ${who}`
        : `SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = ${text(reader.name)}`,
    },
    make: {
      database: isMysql
        ? `CREATE DATABASE ${name(database)} CHARACTER SET utf8mb4`
        : `CREATE DATABASE ${name(database)}`,
      table: `CREATE TABLE ${name(table.table)} (${name(table.user)} VARCHAR(254) NOT NULL PRIMARY KEY, ${name(table.password)} VARCHAR(255) NOT NULL)`,
      reader: (password: string) =>
        isMysql
          ? `CREATE USER ${who} IDENTIFIED BY PASSWORD ${text(nativeHash(password))}`
          : // The statement stands in no log, whatever becomes of it.
            `SET log_statement = 'none'; SET log_min_error_statement = 'panic'; SET log_min_duration_statement = -1; CREATE ROLE ${who} LOGIN PASSWORD ${text(password)}`,
      right: `GRANT SELECT ON ${name(table.table)} TO ${who}`,
      account: (user: string, hash: string) =>
        `INSERT INTO ${name(table.table)} (${name(table.user)}, ${name(table.password)}) VALUES (${text(user)}, ${text(hash)})`,
    },
    drop: {
      account: (user: string) => `DELETE FROM ${name(table.table)} WHERE ${name(table.user)} = ${text(user)}`,
      table: `DROP TABLE ${name(table.table)}`,
      right: `REVOKE SELECT ON ${name(table.table)} FROM ${who}`,
      reader: isMysql ? `DROP USER ${who}` : `DROP ROLE ${who}`,
      // Dovecot and Postfix may still be connected.
      database: isMysql ? `DROP DATABASE ${name(database)}` : `DROP DATABASE ${name(database)} WITH (FORCE)`,
    },
  };
};

// MariaDB's own way (mysql_native_password): the server's log of statements may show what it was told.
const nativeHash = (password: string) => {
  const sha1 = (bytes: Buffer) => createHash('sha1').update(bytes).digest();
  return `*${sha1(sha1(Buffer.from(password)))
    .toString('hex')
    .toUpperCase()}`;
};
