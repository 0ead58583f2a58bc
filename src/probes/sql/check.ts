import type {Finding} from '../../core/finding.js';
import type {LiveCheck} from '../../core/question.js';
import {identifier, type SqlSource, type SqlTable} from '../../core/sql.js';
import {fill, type Text} from '../../core/text.js';
import {type ProbeContext, probeTimeout} from '../types.js';
import {openSql, type SqlClient} from './client.js';
import {failureOf, silent} from './failures.js';
import {fits, schemeOf, verifyHash} from './hashes.js';

type Check = Extract<LiveCheck, {kind: 'sql'}>;

/** Looks into the database as the mail server will: nothing is written, and five seconds are all it takes. */
export const askDatabase = async (check: Check, context: ProbeContext): Promise<readonly Finding[]> => {
  if (context.host.ground === 'directory') {
    return [finding('unchecked', texts.tree, {}, texts.treeRemedy)];
  }

  const password = check.password === undefined ? '' : (context.open(check.password)?.reveal() ?? '');
  let client: SqlClient | undefined;
  const timer = Promise.withResolvers<readonly Finding[]>();
  const alarm = setTimeout(() => timer.resolve([silent(check.source)]), probeTimeout);
  const look = async () => {
    try {
      client = await openSql(check.source, password, {files: context.host.files, timeout: probeTimeout});
      return await looked(client, check, context);
    } catch (error) {
      return [failureOf(error, check.source, check.table, await namesOf(client, check.source))];
    }
  };
  try {
    return await Promise.race([look(), timer.promise]);
  } finally {
    clearTimeout(alarm);
    client?.close();
  }
};

const looked = async (
  client: SqlClient,
  check: Check,
  context: ProbeContext,
): Promise<readonly Finding[]> => {
  const {table, source, scheme, sample} = check;
  if (table === undefined) {
    // SQLite opens anything; whether it is a database shows when it is read.
    await client.ask(source.engine === 'sqlite' ? 'SELECT name FROM sqlite_master LIMIT 1' : 'SELECT 1');
    return [];
  }

  const name = (column: string) => identifier(source.engine, column);
  const active = table.active === undefined ? '' : ` WHERE ${name(table.active)} = '1'`;
  const rows = await client.ask(
    `SELECT ${name(table.user)} AS u, ${name(table.password)} AS p FROM ${name(table.table)}${active} LIMIT 20`,
  );
  return [
    ...(scheme === undefined ? [] : schemeFindings(rows, scheme)),
    ...(await rightsFindings(client, source, table)),
    ...(sample === undefined ? [] : await sampleFindings(client, {...check, table, sample}, context)),
  ];
};

const schemeFindings = (rows: readonly Readonly<Record<string, unknown>>[], scheme: string) => {
  const hashes = rows.map(({p}) => String(p ?? '')).filter(hash => hash !== '');
  const wrong = hashes.find(hash => !fits(hash, scheme));
  const shown = wrong === undefined ? undefined : schemeOf(wrong);
  return wrong === undefined
    ? []
    : [
        shown === undefined
          ? finding('fail', texts.plain, {scheme}, texts.plainRemedy)
          : finding('fail', texts.scheme, {scheme, shown}, texts.schemeRemedy),
      ];
};

// Who breaks into the mail server must not be able to make accounts.
const rightsFindings = async (
  client: SqlClient,
  source: SqlSource,
  {table}: SqlTable,
): Promise<readonly Finding[]> => {
  if (source.engine === 'sqlite') {
    return [];
  }

  const rows =
    source.engine === 'pgsql'
      ? await client.ask(
          "SELECT has_table_privilege(?, 'INSERT') OR has_table_privilege(?, 'UPDATE') OR has_table_privilege(?, 'DELETE') AS may",
          Array(3).fill(identifier('pgsql', table)),
        )
      : await client.ask('SHOW GRANTS');
  const may =
    source.engine === 'pgsql'
      ? rows[0]?.['may'] === true
      : rows.some(row =>
          /^GRANT .*\b(?:ALL PRIVILEGES|INSERT|UPDATE|DELETE)\b.* ON /i.test(String(Object.values(row)[0])),
        );
  return may ? [finding('warning', texts.rights, {user: source.user}, texts.rightsRemedy)] : [];
};

const sampleFindings = async (
  client: SqlClient,
  {source, table, sample, scheme = ''}: Check & Required<Pick<Check, 'table' | 'sample'>>,
  {host, open}: ProbeContext,
): Promise<readonly Finding[]> => {
  const name = (column: string) => identifier(source.engine, column);
  const rows = await client.ask(
    `SELECT ${name(table.password)} AS p${table.active === undefined ? '' : `, ${name(table.active)} AS a`} FROM ${name(table.table)} WHERE ${name(table.user)} = ? LIMIT 2`,
    [sample.name],
  );
  const values = {name: sample.name};
  const [row] = rows;
  if (row === undefined) {
    return [finding('fail', texts.nobody, values, texts.nobodyRemedy)];
  }

  if (rows.length > 1) {
    return [finding('fail', texts.twice, values, texts.twiceRemedy)];
  }

  if (table.active !== undefined && !['1', 'true', 't'].includes(String(row['a']))) {
    return [finding('fail', texts.inactive, values, texts.inactiveRemedy)];
  }

  const password = open(sample.password);
  const hash = String(row['p'] ?? '');
  const judged = password === undefined ? undefined : await verifyHash(host.run, password, hash, scheme);
  return judged === 'wrong'
    ? [finding('fail', texts.wrong, {...values, scheme: schemeOf(hash) ?? scheme}, texts.wrongRemedy)]
    : judged === 'unchecked'
      ? [
          finding(
            'unchecked',
            texts.unverified,
            {...values, scheme: schemeOf(hash) ?? scheme},
            texts.unverifiedRemedy,
          ),
        ]
      : [];
};

