import type {Finding} from '../../core/finding.js';
import type {SqlSource, SqlTable} from '../../core/sql.js';
import {fill, type Text, visibleLine} from '../../core/text.js';
import {noCa} from './client.js';

type Words = {readonly summary: Text; readonly remedy: Text};

/** Why the database could not be asked, in the words of who has to mend it. `names`: the tables that are there. */
export const failureOf = (
  error: unknown,
  source: SqlSource,
  table: SqlTable | undefined,
  names: readonly string[],
): Finding => {
  const {code, message, cert, routine} = error as {
    code?: string;
    message?: string;
    cert?: {subjectaltname?: string};
    routine?: string;
  };
  const said = visibleLine(String(message ?? error), 200);
  // PostgreSQL’s words are in the language of its server; its code and the place in its source that speaks are not.
  const sign = [code, routine, said].filter(part => part !== undefined).join(' ');
  const words = kinds.find(([codes]) => codes.test(sign))?.[1] ?? texts.other;
  return made(words, source, {
    table: table?.table ?? '',
    columns: [table?.user, table?.password, table?.active].filter(Boolean).join(', '),
    names: names.length === 0 ? '—' : names.join('; '),
    theirs: (cert?.subjectaltname ?? '—').replaceAll('DNS:', ''),
    said,
  });
};

/** Nothing was heard in time. */
export const silent = (source: SqlSource): Finding => made(texts.silent, source, {});

const made = (
  {summary, remedy}: Words,
  source: SqlSource,
  more: Readonly<Record<string, string>>,
): Finding => {
  const values =
    source.engine === 'sqlite'
      ? {at: source.file, user: '', database: source.file, ca: '', ...more}
      : {
          at: source.host.startsWith('/') ? source.host : `${source.host}:${source.port}`,
          user: source.user,
          database: source.database,
          ca: source.ca ?? '',
          ...more,
        };
  return {
    id: 'live:sql',
    section: 'auth-sql',
    severity: 'fail',
    summary: fill(summary, values),
    remedy: fill(remedy, values),
  };
};

