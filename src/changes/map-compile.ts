import type {ChangeOf} from '../core/change.js';
import {exitCode} from '../core/exit-code.js';
import {type Finding, ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import {parentOf} from '../system/files.js';
import type {Files, Host, System} from '../system/types.js';
import {captureFile, type FileAfter, type FileBefore} from './capture.js';
import {realOf} from './ground.js';
import {sweep, tableOf} from './names.js';
import {putFile, restoreFile} from './replace.js';
import {type SeenFile, seeFile} from './seen.js';
import type {ChangeHandler} from './types.js';

type Change = ChangeOf<'map.compile'>;

/** `fresh`: the index was not older than its text, so that it says the same. */
type Before = FileBefore | (Extract<FileBefore, {readonly type: 'file'}> & {readonly fresh: boolean});

/** A lookup table compiled from its text by postmap(1), or postalias(1) for aliases. Made again from the source whenever rows change. */
export const mapCompile: ChangeHandler<Change, SeenFile, Before, FileAfter> = {
  observe: async ({files}, change) => seeFile(files, indexOf(change)),
  preview: (change, seen, {certainty}) => ({
    action: seen === null ? 'create' : 'update',
    certainty,
    reversible: 'exact',
    title: fill(texts.title, {index: indexOf(change), source: change.source}),
    body: [],
  }),
  capture: async ({files}, change, {blobs}) => {
    const before = captureFile(files, indexOf(change), blobs);
    const text = files.lstat(realOf(files, change.source))?.mtimeNs ?? 0n;
    return before?.type === 'file' ? {...before, fresh: BigInt(before.mtimeNs) >= text} : before;
  },
  apply: async (system, change, before, {transaction}) => {
    const {files} = system;
    const {source, type} = change;
    // postmap(1) writes an index in place, while Postfix reads it: a copy is compiled beside and takes its place whole.
    const copy = tableOf(source, transaction);
    const made = `${copy}.${endings[type] ?? type}`;
    dropCopies(files, source, transaction);
    const {exitCode: code, stderr} = isInSync(change, before)
      ? await renew(system, change, `${type}:${copy}`, made)
      : await compile(system, change, copy);
    const stat = files.lstat(made);
    const isMade = code === 0 && stat !== undefined;
    dropCopies(files, source, transaction, isMade ? made : undefined);
    if (!isMade) {
      throw new ProblemError({
        code: exitCode.internal,
        what: fill(texts.failed, {source}),
        cause: fill(texts.said, {stderr: stderr.replaceAll(copy, source)}),
        remedy: texts.remedy,
      });
    }

    const owner = before?.type === 'file' ? before : stat;
    return putFile(files, indexOf(change), {made}, owner, before, transaction);
  },
  verify: async (host, change) => {
    if (change.only !== undefined) {
      return verifyRows(host, change, change.only);
    }

    const {exitCode: code, stderr} = await host.run(
      '/usr/sbin/postmap',
      ['-s', `${change.type}:${change.source}`],
      {silent: true, timeout},
    );
    return code === 0 ? [] : [wrong(change, stderr)];
  },
  revert: async ({files}, change, before, after, {blobs, transaction}) => {
    dropCopies(files, change.source, transaction);
    return restoreFile(files, indexOf(change), before, after, blobs, transaction);
  },
  // Made again from its text, or gone with it: what became of the text decides.
  inverse: ({only: _only, ...change}, before, _after, {section, alone, read, id}) =>
    read(change.source) === undefined || (alone && before === null)
      ? [
          {
            id: id(`file.delete ${indexOf(change)}`),
            sections: [section],
            kind: 'file.delete',
            path: indexOf(change),
          },
        ]
      : [{...change, id: id(change.id), sections: [section]}],
};

const compile = async ({files, run}: System, change: Change, copy: string) => {
  const {source, type} = change;
  const text = realOf(files, source);
  copyOf(files, text, copy);
  const mode = files.lstat(text)?.mode ?? 0o600;
  files.chmod(copy, mode);
  const program = /\/aliases$/.test(source) ? '/usr/sbin/postalias' : '/usr/sbin/postmap';
  return run(program, [...cacheFor(files, change, copy), `${type}:${copy}`], {timeout});
};

const copyOf = (files: Files, from: string, to: string) => {
  if (files.copy(from, to, 0o600) === undefined) {
    files.create(to, new Uint8Array(), 0o600);
  }
};

/** Milliseconds for a table of a million rows on a slow disk. */
const timeout = 300_000;

/** Bytes of a text above which the index is larger than what postmap(1) keeps in memory by itself while it makes it (16 MiB). */
const large = 8 * 1024 * 1024;

/**
 * A Berkeley DB that does not fit into memory while it is made is written over and over: half of the time for a million rows.
 * postmap(1) takes the size from main.cf alone (berkeley_db_create_buffer_size), so it gets one of its own, with all that the
 * machine's says.
 */
const cacheFor = (files: Files, {type, source}: Change, copy: string): readonly string[] => {
  const size = files.lstat(copy)?.size ?? 0;
  const main = files.read(`${parentOf(source)}/main.cf`, {follow: true});
  if (size < large || main === undefined || (type !== 'hash' && type !== 'btree')) {
    return [];
  }

  const folder = configOf(copy);
  const buffer = Math.min(2 * size, 128 * 1024 * 1024);
  files.makeDirectory(folder, 0o700);
  files.create(
    `${folder}/main.cf`,
    Buffer.concat([main, Buffer.from(`\nberkeley_db_create_buffer_size = ${buffer}\n`)]),
    0o600,
  );
  return ['-c', folder];
};

const configOf = (copy: string) => copy.replace(/~$/, '-config~');

// A row of many thousand: the index is copied and the row written into the copy (postmap(1), -i and -d, which read no text). cdb is
// made whole always.
const isInSync = ({type, only}: Change, before: Before) =>
  only !== undefined &&
  ['hash', 'btree', 'lmdb'].includes(type) &&
  before?.type === 'file' &&
  'fresh' in before &&
  before.fresh;

const renew = async (system: System, change: Change, table: string, made: string) => {
  const {files} = system;
  copyOf(files, indexOf(change), made);
  const rows = change.only ?? [];
  const lines = (some: readonly string[]) => some.map(line => `${line}\n`).join('');
  const gone = rows.filter(({value}) => value === undefined).map(({key}) => key);
  const come = rows.flatMap(({key, value}) => (value === undefined ? [] : [`${key} ${value}`]));
  const taken =
    gone.length === 0
      ? undefined
      : await system.run('/usr/sbin/postmap', ['-d', '-', table], {input: lines(gone)});
  // 1: it was not there, which is as well.
  return (taken !== undefined && taken.exitCode !== 0 && taken.exitCode !== 1) || come.length === 0
    ? {exitCode: taken?.exitCode === 1 ? 0 : (taken?.exitCode ?? 0), stderr: taken?.stderr ?? ''}
    : system.run('/usr/sbin/postmap', ['-i', '-r', table], {input: lines(come)});
};

const verifyRows = async (host: Host, change: Change, rows: NonNullable<Change['only']>) => {
  const {source, type} = change;
  for (const {key, value} of rows) {
    const {exitCode: code, stderr} = await host.run('/usr/sbin/postmap', ['-q', '-', `${type}:${source}`], {
      input: `${key}\n`,
    });
    if ((code === 0) !== (value !== undefined)) {
      return [wrong(change, stderr)];
    }
  }

  return [];
};

const wrong = ({source}: Change, stderr: string): Finding => ({
  id: `verify:${source}`,
  severity: 'fail',
  summary: fill(texts.failed, {source}),
  cause: fill(texts.said, {stderr}),
  remedy: texts.remedy,
});

/** What a type of table adds to the name of its text (DATABASE_README). */
const endings: Readonly<Record<string, string>> = {hash: 'db', btree: 'db', lmdb: 'lmdb', cdb: 'cdb'};

/** The file that holds the index of a table. */
export const indexOf = ({source, type}: Pick<Change, 'source' | 'type'>) =>
  `${source}.${endings[type] ?? type}`;

/** Removes what a compilation left beside the table, or one that was cut short; `but`: what is still needed. */
const dropCopies = (files: Files, source: string, transaction: string, but?: string) => {
  const copy = tableOf(source, transaction);
  const left = [copy, ...[...new Set(Object.values(endings))].map(ending => `${copy}.${ending}`)]
    .filter(path => path !== but)
    .map(path => sweep(files, path));
  const folder = configOf(copy);
  if (files.lstat(folder) !== undefined) {
    sweep(files, `${folder}/main.cf`);
    files.removeDirectory(folder);
    left.push(true);
  }

  if (left.includes(true)) {
    files.syncDirectory(parentOf(copy));
  }
};

const texts = {
  title: {en: '{index}, compiled from {source}', ja: '{source} から {index} を生成'},
  failed: {en: 'The table {source} cannot be compiled.', ja: 'テーブル {source} を変換できません。'},
  said: {en: 'It said: {stderr}', ja: '出力: {stderr}'},
  remedy: {en: 'Look at the line that is named.', ja: '示された行を確認してください。'},
} satisfies Record<string, Text>;
