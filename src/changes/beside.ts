import type {Change} from '../core/change.js';
import type {Json} from '../core/json.js';
import {parentOf} from '../system/files.js';
import type {Files} from '../system/types.js';
import {type FileBefore, placeOf} from './capture.js';
import {indexOf} from './map-compile.js';
import {binaryOf} from './script-compile.js';
import {namesOf, sweep} from './names.js';

/** Files that a change puts names beside, with what they were. */
export const filesOf = (change: Change, before: Json): readonly {path: string; file: FileBefore}[] => {
  switch (change.kind) {
    case 'config.edit':
    case 'file.write':
    case 'file.delete':
      return [{path: placeOf(change.path, before as FileBefore), file: before as FileBefore}];
    case 'rows.edit': {
      const {file} = before as {readonly file: FileBefore};
      return [{path: placeOf(change.path, file), file}];
    }
    case 'map.compile':
      return [{path: indexOf(change), file: before as FileBefore}];
    case 'script.compile':
      return [{path: binaryOf(change), file: before as FileBefore}];
    default:
      return [];
  }
};

/**
 * Takes the second name of each new file away, once it is on record what was written: there are programs that trust no file
 * with more than one (Postfix's safe_open, cron(8)).
 */
export const dropSecondNames = (files: Files, change: Change, before: Json, transaction: string) => {
  for (const {path} of filesOf(change, before)) {
    const {fresh} = namesOf(path, transaction);
    if (sweep(files, fresh)) {
      try {
        files.syncDirectory(parentOf(path));
      } catch (error) {
        // What may not be on the disk is made undone here too, so that the undo finds it and does it again.
        files.link(path, fresh);
        throw error;
      }
    }
  }
};
