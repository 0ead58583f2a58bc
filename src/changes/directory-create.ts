import type {ChangeOf} from '../core/change.js';
import type {Json} from '../core/json.js';
import {fill, type Text} from '../core/text.js';
import {parentOf} from '../system/files.js';
import {ownerOf} from './owner.js';
import type {ChangeHandler} from './types.js';

type Before = {readonly made: readonly string[]};

/** A directory, with the parents it lacks. One that is there keeps its owner and mode. */
export const directoryCreate: ChangeHandler<ChangeOf<'directory.create'>, Json, Before, Json> = {
  observe: async ({files}, {path}) => files.lstat(path)?.type ?? null,
  preview: (change, seen, {certainty}) => ({
    action: seen === 'directory' ? 'none' : 'create',
    certainty,
    reversible: 'exact',
    title: fill(texts.title, {
      path: change.path,
      mode: change.mode.toString(8).padStart(4, '0'),
      owner: `${change.owner}:${change.group}`,
    }),
    body: [],
  }),
  capture: async ({files}, {path}) => {
    const made: string[] = [];
    for (let at = path; files.lstat(at) === undefined; at = parentOf(at)) {
      made.unshift(at);
    }

    return {made};
  },
  apply: async ({files}, change, {made}) => {
    for (const path of made) {
      const last = path === change.path;
      if (files.lstat(path) !== undefined) {
        continue;
      }

      files.makeDirectory(path, last ? 0o700 : 0o755);
      if (last) {
        const {uid, gid, mode} = ownerOf(files, change);
        files.chown(path, uid, gid);
        files.chmod(path, mode);
      }

      files.syncDirectory(parentOf(path));
    }

    return null;
  },
  verify: async ({files}, {path}) =>
    files.lstat(path)?.type === 'directory'
      ? []
      : [
          {
            id: `verify:${path}`,
            severity: 'fail',
            summary: fill(texts.missing, {path}),
            remedy: texts.remedy,
          },
        ],
  revert: async ({files}, change, {made}) => {
    let kept: string | undefined;
    for (const path of made.toReversed()) {
      if (files.lstat(path) === undefined) {
        continue;
      }

      // What others put there stays, and so does the directory.
      if ((files.list(path)?.length ?? 0) > 0) {
        kept ??= path;
        continue;
      }

      files.removeDirectory(path);
      files.syncDirectory(parentOf(path));
    }

    return kept === undefined
      ? {kind: made.length === 0 ? 'nothing-to-do' : 'reverted'}
      : {
          kind: 'conflict',
          path: kept,
          finding: {
            id: `kept:${change.path}`,
            severity: 'warning',
            summary: fill(texts.kept, {path: kept}),
            remedy: texts.keptRemedy,
          },
        };
  },
};

const texts = {
  title: {en: '{path}/ ({owner}, {mode})', ja: '{path}/ ({owner}、{mode})'},
  missing: {en: 'The directory {path} is missing.', ja: 'ディレクトリー {path} がありません。'},
  remedy: {en: 'Roll back and look who removes it.', ja: 'ロールバックし、削除するものを調べてください。'},
  kept: {en: '{path} is kept: it is not empty.', ja: '{path} は空でないため残しました。'},
  keptRemedy: {
    en: 'Mail or files in it are yours to move or delete.',
    ja: '中のメールやファイルの移動や削除は手作業で行ってください。',
  },
} satisfies Record<string, Text>;
