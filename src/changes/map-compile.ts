import type {ChangeOf} from '../core/change.js';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import {parentOf} from '../system/files.js';
import type {Files} from '../system/types.js';
import {captureFile, type FileAfter, type FileBefore} from './capture.js';
import {realOf} from './ground.js';
import {sweep, tableOf} from './names.js';
import {putFile, restoreFile} from './replace.js';
import {type SeenFile, seeFile} from './seen.js';
import type {ChangeHandler} from './types.js';

type Change = ChangeOf<'map.compile'>;

/** A lookup table compiled from its text by postmap(1), or postalias(1) for aliases. Made again from the source whenever rows change. */
export const mapCompile: ChangeHandler<Change, SeenFile, FileBefore, FileAfter> = {
  observe: async ({files}, change) => seeFile(files, indexOf(change)),
  preview: (change, seen, {certainty}) => ({
    action: seen === null ? 'create' : 'update',
    certainty,
    reversible: 'exact',
    title: fill(texts.title, {index: indexOf(change), source: change.source}),
    body: [],
  }),
  capture: async ({files}, change, {blobs}) => captureFile(files, indexOf(change), blobs),
  apply: async (system, change, before, {transaction}) => {
    const {files} = system;
    const {source, type} = change;
    // postmap(1) writes an index in place, while Postfix reads it: a copy is compiled beside and takes its place whole.
    const copy = tableOf(source, transaction);
    const made = `${copy}.${endings[type] ?? type}`;
    dropCopies(files, source, transaction);
    files.create(copy, files.read(source, {follow: true}) ?? Buffer.alloc(0), 0o600);
    const mode = files.lstat(realOf(files, source))?.mode ?? 0o600;
    files.chmod(copy, mode);
    const program = /\/aliases$/.test(source) ? '/usr/sbin/postalias' : '/usr/sbin/postmap';
    const cache = cacheFor(files, change, copy);
    const {exitCode: code, stderr} = await system.run(program, [...cache, `${type}:${copy}`], {timeout});
    const bytes = files.read(made);
    const stat = files.lstat(made);
    dropCopies(files, source, transaction);
    if (code !== 0 || bytes === undefined || stat === undefined) {
      throw new ProblemError({
        code: exitCode.internal,
        what: fill(texts.failed, {source}),
        cause: fill(texts.said, {stderr: stderr.replaceAll(copy, source)}),
        remedy: texts.remedy,
      });
    }

    const owner = before?.type === 'file' ? before : stat;
    return putFile(files, indexOf(change), bytes, owner, before, transaction);
  },
  verify: async (host, change) => {
    const {exitCode: code, stderr} = await host.run(
      '/usr/sbin/postmap',
      ['-s', `${change.type}:${change.source}`],
      {silent: true, timeout},
    );
    return code === 0
      ? []
      : [
          {
            id: `verify:${change.source}`,
            severity: 'fail',
            summary: fill(texts.failed, {source: change.source}),
            cause: fill(texts.said, {stderr}),
            remedy: texts.remedy,
          },
        ];
  },
  revert: async ({files}, change, before, after, {blobs, transaction}) => {
    dropCopies(files, change.source, transaction);
    return restoreFile(files, indexOf(change), before, after, blobs, transaction);
  },
  // Made again from its text, or gone with it: what became of the text decides.
  inverse: (change, before, _after, {section, alone, read, id}) =>
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

/** What a type of table adds to the name of its text (DATABASE_README). */
const endings: Readonly<Record<string, string>> = {hash: 'db', btree: 'db', lmdb: 'lmdb', cdb: 'cdb'};

/** The file that holds the index of a table. */
export const indexOf = ({source, type}: Pick<Change, 'source' | 'type'>) =>
  `${source}.${endings[type] ?? type}`;

/** Removes what a compilation that was cut short left beside the table. */
const dropCopies = (files: Files, source: string, transaction: string) => {
  const copy = tableOf(source, transaction);
  const left = ['', ...new Set(Object.values(endings)).values()].map(ending =>
    sweep(files, ending === '' ? copy : `${copy}.${ending}`),
  );
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
