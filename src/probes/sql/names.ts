import type {Look, Looked} from '../../core/question.js';
import {fill, type Text, visibleLine} from '../../core/text.js';
import type {ProbeContext} from '../types.js';
import {withDatabase} from './open.js';
import {tablesOf} from './tables.js';

/** Most that are offered: more nobody looks through. */
const most = 200;

/** Tables of a database, or columns of one of them, as it names them itself. */
export const namesIn = async (look: Look, context: ProbeContext): Promise<Looked> => {
  // What is looked in is the database; the table is only a name to be found there.
  const {table, ...where} = look;
  const asked = await withDatabase(where, context, async client => tablesOf(client, look.source));
  if ('failure' in asked) {
    return {kind: 'nothing', finding: asked.failure};
  }

  const chosen = asked.value.find(({name, whole}) => name === table || whole === table);
  if (table !== undefined && chosen === undefined) {
    return nothing(fill(texts.noTable, {table: visibleLine(table)}), texts.noTableRemedy);
  }

  const offers =
    table === undefined
      ? asked.value.map(({name, columns}) => ({
          value: name,
          hint: columns.map(column => column.name).join(', '),
        }))
      : (chosen?.columns ?? []).map(({name, type}) => ({value: name, hint: type}));
  return offers.length === 0
    ? nothing(texts.empty, texts.emptyRemedy)
    : {kind: 'offers', offers: offers.slice(0, most)};
};

const nothing = (summary: Text, remedy: Text): Looked => ({
  kind: 'nothing',
  finding: {id: 'live:sql', section: 'auth-sql', severity: 'fail', summary, remedy},
});

const texts = {
  noTable: {
    en: 'There is no table {table} in the database that may be read.',
    ja: 'データベースに読み取れる表 {table} がありません。',
  },
  noTableRemedy: {en: 'Choose the table first.', ja: '先に表を選んでください。'},
  empty: {
    en: 'The database has no table that this user may read.',
    ja: 'このユーザーが読める表がデータベースにありません。',
  },
  emptyRemedy: {
    en: 'Give the user the right to read the table of accounts (GRANT SELECT).',
    ja: 'アカウントの表を読む権限を与えてください (GRANT SELECT)。',
  },
} satisfies Record<string, Text>;
