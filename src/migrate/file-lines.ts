import {linesOfText} from '../config/dovecot/lines-of.js';
import type {Entry, Item, Ruling, Setting} from './types.js';

/** A back end’s own file, and the block that names it. */
export type BackendFile = {
  readonly file: string;
  readonly text: string;
  /** The block in 2.4. */
  readonly path: Setting['path'];
  /** What stands in the block beside the name of the file. */
  readonly beside: readonly Item[];
};

/** The settings of such a file: `key = value`, where the last of a name wins. */
export const fileItems = ({file, text}: BackendFile): readonly Item[] => {
  const all = linesOfText(text).flatMap(({line, at}): readonly Item[] =>
    line.kind === 'setting' ? [{path: [], key: line.key, value: line.value.trim(), file, line: at + 1}] : [],
  );
  return all.filter((item, index) => all.findLastIndex(({key}) => key === item.key) === index);
};

/** Each setting with what a rule makes of it. */
export const entriesOf = (items: readonly Item[], rule: (item: Item) => Ruling): readonly Entry[] =>
  items.map(was => ({was, ...rule(was)}));
