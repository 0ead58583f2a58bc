import type {Block} from '../core/edit.js';
import type {Text} from '../core/text.js';

/**
 * What becomes of a setting: 2.4 takes it as it is; it is written another way; 2.4 has nothing like it; or only a person
 * can say what was meant. What is lost or left to a person is not in the new configuration.
 */
export type Outcome = 'kept' | 'changed' | 'lost' | 'by-hand';

/** A setting of a configuration in its blocks. `id` keeps unnamed blocks of one type apart. `value`: raw, as behind `=`. */
export type Setting = {
  readonly path: readonly (Block & {readonly id?: string})[];
  readonly key: string;
  readonly value: string;
};

/** A setting with its place; `line` from 1. Values that were built on others (`$mail_plugins`) are written out. */
export type Item = Setting & {readonly file: string; readonly line: number};

/** What a rule makes of a setting's value; `note` says why, where that is more than another spelling. */
export type Ruling = {readonly outcome: Outcome; readonly now: readonly Setting[]; readonly note?: Text};

/** One line of the report. */
export type Entry = Ruling & {readonly was: Item};

export const kept = (now: Setting): Ruling => ({outcome: 'kept', now: [now]});
export const changed = (now: readonly Setting[], note?: Text): Ruling => ({
  outcome: 'changed',
  now,
  ...(note === undefined ? {} : {note}),
});
export const lost = (note: Text): Ruling => ({outcome: 'lost', now: [], note});
export const byHand = (note: Text): Ruling => ({outcome: 'by-hand', now: [], note});

/** Settings of one block from pairs. */
export const settingsIn = (
  path: Setting['path'],
  pairs: readonly (readonly [key: string, value: string])[],
): readonly Setting[] => pairs.map(([key, value]) => ({path, key, value}));
