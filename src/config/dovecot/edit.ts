import type {Block} from '../../core/edit.js';
import {bare, closed, ending, endingOf, splitLines} from '../lines.js';
import {type Located, locate, matches, withoutComment} from './parse.js';

/** Settings of one address in a file, in order. */
export const settingsAt = (all: readonly Located[], at: readonly Block[], key: string) =>
  all.filter(({line, within}) => line.kind === 'setting' && line.key === key && matches(within, at, all));

/** Replaces the value of the setting at a line; name, spacing and a trailing comment stay. */
export const replaceValue = (text: string, {at, line}: Located, value: string) => {
  const lines = splitLines(text);
  const count = line.kind === 'setting' ? line.lines : 1;
  const whole = bare(lines[at + count - 1] ?? '');
  const first = lines[at] ?? '';
  const head = /^[^=]*=[ \t]*/.exec(bare(first))?.[0] ?? '';
  const tail = count === 1 ? bare(first).slice(head.length) : whole;
  const comment = tail.slice(withoutComment(tail).trimEnd().length);
  const spaced = /\s$/.test(head) ? head : `${head} `;
  return lines
    .toSpliced(
      at,
      count,
      `${spaced}${value}${comment}`.trimEnd() + (ending(lines[at + count - 1] ?? '') || ''),
    )
    .join('');
};

/** Switches a commented default on, in its place and with its indentation. */
export const uncomment = (text: string, {at}: Located, key: string, value: string) => {
  const lines = splitLines(text);
  const line = lines[at] ?? '';
  const indent = /^\s*/.exec(bare(line))?.[0] ?? '';
  return lines.toSpliced(at, 1, `${indent}${key} = ${value}`.trimEnd() + ending(line)).join('');
};

/** Comments a setting out; continuation lines too. */
export const commentOut = (text: string, {at, line}: Located) => {
  const count = line.kind === 'setting' ? line.lines : 1;
  return splitLines(text)
    .map((item, index) => (index >= at && index < at + count ? item.replace(/^(\s*)/, '$1#') : item))
    .join('');
};

/** A commented default of this address: `#key = …` inside the same block, the last one. */
export const commentedAt = (all: readonly Located[], at: readonly Block[], key: string) =>
  all.findLast(({line, within}) => line.kind === 'commented' && line.key === key && matches(within, at, all));

/** Puts a setting into its block, making the blocks that are missing at the end of their parent. */
export const insert = (
  text: string,
  at: readonly Block[],
  setting: {readonly key: string; readonly value: string} | undefined,
): {text: string; line: number} => {
  const end = endingOf(text);
  const lines = closed(splitLines(text), end);
  const all = locate(lines);
  for (let depth = at.length; depth >= 0; depth -= 1) {
    const place = placeIn(lines, all, at.slice(0, depth));
    if (place !== undefined) {
      const fresh = nested(at.slice(depth), setting, '  '.repeat(depth), end);
      const gap =
        depth === 0 && at.length > 0 && place > 0 && bare(lines[place - 1] ?? '').trim() !== '' ? [end] : [];
      return {text: lines.toSpliced(place, 0, ...gap, ...fresh).join(''), line: place + gap.length + 1};
    }
  }

  return {text, line: 0};
};

/** Whether a block of this address is there. */
export const hasBlock = (all: readonly Located[], at: readonly Block[]) =>
  all.some(({line, within}) =>
    line.kind === 'close' && matches(within, at.slice(0, -1), all)
      ? false
      : within.length >= at.length && matches(within.slice(0, at.length), at, all),
  ) ||
  all.some(({line, within}) => {
    const last = at.at(-1);
    return (
      last !== undefined &&
      line.kind === 'open' &&
      line.type === last.type &&
      line.name === last.name &&
      last.where === undefined &&
      matches(within, at.slice(0, -1), all)
    );
  });

// Where a new line of a block goes: before its closing brace; on the top level at the end of the file.
const placeIn = (
  lines: readonly string[],
  all: readonly Located[],
  at: readonly Block[],
): number | undefined => {
  if (at.length === 0) {
    return lines.length;
  }

  const last = at[at.length - 1] as Block;
  const opens = all.filter(
    ({line, within, at: start}) =>
      line.kind === 'open' &&
      matches(
        [...within, {type: line.type, ...(line.name === undefined ? {} : {name: line.name}), start}],
        at,
        all,
      ) &&
      line.type === last.type,
  );
  const open = opens.at(-1);
  if (open === undefined) {
    return undefined;
  }

  let depth = 0;
  for (const {line, at: index} of all) {
    if (index < open.at) {
      continue;
    }

    depth += line.kind === 'open' ? 1 : line.kind === 'close' ? -1 : 0;
    if (depth === 0 && line.kind === 'close') {
      return index;
    }
  }

  return undefined;
};

const nested = (
  blocks: readonly Block[],
  setting: {readonly key: string; readonly value: string} | undefined,
  indent: string,
  end: string,
): string[] => {
  const [block, ...inner] = blocks;
  if (block === undefined) {
    return setting === undefined ? [] : [`${indent}${`${setting.key} = ${setting.value}`.trimEnd()}${end}`];
  }

  const name =
    block.name === undefined
      ? ''
      : ` ${/^[A-Za-z0-9_./:-]+$/.test(block.name) ? block.name : `"${block.name.replaceAll(/["\\]/g, '\\$&')}"`}`;
  const identity =
    block.where === undefined ? [] : [`${indent}  ${block.where.key} = ${block.where.value}${end}`];
  return [
    `${indent}${block.type}${name} {${end}`,
    ...identity,
    ...nested(inner, setting, `${indent}  `, end),
    `${indent}}${end}`,
  ];
};
