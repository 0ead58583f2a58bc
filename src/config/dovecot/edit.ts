import type {Block} from '../../core/edit.js';
import {bare, closed, ending, endingOf, splitLines} from '../lines.js';
import {nearestStem} from '../nearest-stem.js';
import {type BlockLines, blocksAt, siblings} from './blocks.js';
import {withoutComment} from './logical-line.js';
import {type Located, locate, matches} from './parse.js';

/** Settings of one address in a file, in order. */
export const settingsAt = (all: readonly Located[], at: readonly Block[], key: string) =>
  all.filter(({line, within}) => line.kind === 'setting' && line.key === key && matches(within, at, all));

/** A commented default of this address: `#key = …` inside the same block, the last one. */
export const commentedAt = (all: readonly Located[], at: readonly Block[], key: string) =>
  all.findLast(({line, within}) => line.kind === 'commented' && line.key === key && matches(within, at, all));

/** Whether a block of this address is there. */
export const hasBlock = (all: readonly Located[], at: readonly Block[]) => blocksAt(all, at).length > 0;

/** Replaces the value of the setting at a line; name, spacing and a trailing comment stay. */
export const replaceValue = (text: string, {at, line}: Located, value: string) => {
  const lines = splitLines(text);
  const count = line.kind === 'setting' ? line.lines : 1;
  const first = bare(lines[at] ?? '');
  const last = lines[at + count - 1] ?? '';
  const head = /^[^=]*=[ \t]*/.exec(first)?.[0] ?? '';
  const tail = count === 1 ? first.slice(head.length) : bare(last);
  const comment = tail.slice(withoutComment(tail).trimEnd().length).trimEnd();
  // An empty setting has nothing behind its `=`: it gets the blank that stands before it.
  const blank = value !== '' && /\s=$/.test(head) ? ' ' : '';
  const written = value === '' && comment === '' ? head.trimEnd() : `${head}${blank}${value}${comment}`;
  return lines.toSpliced(at, count, written + ending(last)).join('');
};

/** Switches a commented default on, in its place and with its indentation. */
export const uncomment = (text: string, {at}: Located, key: string, value: string) => {
  const lines = splitLines(text);
  const line = lines[at] ?? '';
  const indent = /^[ \t]*/.exec(line)?.[0] ?? '';
  return lines.toSpliced(at, 1, `${indent}${key} = ${value}`.trimEnd() + ending(line)).join('');
};

/** Comments a setting out; continuation lines too. */
export const commentOut = (text: string, {at, line}: Located) =>
  commentLines(text, {start: at, end: at + (line.kind === 'setting' ? line.lines : 1)});

/** Comments a whole block out. */
export const commentLines = (text: string, {start, end}: BlockLines) =>
  splitLines(text)
    .map((line, index) =>
      index >= start && index < end && bare(line).trim() !== '' ? line.replace(/^([ \t]*)/, '$1#') : line,
    )
    .join('');

type Setting = {readonly key: string; readonly value: string};

/**
 * Puts a setting into its block beside its kin, or at the block's end; blocks that are missing go beside blocks of their
 * type. Without a setting, an empty block is made. With `last`, nothing of the file comes after it.
 */
export const insert = (
  text: string,
  at: readonly Block[],
  setting: Setting | undefined,
  {last = false} = {},
): {readonly text: string; readonly line: number} => {
  const end = endingOf(text);
  const lines = closed(splitLines(text), end);
  const all = locate(lines);
  const depth = last ? depthAtEnd(lines, all, at) : depthOf(all, at);
  const parent = at.slice(0, depth);
  const missing = at.slice(depth);
  const place = last
    ? endOfParent(lines, all, parent)
    : missing[0] === undefined
      ? besideKin(lines, all, parent, setting)
      : besideSiblings(lines, all, parent, missing[0]);
  const indent = indentOf(lines, all, parent);
  const fresh = nested(missing, setting, indent, end);
  // A block stands apart from what is above it, unless that is the brace of its parent.
  const above = bare(lines[place - 1] ?? '').trim();
  const gap = missing.length > 0 && place > 0 && above !== '' && depth === 0 ? [end] : [];
  return {text: lines.toSpliced(place, 0, ...gap, ...fresh).join(''), line: place + gap.length + 1};
};

// How many blocks of the address are there already.
const depthOf = (all: readonly Located[], at: readonly Block[]) => {
  for (let depth = at.length; depth > 0; depth -= 1) {
    if (hasBlock(all, at.slice(0, depth))) {
      return depth;
    }
  }

  return 0;
};

// The same, but a block counts only where nothing follows it.
const depthAtEnd = (lines: readonly string[], all: readonly Located[], at: readonly Block[]) => {
  const block = blocksAt(all, at.slice(0, 1)).at(-1);
  return block !== undefined && lines.slice(block.end).every(line => line.trim() === '')
    ? depthOf(all, at)
    : 0;
};

const endOfParent = (lines: readonly string[], all: readonly Located[], parent: readonly Block[]) => {
  const block = parent.length === 0 ? undefined : blocksAt(all, parent).at(-1);
  return block === undefined ? lines.length : block.end - 1;
};

const besideSiblings = (
  lines: readonly string[],
  all: readonly Located[],
  parent: readonly Block[],
  block: Block,
) => {
  const holder = parent.length === 0 ? undefined : blocksAt(all, parent).at(-1);
  const beside = siblings(all, parent, block).findLast(
    ({start}) => holder === undefined || (start > holder.start && start < holder.end),
  );
  return beside?.end ?? endOfParent(lines, all, parent);
};

// After the setting, active or commented, whose name starts most alike.
const besideKin = (
  lines: readonly string[],
  all: readonly Located[],
  parent: readonly Block[],
  setting: Setting | undefined,
) => {
  const holder = parent.length === 0 ? undefined : blocksAt(all, parent).at(-1);
  const kin = all.flatMap(({line, at, within}) =>
    (line.kind === 'setting' || line.kind === 'commented') &&
    within.length === parent.length &&
    (holder === undefined || within.at(-1)?.start === holder.start)
      ? [{name: line.key, end: at + (line.kind === 'setting' ? line.lines : 1)}]
      : [],
  );
  return nearestStem(kin, setting?.key ?? '')?.end ?? endOfParent(lines, all, parent);
};

// Two blanks deeper than the line that opens the parent.
const indentOf = (lines: readonly string[], all: readonly Located[], parent: readonly Block[]) => {
  const block = parent.length === 0 ? undefined : blocksAt(all, parent).at(-1);
  return block === undefined ? '' : `${/^[ \t]*/.exec(lines[block.start] ?? '')?.[0] ?? ''}  `;
};

const nested = (
  [block, ...inner]: readonly Block[],
  setting: Setting | undefined,
  indent: string,
  end: string,
): string[] => {
  if (block === undefined) {
    return setting === undefined ? [] : [`${indent}${setting.key} = ${setting.value}`.trimEnd() + end];
  }

  const identity =
    block.where === undefined ? [] : [`${indent}  ${block.where.key} = ${block.where.value}${end}`];
  return [
    `${indent}${block.type}${block.name === undefined ? '' : ` ${blockName(block.name)}`} {${end}`,
    ...identity,
    ...nested(inner, setting, `${indent}  `, end),
    `${indent}}${end}`,
  ];
};

const blockName = (name: string) =>
  /^[^\s"'#={}\\]+$/.test(name) ? name : `"${name.replaceAll(/["\\]/g, '\\$&')}"`;
