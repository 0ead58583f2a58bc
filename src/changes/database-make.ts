import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {secret} from '../core/secret.js';
import {fill, type Text} from '../core/text.js';
import {digestOf} from '../system/blobs.js';
import type {Databases, Host, System} from '../system/types.js';
import {type Make, statementsOf} from './database-sql.js';
import type {ChangeHandler, Conflict} from './types.js';

/** What of it is there. */
type Seen = {
  readonly database: boolean;
  readonly table: boolean;
  readonly reader: boolean;
  /** Accounts of ours that the table has. */
  readonly accounts: readonly string[];
};

/** What we left, so that an undo can tell it from what others changed since. Digests only: the journal holds no hash. */
type After = {readonly rights: string; readonly accounts: Readonly<Record<string, string>>};

/** A database for accounts, its table, a user who may read it, and first accounts, on a server of this machine. What is there is kept as it is. */
export const databaseMake: ChangeHandler<Make, Seen, Seen, After> = {
  observe: async (host, change) => see(host, change),
  preview: (change, seen, {certainty}) => {
    const lines = wanted(change, seen);
    return {
      action: lines.length === 0 ? 'none' : 'create',
      certainty,
      reversible: 'exact',
      title: fill(texts.title, {engine: change.engine, database: change.database}),
      body: lines.map(line => `+${line}`),
    };
  },
  capture: async (system, change) => see(system, change),
  apply: async (system, change, before, {resolve}) => {
    const {engine, database, accounts, reader} = change;
    const {make} = statementsOf(change);
    const tell = (statement: string) => system.databases.change(engine, database, secret(`${statement};\n`));
    if (!before.database) {
      await system.databases.change(engine, outsideOf(engine), secret(`${make.database};\n`));
    }

    if (!before.table) {
      await tell(make.table);
    }

    if (!before.reader) {
      await tell(make.reader(resolve(reader.password).toString()));
      await tell(make.right);
    }

    const written: Record<string, string> = {};
    for (const {name, content} of accounts.filter(({name: one}) => !before.accounts.includes(one))) {
      const hash = resolve(content).toString('latin1');
      await tell(make.account(name, hash));
      written[name] = digestOf(hash);
    }

    return {rights: before.reader ? '' : await rightsOf(system.databases, change), accounts: written};
  },
  verify: async (host, change) => {
    if ((host as System).databases.simulated) {
      const values = {database: change.database};
      return [
        {
          id: `verify:${change.id}`,
          severity: 'unchecked',
          summary: fill(texts.simulated, values),
          remedy: texts.simulatedRemedy,
        },
      ];
    }

    const left = wanted(change, await see(host, change));
    return left.length === 0
      ? []
      : [
          {
            id: `verify:${change.id}`,
            severity: 'fail',
            summary: fill(texts.missing, {what: left.join(', ')}),
            remedy: texts.missingRemedy,
          },
        ];
  },
  revert: async (system, change, before, after) => {
    const now = await see(system, change);
    const kept = [
      ...(await dropAccounts(system.databases, change, before, now, after)),
      ...(await dropReader(system.databases, change, before, now, after)),
      ...(await dropDatabase(system.databases, change, before, now)),
    ];
    return kept.length > 0
      ? conflict(change, kept)
      : {kind: before.database && before.table && before.reader ? 'nothing-to-do' : 'reverted'};
  },
  // Accounts may have come since, and mail of theirs: one section's undo leaves them; the undo of all of it looks closer.
  inverse: (change, _before, _after, {stays}) => {
    stays(`${change.engine}:${change.database}`);
    return [];
  },
};

// PostgreSQL has no place outside of all databases: there it is that of its administrator.
const outsideOf = (engine: Make['engine']) => (engine === 'mysql' ? undefined : 'postgres');

const see = async (host: Host, change: Make): Promise<Seen> => {
  const {databases} = host as System;
  const {see: statements} = statementsOf(change);
  const ask = async (statement: string, where?: string) => {
    const rows = await databases.look(change.engine, where, statement);
    if (rows === undefined) {
      throw new ProblemError({
        code: exitCode.internal,
        what: fill(texts.silent, {engine: change.engine}),
        remedy: texts.silentRemedy,
      });
    }

    return rows;
  };
  const has = async (statement: string, where?: string) => (await ask(statement, where)).length > 0;
  const database = await has(statements.database);
  const table = database && (await has(statements.table, change.database));
  const names = change.accounts.map(({name}) => name);
  return {
    database,
    table,
    reader: await has(statements.reader),
    accounts:
      table && names.length > 0
        ? (await ask(statements.accounts(names), change.database)).map(row => row.split(/[\t|]/)[0] ?? '')
        : [],
  };
};

const wanted = ({database, table, reader, accounts}: Make, seen: Seen): readonly string[] => [
  ...(seen.database ? [] : [`database ${database}`]),
  ...(seen.table ? [] : [`table ${table.table} (${table.user}, ${table.password})`]),
  ...(seen.reader ? [] : [`user ${reader.name}, who may read ${table.table}`]),
  ...accounts.filter(({name}) => !seen.accounts.includes(name)).map(({name}) => `account ${name}`),
];

