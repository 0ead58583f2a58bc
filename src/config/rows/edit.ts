import type {RowEdit, RowsFormat} from '../../core/edit.js';
import {bare, endingOf, splitLines} from '../lines.js';

/** The key of a row; undefined for comments, blank lines and continuation lines. */
export const rowKey = (line: string, format: RowsFormat): string | undefined => {
  const text = bare(line);
  if (text.trim() === '' || /^\s*#/.test(text)) {
    return undefined;
  }

  switch (format) {
    case 'table':
      return /^\s/.test(text) ? undefined : text.split(/\s/, 1)[0]?.toLowerCase();
    case 'aliases':
      return /^("[^"]*"|[^\s:]+)\s*:/.exec(text)?.[1]?.replaceAll('"', '').toLowerCase();
    case 'passwd':
      return text.split(':', 1)[0];
    case 'lines':
      return text;
  }
};

/** Rows by key: the first one of each, as the daemons look them up. */
export const rowsOf = (text: string, format: RowsFormat): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  for (const line of splitLines(text)) {
    const key = rowKey(line, format);
    if (key !== undefined && !found.has(key)) {
      found.set(key, bare(line));
    }
  }

  return found;
};

/** Makes the edits in one pass; rows that nobody asked about keep their bytes and their order, new ones go last. */
export const editRows = (text: string, format: RowsFormat, edits: readonly RowEdit[]): string => {
  const wanted = new Map(
    edits.map(edit => [format === 'table' || format === 'aliases' ? edit.key.toLowerCase() : edit.key, edit]),
  );
  const end = endingOf(text);
  const out: string[] = [];
  let dropping = false;
  for (const line of splitLines(text)) {
    const key = rowKey(line, format);
    // Continuation lines belong to the row above them.
    if (key === undefined && dropping && /^\s+[^\s#]/.test(bare(line))) {
      continue;
    }

    dropping = false;
    const edit = key === undefined ? undefined : wanted.get(key);
    if (key === undefined || edit === undefined) {
      out.push(line);
      continue;
    }

    wanted.delete(key);
    if (edit.state === 'present') {
      dropping = bare(line) !== edit.text;
      out.push(dropping ? edit.text + end : line);
    } else {
      dropping = true;
    }
  }

  const fresh = [...wanted.values()].flatMap(edit => (edit.state === 'present' ? [edit.text + end] : []));
  const last = out.at(-1);
  if (fresh.length > 0 && last !== undefined && !last.endsWith('\n')) {
    out[out.length - 1] = last + end;
  }

  return [...out, ...fresh].join('');
};
