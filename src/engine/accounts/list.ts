import {rowsInFile} from '../../config/rows/in-file.js';
import {eachRow} from '../../config/rows/scan.js';
import {isLocked} from '../../config/accounts/lock.js';
import {exitCode} from '../../core/exit-code.js';
import type {Facts} from '../../core/facts.js';
import {ProblemError} from '../../core/finding.js';
import {fill, type Text} from '../../core/text.js';
import {readDovecot} from '../../planner/dialects/read.js';
import type {DatabaseThere} from '../../planner/dialects/read-blocks.js';
import type {ReadFiles} from '../../system/types.js';

/** The list of accounts that a server keeps, and the tables of Postfix that follow it. */
export type AccountList = {
  readonly file: string;
  readonly scheme: string;
  /** Lookup tables whose rows are the accounts, by type and path. */
  readonly tables: readonly {readonly type: string; readonly path: string}[];
};

/** An account as `users list` tells of it. */
export type Account = {readonly name: string; readonly disabled: boolean};

/** Finds the list that Dovecot logs in by. Throws a ProblemError where the server keeps none. */
export const accountList = (facts: Facts, files: ReadFiles): AccountList => {
  const database = readDovecot(facts).passdbs.find(({driver}) => driver === 'passwd-file');
  const file = database === undefined ? undefined : fileOf(database);
  // 004 makes a directory of that name, with a file for each domain.
  const isThere = file !== undefined && ['file', 'link'].includes(files.lstat(file)?.type ?? '');
  if (database === undefined || file === undefined || !isThere) {
    throw new ProblemError({code: exitCode.badAnswers, what: texts.none, remedy: texts.noneRemedy});
  }

  return {
    file,
    scheme:
      database.values['default_password_scheme'] ??
      /(?:^|\s)scheme=(\S+)/.exec(database.values['args'] ?? '')?.[1] ??
      'BLF-CRYPT',
    tables: tablesOf(facts),
  };
};

/** The text of the list: it may have any number of accounts, more than facts of a machine hold. */
export const listText = (files: ReadFiles, {file}: Pick<AccountList, 'file'>) => {
  try {
    return files.read(file, {follow: true, limit})?.toString('latin1') ?? '';
  } catch (error) {
    if ((error as {code?: string}).code !== 'EFBIG') {
      throw error;
    }

    throw new ProblemError({
      code: exitCode.badAnswers,
      what: fill(texts.large, {file, most: limit / 1024 / 1024}),
      remedy: texts.largeRemedy,
    });
  }
};

/** Bytes; half a million accounts. */
const limit = 64 * 1024 * 1024;

/** The row of an account, as Dovecot reads it: the first of that name. */
export const rowOf = (files: ReadFiles, {file}: Pick<AccountList, 'file'>, name: string) =>
  rowsInFile(files, file, new Set([name])).get(name);

/** All accounts in the order of the list; `domain`: those of one domain alone. */
export const accountsIn = (text: string, domain?: string): readonly Account[] => {
  const found: Account[] = [];
  const names = new Set<string>();
  const tail = domain === undefined ? '' : `@${domain}`;
  eachRow(text, line => {
    const at = line.indexOf(':');
    const name = at > 0 ? line.slice(0, at) : '';
    if (name !== '' && !/^\s*#/.test(name) && name.endsWith(tail) && !names.has(name)) {
      names.add(name);
      found.push({name, disabled: isLocked(line, at)});
    }
  });
  return found;
};

const fileOf = ({values}: DatabaseThere) => values['passwd_file_path'] ?? values['args']?.split(/\s+/).at(-1);

// Tables of virtual mailboxes that are files with the accounts in them; a directory service follows by itself.
const tablesOf = ({postfix}: Facts): AccountList['tables'] =>
  (postfix?.settings['virtual_mailbox_maps'] ?? '')
    .split(/[\s,]+/)
    .flatMap(item => {
      const [, type, path] = /^(hash|lmdb|cdb|btree):(\/.+)$/.exec(item) ?? [];
      return type === undefined || path === undefined ? [] : [{type, path}];
    })
    .slice(0, 1);

const texts = {
  large: {
    en: '{file} has more than {most} MiB, and is not read whole.',
    ja: '{file} は {most} MiB を超えるため、全体を読み込みません。',
  },
  largeRemedy: {
    en: 'Single accounts can be added, changed and removed; for more, divide it or move it into a database.',
    ja: 'アカウントは 1 件ずつ追加、変更、削除できます。それ以上は分割するか、データベースに移してください。',
  },
  none: {
    en: 'This server does not keep a list of accounts (passwd-file).',
    ja: 'このサーバーにはアカウントの一覧 (passwd-file) がありません。',
  },
  noneRemedy: {
    en: 'Accounts of the system or of a directory are changed there.',
    ja: 'システムやディレクトリーのアカウントは、それぞれの場所で変更してください。',
  },
} satisfies Record<string, Text>;
