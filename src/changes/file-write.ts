import type {ChangeOf} from '../core/change.js';
import {diffLines} from '../config/diff.js';
import {masked} from '../core/secret.js';
import {fill, type Text} from '../core/text.js';
import {digestOf} from '../system/blobs.js';
import {ownerOf} from './owner.js';
import {captureFile, type FileAfter, type FileBefore} from './capture.js';
import {putBack} from './put-back.js';
import {dropFile, putFile, restoreFile} from './replace.js';
import {type SeenFile, seeFile} from './seen.js';
import type {ChangeHandler, InverseContext} from './types.js';

/** A file that dovetail owns whole: a key, a certificate, a list. */
export const fileWrite: ChangeHandler<ChangeOf<'file.write'>, SeenFile, FileBefore, FileAfter> = {
  observe: async ({files}, {path}) => seeFile(files, path),
  preview: (change, seen, {certainty, masked: show, read, holds}) => {
    const text = show(change.content);
    const plain = !change.secret && change.content.every(part => 'text' in part);
    const same =
      seen !== null &&
      seen.mode === change.mode &&
      (plain
        ? seen.digest === digestOf(Buffer.from(text, 'latin1'))
        : holds?.(change.content, read(change.path) ?? '') === true);
    return {
      action: same ? 'none' : seen === null ? 'create' : 'update',
      certainty,
      reversible: 'exact',
      title: fill(texts.title, {
        path: change.path,
        mode: change.mode.toString(8).padStart(4, '0'),
        owner: `${change.owner}:${change.group}`,
      }),
      body: change.secret
        ? [`+${masked}`]
        : change.shown === 'elsewhere'
          ? []
          : diffLines(change.path, read(change.path) ?? '', text),
    };
  },
  capture: async ({files}, {path}, {blobs}) => captureFile(files, path, blobs),
  apply: async ({files}, change, before, {resolve, transaction}) =>
    putFile(files, change.path, resolve(change.content), ownerOf(files, change), before, transaction),
  verify: async ({files}, change, after) => {
    const seen = seeFile(files, change.path);
    return seen !== null && seen.digest === after?.digest && seen.mode === change.mode
      ? []
      : [
          {
            id: `verify:${change.path}`,
            severity: 'fail',
            summary: fill(texts.differs, {path: change.path}),
            remedy: texts.remedy,
          },
        ];
  },
  revert: async ({files}, {path}, before, after, context) => {
    const whole = restoreFile(files, path, before, after, context.blobs, context.transaction);
    return whole.kind === 'conflict' && context.others?.(path) === 'put-back'
      ? putBack(files, path, before, context)
      : whole;
  },
  inverse: (change, before, after, {section, alone, read, stays, id}) => {
    const {path, secret} = change;
    const now = read(path);
    if (!alone || now === undefined) {
      return [];
    }

    if (after === undefined || digestOf(Buffer.from(now, 'latin1')) !== after?.digest) {
      stays(path);
      return [];
    }

    return before === null
      ? [{id: id(`file.delete ${path}`), sections: [section], kind: 'file.delete', path}]
      : asBefore(path, section, before, secret, id);
  },
};

/** A file that goes away; undoing puts the same inode back. */
export const fileDelete: ChangeHandler<ChangeOf<'file.delete'>, SeenFile, FileBefore, FileAfter> = {
  observe: async ({files}, {path}) => seeFile(files, path),
  preview: ({path, shown}, seen, {certainty, read}) => ({
    action: seen === null ? 'none' : 'delete',
    certainty,
    reversible: 'exact',
    title: fill(texts.gone, {path}),
    body: shown === 'text' ? diffLines(path, read(path) ?? '', '') : [],
  }),
  capture: async ({files}, {path}, {blobs}) => captureFile(files, path, blobs),
  apply: async ({files}, {path}, before, {transaction}) => dropFile(files, path, before, transaction),
  verify: async ({files}, {path}) =>
    files.lstat(path) === undefined
      ? []
      : [{id: `verify:${path}`, severity: 'fail', summary: fill(texts.there, {path}), remedy: texts.remedy}],
  revert: async ({files}, {path}, before, after, {blobs, transaction}) =>
    restoreFile(files, path, before, after, blobs, transaction),
  inverse: ({path}, before, _after, {section, alone, read, stays, id}) => {
    if (!alone) {
      return [];
    }

    if (read(path) !== undefined) {
      stays(path);
      return [];
    }

    return asBefore(path, section, before, true, id);
  },
};

// The file as it was, from the bytes that the transaction kept.
const asBefore = (
  path: string,
  section: string,
  before: FileBefore,
  secret: boolean,
  id: InverseContext['id'],
): readonly ChangeOf<'file.write'>[] =>
  before?.type === 'file'
    ? [
        {
          id: id(`file.write ${path}`),
          sections: [section],
          kind: 'file.write',
          path,
          content: [{blob: before.digest}],
          secret,
          owner: String(before.uid),
          group: String(before.gid),
          mode: before.mode,
        },
      ]
    : [];

const texts = {
  title: {en: '{path} ({owner}, {mode})', ja: '{path} ({owner}、{mode})'},
  gone: {en: '{path} is removed', ja: '{path} を削除'},
  differs: {en: '{path} does not hold what was planned.', ja: '{path} の内容が計画と異なります。'},
  there: {en: '{path} is still there.', ja: '{path} が残っています。'},
  remedy: {
    en: 'Roll back and look who else writes it.',
    ja: 'ロールバックし、他に書き込むものを調べてください。',
  },
} satisfies Record<string, Text>;
