import type {RowEdit, RowsFormat} from '../../core/edit.js';
import {bare, endingOf} from '../lines.js';
import {eachRow} from './scan.js';

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
    case 'settings':
      return /^([^\s=#]+)\s*=/.exec(text)?.[1];
  }
};

/** Rows by key: the first one of each, as the daemons look them up. `wanted`: only these are kept, of a file that may be large. */
export const rowsOf = (
  text: string,
  format: RowsFormat,
  wanted?: {readonly has: (key: string) => boolean},
): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  eachRow(text, line => {
    const key = rowKey(line, format);
    if (key !== undefined && (wanted === undefined || wanted.has(key)) && !found.has(key)) {
      found.set(key, bare(line));
    }
  });
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
  eachRow(text, line => {
    const key = rowKey(line, format);
    // Continuation lines belong to the row above them.
    if (key === undefined && dropping && /^\s+[^\s#]/.test(bare(line))) {
      return;
    }

    dropping = false;
    const edit = key === undefined ? undefined : wanted.get(key);
    if (key === undefined || edit === undefined) {
      out.push(line);
      return;
    }

    wanted.delete(key);
    if (edit.state === 'present') {
      dropping = !sameRow(bare(line), edit.text, format);
      out.push(dropping ? edit.text + end : line);
    } else {
      dropping = true;
    }
  });
  const fresh = [...wanted.values()]
    .filter(edit => edit.state === 'present')
    .filter(edit => format !== 'settings' || !putBesideDefault(out, edit, end))
    .map(edit => edit.text + end);
  const last = out.at(-1);
  const closing = last !== undefined && !last.endsWith('\n') ? end : '';
  return `${out.join('')}${fresh.length > 0 ? closing : ''}${fresh.join('')}`;
};

/** Whether two rows say the same. Blanks around the sign of a setting mean nothing: whoever wrote it without them keeps it so. */
export const sameRow = (line: string, text: string, format: RowsFormat) =>
  line === text || (format === 'settings' && tight(line) === tight(text));
const tight = (line: string) => line.replace(/^([^\s=]+)\s*=[ \t]*/, '$1=').trimEnd();

// Below the comment that shows its default, which stays: without the setting the file is as it was.
const putBesideDefault = (
  out: string[],
  {key, text}: {readonly key: string; readonly text: string},
  end: string,
): boolean => {
  const at = out.findIndex(line => line.startsWith(`#${key} =`) || line.startsWith(`#${key}=`));
  const line = out[at];
  if (line === undefined || !line.endsWith('\n')) {
    return false;
  }

  out.splice(at + 1, 0, text + end);
  return true;
};
