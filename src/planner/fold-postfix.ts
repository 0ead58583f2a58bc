import {type Edited, editMain} from '../config/main-cf/edit.js';
import {editMaster} from '../config/master-cf/edit.js';
import type {Folded, MainEdit, MasterEdit, Owned, Placed} from '../core/edit.js';

/** Folds the edits of a main.cf in order; each sees the text that the earlier ones left. */
export const foldMain = (path: string, text: string, edits: readonly Owned<MainEdit>[]): Folded<MainEdit> =>
  fold(path, text, edits, editMain);

/** Folds the edits of a master.cf in order. */
export const foldMaster = (
  path: string,
  text: string,
  edits: readonly Owned<MasterEdit>[],
): Folded<MasterEdit> => fold(path, text, edits, editMaster);

const fold = <E>(
  path: string,
  text: string,
  edits: readonly Owned<E>[],
  apply: (text: string, edit: E) => Edited,
): Folded<E> => {
  const placed: Placed<E>[] = [];
  let current = text;
  for (const owned of edits) {
    const {text: next, how, line} = apply(current, owned.edit);
    current = next;
    placed.push({...owned, file: path, how, line});
  }

  return {files: current === text ? new Map() : new Map([[path, current]]), placed, refused: []};
};
