import type {Block} from '../../core/edit.js';
import {type Located, matches, opened} from './parse.js';

/** Lines of a block, both braces included: `start` up to but not including `end`, from 0. */
export type BlockLines = {readonly start: number; readonly end: number};

/** Blocks of a file that answer to an address, in order. */
export const blocksAt = (all: readonly Located[], at: readonly Block[]): readonly BlockLines[] =>
  all.flatMap(({line, within, at: start}) =>
    line.kind === 'open' &&
    line.type === at.at(-1)?.type &&
    matches([...within, opened(line, start)], at, all)
      ? [{start, end: endOf(all, start, within.length)}]
      : [],
  );

/** Blocks of one type inside their parent, commented samples included: a new one goes beside them. */
export const siblings = (
  all: readonly Located[],
  parent: readonly Block[],
  {type, name}: Block,
): readonly BlockLines[] => {
  const found = all.flatMap(({line, within, at: start}) => {
    if ((line.kind !== 'open' && line.kind !== 'commented-open') || line.type !== type) {
      return [];
    }

    const depth = within.length;
    return matches(within, parent, all)
      ? [
          {
            name: line.name,
            active: line.kind === 'open',
            start,
            end: line.kind === 'open' ? endOf(all, start, depth) : endOfSample(all, start),
          },
        ]
      : [];
  });
  const same = found.filter(block => block.name === name);
  const active = found.filter(block => block.active);
  // A sample of the same name is its place; any other may lie inside of a sample itself.
  return name !== undefined && same.length > 0 ? same : active.length > 0 ? active : found;
};

const endOf = (all: readonly Located[], start: number, depth: number) => {
  const close = all.find(
    ({line, at, within}) => at > start && line.kind === 'close' && within.length === depth,
  );
  return close === undefined ? (all.at(-1)?.at ?? start) + 1 : close.at + 1;
};

// A sample ends where as many commented braces were closed as opened; one that is never closed is its first line only.
const endOfSample = (all: readonly Located[], start: number) => {
  let depth = 0;
  for (const {line, at} of all) {
    if (at < start) {
      continue;
    }

    depth += line.kind === 'commented-open' ? 1 : line.kind === 'commented-close' ? -1 : 0;
    if (depth === 0) {
      return at + 1;
    }

    if (line.kind === 'open' || line.kind === 'close' || line.kind === 'setting') {
      break;
    }
  }

  return start + 1;
};
