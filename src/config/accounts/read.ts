import {fill, type Text} from '../../core/text.js';
import {type Secret, secret} from '../../core/secret.js';
import {eachRow} from '../rows/scan.js';
import {bare} from '../lines.js';
import {readCredential} from './scheme.js';

/** An account of a file that is taken in: with the row that it gets, or with a password that has to be hashed first. */
export type NewAccount = {readonly name: string; readonly line: number} & (
  | {readonly row: string}
  | {readonly password: Secret}
);

export type ReadAccounts =
  | {
      readonly ok: true;
      readonly accounts: readonly NewAccount[] /** Those that are there and stay. */;
      readonly there: number;
    }
  | {
      readonly ok: false;
      readonly problems: readonly {readonly line: number; readonly problem: Text}[];
      readonly more: number;
    };

/** What a file is judged by. */
export type AccountsJudge = {
  /** Names that the list has. */
  readonly has: (name: string) => boolean;
  readonly nameProblem: (name: string) => Text | undefined;
  readonly passwordProblem: (password: string, name: string) => Text | undefined;
  /** Schemes that this Dovecot knows. */
  readonly schemes: ReadonlySet<string>;
};

/** Problems that are told one by one; more are counted. */
const told = 20;

/**
 * Reads accounts of another system: `NAME:HASH` as in passwd(5) or shadow(5), or CSV as spreadsheets write it (RFC 4180): name and
 * password or hash, with or without a first line that names the columns. Numbers, homes and shells are the other machine's and are
 * left there; a quota comes along. All lines are judged before one of them counts.
 */
export const readAccounts = (bytes: Buffer, judge: AccountsJudge): ReadAccounts => {
  const problems: {readonly line: number; readonly problem: Text}[] = [];
  const accounts: NewAccount[] = [];
  const lines = new Map<string, number>();
  let wrong = 0;
  let there = 0;
  let line = 0;
  const report = (text: Text, values: Readonly<Record<string, string | number>> = {}) => {
    wrong += 1;
    if (problems.length < told) {
      problems.push({line, problem: fill(text, values)});
    }
  };

  const text = decoded(bytes);
  if (text === undefined) {
    return {ok: false, problems: [{line: 1, problem: texts.bytes}], more: 0};
  }

  eachRow(text, whole => {
    line += 1;
    const entry = parseLine(bare(whole), line);
    if (entry === undefined) {
      return;
    }

    if ('en' in entry) {
      return void report(entry);
    }

    const {name, field, more} = entry;
    const earlier = lines.get(name);
    const problem = judge.nameProblem(name);
    if (problem !== undefined) {
      return void report(problem);
    }

    if (earlier !== undefined) {
      return void report(texts.twice, {name, earlier});
    }

    lines.set(name, line);
    if (judge.has(name)) {
      there += 1;
      return;
    }

    const credential = readCredential(field, judge.schemes);
    const refused =
      credential.kind === 'problem'
        ? credential.problem
        : credential.kind === 'plain'
          ? (cutOff(more) ?? judge.passwordProblem(credential.value, name))
          : undefined;
    if (refused !== undefined || credential.kind === 'problem') {
      return void report(refused ?? texts.shape);
    }

    accounts.push(
      credential.kind === 'plain'
        ? {name, line, password: secret(credential.value)}
        : {name, line, row: `${name}:${credential.value}::::::${quotaIn(more)}`},
    );
  });
  return wrong > 0 ? {ok: false, problems, more: wrong - problems.length} : {ok: true, accounts, there};
};

type Entry = {readonly name: string; readonly field: string; readonly more: readonly string[]};

// A password with a colon would be cut off there.
const cutOff = (more: readonly string[]) => (more.length > 0 ? texts.colon : undefined);

// What Dovecot 2.3 and 2.4 call it in the last field (auth-passwdfile(7)).
const quotaIn = (more: readonly string[]) =>
  more
    .slice(5)
    .join(':')
    .split(/\s+/)
    .filter(field => /^userdb_quota_\w+=[\w*:+=-]+$/.test(field))
    .join(' ');

// Whichever comes first after the name tells how a line is written: an address has none of them.
const parseLine = (line: string, number: number): Entry | Text | undefined => {
  if (/^\s*(?:#|$)/.test(line)) {
    return undefined;
  }

  const at = line.search(/[:,;]/);
  if (line.startsWith('"') || (at >= 0 && line[at] !== ':')) {
    return parseCsv(line, number);
  }

  const [name = '', field, ...more] = line.split(':');
  return field === undefined || field === '' ? texts.shape : {name: name.trim().toLowerCase(), field, more};
};

const parseCsv = (line: string, number: number): Entry | Text | undefined => {
  const cells = [...line.matchAll(/(?:^|[,;])(?:"((?:[^"]|"")*)"|([^",;]*))(?=[,;]|$)/g)].map(
    ([, quoted, bareCell = '']) => (quoted === undefined ? bareCell : quoted.replaceAll('""', '"')),
  );
  const [name = '', field = '', ...more] = cells;
  if (number === 1 && !name.includes('@') && /pass|hash|パスワード/i.test(field)) {
    return undefined;
  }

  return field === '' || more.some(cell => cell.trim() !== '')
    ? texts.csv
    : {name: name.trim().toLowerCase(), field, more: []};
};

// A mark of the byte order is no part of the first name.
const decoded = (bytes: Buffer): string | undefined => {
  try {
    const text = new TextDecoder('utf-8', {fatal: true}).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
};

const texts = {
  bytes: {en: 'This is not a text in UTF-8.', ja: 'UTF-8 のテキストではありません。'},
  shape: {
    en: 'A line is “NAME:HASH” or “NAME,PASSWORD”.',
    ja: '行は「名前:ハッシュ」または「名前,パスワード」の形です。',
  },
  csv: {
    en: 'A line has two columns: name, and password or hash.',
    ja: '行は名前と、パスワードまたはハッシュの 2 列です。',
  },
  colon: {
    en: 'A password with more behind it: write it as “NAME,PASSWORD”, in quotes where it has a comma or a colon.',
    ja: 'パスワードの後に続きがあります。「名前,パスワード」の形で書き、コンマやコロンを含む場合は引用符で囲んでください。',
  },
  twice: {en: '{name} stands in line {earlier} too.', ja: '{name} は {earlier} 行目にもあります。'},
} satisfies Record<string, Text>;
