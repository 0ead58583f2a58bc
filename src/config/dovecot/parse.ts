import type {Block} from '../../core/edit.js';
import {bare} from '../lines.js';

/**
 * What a line of Dovecot's configuration is. Anything that is not understood is `other` and is kept as it is: there is no
 * list of known block names.
 */
export type Line =
  | {readonly kind: 'setting'; readonly key: string; readonly value: string; readonly lines: number}
  | {readonly kind: 'open'; readonly type: string; readonly name?: string}
  | {readonly kind: 'close'}
  | {readonly kind: 'include'; readonly file: string; readonly optional: boolean}
  | {readonly kind: 'commented'; readonly key: string; readonly value: string}
  | {readonly kind: 'commented-include'; readonly file: string}
  | {readonly kind: 'other'};

/** A line in its place: the blocks around it, from the outside in. */
export type Located = {readonly line: Line; readonly at: number; readonly within: readonly OpenBlock[]};

export type OpenBlock = {
  readonly type: string;
  readonly name?: string /** Line that opens it. */;
  readonly start: number;
};

/** Every line of a file with the blocks around it. */
export const locate = (lines: readonly string[]): readonly Located[] => {
  const found: Located[] = [];
  let within: readonly OpenBlock[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = read(lines, at);
    if (line.kind === 'close') {
      within = within.slice(0, -1);
    }

    found.push({line, at, within});
    if (line.kind === 'open') {
      within = [
        ...within,
        {type: line.type, ...(line.name === undefined ? {} : {name: line.name}), start: at},
      ];
    }

    at += line.kind === 'setting' ? line.lines - 1 : 0;
  }

  return found;
};

/** Whether the open blocks are the ones of an address; `where` is looked up in the block's own settings. */
export const matches = (within: readonly OpenBlock[], address: readonly Block[], all: readonly Located[]) =>
  within.length === address.length &&
  address.every((block, depth) => {
    const open = within[depth];
    return (
      open !== undefined &&
      open.type === block.type &&
      (block.name === undefined
        ? block.where !== undefined || open.name === undefined
        : open.name === block.name) &&
      (block.where === undefined || hasSetting(all, open, depth, block.where))
    );
  });

const hasSetting = (
  all: readonly Located[],
  open: OpenBlock,
  depth: number,
  {key, value}: {key: string; value: string},
) =>
  all.some(
    ({line, within}) =>
      line.kind === 'setting' &&
      within.length === depth + 1 &&
      within[depth]?.start === open.start &&
      line.key === key &&
      unquote(line.value) === value,
  );

const read = (lines: readonly string[], at: number): Line => {
  const text = bare(lines[at] ?? '').replace(/^\uFEFF|^\u00EF\u00BB\u00BF/, '');
  const commented = /^\s*#\s?([A-Za-z_][\w/.-]*)\s*=\s*(.*)$/.exec(text);
  if (commented?.[1] !== undefined && /^\s*#\s?\S+ ?=/.test(text)) {
    return {kind: 'commented', key: commented[1], value: (commented[2] ?? '').trim()};
  }

  const commentedInclude = /^\s*#\s?!include(?:_try)?\s+(\S+)\s*$/.exec(text);
  if (commentedInclude?.[1] !== undefined) {
    return {kind: 'commented-include', file: commentedInclude[1]};
  }

  const include = /^\s*!include(_try)?\s+(\S+)\s*$/.exec(text);
  if (include?.[2] !== undefined) {
    return {kind: 'include', file: include[2], optional: include[1] !== undefined};
  }

  if (/^\s*\}\s*(?:#.*)?$/.test(text)) {
    return {kind: 'close'};
  }

  const open = /^\s*([A-Za-z_][\w-]*)(?:\s+("(?:[^"\\]|\\.)*"|[^\s{"#=]+))?\s*\{\s*(?:#.*)?$/.exec(text);
  if (open?.[1] !== undefined) {
    return open[2] === undefined
      ? {kind: 'open', type: open[1]}
      : {kind: 'open', type: open[1], name: unquote(open[2])};
  }

  const setting = /^\s*([A-Za-z_][\w/.:-]*)\s*=(.*)$/s.exec(text);
  return setting?.[1] === undefined ? {kind: 'other'} : settingFrom(setting[1], setting[2] ?? '', lines, at);
};

// A trailing backslash goes on in the next line.
const settingFrom = (key: string, first: string, lines: readonly string[], at: number): Line => {
  let value = first;
  let count = 1;
  while (/\\\s*$/.test(value) && at + count < lines.length) {
    value = `${value.replace(/\\\s*$/, '')} ${bare(lines[at + count] ?? '').trim()}`;
    count += 1;
  }

  return {kind: 'setting', key, value: withoutComment(value).trim(), lines: count};
};

/** A value without its trailing comment: `#` counts outside of quotes only. */
export const withoutComment = (value: string) => {
  let quote = '';
  for (let at = 0; at < value.length; at += 1) {
    const character = value[at] ?? '';
    if (quote !== '') {
      at += character === '\\' ? 1 : 0;
      quote = character === quote ? '' : quote;
    } else if (character === '"' || character === "'") {
      quote = character;
    } else if (character === '#' && (at === 0 || /\s/.test(value[at - 1] ?? ''))) {
      return value.slice(0, at);
    }
  }

  return value;
};

/** What a value means without its quotes. */
export const unquote = (value: string) =>
  /^"(?:[^"\\]|\\.)*"$/s.test(value) || /^'(?:[^'\\]|\\.)*'$/s.test(value)
    ? value.slice(1, -1).replaceAll(/\\(["\\])/g, '$1')
    : value;
