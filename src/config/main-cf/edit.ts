import type {MainEdit, Placed} from '../../core/edit.js';
import {bare, closed, ending, endingOf, splitLines} from '../lines.js';
import {itemsOfSetting, withItem, withoutItem} from '../list.js';
import {type Parameter, parameters} from './parse.js';

export type Edited = {
  readonly text: string;
  readonly how: Placed<never>['how'];
  /** Line of the edit in the new text, from 1; 0 where nothing changed. */
  readonly line: number;
};

/** Makes one edit in the text of a main.cf; every other byte stays. */
export const editMain = (text: string, edit: MainEdit): Edited => {
  const current = active(splitLines(text), edit.key);
  switch (edit.op) {
    case 'set':
      return set(text, edit.key, edit.value);
    case 'unset':
      return current === undefined ? unchanged(text) : commentOut(text, current);
    case 'item': {
      const items = current === undefined ? [...(edit.base ?? [])] : itemsOfSetting(edit.key, current.value);
      const present = items.includes(edit.value);
      if (present === (edit.state === 'present')) {
        return unchanged(text);
      }

      const style = current === undefined ? undefined : current.value;
      return set(
        text,
        edit.key,
        edit.state === 'present'
          ? withItem(items, edit.value, edit, style)
          : withoutItem(items, edit.value, style),
      );
    }
  }
};

const unchanged = (text: string): Edited => ({text, how: 'unchanged', line: 0});

// postconf(5): "the last instance wins".
const active = (lines: readonly string[], key: string): Parameter | undefined =>
  parameters(lines).findLast(({name}) => name === key);

const set = (text: string, key: string, value: string): Edited => {
  const lines = splitLines(text);
  const current = active(lines, key);
  if (current !== undefined) {
    return current.value === value ? unchanged(text) : replace(lines, current, value);
  }

  const commented = commentedDefault(lines, key);
  const end = endingOf(text);
  if (commented !== undefined) {
    const line = `${key} = ${value}`.trimEnd() + (ending(lines[commented] ?? '') || end);
    return {text: lines.toSpliced(commented, 1, line).join(''), how: 'uncommented', line: commented + 1};
  }

  const base = closed(lines, end);
  const at = besideKin(base, key);
  const styled = `${key}${separatorOf(base)}${value}`.trimEnd() + end;
  return {text: base.toSpliced(at, 0, styled).join(''), how: 'inserted', line: at + 1};
};

// Only the value's bytes change: name, spacing and `=` of the first line stay as they were written.
const replace = (lines: readonly string[], {start, end}: Parameter, value: string): Edited => {
  const first = lines[start] ?? '';
  const head = /^[^=]*=[ \t]*/.exec(first)?.[0] ?? '';
  const spaced = /=[ \t]*$/.test(head) && head.endsWith('=') && !/[^\s]=$/.test(head) ? `${head} ` : head;
  const inner = lines.slice(start + 1, end).filter(line => /^\s*#/.test(line) || bare(line).trim() === '');
  const line = `${value === '' ? spaced.trimEnd() : spaced}${value}${ending(first)}`;
  return {
    text: lines.toSpliced(start, end - start, line, ...inner).join(''),
    how: 'replaced',
    line: start + 1,
  };
};

const commentOut = (text: string, {start, end}: Parameter): Edited => {
  const lines = splitLines(text).map((line, index) =>
    index >= start && index < end && !/^\s*#/.test(line) && bare(line).trim() !== '' ? `#${line}` : line,
  );
  return {text: lines.join(''), how: 'removed', line: start + 1};
};

// A lone `#name =` default; examples with several spellings of one name are documentation and stay.
const commentedDefault = (lines: readonly string[], key: string) => {
  const pattern = new RegExp(`^#${key.replaceAll(/[.$]/g, '\\$&')}[ \\t]*=[ \\t]*[^\\s]*[ \\t]*$`);
  const found = lines.flatMap((line, index) => (pattern.test(bare(line)) ? [index] : []));
  const continued = found.length === 1 && /^#?\s+\S/.test(bare(lines[(found[0] ?? 0) + 1] ?? ''));
  return found.length === 1 && !continued ? found[0] : undefined;
};

// After the active parameter whose name starts most alike; else at the end of the file.
const besideKin = (lines: readonly string[], key: string) => {
  let best: {readonly length: number; readonly end: number} | undefined;
  for (const {name, end} of parameters(lines)) {
    const length = commonStem(name, key);
    if (length > 0 && length >= (best?.length ?? 1)) {
      best = {length, end};
    }
  }

  return best?.end ?? lines.length;
};

// Whole words of the name that both begin with: `smtpd_tls_` of smtpd_tls_cert_file and smtpd_tls_key_file.
const commonStem = (one: string, other: string) => {
  const a = one.split('_');
  const b = other.split('_');
  let words = 0;
  while (words < a.length - 1 && words < b.length - 1 && a[words] === b[words]) {
    words += 1;
  }

  return words;
};

const separatorOf = (lines: readonly string[]) => {
  const spaced = parameters(lines).filter(({start}) => /^[^=]* = /.test(lines[start] ?? '')).length;
  return spaced * 2 >= parameters(lines).length ? ' = ' : '=';
};
