import {editRows} from '../config/rows/edit.js';
import type {ChangeOf} from '../core/change.js';
import {fill, type Text} from '../core/text.js';
import type {Blobs, Files} from '../system/types.js';
import {captureTarget, type FileAfter, type FileBefore} from './capture.js';
import {putFile} from './replace.js';
import {rowFrom} from '../config/rows/places.js';
import {type AllRows, allRows, placesOf} from './rows-bulk.js';
import type {ChangeContext} from './types.js';

type RowsChange = ChangeOf<'rows.edit'>;

/** The file as it was, and the rows that we replaced or made, for an undo after others wrote too. */
export type Before = {
  readonly file: FileBefore;
  readonly rows: readonly (readonly [key: string, row: string | null])[];
};

/** Rows that are still as we left them, with what they were before; and those that others changed since. */
export const goingBack = (
  change: RowsChange,
  rows: AllRows,
  before: Before,
  after: FileAfter | undefined,
  text: string,
  blobs: Pick<Blobs, 'get'>,
) => {
  const textAt = (digest: string) => blobs.get(digest).toString('latin1');
  const was = before.file?.type === 'file' ? textAt(before.file.digest) : '';
  const left = after === undefined || after === null ? undefined : textAt(after.digest);
  const [old, ours, now] = [was, left ?? '', text].map(each => placesOf(each, change, rows));
  const back: {key: string; old: string | undefined}[] = [];
  const changed: string[] = [];
  for (let at = 0; at < rows.size; at += 1) {
    const row = rows.row(at);
    const before = rowFrom(was, change.format, old?.[at]);
    if (row.keep !== true || before === undefined) {
      left === undefined ||
      rowFrom(left, change.format, ours?.[at]) === rowFrom(text, change.format, now?.[at])
        ? back.push({key: row.key, old: before})
        : changed.push(row.key);
    }
  }

  return {back, changed};
};

/** A text without what we did to these rows. */
export const takenBack = (text: string, change: RowsChange, rows: ReturnType<typeof goingBack>['back']) =>
  editRows(
    text,
    change.format,
    rows.map(({key, old}) =>
      old === undefined
        ? ({op: 'row', key, state: 'absent'} as const)
        : ({op: 'row', key, state: 'present', text: old} as const),
    ),
  );

/** Others wrote to the file since: only our rows go back, theirs stay. */
export const revertRows = (
  files: Files,
  change: RowsChange,
  before: Before,
  after: FileAfter | undefined,
  {blobs, transaction}: ChangeContext,
) => {
  const text = textOf(files, change.path);
  const {back} = goingBack(change, allRows(change, blobs), before, after, text, blobs);
  const now = captureTarget(files, change.path, blobs);
  if (now?.type === 'file') {
    putFile(files, change.path, Buffer.from(takenBack(text, change, back), 'latin1'), now, now, transaction);
  }

  return {
    kind: 'conflict',
    path: change.path,
    finding: {
      id: `kept:${change.path}`,
      severity: 'warning',
      summary: fill(texts.kept, {path: change.path}),
      remedy: texts.keptRemedy,
    },
  } as const;
};

/** Text of a file, byte for byte; empty where there is none. */
export const textOf = (files: Pick<Files, 'read'>, path: string) =>
  files.read(path, {follow: true})?.toString('latin1') ?? '';

const texts = {
  kept: {
    en: 'Others wrote to {path} since: their rows stay, ours were taken back.',
    ja: '{path} はその後変更されたため、その行は残し、こちらの行だけを戻しました。',
  },
  keptRemedy: {
    en: 'Nothing to do, unless those rows should go too.',
    ja: 'それらの行も不要でなければ、対処は要りません。',
  },
} satisfies Record<string, Text>;
