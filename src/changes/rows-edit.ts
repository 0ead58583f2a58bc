import type {ChangeOf} from '../core/change.js';
import {rewriteRows, type RowEdits, rowsOf, sameRow, sayingOf} from '../config/rows/edit.js';
import {isFew, withRow} from '../config/rows/find.js';
import type {RowEdit} from '../core/edit.js';
import {allRows, bulkText, fewPlaces, keyIn, keyOf, placesOf} from './rows-bulk.js';
import {rowsInFile} from '../config/rows/in-file.js';
import {rowFrom, sameWords} from '../config/rows/places.js';
import {goesOn, wholeRow} from '../config/rows/whole.js';
import {masked} from '../core/secret.js';
import {fill, type Text} from '../core/text.js';
import {digestAt, digestOf} from '../system/blobs.js';
import type {Blobs, Files} from '../system/types.js';
import {ownerOf} from './owner.js';
import {captureTarget, type FileAfter, type FileBefore} from './capture.js';
import {putFile, restoreFile} from './replace.js';
import {type Before, goingBack, revertRows, takenBack, textOf} from './rows-back.js';
import type {ChangeContext, ChangeHandler} from './types.js';

type RowsChange = ChangeOf<'rows.edit'>;
/** Rows that will change: key and what happens. Other rows of the file may move on while the plan is read. */
type Seen = {
  readonly exists: boolean;
  readonly rows: readonly (readonly [key: string, digest: string | null])[];
  /** Where rows are too many to be looked at one by one: the file as a whole. */
  readonly whole?: string;
};
/** Rows in a file that others write too. */
export const rowsEdit: ChangeHandler<RowsChange, Seen, Before, FileAfter> = {
  observe: async ({files}, change) => {
    const rows = rowsThere(files, change);
    return {
      exists: files.lstat(change.path) !== undefined,
      ...(change.bulk === undefined ? {} : {whole: digestAt(files, change.path, {follow: true})}),
      // A row that is kept as it is may change meanwhile, as a password does.
      rows: change.rows.map(({key, keep}) => {
        const row = rows.get(keyOf(change, key));
        return [key, row === undefined ? null : keep === true ? '' : digestOf(row)] as const;
      }),
    };
  },
  preview: (change, seen, {certainty, masked: show, read, rowsOf: look, holds, blobs}) => {
    const rows = allRows(change, blobs);
    const keys = keysOf(change, change.rows);
    const few =
      look !== undefined && isFewRows(change, keys) ? look(change.path, keys, change.format) : undefined;
    const text = few === undefined ? (read(change.path) ?? '') : '';
    const there = few ?? (change.bulk === undefined ? rowsOf(text, change.format, keys) : undefined);
    const places = there === undefined ? placesOf(text, change, rows) : [];
    const lines: string[] = [];
    let count = 0;
    // Of a file with secrets an old row is named only, and so is a new one that came in bulk, with its secret in it.
    const say = (sign: string, key: string, line: string, named: boolean) => {
      count += 1;
      if (count <= shown) {
        lines.push(
          ...(change.secret && named ? [`${key} ${masked}`] : line.split(/\r?\n/)).map(
            each => `${sign}${each}`,
          ),
        );
      }
    };
    const differs = (key: string, old: string | undefined, next: string | undefined, bulk = false) => {
      old === undefined || say('-', key, old, true);
      next === undefined || say('+', key, next, bulk);
    };
    change.rows.forEach((row, at) => {
      const old =
        there === undefined ? rowFrom(text, change.format, places[at]) : there.get(keyOf(change, row.key));
      const next = row.content === undefined ? '' : show(row.content);
      const same =
        old !== undefined &&
        row.state === 'present' &&
        // A row may be asked for only where there is none.
        (row.keep === true ||
          sameRow(old, next, change.format) ||
          holds?.(row.content ?? [], sayingOf(old, change.format)) === true);
      same || differs(row.key, old, row.state === 'present' ? next : undefined);
    });
    for (let at = rows.own; at < rows.size; at += 1) {
      const place = places[at] ?? -1;
      if (rows.isAt(at, text, place) && !goesOn(text, change.format, place)) {
        continue;
      }

      const old = rowFrom(text, change.format, place);
      const next = rows.text(at);
      const same = old !== undefined && next !== undefined && sameWords(old, next);
      same || differs(keyIn(next ?? old ?? '', change.format), old, next, true);
    }

    return {
      action: count === 0 && seen.exists ? 'none' : seen.exists ? 'update' : 'create',
      certainty,
      reversible: 'exact',
      title: fill(texts.title, {path: change.path, count}),
      body: count <= shown ? lines : [...lines, ` … (+${count - shown})`],
    };
  },
  capture: async ({files}, change, {blobs}) => {
    const rows = rowsThere(files, change);
    return {
      file: captureTarget(files, change.path, blobs),
      // The content of old rows is in the blob of the file; here only whether there was one.
      rows: change.rows.map(({key}) => [key, rows.has(keyOf(change, key)) ? '' : null] as const),
    };
  },
  apply: async ({files}, change, before, context) => {
    const bytes =
      withOne(files, change, context) ??
      Buffer.from(edited(textOf(files, change.path), change, context), 'latin1');
    const there = before.file?.type === 'file' ? before.file : ownerOf(files, change);
    // A secret does not go into a file that others could read, whoever made it.
    const mode = change.back ?? (change.secret ? there.mode & change.mode : there.mode);
    // Kept, so that an undo can tell our rows from those that others changed since.
    const next = {bytes, digest: context.blobs.put(bytes)};
    return putFile(files, change.path, next, {...there, mode}, before.file, context.transaction);
  },
  verify: async ({files}, change, after) => {
    if (change.bulk !== undefined && digestAt(files, change.path, {follow: true}) !== after?.digest) {
      return [wrongRow(change.path, change.path)];
    }

    const rows = rowsThere(files, change);
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
  inverse: (change, before, after, {section, alone, blobs, put, read, stays, id}) => {
    const {path} = change;
    const text = read(path);
    if (text === undefined) {
      return [];
    }

    const rows = allRows(change, blobs);
    const theirs = new Set<string>();
    for (let at = 0; at < rows.size; at += 1) {
      const row = rows.row(at);
      row.section === section || theirs.add(keyOf(change, row.key));
    }

    const {back, changed} = goingBack(change, rows, before, after, text, blobs);
    changed.forEach(key => void stays(`${path}: ${key}`));
    const ours = theirs.size === 0 ? back : back.filter(({key}) => !theirs.has(keyOf(change, key)));
    if (alone && before.file === null && takenBack(text, change, ours).trim() === '') {
      return [{id: id(`file.delete ${path}`), sections: [section], kind: 'file.delete', path}];
    }

    if (ours.length === 0) {
      return [];
    }

    const {bulk, back: _back, ...own} = change;
    const opened = wasOpen(change, before.file, () => takenBack(text, change, ours), blobs);
    const common = {...own, id: id(change.id), sections: [section], ...opened};
    // In bulk each row is a line.
    const single = bulk === undefined ? ours : ours.filter(({old}) => old?.includes('\n') === true);
    const many = bulk === undefined ? [] : ours.filter(({old}) => old?.includes('\n') !== true);
    return [
      {
        ...common,
        rows: single.map(({key, old}) => ({
          section,
          key,
          ...(old === undefined
            ? ({state: 'absent'} as const)
            : ({state: 'present', content: [{blob: put(Buffer.from(old, 'latin1'))}]} as const)),
        })),
        ...(many.length === 0 ? {} : {bulk: [{section, digest: put(bulkText(many)), count: many.length}]}),
      },
    ];
  },
};

/** The mode of a file that was closed for our secrets, where nothing but what was there before stays in it. */
const wasOpen = (
  {secret, mode}: RowsChange,
  before: FileBefore,
  rest: () => string,
  blobs: Pick<Blobs, 'get'>,
): {readonly back?: number} =>
  secret &&
  before?.type === 'file' &&
  (before.mode & mode) !== before.mode &&
  rest() === blobs.get(before.digest).toString('latin1')
    ? {back: before.mode}
    : {};

/** Lines of a preview; more rows are counted. */
const shown = 400;

const keysOf = (change: Pick<RowsChange, 'format'>, rows: readonly {readonly key: string}[]) =>
  new Set(rows.map(({key}) => keyOf(change, key)));

const isFewRows = ({format, bulk}: RowsChange, keys: ReadonlySet<string>) =>
  bulk === undefined && isFew(format, keys);

/** Rows of the change that are there. Of a file of many thousand no text is made for a few. */
const rowsThere = (files: Pick<Files, 'read' | 'parts'>, change: RowsChange): ReadonlyMap<string, string> => {
  const keys = keysOf(change, change.rows);
  // All of it came in bulk.
  if (keys.size === 0) {
    return new Map();
  }

  return isFewRows(change, keys)
    ? rowsInFile(files, change.path, keys, change.format)
    : rowsOf(textOf(files, change.path), change.format, keys);
};

// One account, as it is added or gets another password; or its row in a table.
const withOne = (
  files: Pick<Files, 'read'>,
  change: RowsChange,
  {resolve}: ChangeContext,
): Buffer | undefined => {
  const [row, ...others] = change.rows;
  return row === undefined || others.length > 0 || !isFewRows(change, keysOf(change, change.rows))
    ? undefined
    : withRow(
        bytesOf(files, change.path),
        change.format,
        keyOf(change, row.key),
        row.state === 'present' ? resolve(row.content ?? []).toString('latin1') : undefined,
        row.keep,
      );
};

const bytesOf = (files: Pick<Files, 'read'>, path: string) =>
  files.read(path, {follow: true}) ?? Buffer.alloc(0);

const wrongRow = (path: string, key: string) => ({
  id: `verify:${path}:${key}`,
  severity: 'fail' as const,
  summary: fill(texts.wrong, {path, key}),
  remedy: texts.remedy,
});

const edited = (text: string, change: RowsChange, {blobs, resolve}: ChangeContext): string => {
  const keys = keysOf(change, change.rows);
  const there = rowsOf(text, change.format, keys);
  const own = new Map<string, RowEdit>(
    change.rows
      .filter(({key, keep}) => keep !== true || !there.has(keyOf(change, key)))
      .map(({key, state, content = []}) => [
        keyOf(change, key),
        state === 'present'
          ? {op: 'row', key, state, text: resolve(content).toString('latin1')}
          : {op: 'row', key, state},
      ]),
  );
  const all = allRows(change, blobs);
  // Blobs of many thousand rows are read and taken apart each time.
  const rows = all.own === 0 ? all : allRows({...change, rows: []}, blobs);
  const met = new Uint8Array(rows.size);
  const places = fewPlaces(text, change, all);
  const edits: RowEdits = {
    edit: (key, place) => {
      const at = rows.find(key);
      if (at < 0) {
        const edit = own.get(key);
        own.delete(key);
        return edit;
      }

      const first = met[at] === 0;
      met[at] = 1;
      if (!first || (rows.isAt(at, text, place) && !goesOn(text, change.format, place))) {
        return undefined;
      }

      const next = rows.text(at);
      return next === undefined
        ? {op: 'row', key, state: 'absent'}
        : sameWords(wholeRow(text, change.format, place), next)
          ? undefined
          : {op: 'row', key, state: 'present', text: next};
    },
    *fresh() {
      for (const edit of own.values()) {
        if (edit.state === 'present' && rows.find(edit.key) < 0) {
          yield edit;
        }
      }

      for (let at = 0; at < rows.size; at += 1) {
        const text = met[at] === 1 ? undefined : rows.text(at);
        // Of a key that is there twice, the last row counts.
        if (text !== undefined && rows.find(keyIn(text, change.format)) === at) {
          yield {op: 'row', key: '', state: 'present', text};
        }
      }
    },
  };
  return rewriteRows(
    text,
    change.format,
    edits,
    places && [...new Set(places)].filter(at => at >= 0).sort((one, other) => one - other),
  );
};

const texts = {
  title: {en: '{path}: {count} rows', ja: '{path}: {count} 行'},
  wrong: {en: 'The row {key} of {path} is not as planned.', ja: '{path} の行 {key} が計画と異なります。'},
  remedy: {en: 'Plan again.', ja: 'もう一度計画を作ってください。'},
} satisfies Record<string, Text>;
