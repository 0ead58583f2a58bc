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
    const {exitCode: code, stderr} = await system.run(program, [`${type}:${copy}`]);
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
      {limit: 64 * 1024 * 1024},
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
