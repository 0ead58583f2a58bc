import {type LineProblem, readAliases} from '../config/aliases/read.js';
import {rolesAt} from '../config/aliases/judge.js';
import {recordOf, sinceLast} from '../config/aliases/since.js';
import {rowsOf} from '../config/rows/edit.js';
import type {Finding} from '../core/finding.js';
import type {AliasFile, AliasFileFound} from '../core/material.js';
import {fill, type Text} from '../core/text.js';
import {digestOf} from '../system/blobs.js';
import type {ReadFiles} from '../system/types.js';

/** Bytes of a file of aliases: more than a million of them. */
const limit = 64 * 1024 * 1024;

export type AliasFileRead =
  | {readonly ok: true; readonly rows: Buffer; readonly record: Buffer; readonly found: AliasFileFound}
  | {readonly ok: false; readonly findings: readonly Finding[]};

/** Reads and judges a file of aliases; nothing of it is written anywhere. `tell`: progress of a long one. */
export const readAliasFile = (
  files: ReadFiles,
  file: AliasFile,
  tell: (progress: Text) => void = () => undefined,
): AliasFileRead => {
  const {path, table} = file;
  const stat = files.lstat(path);
  const problem =
    stat === undefined
      ? texts.missing
      : stat.type !== 'file'
        ? texts.notFile
        : stat.size > limit
          ? texts.large
          : undefined;
  const bytes = problem === undefined ? files.read(path, {limit}) : undefined;
  if (problem !== undefined || bytes === undefined) {
    const size = Math.round(Number(stat?.size ?? 0n) / 1024 / 1024);
    return {ok: false, findings: [finding(path, fill(problem ?? texts.missing, {path, size}))]};
  }

  const there = bytesOf(files, table);
  const read = readAliases(
    bytes,
    file,
    keys => keysIn(there, keys),
    lines => tell(fill(texts.read, {path, lines})),
  );
  if (!read.ok) {
    return {ok: false, findings: findingsOf(path, read.problems, read.more)};
  }

  if (read.found.count > 100_000) {
    tell(fill(texts.comparing, {count: read.found.count, table}));
  }

  const stay = new Set([...file.roles, ...Object.keys(file.typed)]);
  const {rows, gone, kept} = sinceLast(read.rows, bytesOf(files, file.record), there, {
    stay,
    named: [...stay, ...file.mailboxes, ...read.found.domains.flatMap(rolesAt)],
  });
  const record = recordOf(read.rows.bytes());
  const found = {...read.found, gone: some(gone), kept: some(kept)};
  return {ok: true, rows, record, found: {...found, digest: digestOf(rows), record: digestOf(record)}};
};

const bytesOf = (files: ReadFiles, path: string) => files.read(path, {follow: true}) ?? Buffer.alloc(0);
const some = (all: readonly string[]) => ({count: all.length, first: all.slice(0, 10)});

// Which of some addresses the table has already.
const keysIn = (table: Buffer, keys: ReadonlySet<string>): ReadonlySet<string> =>
  new Set(rowsOf(table.toString('latin1'), 'table', keys).keys());

const findingsOf = (path: string, problems: readonly LineProblem[], more: number): readonly Finding[] => [
  ...problems.map(({problem}) => finding(path, problem)),
  ...(more > 0 ? [finding(path, fill(texts.more, {more}))] : []),
];

const finding = (path: string, summary: Text): Finding => ({
  id: `alias-file:${path}:${summary.en}`,
  section: 'domains',
  severity: 'fail',
  summary: {en: `${path}: ${summary.en}`, ja: `${path}: ${summary.ja}`},
  remedy: texts.remedy,
});

const texts = {
  read: {en: '{path}: {lines} lines are read …', ja: '{path}: {lines} 行を読み込みました…'},
  comparing: {
    en: '{count} rows are good; they are compared with {table}, and the new table is compiled …',
    ja: '{count} 行に誤りはありません。{table} と比べ、新しい表を変換しています…',
  },
  missing: {en: 'There is no such file.', ja: 'ファイルがありません。'},
  notFile: {en: 'It is not a regular file.', ja: '通常のファイルではありません。'},
  large: {
    en: 'It has {size} MiB. At most 64 MiB are taken in at once, more than a million aliases: split it.',
    ja: '{size} MiB あります。一度に取り込めるのは 64 MiB (別名 100 万件以上) までです。分割してください。',
  },
  more: {en: '{more} more lines are wrong.', ja: 'ほかにも {more} 行に誤りがあります。'},
  remedy: {
    en: 'Correct the file; nothing of it was written.',
    ja: 'ファイルを直してください。何も書き込んでいません。',
  },
} satisfies Record<string, Text>;
