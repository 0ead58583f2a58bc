import type {ChangeOf} from '../core/change.js';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text} from '../core/text.js';
import {captureFile, type FileAfter, type FileBefore, pinOf, restoreFile} from './replace.js';
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
    const index = indexOf(change);
    // postmap(1) rewrites its index in place: the old one is moved aside first, so that undo has the same inode.
    if (before?.type === 'file') {
      const bytes = files.read(index) ?? Buffer.alloc(0);
      files.rename(index, pinOf(index, transaction));
      files.create(index, bytes, before.mode);
      files.chown(index, before.uid, before.gid);
      files.syncDirectory(index.slice(0, index.lastIndexOf('/')));
    }

    const program = /\/aliases$/.test(change.source) ? '/usr/sbin/postalias' : '/usr/sbin/postmap';
    const {exitCode: code, stderr} = await system.run(program, [`${change.type}:${change.source}`]);
    if (code !== 0) {
      throw new ProblemError({
        code: exitCode.internal,
        what: fill(texts.failed, {source: change.source}),
        cause: fill(texts.said, {stderr}),
        remedy: texts.remedy,
      });
    }

    const made = captureFile(files, index, {put: () => '', get: () => Buffer.alloc(0), has: () => false});
    files.syncFile(index);
    const seen = seeFile(files, index);
    return made?.type === 'file' && seen?.digest !== undefined ? {digest: seen.digest, ino: made.ino} : null;
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
  revert: async ({files}, change, before, after, {blobs, transaction}) =>
    restoreFile(files, indexOf(change), before, after, blobs, transaction),
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

/** The file that a type keeps its index in (DATABASE_README). */
const indexOf = ({source, type}: Change) =>
  `${source}.${{hash: 'db', btree: 'db', lmdb: 'lmdb', cdb: 'cdb'}[type] ?? type}`;

const texts = {
  title: {en: '{index}, compiled from {source}', ja: '{source} から {index} を生成'},
  failed: {en: 'The table {source} cannot be compiled.', ja: 'テーブル {source} を変換できません。'},
  said: {en: 'It said: {stderr}', ja: '出力: {stderr}'},
  remedy: {en: 'Look at the line that is named.', ja: '示された行を確認してください。'},
} satisfies Record<string, Text>;
