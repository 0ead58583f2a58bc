import type {ChangeOf} from '../core/change.js';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {diffLines} from '../config/diff.js';
import {fill, type Text} from '../core/text.js';
import {digestOf} from '../system/blobs.js';
import {ownerOf} from './owner.js';
import {captureFile, type FileAfter, type FileBefore, putFile, restoreFile} from './replace.js';
import {type SeenFile, seeFile} from './seen.js';
import type {ChangeHandler} from './types.js';

/** All edits of one configuration file. */
export const configEdit: ChangeHandler<ChangeOf<'config.edit'>, SeenFile, FileBefore, FileAfter> = {
  observe: async ({files}, {path}) => seeFile(files, path),
  preview: (change, seen, {blobs, certainty}) => {
    const before = change.before === null ? '' : blobs.get(change.before).toString('latin1');
    const body = diffLines(change.path, before, blobs.get(change.after).toString('latin1'));
    const same = seen !== null && seen.digest === change.after;
    return {
      action: same ? 'none' : change.before === null ? 'create' : 'update',
      certainty,
      reversible: 'exact',
      title: fill(texts.title, {
        path: change.path,
        added: body.filter(line => line.startsWith('+')).length,
        gone: body.filter(line => line.startsWith('-')).length,
      }),
      body,
    };
  },
  capture: async ({files}, {path, before}, {blobs}) => {
    const captured = captureFile(files, path, blobs);
    const digest = captured?.type === 'file' ? captured.digest : null;
    if (digest !== before) {
      throw new ProblemError({
        code: exitCode.stalePlan,
        what: fill(texts.stale, {path}),
        remedy: texts.staleRemedy,
      });
    }

    return captured;
  },
  apply: async ({files}, change, before, {blobs, transaction}) => {
    const owner =
      before?.type === 'file'
        ? before
        : ownerOf(files, change.keepOwnership ? {owner: 'root', group: 'root', mode: 0o644} : change);
    return putFile(files, change.path, blobs.get(change.after), owner, before, transaction);
  },
  verify: async ({files}, {path, after}) =>
    digestOf(files.read(path) ?? Buffer.alloc(0)) === after
      ? []
      : [
          {
            id: `verify:${path}`,
            severity: 'fail',
            summary: fill(texts.differs, {path}),
            remedy: texts.staleRemedy,
          },
        ],
  revert: async ({files}, {path}, before, after, {blobs, transaction}) =>
    restoreFile(files, path, before, after, blobs, transaction),
};

const texts = {
  title: {en: '{path}: +{added} −{gone} lines', ja: '{path}: +{added} −{gone} 行'},
  stale: {en: '{path} is not as it was when the plan was made.', ja: '{path} は計画時の内容と異なります。'},
  staleRemedy: {
    en: 'Plan again and look at the new diff.',
    ja: 'もう一度計画を作り、新しい差分を確認してください。',
  },
  differs: {en: '{path} does not hold what was planned.', ja: '{path} の内容が計画と異なります。'},
} satisfies Record<string, Text>;
