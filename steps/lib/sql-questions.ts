import type {Facts} from '../../src/core/facts.js';
import {
  type AllAnswers,
  type AskContext,
  number,
  secretQuestion,
  select,
  text,
  yesNo,
} from '../../src/core/question.js';
import {isLocalServer, type SqlEngine} from '../../src/core/sql.js';
import type {Text} from '../../src/core/text.js';
import {engineOf, hasServer, isMade, isRemote, usualPort} from './sql.js';
import {
  caProblem,
  checkOf,
  fileProblem,
  hostProblem,
  isAsThere,
  secretProblem,
  serverNameProblem,
} from './sql-checks.js';

const server = ({answers}: AskContext) => hasServer(answers);

// PostgreSQL's socket asks who of the system is there; by its address it takes a password.
const hereOf = (engine: SqlEngine, {databases}: Facts) =>
  engine === 'mysql' ? databases?.mysql : databases?.pgsql === undefined ? undefined : '127.0.0.1';

// Only as the administrator of a server on this machine can it be taken back later.
const canMake = (answers: AllAnswers, {databases}: Facts) => {
  const engine = engineOf(answers);
  const host = String(answers['auth-sql']?.['host'] ?? '');
  return engine === 'sqlite' || (databases?.[engine] !== undefined && isLocalServer(host));
};

// MariaDB's socket is a file; PostgreSQL's has the port in its name.
const hasPort = (answers: AllAnswers) =>
  hasServer(answers) &&
  !(engineOf(answers) === 'mysql' && String(answers['auth-sql']?.['host'] ?? '').startsWith('/'));

