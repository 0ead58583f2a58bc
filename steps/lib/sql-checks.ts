import type {AskContext, LiveCheck, Look} from '../../src/core/question.js';
import type {SecretRef} from '../../src/core/secret.js';
import {isIdentifier, type SqlEngine} from '../../src/core/sql.js';
import {fill, type Text} from '../../src/core/text.js';
import {parseAddress} from './networks.js';
import {isMade, isSameServer, serverPasswordOf, sourceOf, tableOf} from './sql.js';
import {sqlThere} from './sql-there.js';
import {nameProblem} from './validate.js';

const plainPath = /^(?:\/[A-Za-z0-9_.,@+=-]+)+$/;
const isPath = (path: string) => plainPath.test(path) && !/\/\.{1,2}(?:\/|$)/.test(path);

/** Why a text is not where a database server can be: it stands between blanks in Dovecot's configuration. */
export const hostProblem = (host: string, engine: SqlEngine): Text | undefined => {
  if (host.startsWith('/')) {
    return isPath(host) ? undefined : texts.path;
  }

  if (host === 'localhost') {
    return fill(texts.localhost, {socket: engine === 'mysql' ? '/run/mysqld/mysqld.sock' : '127.0.0.1'});
  }

  return parseAddress(host)?.family === 'ipv4' ? undefined : nameProblem(host);
};

/** Why a text is not the file of the authorities. */
export const caProblem = (path: string): Text | undefined => (isPath(path) ? undefined : texts.path);

/** Why a text is not where a database of accounts can be. */
export const fileProblem = (path: string): Text | undefined =>
  !isPath(path)
    ? texts.path
    : /^\/(?:tmp|var\/tmp|run|dev\/shm|proc|sys|dev)\//.test(path)
      ? texts.place
      : undefined;

/** Why a text is not the name of a database or of its user. */
export const serverNameProblem = (name: string): Text | undefined =>
  /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$/.test(name) ? undefined : texts.serverName;

/** Why a text is not the name of a column. */
export const columnProblem = (name: string): Text | undefined =>
  isIdentifier(name) ? undefined : texts.column;

/** Why a text is not the name of a table, with or without its schema. */
export const tableProblem = (name: string): Text | undefined =>
  isIdentifier(name, 2) ? undefined : texts.column;

/**
 * Why a password of the server cannot be written down. Dovecot 2.3 splits what it is told at blanks, and Postfix takes them off at
 * the ends; every other printable character comes through (seen on both releases, with a real login).
 */
export const secretProblem = (password: string): Text | undefined =>
  password === ''
    ? texts.empty
    : /[\s\u0000-\u001f\u007f]/.test(password)
      ? texts.blanks
      : password.length > 255
        ? texts.long
        : undefined;

/** Whether the machine has a password for this server and this user. */
export const isAsThere = ({answers, facts, platform}: AskContext) =>
  isSameServer(answers, sqlThere(facts, platform));

/** What to look at in the database; nothing where its password is not known to this run. */
export const checkOf = (
  {answers}: AskContext,
  password: SecretRef | undefined,
  more: {
    readonly table?: boolean;
    readonly scheme?: string;
    readonly sample?: {readonly name: string; readonly password: SecretRef};
  },
): LiveCheck | undefined => {
  const source = sourceOf(answers);
  const table = more.table === true ? tableOf(answers) : undefined;
  const known = source?.engine === 'sqlite' || (password !== undefined && password !== 'keep');
  // What is made here is not there to be looked at.
  return source === undefined || !known || isMade(answers)
    ? undefined
    : {
        kind: 'sql',
        source,
        ...(source.engine === 'sqlite' || password === undefined ? {} : {password}),
        ...(table === undefined ? {} : {table}),
        ...(more.scheme === undefined ? {} : {scheme: more.scheme}),
        ...(more.sample === undefined ? {} : {sample: more.sample}),
      };
};

/** Where the tables of the database are looked up, or the columns of the one that was chosen. */
export const namesIn = ({answers}: AskContext, of: 'tables' | 'columns'): Look | undefined => {
  const source = sourceOf(answers);
  const password = serverPasswordOf(answers);
  const table = answers['auth-sql']?.['table'];
  const known = source?.engine === 'sqlite' || (password !== undefined && password !== 'keep');
  return source === undefined || !known || isMade(answers)
    ? undefined
    : {
        kind: 'sql-names',
        source,
        ...(source.engine === 'sqlite' || password === undefined ? {} : {password}),
        ...(of === 'columns' && typeof table === 'string' ? {table} : {}),
      };
};

/** The same, with the password as it was answered. */
export const tableCheckOf = (context: AskContext, more: Omit<Parameters<typeof checkOf>[2], 'table'>) =>
  checkOf(context, serverPasswordOf(context.answers), {...more, table: true});

const texts = {
  path: {
    en: 'This is not an absolute path of plain characters.',
    ja: '通常の文字だけの絶対パスを指定してください。',
  },
  place: {
    en: 'Accounts must not be kept there: that place is emptied, or anybody may write to it.',
    ja: 'そこは消去されるか誰でも書き込めるため、アカウントを置けません。',
  },
  localhost: {
    en: 'Libraries understand that name in different ways: write {socket}.',
    ja: 'この名前の解釈はライブラリーにより異なります。{socket} と書いてください。',
  },
  serverName: {
    en: 'Letters, digits, _, - and dots are understood here.',
    ja: '英数字と _、-、. だけを使えます。',
  },
  column: {
    en: 'This is not a plain name of a table or column: letters, digits and _.',
    ja: '表や列の名前ではありません。英数字と _ だけを使えます。',
  },
  empty: {en: 'A password is needed.', ja: 'パスワードが必要です。'},
  blanks: {
    en: 'Blanks and control characters cannot be written into these files: choose a password without them.',
    ja: '空白と制御文字はこれらのファイルに書けません。含まないパスワードにしてください。',
  },
  long: {en: 'That is longer than 255 characters.', ja: '255 文字を超えています。'},
} satisfies Record<string, Text>;
