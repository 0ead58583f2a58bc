import {stateFolder} from '../../transaction/store.js';
import type {Files, ReadFiles} from '../../system/types.js';
import type {Target} from './ssh.js';

/** What is known of a pair while it is made: enough to ask both sides how far they are, and to finish it. */
export type PairNote = {
  readonly target: Target;
  readonly here: {readonly id: string; readonly nothingToDo: boolean};
  readonly there: {readonly id: string; readonly nothingToDo: boolean};
};

const path = `${stateFolder}/pair.json`;

/** On disk before the first change on either side. */
export const rememberPair = (files: Files, note: PairNote) => {
  forgetPair(files);
  files.create(path, Buffer.from(JSON.stringify(note)), 0o600);
  files.syncFile(path);
  files.syncDirectory(stateFolder);
};

export const forgetPair = (files: Files) => {
  if (files.lstat(path) !== undefined) {
    files.unlink(path);
    files.syncDirectory(stateFolder);
  }
};

/** A pair that was not finished; undefined where none is. */
export const pairNote = (files: ReadFiles): PairNote | undefined => {
  const text = files.read(path, {limit: 65_536})?.toString('utf8');
  return text === undefined ? undefined : (JSON.parse(text) as PairNote);
};
