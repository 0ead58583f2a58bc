import type {Facts} from '../../src/core/facts.js';
import type {Finding} from '../../src/core/finding.js';
import type {Platform} from '../../src/core/platform.js';
import type {AllAnswers} from '../../src/core/question.js';
import {sqlQueries} from '../../src/core/sql.js';
import {fill, type Text} from '../../src/core/text.js';
import type {Want} from '../../src/core/want.js';
import {answer} from './read.js';
import {sourceOf, tableOf} from './sql.js';
import {sqlThere} from './sql-there.js';

/** The server that was asked before is asked no longer: two of them would take turns. */
export const movedSource = (name: string, facts: Facts, platform: Platform): readonly Want[] => {
  const there = sqlThere(facts, platform) as {engine?: string; host?: string};
  const {engine, host} = there;
  return (engine === 'mysql' || engine === 'pgsql') && host !== undefined && host !== name
    ? [
        {
          kind: 'block',
          in: 'dovecot',
          at: 'database',
          value: {
            name: host,
            source: {engine, host, port: 0, database: '', user: ''},
            password: 'keep',
          },
          state: 'absent',
        },
      ]
    : [];
};

/** What the database will be asked, for the sample user. */
export const sqlNotes = (all: AllAnswers): readonly Finding[] => {
  const source = sourceOf(all);
  const table = tableOf(all);
  const sample = answer<string>(all, 'auth-sql', 'sample') ?? '';
  return source === undefined || table === undefined || sample === ''
    ? []
    : [
        {
          id: 'auth-sql:query',
          section: 'auth-sql',
          severity: 'pass',
          summary: fill(texts.query, {query: sqlQueries(source.engine, table, sample).login}),
        },
      ];
};

const texts = {
  query: {en: 'The database is asked: {query}', ja: 'データベースへの照会: {query}'},
} satisfies Record<string, Text>;
