import type {ChangeOf} from '../core/change.js';
import {editRows, rowsOf, sameRow} from '../config/rows/edit.js';
import {bulkText, keyOf, type Row, type WholeChange, withBulk} from './rows-bulk.js';
import {masked} from '../core/secret.js';
import {fill, type Text} from '../core/text.js';
import {digestOf} from '../system/blobs.js';
import type {Blobs, Files} from '../system/types.js';
import {ownerOf} from './owner.js';
import {captureTarget, type FileAfter, type FileBefore} from './capture.js';
import {putFile, restoreFile} from './replace.js';
import type {ChangeContext, ChangeHandler} from './types.js';

type RowsChange = ChangeOf<'rows.edit'>;
/** Rows that will change: key and what happens. Other rows of the file may move on while the plan is read. */
type Seen = {
  readonly exists: boolean;
  readonly rows: readonly (readonly [key: string, digest: string | null])[];
  /** Where rows are too many to be looked at one by one: the file as a whole. */
  readonly whole?: string;
};
/** The file as it was, and the rows that we replaced or made, for an undo after others wrote too. */
type Before = {
  readonly file: FileBefore;
  readonly rows: readonly (readonly [key: string, row: string | null])[];
};

/** Rows in a file that others write too. */
export const rowsEdit: ChangeHandler<RowsChange, Seen, Before, FileAfter> = {
  observe: async ({files}, change) => {
    const rows = rowsOf(textOf(files, change.path), change.format, keysOf(change, change.rows));
    return {
      exists: files.lstat(change.path) !== undefined,
      ...(change.bulk === undefined ? {} : {whole: digestOf(textOf(files, change.path))}),
      // A row that is kept as it is may change meanwhile, as a password does.
      rows: change.rows.map(({key, keep}) => {
        const row = rows.get(keyOf(change, key));
        return [key, row === undefined ? null : keep === true ? '' : digestOf(row)] as const;
      }),
    };
  },
  preview: (plain, seen, {certainty, masked: show, read, holds, blobs}) => {
    const change = withBulk(plain, blobs);
    const there = rowsOf(read(change.path) ?? '', change.format, keysOf(change, change.rows));
    const lines = change.rows.flatMap(row => {
      const old = there.get(keyOf(change, row.key));
      const next = row.content === undefined ? '' : show(row.content);
      if (row.state === 'absent' || (row.keep === true && old !== undefined)) {
        return row.state === 'absent' && old !== undefined
          ? [`-${change.secret ? `${row.key} ${masked}` : old}`]
          : [];
      }

      const stays =
        old !== undefined && (sameRow(old, next, change.format) || holds?.(row.content ?? [], old) === true);
      return stays || (row.bulk === true && old !== undefined && sameWords(old, next))
        ? []
        : [...(old === undefined ? [] : [`-${change.secret ? `${row.key} ${masked}` : old}`]), `+${next}`];
    });
    return {
      action: lines.length === 0 && seen.exists ? 'none' : seen.exists ? 'update' : 'create',
      certainty,
      reversible: 'exact',
      title: fill(texts.title, {path: change.path, count: lines.length}),
      body: lines.length <= shown ? lines : [...lines.slice(0, shown), ` … (+${lines.length - shown})`],
    };
  },
  capture: async ({files}, change, {blobs}) => {
    const rows = rowsOf(textOf(files, change.path), change.format, keysOf(change, change.rows));
    return {
      file: captureTarget(files, change.path, blobs),
      // The content of old rows is in the blob of the file; here only whether there was one.
      rows: change.rows.map(({key}) => [key, rows.has(keyOf(change, key)) ? '' : null] as const),
    };
  },
  apply: async ({files}, plain, before, context) => {
    const change = withBulk(plain, context.blobs);
    const text = editRows(textOf(files, change.path), change.format, editsOf(files, change, context));
    const there = before.file?.type === 'file' ? before.file : ownerOf(files, change);
    // A secret does not go into a file that others could read, whoever made it.
    const owner = change.secret ? {...there, mode: there.mode & change.mode} : there;
    const bytes = Buffer.from(text, 'latin1');
    // Kept, so that an undo can tell our rows from those that others changed since.
    context.blobs.put(bytes);
    return putFile(files, change.path, bytes, owner, before.file, context.transaction);
  },
  verify: async ({files}, change, after) => {
    const text = textOf(files, change.path);
    const rows = rowsOf(text, change.format, keysOf(change, change.rows));
    if (change.bulk !== undefined && digestOf(Buffer.from(text, 'latin1')) !== after?.digest) {
      return [wrongRow(change.path, change.path)];
    }

    const wrong = change.rows.filter(
      ({key, state}) => rows.has(keyOf(change, key)) !== (state === 'present'),
    );
    return wrong.map(({key}) => wrongRow(change.path, key));
  },
  revert: async ({files}, change, before, after, context) => {
    const {blobs, transaction} = context;
    const whole = restoreFile(files, change.path, before.file, after, blobs, transaction);
    return whole.kind === 'conflict' ? revertRows(files, change, before, after, context) : whole;
  },
  inverse: (plain, before, after, {section, alone, blobs, put, read, stays, id}) => {
    const change = withBulk(plain, blobs);
    const {path} = change;
    const text = read(path);
    if (text === undefined) {
      return [];
    }

    const theirs = new Set(
      change.rows.filter(row => row.section !== section).map(row => keyOf(change, row.key)),
    );
    const {back, changed} = goingBack(change, before, after, text, blobs);
    changed.forEach(key => void stays(`${path}: ${key}`));
    const rows = back.filter(({key}) => !theirs.has(keyOf(change, key)));
    const left = editRows(
      text,
      change.format,
      rows.map(({key, old}) => editOf(key, old)),
    );
    if (alone && before.file === null && left.trim() === '') {
      return [{id: id(`file.delete ${path}`), sections: [section], kind: 'file.delete', path}];
    }

    if (rows.length === 0) {
      return [];
    }

    const {bulk: _bulk, ...own} = plain;
    const common = {...own, id: id(change.id), sections: [section]};
    return plain.bulk === undefined
      ? [
          {
            ...common,
            rows: rows.map(({key, old}) => ({
              section,
              key,
              ...(old === undefined
                ? ({state: 'absent'} as const)
                : ({state: 'present', content: [{blob: put(Buffer.from(old, 'latin1'))}]} as const)),
            })),
          },
        ]
      : [{...common, rows: [], bulk: [{section, digest: put(bulkText(rows)), count: rows.length}]}];
  },
};

