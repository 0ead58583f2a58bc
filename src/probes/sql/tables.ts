import type {SqlSource} from '../../core/sql.js';
import type {SqlClient} from './client.js';

/** A table as the database describes it. */
export type TableThere = {
  /** As short as it can be said. */
  readonly name: string;
  /** With its schema, where the database has some. */
  readonly whole: string;
  readonly columns: readonly {readonly name: string; readonly type: string}[];
};

/** Tables of a database and their columns, in its own order; as many as a person can look through. */
export const tablesOf = async (client: SqlClient, {engine}: SqlSource): Promise<readonly TableThere[]> => {
  const tables = new Map<string, TableThere>();
  for (const row of await client.ask(statements[engine])) {
    const [schema, table] = [String(row['s'] ?? ''), String(row['t'] ?? '')];
    const whole = schema === '' ? table : `${schema}.${table}`;
    const before = tables.get(whole) ?? {name: row['here'] === false ? whole : table, whole, columns: []};
    const column = {name: String(row['c']), type: String(row['d'] ?? '')};
    tables.set(whole, {...before, columns: [...before.columns, column]});
  }

  return [...tables.values()];
};

// PostgreSQL looks in one schema by itself; tables of others need its name before theirs.
const statements = {
  sqlite:
    "SELECT '' AS s, m.name AS t, c.name AS c, c.type AS d FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' LIMIT 2000",
  mysql:
    "SELECT '' AS s, table_name AS t, column_name AS c, column_type AS d FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position LIMIT 2000",
  pgsql:
    "SELECT table_schema AS s, table_name AS t, column_name AS c, data_type AS d, table_schema = current_schema() AS here FROM information_schema.columns WHERE table_schema NOT IN ('information_schema', 'pg_catalog') ORDER BY here DESC, 1, 2, ordinal_position LIMIT 2000",
} as const;
