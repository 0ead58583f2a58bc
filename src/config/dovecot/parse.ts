import type {Block} from '../../core/edit.js';
import {bare} from '../lines.js';
import {logicalLine} from './logical-line.js';

/**
 * What a line of Dovecot's configuration is, read as Dovecot's own parser reads it (2.3 and 2.4 agree on lines). Anything
 * that is not understood is `other` and is kept as it is: there is no list of known block names.
 */
export type Line =
  | {readonly kind: 'setting'; readonly key: string; readonly value: string; readonly lines: number}
  | {readonly kind: 'open'; readonly type: string; readonly name?: string}
  | {readonly kind: 'close'}
  | {readonly kind: 'include'; readonly file: string; readonly optional: boolean}
  | {readonly kind: 'commented'; readonly key: string; readonly value: string}
  | {readonly kind: 'commented-include'; readonly file: string}
  | {readonly kind: 'commented-open'; readonly type: string; readonly name?: string}
  | {readonly kind: 'commented-close'}
  | {readonly kind: 'other'};

/** A line in its place: the blocks around it, from the outside in. */
export type Located = {readonly line: Line; readonly at: number; readonly within: readonly OpenBlock[]};

export type OpenBlock = {
  readonly type: string;
  readonly name?: string;
  /** Line that opens it, from 0. */
  readonly start: number;
};

/** Every line of a file with the blocks around it. */
export const locate = (lines: readonly string[]): readonly Located[] => {
  const found: Located[] = [];
  let within: readonly OpenBlock[] = [];
  // Inside a sample block that is commented out, a commented setting is a default of that block, not of the one around.
  let sample = 0;
  for (let at = 0; at < lines.length; at += 1) {
    const line = read(lines, at);
    if (line.kind === 'commented-open') {
      sample += 1;
    } else if (line.kind === 'commented-close') {
      sample = Math.max(0, sample - 1);
    } else if (/^(?:setting|open|close|include)$/.test(line.kind)) {
      sample = 0;
    }

    within = line.kind === 'close' ? within.slice(0, -1) : within;
    const hidden = sample > 0 && (line.kind === 'commented' || line.kind === 'commented-include');
    found.push({line: hidden ? {kind: 'other'} : line, at, within});
    if (line.kind === 'open') {
      within = [...within, opened(line, at)];
    }

    at += line.kind === 'setting' ? line.lines - 1 : 0;
  }

  return found;
};

/** The block that a line opens. */
export const opened = ({type, name}: Extract<Line, {kind: 'open'}>, start: number): OpenBlock =>
  name === undefined ? {type, start} : {type, name, start};

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
  {key, value}: {readonly key: string; readonly value: string},
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
  const first = bare(lines[at] ?? '');
  const comment = /^[ \t]*#(.*)$/s.exec(first)?.[1];
  if (comment !== undefined) {
    return readComment(comment);
  }

  const {text, lines: count} = logicalLine(lines, at);
  const include = /^!include(_try)?[ \t]+(\S.*)$/.exec(text);
  if (include?.[2] !== undefined) {
    return {kind: 'include', file: include[2], optional: include[1] !== undefined};
  }

  const setting = /^([^\s=#{}!"'][^\s=]*)[ \t]*=[ \t]*(.*)$/s.exec(text);
  if (setting?.[1] !== undefined) {
    return {kind: 'setting', key: setting[1], value: setting[2] ?? '', lines: count};
  }

  return text === '}' ? {kind: 'close'} : (openOf(text) ?? {kind: 'other'});
};

// `type {`, `type name {`, `type "quoted name" {`, and 2.4's `group @type name {`; nothing may follow the brace.
const openOf = (text: string): Extract<Line, {kind: 'open'}> | undefined => {
  const open =
    /^([^\s={}#"']+)(?:[ \t]+("(?:[^"\\]|\\.)*"|[^\s{"=]\S*(?:[ \t]+[^\s{"=]\S*)?))?[ \t]*\{$/.exec(text);
  // A brace needs a blank before it unless it ends a quoted name: `imap{` is a name to Dovecot.
  return open?.[1] === undefined || !/[\s"]\{$/.test(text)
    ? undefined
    : open[2] === undefined
      ? {kind: 'open', type: open[1]}
      : {kind: 'open', type: open[1], name: unquote(open[2])};
};

// Defaults are shipped as `#key = value`; prose that mentions a setting starts with more than one blank, or has no key first.
const readComment = (text: string): Line => {
  const inner = text.trim();
  if (inner === '}') {
    return {kind: 'commented-close'};
  }

  const open = openOf(inner);
  if (open !== undefined) {
    return {...open, kind: 'commented-open'};
  }

  const include = /^[ \t]?!include(?:_try)?[ \t]+(\S+)[ \t]*$/.exec(text);
  if (include?.[1] !== undefined) {
    return {kind: 'commented-include', file: include[1]};
  }

  const setting = /^([A-Za-z_][^\s=]*)[ \t]*=(.*)$/s.exec(text);
  return setting?.[1] === undefined
    ? {kind: 'other'}
    : {kind: 'commented', key: setting[1], value: (setting[2] ?? '').trim()};
};

/** What a value means without its quotes. */
export const unquote = (value: string) =>
  value.length > 1 && /^(["']).*\1$/s.test(value)
    ? value.slice(1, -1).replaceAll(/\\(["'\\])/g, '$1')
    : value;