/** Tables and their columns, where they can be read: what a wrong name is corrected by. */
const namesOf = async (client: SqlClient | undefined, source: SqlSource): Promise<readonly string[]> => {
  if (client === undefined) {
    return [];
  }

  const statement =
    source.engine === 'sqlite'
      ? 'SELECT m.name AS t, c.name AS c FROM sqlite_master m, pragma_table_info(m.name) c'
      : `SELECT table_name AS t, column_name AS c FROM information_schema.columns WHERE table_schema ${
          source.engine === 'mysql' ? '= DATABASE()' : "NOT IN ('information_schema', 'pg_catalog')"
        } ORDER BY table_name, ordinal_position LIMIT 500`;
  try {
    const tables = new Map<string, string[]>();
    for (const row of await client.ask(statement)) {
      const table = String(row['t'] ?? '');
      tables.set(table, [...(tables.get(table) ?? []), String(row['c'] ?? '')]);
    }

    return [...tables].slice(0, 8).map(([table, columns]) => `${table} (${columns.slice(0, 12).join(', ')})`);
  } catch {
    return [];
  }
};

const finding = (
  severity: Finding['severity'],
  summary: Text,
  values: Readonly<Record<string, string>>,
  remedy: Text,
): Finding => ({
  id: 'live:sql',
  section: 'auth-sql',
  severity,
  summary: fill(summary, values),
  remedy: fill(remedy, values),
});

const texts = {
  tree: {
    en: 'The database was not asked: a tree is set up here, which will ask it from elsewhere.',
    ja: 'データベースには照会していません (ツリーの設定中のため)。',
  },
  treeRemedy: {
    en: 'Run “dovetail check” on the machine that is started from it.',
    ja: 'このツリーから起動したマシンで「dovetail check」を実行してください。',
  },
  scheme: {
    en: 'The hashes in the database are {shown}, not {scheme}.',
    ja: 'データベースのハッシュは {scheme} ではなく {shown} です。',
  },
  schemeRemedy: {
    en: 'Choose {shown} as their scheme (auth-sql.scheme).',
    ja: '方式に {shown} を選んでください (auth-sql.scheme)。',
  },
  plain: {
    en: 'Some passwords in the database are not hashes of {scheme}: perhaps they are readable as they are.',
    ja: 'データベースに {scheme} のハッシュでないパスワードがあります。平文かもしれません。',
  },
  plainRemedy: {
    en: 'Whoever copies the database would have them: store hashes (“doveadm pw -s BLF-CRYPT”).',
    ja: 'データベースの写しから読まれます。ハッシュで保存してください (「doveadm pw -s BLF-CRYPT」)。',
  },
  rights: {
    en: 'The database’s user {user} may change accounts, not only read them.',
    ja: 'データベースのユーザー {user} はアカウントを変更できます。',
  },
  rightsRemedy: {
    en: 'Let {user} do nothing but SELECT.',
    ja: '{user} の権限を SELECT だけにしてください。',
  },
  nobody: {
    en: 'The database has no account {name}.',
    ja: 'データベースにアカウント {name} がありません。',
  },
  nobodyRemedy: {
    en: 'Look at how addresses are written there: lower case, whole, in the column that was named.',
    ja: 'アドレスの書き方 (小文字、全体、指定した列) を確認してください。',
  },
  twice: {
    en: 'The database has the account {name} more than once: which one counts would be chance.',
    ja: 'データベースにアカウント {name} が複数あり、どれが有効か定まりません。',
  },
  twiceRemedy: {
    en: 'Make the column unique (PRIMARY KEY).',
    ja: '列を一意 (PRIMARY KEY) にしてください。',
  },
  inactive: {en: 'The account {name} is switched off.', ja: 'アカウント {name} は無効です。'},
  inactiveRemedy: {en: 'Name one that is in use.', ja: '有効なアカウントを指定してください。'},
  wrong: {
    en: 'That is not the password of {name} (its hash was read as {scheme}).',
    ja: '{name} のパスワードではありません (ハッシュは {scheme} として読みました)。',
  },
  wrongRemedy: {
    en: 'Type it again; if it is right, the scheme is not.',
    ja: 'もう一度入力してください。正しければ方式が違います。',
  },
  unverified: {
    en: 'The password of {name} was not compared: this machine has no means for {scheme} yet.',
    ja: '{name} のパスワードは照合していません (このマシンは {scheme} を扱えません)。',
  },
  unverifiedRemedy: {
    en: 'The proof after the changes logs in with it.',
    ja: '変更後の確認でログインします。',
  },
} satisfies Record<string, Text>;
