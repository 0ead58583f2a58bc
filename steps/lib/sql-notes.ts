import type {Facts} from '../../src/core/facts.js';
import type {Finding} from '../../src/core/finding.js';
import type {Platform} from '../../src/core/platform.js';
import type {AllAnswers} from '../../src/core/question.js';
import {sqlQueries} from '../../src/core/sql.js';
import {fill, type Text} from '../../src/core/text.js';
import type {Want} from '../../src/core/want.js';
import {answer} from './read.js';
import {isRemote, madeAccountsOf, sourceOf, tableOf} from './sql.js';
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

/** What the database will be asked for the sample user, and what keeps a server from being asked by TLS. */
export const sqlNotes = (all: AllAnswers, {fips}: Pick<Facts, 'fips'>): readonly Finding[] => [
  ...queryNotes(all),
  ...(fips && isRemote(all)
    ? [
        {
          id: 'auth-sql:fips',
          section: 'auth-sql',
          severity: 'warning' as const,
          summary: texts.fips,
          remedy: texts.fipsRemedy,
        },
      ]
    : []),
];

const queryNotes = (all: AllAnswers): readonly Finding[] => {
  const source = sourceOf(all);
  const table = tableOf(all);
  const sample = madeAccountsOf(all)[0]?.name ?? answer<string>(all, 'auth-sql', 'sample') ?? '';
  if (source === undefined || table === undefined || sample === '') {
    return [];
  }

  const {login, user} = sqlQueries(source.engine, table, sample);
  const note = {section: 'auth-sql', severity: 'pass'} as const;
  return [
    {...note, id: 'auth-sql:query', summary: fill(texts.login, {query: login})},
    {...note, id: 'auth-sql:user-query', summary: fill(texts.user, {query: user})},
  ];
};

const texts = {
  login: {
    en: 'For a password the database is asked: {query}',
    ja: 'パスワードの照会: {query}',
  },
  user: {
    en: 'For a mailbox, when mail arrives, the database is asked: {query}',
    ja: 'メールが届いたときのメールボックスの照会: {query}',
  },
  // RHEL 9.2 and later, release notes: TLS 1.2 in FIPS mode needs RFC 7627.
  fips: {
    en: 'In FIPS mode this machine speaks TLS 1.2 only with servers that know the Extended Master Secret.',
    ja: 'FIPS モードでは、TLS 1.2 の場合 Extended Master Secret に対応したサーバーとしか通信できません。',
  },
  fipsRemedy: {
    en: 'The database server needs TLS 1.3, or EMS (RFC 7627): RHEL 9.2 and later refuse it otherwise.',
    ja: 'データベースサーバー側に TLS 1.3 か EMS (RFC 7627) が必要です。RHEL 9.2 以降ではないと接続できません。',
  },
} satisfies Record<string, Text>;
