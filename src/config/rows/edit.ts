import type {RowEdit, RowsFormat} from '../../core/edit.js';
import {extComment} from '../dovecot/ext.js';
import {bare, endingOf} from '../lines.js';
import {firstWord} from './words.js';
import {findRow, isFew} from './find.js';
import {eachRow} from './scan.js';
import {isMore, wholeRow} from './whole.js';

/** The key of a row; undefined for comments, blank lines and continuation lines. */
export const rowKey = (line: string, format: RowsFormat): string | undefined => {
  if (format === 'table') {
    return tableKey(line);
  }

  const text = bare(line);
  if (/^[ \t-\r]*(?:#|$)/.test(text)) {
    return undefined;
  }

  switch (format) {
    case 'aliases':
      return /^("[^"]*"|[^ \t-\r:]+)[ \t-\r]*:/.exec(text)?.[1]?.replaceAll('"', '').toLowerCase();
    case 'passwd':
      return text.split(':', 1)[0];
    case 'lines':
      return /^[ \t-\r]/.test(text) ? undefined : text;
    case 'settings':
    case 'ext':
      return /^([^ \t-\r=#]+)[ \t-\r]*=/.exec(text)?.[1];
  }
};

// A table may have a million rows: their first words are cut off without a pattern.
const tableKey = (line: string) => {
  const word = firstWord(line);
  return word === '' || word.startsWith('#') ? undefined : word.toLowerCase();
};

/** Rows by key: the first one of each, with all its lines, as the daemons look them up. `wanted`: only these are kept, of a file that may be large. */
export const rowsOf = (
  text: string,
  format: RowsFormat,
  wanted?: {readonly size: number; readonly has: (key: string) => boolean},
): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  if (wanted?.size === 0) {
    return found;
  }

  if (wanted instanceof Set && isFew(format, wanted)) {
    for (const key of wanted as ReadonlySet<string>) {
      const row = findRow(text, format, key);
      if (row !== undefined) {
        found.set(key, row);
      }
    }

    return found;
  }

  eachRow(text, (line, at) => {
    const key = rowKey(line, format);
    if (key !== undefined && (wanted === undefined || wanted.has(key)) && !found.has(key)) {
      found.set(key, wholeRow(text, format, at));
    }
  });
  return found;
};

/** What becomes of the rows of a file, asked row by row. */
export type RowEdits = {
  /** What becomes of a row whose key is met for the first time, and which begins there; undefined: it stays as it is. */
  readonly edit: (key: string, at: number) => RowEdit | undefined;
  /** Rows that are new, once all others were met. */
  readonly fresh: () => Iterable<Extract<RowEdit, {state: 'present'}>>;
};

/** Makes the edits in one pass; rows that nobody asked about keep their bytes and their order, new ones go last. */
export const editRows = (text: string, format: RowsFormat, edits: readonly RowEdit[]): string => {
  const wanted = new Map(
    edits.map(edit => [format === 'table' || format === 'aliases' ? edit.key.toLowerCase() : edit.key, edit]),
  );
  return rewriteRows(text, format, {
    edit: key => {
      const edit = wanted.get(key);
      wanted.delete(key);
      return edit;
    },
    fresh: () => [...wanted.values()].filter(edit => edit.state === 'present'),
  });
};

/**
 * Like `editRows`, for more edits than there should be in a list. What stays is copied in runs, not line by line. `places`: where
 * rows begin that may change, where it is known that all others stay.
 */
export const rewriteRows = (
  text: string,
  format: RowsFormat,
  edits: RowEdits,
  places?: readonly number[],
): string => {
  const end = endingOf(text);
  const out: string[] = [];
  let kept = 0;
  let dropping = false;
  const replace = (at: number, length: number, by: string) => {
    out.push(text.slice(kept, at), by);
    kept = at + length;
  };
  const look = (line: string, at: number) => {
    const key = rowKey(line, format);
    // Continuation lines belong to the row above them, also past comments and blank lines (postconf(5)).
    if (key === undefined) {
      if (dropping && isMore(line, format)) {
        replace(at, line.length, '');
      }
    } else {
      const edit = edits.edit(key, at);
      dropping =
        edit !== undefined &&
        (edit.state === 'absent' || !sameRow(wholeRow(text, format, at), edit.text, format));
      if (edit !== undefined && dropping) {
        replace(
          at,
          line.length,
          edit.state === 'present' ? inPlaceOf(bare(line), edit.text, format) + end : '',
        );
      }
    }

    return dropping;
  };
  if (places === undefined) {
    eachRow(text, look);
  } else {
    places.forEach(place => void eachRow(text, look, place));
  }

  out.push(text.slice(kept));
  return withFresh(out, format, edits.fresh(), end);
};

const withFresh = (
  out: readonly string[],
  format: RowsFormat,
  fresh: ReturnType<RowEdits['fresh']>,
  end: string,
): string => {
  let body = out.join('');
  const pieces: string[] = [];
  let piece = '';
  for (const edit of fresh) {
    const beside = format === 'settings' || format === 'ext' ? besideDefault(body, edit, end) : undefined;
    body = beside ?? body;
    piece += beside === undefined ? edit.text + end : '';
    if (piece.length > 65_536) {
      pieces.push(piece);
      piece = '';
    }
  }

  pieces.push(piece);
  const closing = body !== '' && !body.endsWith('\n') && pieces[0] !== '' ? end : '';
  return [body, closing, ...pieces].join('');
};

/** Whether two rows say the same. Blanks around the sign of a setting mean nothing: whoever wrote it without them keeps it so. */
export const sameRow = (line: string, text: string, format: RowsFormat) =>
  line === text ||
  (format === 'settings' && tight(line) === tight(text)) ||
  (format === 'ext' &&
    tight(withoutComment(line)) === tight(withoutComment(text)) &&
    // A row that goes back brings its own.
    ['', extComment(line)].includes(extComment(text)));

/** A row without the comment behind its value, where its format has such. */
export const sayingOf = (line: string, format: RowsFormat) =>
  format === 'ext' ? withoutComment(line) : line;
const withoutComment = (line: string) => line.slice(0, line.length - extComment(line).length);

// What somebody wrote behind a value stays behind the new one.
const inPlaceOf = (line: string, text: string, format: RowsFormat) =>
  format === 'ext' && extComment(text) === '' ? text + extComment(line) : text;
const tight = (line: string) =>
  line.replace(/^([^ \t-\r=]+)[ \t-\r]*=[ \t]*/, '$1=').replace(/[ \t-\r]+$/, '');

// Below the comment that shows its default, which stays: without the setting the file is as it was.
const besideDefault = (
  body: string,
  {key, text}: {readonly key: string; readonly text: string},
  end: string,
): string | undefined => {
  const head = `\n${body}`;
  const found = [`\n#${key} =`, `\n#${key}=`].map(words => head.indexOf(words)).filter(at => at >= 0);
  const after = body.indexOf('\n', Math.min(...found)) + 1;
  return found.length === 0 || after === 0
    ? undefined
    : `${body.slice(0, after)}${text}${end}${body.slice(after)}`;
};
