import type {ChangeOf} from '../core/change.js';
import type {Json} from '../core/json.js';
import {fill, type Text} from '../core/text.js';
import {parentOf} from '../system/files.js';
import type {Files} from '../system/types.js';
import {refuseUnsafe} from './ground.js';
import {isBeside, namesOf} from './names.js';
import {ownerOf} from './owner.js';
import type {ChangeHandler} from './types.js';

type Before = {readonly made: readonly string[]};
/** What it really made: a parent may have come by another change of the plan meanwhile. */
type After = readonly string[] | null;

/** A directory, with the parents it lacks. One that is there keeps its owner and mode. */
export const directoryCreate: ChangeHandler<ChangeOf<'directory.create'>, Json, Before, After> = {
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
    refuseUnsafe(files, path);
    const made: string[] = [];
    for (let at = path; files.lstat(at) === undefined; at = parentOf(at)) {
      made.unshift(at);
    }

    return {made};
  },
  apply: async ({files}, change, {made}) => {
    // By now it may lie in a directory that an earlier change gave to somebody.
    refuseUnsafe(files, change.path);
    const own: string[] = [];
    for (const path of made) {
      const last = path === change.path;
      if (files.lstat(path) !== undefined) {
        continue;
      }

      files.makeDirectory(path, last ? 0o700 : 0o755);
      own.push(path);
      if (last) {
        const {uid, gid, mode} = ownerOf(files, change);
        files.chown(path, uid, gid);
        files.chmod(path, mode);
      }

      // Its own owner and mode, then its name.
      files.syncDirectory(path);
      files.syncDirectory(parentOf(path));
    }

    return own;
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
  revert: async ({files}, change, before, after) => {
    const made = after ?? before.made;
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
  inverse: ({path}, before, after, {section, alone, id}) => {
    const paths = after ?? before.made;
    return !alone || paths.length === 0
      ? []
      : [{id: id(`directory.remove ${path}`), sections: [section], kind: 'directory.remove', paths}];
  },
};

type Removed = readonly {
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}[];

/**
 * Removes those that are empty, the innermost first. What was deleted in them in the same transaction keeps a second name there
 * until that is closed: then they are removed, by another call.
 */
export const removeEmpty = (files: Files, paths: readonly string[]) => {
  for (const path of paths.toReversed()) {
    if (files.lstat(path)?.type === 'directory' && files.list(path)?.length === 0) {
      files.removeDirectory(path);
      files.syncDirectory(parentOf(path));
    }
  }
};

/** Directories that an earlier transaction made, taken away again where they are empty. */
export const directoryRemove: ChangeHandler<ChangeOf<'directory.remove'>, Json, Removed, Json> = {
  observe: async ({files}, {paths}) => paths.map(path => files.lstat(path)?.type ?? null),
  preview: ({paths}, seen, {certainty}) => ({
    action: (seen as readonly unknown[]).some(type => type === 'directory') ? 'delete' : 'none',
    certainty,
    reversible: 'exact',
    title: fill(texts.gone, {path: paths.at(-1) ?? ''}),
    body: [],
  }),
  capture: async ({files}, {paths}) =>
    paths.flatMap(path => {
      const stat = files.lstat(path);
      return stat?.type === 'directory' ? [{path, mode: stat.mode, uid: stat.uid, gid: stat.gid}] : [];
    }),
  apply: async ({files}, {paths}) => {
    removeEmpty(files, paths);
    return null;
  },
  // What is in them belongs to people: that they stay is no failure, and it is said.
  verify: async ({files}, {paths}) =>
    paths
      .filter(path => (files.list(path) ?? []).some(entry => !isBeside(entry)))
      .map(path => ({
        id: `kept:${path}`,
        severity: 'warning' as const,
        summary: fill(texts.kept, {path}),
        remedy: texts.keptRemedy,
      })),
  revert: async ({files}, _change, before, _after, {transaction}) => {
    for (const {path, mode, uid, gid} of before.filter(entry => files.lstat(entry.path) === undefined)) {
      // It gets its name when it is whole: cut short, the next undo could not tell it from somebody else's.
      const {put} = namesOf(path, transaction);
      if (files.lstat(put) !== undefined) {
        files.removeDirectory(put);
      }

      files.makeDirectory(put, 0o700);
      files.chown(put, uid, gid);
      files.chmod(put, mode);
      files.syncDirectory(put);
      files.rename(put, path);
      files.syncDirectory(parentOf(path));
    }

    return {kind: 'reverted'};
  },
  inverse: (_change, before, _after, {section, alone, id}) =>
    alone
      ? before.map(({path, mode, uid, gid}) => ({
          id: id(`directory.create ${path}`),
          sections: [section],
          kind: 'directory.create',
          path,
          mode,
          owner: String(uid),
          group: String(gid),
        }))
      : [],
};

const texts = {
  title: {en: '{path}/ ({owner}, {mode})', ja: '{path}/ ({owner}、{mode})'},
  gone: {en: '{path}/ is removed, if it is empty', ja: '{path}/ を削除 (空の場合)'},
  missing: {en: 'The directory {path} is missing.', ja: 'ディレクトリー {path} がありません。'},
  remedy: {en: 'Roll back and look who removes it.', ja: 'ロールバックし、削除するものを調べてください。'},
  kept: {en: '{path} is kept: it is not empty.', ja: '{path} は空でないため残しました。'},
  keptRemedy: {
    en: 'Mail or files in it are yours to move or delete.',
    ja: '中のメールやファイルの移動や削除は手作業で行ってください。',
  },
} satisfies Record<string, Text>;
