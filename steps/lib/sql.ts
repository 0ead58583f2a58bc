import type {AccountAnswer, AllAnswers} from '../../src/core/question.js';
import type {SecretRef} from '../../src/core/secret.js';
import {isLocalServer, type SqlEngine, type SqlSource, type SqlTable} from '../../src/core/sql.js';
import {answer} from './read.js';

const section = 'auth-sql';

/** Which kind of database it is. */
export const engineOf = (all: AllAnswers) => answer<SqlEngine>(all, section, 'engine') ?? 'mysql';

/** Whether a server is asked, rather than a file. */
export const hasServer = (all: AllAnswers) => engineOf(all) !== 'sqlite';

/** Whether the way to it leads over a network, so that TLS is needed. */
export const isRemote = (all: AllAnswers) =>
  hasServer(all) && !isLocalServer(answer<string>(all, section, 'host') ?? '/');

/** Ports of the servers, where nothing else is said. */
export const usualPort = (engine: SqlEngine) => (engine === 'pgsql' ? 5432 : 3306);

/** The database; undefined where the machine has its own way. */
export const sourceOf = (all: AllAnswers): SqlSource | undefined => {
  const text = (question: string) => answer<string>(all, section, question);
  const engine = engineOf(all);
  const file = text('file');
  if (engine === 'sqlite') {
    return file === undefined ? undefined : {engine, file};
  }

  const [host, database, user] = [text('host'), text('database'), text('user')];
  const ca = isRemote(all) ? text('ca') : undefined;
  return host === undefined || database === undefined || user === undefined
    ? undefined
    : {
        engine,
        host,
        port: answer<number>(all, section, 'port') ?? usualPort(engine),
        database,
        user,
        ...(ca === undefined ? {} : {ca}),
      };
};

/** Its names; undefined where the machine has its own way. */
export const tableOf = (all: AllAnswers): SqlTable | undefined => {
  const text = (question: string) => answer<string>(all, section, question);
  const [table, user, password] = [text('table'), text('user_column'), text('password_column')];
  const active = text('active_column') ?? '';
  return table === undefined || user === undefined || password === undefined
    ? undefined
    : {table, user, password, ...(active === '' ? {} : {active})};
};

/** Whether the database is made here, where it is not there yet. */
export const isMade = (all: AllAnswers) => answer<boolean>(all, section, 'make') === true;

/** First accounts of a database that is made here. */
export const madeAccountsOf = (all: AllAnswers) =>
  isMade(all) ? (answer<readonly AccountAnswer[]>(all, section, 'accounts') ?? []) : [];

/** The password of the server as it was answered. */
export const serverPasswordOf = (all: AllAnswers) => answer<SecretRef>(all, section, 'password');

/** What is written of the password: nothing where the one that is there stays. */
export const isKept = (all: AllAnswers, there: Readonly<Record<string, unknown>>) => {
  const password = serverPasswordOf(all) ?? 'keep';
  return password === 'keep' || (password === 'generate' && isSameServer(all, there));
};

/** Whether the server and its user are the ones that the machine has a password for. */
export const isSameServer = (all: AllAnswers, there: Readonly<Record<string, unknown>>) =>
  there['password'] === 'keep' &&
  ['engine', 'host', 'port', 'ca', 'database', 'user'].every(id => all[section]?.[id] === there[id]);

/** Somebody of the database, with a password that was typed in for the proof. */
export const sampleOf = (
  all: AllAnswers,
): {readonly name: string; readonly password: SecretRef} | undefined => {
  const [first] = madeAccountsOf(all);
  if (first !== undefined) {
    return first;
  }

  const name = answer<string>(all, section, 'sample') ?? '';
  const password = answer<SecretRef>(all, section, 'sample_password');
  return name === '' || password === undefined ? undefined : {name, password};
};