/** Which server, and how it is asked. */
export const serverQuestions = {
  engine: select({
    ask: {en: 'Which kind of database is it?', ja: 'データベースの種類は何ですか。'},
    help: {
      en: 'SQLite is a file on this machine; the others are servers.',
      ja: 'SQLite はこのマシン上のファイル、ほかはサーバーです。',
    },
    why: {en: 'Each is asked in its own way.', ja: '種類ごとに照会方法が異なります。'},
    level: 'basic',
    choices: [
      {value: 'mysql', label: {en: 'MariaDB or MySQL', ja: 'MariaDB または MySQL'}},
      {value: 'pgsql', label: {en: 'PostgreSQL', ja: 'PostgreSQL'}},
      {value: 'sqlite', label: {en: 'SQLite (a file)', ja: 'SQLite (ファイル)'}},
    ],
    initial: () => 'mysql',
  }),
  host: text({
    ask: {en: 'Where is the database server?', ja: 'データベースサーバーはどこですか。'},
    help: {
      en: 'Its whole name, as its certificate has it; on this machine the path of its socket, or 127.0.0.1.',
      ja: '証明書にある完全な名前です。このマシン上ならソケットのパスか 127.0.0.1 です。',
    },
    why: {
      en: 'The certificate is compared with this name, so that nobody else can answer in its place.',
      ja: '証明書をこの名前と照合し、なりすましを防ぎます。',
    },
    example: 'db.example.com',
    level: 'basic',
    when: server,
    initial: ({answers, facts}) => hereOf(engineOf(answers), facts),
    validate: (host, {answers}) => hostProblem(host, engineOf(answers)),
  }),
  file: text({
    ask: {en: 'Which file is the database?', ja: 'データベースのファイルはどれですか。'},
    help: {
      en: 'Dovecot must be able to read it: root:dovecot, 0640. Both only read it.',
      ja: 'Dovecot が読める必要があります (root:dovecot、0640)。どちらも読み取りだけを行います。',
    },
    why: {en: 'It holds the hashes of all passwords.', ja: '全員のパスワードのハッシュが入っています。'},
    example: '/var/lib/mail-accounts/users.sqlite',
    level: 'basic',
    when: ({answers}) => engineOf(answers) === 'sqlite',
    initial: () => '/var/lib/mail-accounts/users.sqlite',
    validate: fileProblem,
  }),
  make: yesNo({
    ask: {
      en: 'Shall the database be made, if it is not there?',
      ja: 'データベースがなければ作成しますか。',
    },
    help: {
      en: 'With its table, a user who may only read it, and first accounts. What is there stays as it is.',
      ja: '表と、読み取り専用のユーザー、最初のアカウントも作ります。既存のものはそのままです。',
    },
    why: {
      en: 'It is undone with everything else, unless others have put accounts into it.',
      ja: '他者がアカウントを追加していなければ、まとめて取り消せます。',
    },
    level: 'basic',
    when: ({answers, facts}) => canMake(answers, facts),
    initial: () => false,
  }),
  port: number({
    ask: {en: 'On which port?', ja: 'どのポートですか。'},
    help: {
      en: 'MariaDB and MySQL: 3306, PostgreSQL: 5432.',
      ja: 'MariaDB と MySQL は 3306、PostgreSQL は 5432 です。',
    },
    why: {en: 'The usual one is nearly always right.', ja: '通常は既定のままです。'},
    level: 'advanced',
    when: ({answers}) => hasPort(answers),
    min: 1,
    max: 65_535,
    initial: ({answers}) => usualPort(engineOf(answers)),
    validate: port => (port === 22 ? texts.ssh : undefined),
  }),
  ca: text({
    ask: {
      en: 'Which file holds the authority of the server’s certificate?',
      ja: 'サーバー証明書の認証局はどのファイルにありますか。',
    },
    help: {
      en: 'In PEM form. The system’s own list does for certificates that browsers accept.',
      ja: 'PEM 形式です。一般の認証局ならシステムの一覧で足ります。',
    },
    why: {
      en: 'Without it anybody on the way could read the passwords’ hashes, or hand out others.',
      ja: 'これがないと、途中の誰でもハッシュを読み、すり替えられます。',
    },
    example: '/etc/ssl/certs/db-ca.pem',
    level: 'basic',
    when: ({answers}) => isRemote(answers),
    initial: ({platform}) => platform.paths.caBundle,
    validate: caProblem,
  }),
  database: text({
    ask: {en: 'What is the database called?', ja: 'データベースの名前は何ですか。'},
    help: {en: 'The one that holds the accounts.', ja: 'アカウントが入っているデータベースです。'},
    why: {en: 'A server may hold several.', ja: 'サーバーには複数のデータベースがあり得ます。'},
    example: 'mail',
    level: 'basic',
    when: server,
    initial: ({answers}) => (isMade(answers) ? 'mail' : undefined),
    validate: serverNameProblem,
  }),
  user: text({
    ask: {en: 'As which user is it asked?', ja: 'どのユーザーで照会しますか。'},
    help: {
      en: 'One of the database server, who may read the accounts and nothing else.',
      ja: 'アカウントの読み取りだけを許されたデータベースのユーザーです。',
    },
    why: {
      en: 'A mail server that was broken into must not be able to change accounts.',
      ja: 'メールサーバーに侵入されてもアカウントを変更されないためです。',
    },
    example: 'dovecot',
    level: 'basic',
    when: server,
    initial: ({answers}) => (isMade(answers) ? 'dovecot' : undefined),
    validate: serverNameProblem,
  }),
  password: secretQuestion({
    ask: {en: 'With which password?', ja: 'パスワードは何ですか。'},
    help: {
      en: 'It is written to files that only root and Postfix can read.',
      ja: 'root と Postfix だけが読めるファイルに書き込みます。',
    },
    why: {en: 'The server is asked with it at once.', ja: '入力後すぐにサーバーへ照会します。'},
    level: 'basic',
    canGenerate: true,
    when: server,
    initial: context =>
      isAsThere(context) ? 'keep' : isMade(context.answers) ? ('generate' as const) : undefined,
    validate: (password, context) =>
      password === 'keep' && !isAsThere(context)
        ? texts.nothingToKeep
        : password === 'generate' && !isMade(context.answers)
          ? texts.notGenerated
          : undefined,
    validateSecret: secretProblem,
    live: (password, context) => checkOf(context, password, {}),
  }),
} as const;

const texts = {
  ssh: {en: 'That is the port of SSH.', ja: 'それは SSH のポートです。'},
  nothingToKeep: {
    en: 'This machine has no password for that server and that user yet: give one.',
    ja: 'このサーバーとユーザーのパスワードはまだありません。指定してください。',
  },
  notGenerated: {
    en: 'Only who runs the database can give this password.',
    ja: 'このパスワードはデータベースの管理者から受け取るものです。',
  },
} satisfies Record<string, Text>;