const texts = {
  name: {
    summary: {
      en: 'The name of the database server is unknown here: {at}.',
      ja: 'データベースサーバーの名前を解決できません: {at}',
    },
    remedy: {
      en: 'Look for a slip in the name, or at this machine’s name server.',
      ja: '名前の誤りか、このマシンのネームサーバーを確認してください。',
    },
  },
  refused: {
    summary: {en: 'No database server answers at {at}.', ja: '{at} でデータベースサーバーが応答しません。'},
    remedy: {
      en: 'See whether it runs, and whether it listens to others (MariaDB: bind-address; PostgreSQL: listen_addresses).',
      ja: '動作しているか、外部からの接続を待ち受けているか確認してください (MariaDB: bind-address、PostgreSQL: listen_addresses)。',
    },
  },
  silent: {
    summary: {
      en: 'The database at {at} did not answer within 5 seconds.',
      ja: '{at} のデータベースが 5 秒以内に応答しませんでした。',
    },
    remedy: {
      en: 'A firewall on the way, or a server that hangs.',
      ja: '途中のファイアウォールか、サーバーの停止が考えられます。',
    },
  },
  ca: {
    summary: {en: 'No certificates can be read from {ca}.', ja: '{ca} から証明書を読み取れません。'},
    remedy: {
      en: 'Name the file of the authority, in PEM form.',
      ja: '認証局の PEM ファイルを指定してください。',
    },
  },
  untrusted: {
    summary: {
      en: 'The certificate of {at} is not from the authority in {ca}.',
      ja: '{at} の証明書は {ca} の認証局のものではありません。',
    },
    remedy: {
      en: 'Ask who runs the database for the authority’s certificate, and name that file.',
      ja: 'データベースの管理者から認証局の証明書を受け取り、そのファイルを指定してください。',
    },
  },
  otherName: {
    summary: {
      en: 'The certificate of {at} is for another name: {theirs}.',
      ja: '{at} の証明書は別の名前のものです: {theirs}',
    },
    remedy: {
      en: 'Write the host as the certificate has it.',
      ja: 'ホストを証明書にある名前で書いてください。',
    },
  },
  dates: {
    summary: {
      en: 'The certificate of {at} is not valid today.',
      ja: '{at} の証明書は現在有効ではありません。',
    },
    remedy: {
      en: 'It has to be renewed; check this machine’s clock too.',
      ja: '更新が必要です。このマシンの時計も確認してください。',
    },
  },
  noTls: {
    summary: {
      en: 'The database server at {at} has no TLS: hashes would cross the network in clear.',
      ja: '{at} のデータベースサーバーは TLS に対応していません。ハッシュが平文で流れます。',
    },
    remedy: {
      en: 'Switch TLS on there (MariaDB: ssl_cert, ssl_key; PostgreSQL: ssl = on).',
      ja: 'サーバーで TLS を有効にしてください (MariaDB: ssl_cert、ssl_key、PostgreSQL: ssl = on)。',
    },
  },
  login: {
    summary: {
      en: 'The database server does not let {user} in with that password.',
      ja: 'データベースサーバーが {user} のパスワードを受け付けません。',
    },
    remedy: {
      en: 'Type it again. It may also be that {user} may not come from this machine ({said}).',
      ja: 'もう一度入力してください。{user} がこのマシンからの接続を許可されていない可能性もあります ({said})。',
    },
  },
  database: {
    summary: {
      en: 'There is no database {database} that {user} may read.',
      ja: '{user} が読めるデータベース {database} がありません。',
    },
    remedy: {
      en: 'Look for a slip in the name, or give {user} the right to it.',
      ja: '名前の誤りを確認するか、{user} に権限を与えてください。',
    },
  },
  table: {
    summary: {
      en: 'There is no table {table} in the database.',
      ja: 'データベースに表 {table} がありません。',
    },
    remedy: {en: 'There are: {names}', ja: '次の表があります: {names}'},
  },
  column: {
    summary: {
      en: 'The table {table} does not have all of these columns: {columns}.',
      ja: '表 {table} に次の列がそろっていません: {columns}',
    },
    remedy: {en: 'There are: {names}', ja: '次の列があります: {names}'},
  },
  denied: {
    summary: {en: '{user} may not read the table {table}.', ja: '{user} は表 {table} を読めません。'},
    remedy: {
      en: 'Give it the right: GRANT SELECT ON {table} TO {user}',
      ja: '権限を与えてください: GRANT SELECT ON {table} TO {user}',
    },
  },
  file: {
    summary: {en: '{at} cannot be opened as a database.', ja: '{at} をデータベースとして開けません。'},
    remedy: {
      en: 'See whether it is there, and of SQLite ({said}).',
      ja: '存在するか、SQLite のファイルか確認してください ({said})。',
    },
  },
  other: {
    summary: {
      en: 'The database at {at} could not be asked: {said}',
      ja: '{at} のデータベースに照会できません: {said}',
    },
    remedy: {
      en: 'Look at the log of the database server.',
      ja: 'データベースサーバーのログを確認してください。',
    },
  },
} satisfies Record<string, Words>;

// By the drivers' codes: Node (errors of system calls and TLS), MySQL (server error reference), PostgreSQL (appendix A), SQLite.
const kinds: readonly (readonly [RegExp, Words])[] = [
  [new RegExp(`^${noCa}`), texts.ca],
  [/^(?:ENOTFOUND|EAI_)/, texts.name],
  [/^(?:ECONNREFUSED|ENOENT|EACCES)/, texts.refused],
  [/^(?:ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)|timeout/i, texts.silent],
  [/ERR_TLS_CERT_ALTNAME_INVALID|does not match certificate/, texts.otherName],
  [/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|certificate (?:has expired|is not yet valid)/, texts.dates],
  [/UNABLE_TO_|SELF_SIGNED|self-signed|unable to (?:get|verify)/, texts.untrusted],
  [/HANDSHAKE_NO_SSL_SUPPORT|does not support S(?:SL|ecure)/i, texts.noTls],
  [/ER_ACCESS_DENIED_ERROR|ER_ACCESS_DENIED_NO_PASSWORD|^28/, texts.login],
  // PostgreSQL has one code for every right that is missing: here it is the one to connect (postinit.c).
  [/ER_BAD_DB_ERROR|ER_DBACCESS_DENIED|^3D000|^42501 CheckMyDatabase /, texts.database],
  [/ER_NO_SUCH_TABLE|^42P01|no such table/, texts.table],
  [/ER_BAD_FIELD_ERROR|^42703|no such column/, texts.column],
  [/ER_TABLEACCESS_DENIED|ER_COLUMNACCESS_DENIED|^42501/, texts.denied],
  [/^ERR_SQLITE|unable to open|not a database/, texts.file],
];
