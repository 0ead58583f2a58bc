import type {ChangeOf} from '../core/change.js';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {diffLines} from '../config/diff.js';
import {merge3} from '../config/merge.js';
import {fill, type Text} from '../core/text.js';
import {digestAt} from '../system/blobs.js';
import {parentOf} from '../system/files.js';
import type {Files} from '../system/types.js';
import {ownerOf} from './owner.js';
import {captureTarget, type FileAfter, type FileBefore, isBefore, placeOf} from './capture.js';
import {mergeOf, pinOf} from './names.js';
import {putBack} from './put-back.js';
import {putFile, restoreFile} from './replace.js';
import {type SeenFile, seeFile} from './seen.js';
import type {ChangeContext, ChangeHandler, Conflict, Reverted} from './types.js';

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
    const captured = captureTarget(files, path, blobs);
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
    return alone(files, change, false, () =>
      putFile(files, change.path, blobs.get(change.after), owner, before, transaction),
    );
  },
  verify: async ({files}, {path, after}) =>
    digestAt(files, path, {follow: true}) === after
      ? []
      : [
          {
            id: `verify:${path}`,
            severity: 'fail',
            summary: fill(texts.differs, {path}),
            remedy: texts.staleRemedy,
          },
        ],
  revert: async ({files}, change, before, after, context) => {
    const {blobs, transaction} = context;
    // Cut short, there is no record of what was left; but what the edit was to leave is known.
    const left = after ?? {digest: change.after, ino: ''};
    // Nothing is written where it was not begun: nobody has to wait for that.
    const isAsItWas = isBefore(files, placeOf(change.path, before), before);
    return alone(files, change, isAsItWas, () => {
      const whole = restoreFile(files, change.path, before, left, blobs, transaction);
      if (whole.kind !== 'conflict') {
        return whole;
      }

      return context.others?.(change.path) === 'put-back'
        ? putBack(files, change.path, before, context)
        : takeOutOurs(files, change, before, context);
    });
  },
  inverse: (change, _before, _after, {section, without, read, put, id}) => {
    const {path, family} = change;
    if (change.hold !== undefined) {
      return [];
    }

    const target = without(change);
    const now = read(path);
    const common = {id: id(`config.edit ${path}`), sections: [section]};
    if (now === undefined || target === now) {
      return [];
    }

    return target === undefined
      ? [{...common, id: id(`file.delete ${path}`), kind: 'file.delete', path}]
      : [
          {
            ...common,
            kind: 'config.edit',
            family,
            path,
            before: put(Buffer.from(now, 'latin1')),
            after: put(Buffer.from(target, 'latin1')),
            keepOwnership: true,
          },
        ];
  },
};

/** Seconds that another program may take to edit one file. */
const patience = 20;

// postconf(1) reads a file, edits it and gives it its name: what we write in between would be lost, so it has to wait.
const alone = <R>(
  files: Files,
  {family, path}: ChangeOf<'config.edit'>,
  mayShare: boolean,
  write: () => R,
): R => {
  const isPostfix = family === 'main.cf' || family === 'master.cf';
  if (!isPostfix || files.holdOffPostconf === undefined || files.lstat(parentOf(path)) === undefined) {
    return write();
  }

  const letGo = files.holdOffPostconf(path, mayShare ? 0 : patience);
  if (letGo === undefined && !mayShare) {
    throw new ProblemError({
      code: exitCode.locked,
      what: fill(texts.busy, {path}),
      remedy: fill(texts.busyRemedy, {path}),
    });
  }

  try {
    return write();
  } finally {
    letGo?.();
  }
};

// Others edited the file since: our lines go back to what they were, theirs stay. The pin of this second write keeps what
// they had, so that an undo that was cut short here does not merge twice.
const takeOutOurs = (
  files: Files,
  {path, after}: ChangeOf<'config.edit'>,
  before: FileBefore,
  {blobs, transaction}: ChangeContext,
): Reverted | Conflict => {
  const now = captureTarget(files, path, blobs);
  if (now?.type !== 'file') {
    return conflict(path, texts.theirs, texts.theirsRemedy);
  }

  const own = mergeOf(transaction);
  const pinned = files.read(pinOf(placeOf(path, now), own));
  const theirs = (pinned ?? blobs.get(now.digest)).toString('latin1');
  const {text, conflicts} = merge3(
    blobs.get(after).toString('latin1'),
    before?.type === 'file' ? blobs.get(before.digest).toString('latin1') : '',
    theirs,
  );
  const current = blobs.get(now.digest).toString('latin1');
  if (pinned !== undefined && current !== theirs && current !== text) {
    return conflict(path, texts.theirs, texts.theirsRemedy);
  }

  if (current !== text) {
    putFile(files, path, Buffer.from(text, 'latin1'), now, now, own);
  }

  return conflicts.length > 0
    ? conflict(path, fill(texts.both, {lines: conflicts.join(', ')}), texts.theirsRemedy)
    : conflict(path, texts.merged, texts.mergedRemedy);
};

const conflict = (path: string, summary: Text, remedy: Text): Conflict => ({
  kind: 'conflict',
  path,
  finding: {
    id: `conflict:${path}`,
    severity: 'warning',
    summary: fill(summary, {path}),
    remedy: fill(remedy, {path}),
  },
});

const texts = {
  title: {en: '{path}: +{added} −{gone} lines', ja: '{path}: +{added} −{gone} 行'},
  busy: {
    en: 'Another program is editing {path} and does not come to an end.',
    ja: '別のプログラムが {path} を編集中で、終わりません。',
  },
  busyRemedy: {
    en: '“fuser {path}.tmp” names it. End it, or wait, then start again.',
    ja: '「fuser {path}.tmp」で確認し、終了させるか完了を待ってからやり直してください。',
  },
  stale: {en: '{path} is not as it was when the plan was made.', ja: '{path} は計画時の内容と異なります。'},
  staleRemedy: {
    en: 'Plan again and look at the new diff.',
    ja: 'もう一度計画を作り、新しい差分を確認してください。',
  },
  theirs: {
    en: '{path} was changed since; that change is kept.',
    ja: '{path} はその後変更されたため、その変更を残しました。',
  },
  both: {
    en: '{path}: others changed our own lines since (line {lines}); theirs are kept, the rest went back.',
    ja: '{path}: こちらが書いた行 ({lines} 行目) がその後変更されたため、その行は残し、ほかは元に戻しました。',
  },
  theirsRemedy: {
    en: 'Compare {path} with “dovetail show” and decide by hand.',
    ja: '{path} を「dovetail show」と見比べて手作業で判断してください。',
  },
  merged: {
    en: '{path}: our lines went back; what others changed there since is kept.',
    ja: '{path}: こちらの行を元に戻し、その後の他者の変更は残しました。',
  },
  mergedRemedy: {
    en: 'Nothing to do, unless the edits in {path} should go too.',
    ja: '{path} のその変更も不要でなければ、対処は要りません。',
  },
  differs: {en: '{path} does not hold what was planned.', ja: '{path} の内容が計画と異なります。'},
} satisfies Record<string, Text>;
