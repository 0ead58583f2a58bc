import type {Finding} from '../../core/finding.js';
import type {LiveCheck, LiveResult} from '../../core/question.js';
import {identifier, type SqlSource, type SqlTable} from '../../core/sql.js';
import {fill, type Text} from '../../core/text.js';
import type {ProbeContext} from '../types.js';
import type {SqlClient} from './client.js';
import {fits, schemeOf, schemeOfAll, verifyHash} from './hashes.js';
import {withDatabase} from './open.js';

type Check = Extract<LiveCheck, {kind: 'sql'}>;

/** Looks into the database as the mail server will: nothing is written, and five seconds are all it takes. */
export const askDatabase = async (check: Check, context: ProbeContext): Promise<LiveResult> => {
  const asked = await withDatabase(check, context, async client => looked(client, check, context));
  return 'value' in asked ? asked.value : [asked.failure];
};

const looked = async (client: SqlClient, check: Check, context: ProbeContext): Promise<LiveResult> => {
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
    ...(scheme === undefined ? detected(rows) : schemeFindings(rows, scheme)),
    ...(await rightsFindings(client, source, table)),
    ...(sample === undefined ? [] : await sampleFindings(client, {...check, table, sample}, context)),
  ];
};

// Where nobody has said yet of which scheme they are.
const detected = (rows: readonly Readonly<Record<string, unknown>>[]): LiveResult => {
  const scheme = schemeOfAll(rows.map(({p}) => String(p ?? '')).filter(hash => hash !== ''));
  return scheme === undefined
    ? []
    : [
        {
          id: 'live:sql:scheme',
          section: 'auth-sql',
          severity: 'pass',
          summary: fill(texts.detected, {scheme}),
          decides: {scheme},
        },
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
  detected: {
    en: 'The hashes in the database are {scheme}.',
    ja: 'データベースのハッシュは {scheme} です。',
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