const rightsOf = async (databases: Databases, change: Make) =>
  digestOf(
    ((await databases.look(change.engine, change.database, statementsOf(change).see.rights)) ?? [])
      // The hash of the password stands in the first line of MariaDB's.
      .map(line => line.replace(/ IDENTIFIED BY .*/, ''))
      .join('\n'),
  );

// An account whose password was changed since is somebody's by now.
const dropAccounts = async (
  databases: Databases,
  change: Make,
  before: Seen,
  now: Seen,
  after: After | undefined,
): Promise<readonly string[]> => {
  const ours = change.accounts
    .map(({name}) => name)
    .filter(name => !before.accounts.includes(name) && now.accounts.includes(name));
  if (ours.length === 0) {
    return [];
  }

  const {see: statements, drop} = statementsOf(change);
  const rows = (await databases.look(change.engine, change.database, statements.accounts(ours))) ?? [];
  const hashes = new Map(rows.map(row => [row.split(/[\t|]/)[0] ?? '', row.replace(/^[^\t|]*[\t|]/, '')]));
  const kept: string[] = [];
  for (const name of ours) {
    if (after === undefined || digestOf(hashes.get(name) ?? '') === after.accounts[name]) {
      await databases.change(change.engine, change.database, secret(`${drop.account(name)};\n`));
    } else {
      kept.push(`account ${name}`);
    }
  }

  return kept;
};

const dropReader = async (
  databases: Databases,
  change: Make,
  before: Seen,
  now: Seen,
  after: After | undefined,
): Promise<readonly string[]> => {
  if (before.reader || !now.reader) {
    return [];
  }

  // Rights that somebody gave since are a use that we do not know.
  if (after !== undefined && (await rightsOf(databases, change)) !== after.rights) {
    return [`user ${change.reader.name}`];
  }

  const {drop} = statementsOf(change);
  if (change.engine === 'pgsql' && now.table && after !== undefined) {
    await databases.change(change.engine, change.database, secret(`${drop.right};\n`));
  }

  await databases.change(
    change.engine,
    now.database ? change.database : outsideOf(change.engine),
    secret(`${drop.reader};\n`),
  );
  return [];
};

const dropDatabase = async (
  databases: Databases,
  change: Make,
  before: Seen,
  now: Seen,
): Promise<readonly string[]> => {
  const {see: statements, drop} = statementsOf(change);
  if (!before.table && now.table) {
    const [rows] = (await databases.look(change.engine, change.database, statements.rows)) ?? [];
    if (rows?.trim() !== '0') {
      return [`table ${change.table.table} (${rows ?? '?'} accounts)`];
    }

    await databases.change(change.engine, change.database, secret(`${drop.table};\n`));
  }

  if (before.database || !now.database) {
    return [];
  }

  const tables = (await databases.look(change.engine, change.database, statements.tables)) ?? ['?'];
  if (tables.length > 0) {
    return [`database ${change.database} (${tables.slice(0, 5).join(', ')})`];
  }

  await databases.change(change.engine, outsideOf(change.engine), secret(`${drop.database};\n`));
  return [];
};

const conflict = (change: Make, kept: readonly string[]): Conflict => ({
  kind: 'conflict',
  finding: {
    id: `kept:${change.id}`,
    severity: 'warning',
    summary: fill(texts.kept, {what: kept.join(', ')}),
    remedy: texts.keptRemedy,
  },
});

const texts = {
  title: {
    en: 'accounts in the database {database} ({engine} on this machine)',
    ja: 'データベース {database} のアカウント (このマシンの {engine})',
  },
  simulated: {
    en: 'The database {database}: simulated, not checked.',
    ja: 'データベース {database}: シミュレーションのため未確認。',
  },
  simulatedRemedy: {
    en: 'It is checked when the plan is really applied.',
    ja: '実際に適用するときに確認されます。',
  },
  missing: {en: 'In the database this is missing: {what}.', ja: 'データベースに次のものがありません: {what}'},
  missingRemedy: {
    en: 'Look at the log of the database server.',
    ja: 'データベースサーバーのログを確認してください。',
  },
  silent: {
    en: 'The {engine} server of this machine does not let its administrator in.',
    ja: 'このマシンの {engine} サーバーに管理者として接続できません。',
  },
  silentRemedy: {
    en: 'See whether it runs, and whether root (PostgreSQL: postgres) logs in by the socket without a password.',
    ja: '動作しているか、root (PostgreSQL: postgres) がソケットでパスワードなしにログインできるか確認してください。',
  },
  kept: {
    en: 'This stays in the database, since others changed it or added to it: {what}.',
    ja: '他者が変更または追加したため、データベースに次のものを残しました: {what}',
  },
  keptRemedy: {
    en: 'Take it away by hand, if nobody needs it.',
    ja: '不要なら手作業で削除してください。',
  },
} satisfies Record<string, Text>;
