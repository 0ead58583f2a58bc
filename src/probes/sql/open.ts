import type {Finding} from '../../core/finding.js';
import type {SecretRef} from '../../core/secret.js';
import type {SqlSource, SqlTable} from '../../core/sql.js';
import {type Text, visibleLine} from '../../core/text.js';
import {type ProbeContext, probeTimeout} from '../types.js';
import {openSql, type SqlClient} from './client.js';
import {failureOf, silent} from './failures.js';
import {tablesOf} from './tables.js';

type Asked = {readonly source: SqlSource; readonly password?: SecretRef; readonly table?: SqlTable};

/** What the database said, or why it said nothing, in five seconds at most. It is only read, and the connection never stays. */
export const withDatabase = async <T>(
  {source, password, table}: Asked,
  context: ProbeContext,
  ask: (client: SqlClient) => Promise<T>,
): Promise<{readonly value: T} | {readonly failure: Finding}> => {
  if (context.host.ground === 'directory') {
    return {
      failure: {
        id: 'live:sql',
        section: 'auth-sql',
        severity: 'unchecked',
        summary: texts.tree,
        remedy: texts.treeRemedy,
      },
    };
  }

  const word = password === undefined ? '' : (context.open(password)?.reveal() ?? '');
  let client: SqlClient | undefined;
  const timer = Promise.withResolvers<{readonly failure: Finding}>();
  const alarm = setTimeout(() => timer.resolve({failure: silent(source)}), probeTimeout);
  const look = async () => {
    try {
      client = await openSql(source, word, {files: context.host.files, timeout: probeTimeout});
      return {value: await ask(client)};
    } catch (error) {
      return {failure: failureOf(error, source, table, await namesOf(client, source))};
    }
  };
  try {
    return await Promise.race([look(), timer.promise]);
  } finally {
    clearTimeout(alarm);
    client?.close();
  }
};

/** Tables and their columns, where they can be read: what a wrong name is corrected by. */
const namesOf = async (client: SqlClient | undefined, source: SqlSource): Promise<readonly string[]> => {
  try {
    const tables = client === undefined ? [] : await tablesOf(client, source);
    return tables.slice(0, 8).map(({name, columns}) => {
      const some = columns.slice(0, 12).map(column => column.name);
      return visibleLine(`${name} (${some.join(', ')})`, 300);
    });
  } catch {
    return [];
  }
};

const texts = {
  tree: {
    en: 'The database was not asked: a tree is set up here, which will ask it from elsewhere.',
    ja: 'データベースには照会していません (ツリーの設定中のため)。',
  },
  treeRemedy: {
    en: 'Run “dovetail check” on the machine that is started from it.',
    ja: 'このツリーから起動したマシンで「dovetail check」を実行してください。',
  },
} satisfies Record<string, Text>;
