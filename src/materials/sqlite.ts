import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {identifier, type SqlTable} from '../core/sql.js';

/** A database file with one table of accounts, as bytes. It is built where nobody else can look, and in memory (tmpfs). */
export const sqliteFile = async (
  {table, user, password}: SqlTable,
  accounts: readonly {readonly name: string; readonly hash: string}[],
): Promise<Buffer> => {
  const {DatabaseSync} = await import('node:sqlite');
  const folder = mkdtempSync('/run/dovetail-sqlite-');
  try {
    const path = join(folder, 'new');
    const database = new DatabaseSync(path);
    const name = (word: string) => identifier('sqlite', word);
    database.exec(
      `CREATE TABLE ${name(table)} (${name(user)} TEXT NOT NULL PRIMARY KEY, ${name(password)} TEXT NOT NULL)`,
    );
    const insert = database.prepare(
      `INSERT INTO ${name(table)} (${name(user)}, ${name(password)}) VALUES (?, ?)`,
    );
    for (const account of accounts) {
      insert.run(account.name, account.hash);
    }

    database.close();
    return readFileSync(path);
  } finally {
    rmSync(folder, {recursive: true});
  }
};
