import type {Json} from '../core/json.js';
import type {Entry} from './journal.js';

/** Changes that the journal holds, with what they need for undoing. */
export const recorded = (entries: readonly Entry[]) =>
  entries.filter((entry): entry is Extract<Entry, {t: 'change'}> => entry.t === 'change');

/** Changes that were made and not taken back, with what they left. */
export const doneChanges = (entries: readonly Entry[]) =>
  recorded(entries)
    .filter(({index}) => doneOf(entries, index) !== undefined && !isUndone(entries, index))
    .map(({index, change, before}) => ({change, before, after: doneOf(entries, index)?.after}));

/** Whether a change was begun: it may be half done. */
export const begun = (entries: readonly Entry[], index: number) =>
  entries.some(entry => entry.t === 'intent' && entry.index === index);
/** Whether a change was taken back. */
export const isUndone = (entries: readonly Entry[], index: number) =>
  entries.some(entry => entry.t === 'undone' && entry.index === index);
/** The record that a change was made. */
export const doneOf = (entries: readonly Entry[], index: number) =>
  entries.find((entry): entry is Extract<Entry, {t: 'done'}> => entry.t === 'done' && entry.index === index);
/** What a change needs for undoing. */
export const beforeOf = (entries: readonly Entry[], index: number): Json =>
  recorded(entries).find(entry => entry.index === index)?.before ?? null;