/** Lines of a preview; more rows are counted. */
const shown = 400;

// The same address and targets, however they are spaced.
const sameWords = (one: string, other: string) =>
  one.split(/[\s,]+/).join(' ') === other.split(/[\s,]+/).join(' ');

const keysOf = (change: Pick<RowsChange, 'format'>, rows: readonly {readonly key: string}[]) =>
  new Set(rows.map(({key}) => keyOf(change, key)));

const wrongRow = (path: string, key: string) => ({
  id: `verify:${path}:${key}`,
  severity: 'fail' as const,
  summary: fill(texts.wrong, {path, key}),
  remedy: texts.remedy,
});

// Rows that are still as we left them, with what they were before; and those that others changed since.
const goingBack = (
  change: WholeChange,
  before: Before,
  after: FileAfter | undefined,
  text: string,
  blobs: Pick<Blobs, 'get'>,
) => {
  const keys = keysOf(change, change.rows);
  const rowsIn = (digest: string) => rowsOf(blobs.get(digest).toString('latin1'), change.format, keys);
  const old = before.file?.type === 'file' ? rowsIn(before.file.digest) : new Map<string, string>();
  const left = after === undefined || after === null ? undefined : rowsIn(after.digest);
  const now = rowsOf(text, change.format, keys);
  const ours = change.rows.filter(row => row.keep !== true || !old.has(keyOf(change, row.key)));
  const same = (key: string) => left === undefined || left.get(key) === now.get(key);
  return {
    back: ours
      .filter(({key}) => same(keyOf(change, key)))
      .map(({key}) => ({key, old: old.get(keyOf(change, key))})),
    changed: ours.filter(({key}) => !same(keyOf(change, key))).map(({key}) => key),
  };
};

const editOf = (key: string, old: string | undefined) =>
  old === undefined
    ? ({op: 'row', key, state: 'absent'} as const)
    : ({op: 'row', key, state: 'present', text: old} as const);

// Others wrote to the file since: only our rows go back, theirs stay.
const revertRows = (
  files: Files,
  change: RowsChange,
  before: Before,
  after: FileAfter | undefined,
  {blobs, transaction}: ChangeContext,
) => {
  const {back} = goingBack(withBulk(change, blobs), before, after, textOf(files, change.path), blobs);
  const edits = back.map(({key, old}) => editOf(key, old));
  const now = captureTarget(files, change.path, blobs);
  if (now?.type === 'file') {
    putFile(
      files,
      change.path,
      Buffer.from(editRows(textOf(files, change.path), change.format, edits), 'latin1'),
      now,
      now,
      transaction,
    );
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

const editsOf = (files: Files, change: WholeChange, {resolve}: ChangeContext) => {
  const there = rowsOf(textOf(files, change.path), change.format, keysOf(change, change.rows));
  const stays = (row: Row) => {
    const old = row.keep === true || row.bulk === true ? there.get(keyOf(change, row.key)) : undefined;
    return old !== undefined && (row.keep === true || sameWords(old, wordsOf(row)));
  };
  return change.rows
    .filter(row => !stays(row))
    .map(({key, state, content}) =>
      state === 'present'
        ? ({op: 'row', key, state, text: resolve(content ?? []).toString('latin1')} as const)
        : ({op: 'row', key, state} as const),
    );
};

const wordsOf = ({content = []}: Row) => content.map(part => ('text' in part ? part.text : '')).join('');

const textOf = (files: Pick<Files, 'read'>, path: string) =>
  files.read(path, {follow: true})?.toString('latin1') ?? '';

const texts = {
  title: {en: '{path}: {count} rows', ja: '{path}: {count} 行'},
  wrong: {en: 'The row {key} of {path} is not as planned.', ja: '{path} の行 {key} が計画と異なります。'},
  remedy: {en: 'Plan again.', ja: 'もう一度計画を作ってください。'},
  kept: {
    en: 'Others wrote to {path} since: their rows stay, ours were taken back.',
    ja: '{path} はその後変更されたため、その行は残し、こちらの行だけを戻しました。',
  },
  keptRemedy: {
    en: 'Nothing to do, unless those rows should go too.',
    ja: 'それらの行も不要でなければ、対処は要りません。',
  },
} satisfies Record<string, Text>;
