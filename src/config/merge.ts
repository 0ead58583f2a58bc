import {diffArrays} from 'diff';
import {splitLines} from './lines.js';

/** A merged text, and the line numbers (from 1, in `theirs`) where both sides changed the same lines and theirs was kept. */
export type Merged = {readonly text: string; readonly conflicts: readonly number[]};

/** Lines `start` up to but not including `end` of the base become `lines`. */
type Edit = {readonly start: number; readonly end: number; readonly lines: readonly string[]};

/**
 * Three-way merge by lines, as diff3(1) does it: what only one side changed is taken; what both changed alike is taken once;
 * what both changed differently stays as they have it. Nothing of theirs is ever lost.
 */
export const merge3 = (base: string, ours: string, theirs: string): Merged => {
  const from = splitLines(base);
  const our = editsOf(from, splitLines(ours));
  const their = editsOf(from, splitLines(theirs));
  const out: string[] = [];
  const conflicts: number[] = [];
  let at = 0;
  while (our.length > 0 || their.length > 0) {
    const group = takeGroup(our, their);
    out.push(...from.slice(at, group.start));
    const mine = applied(from, group, group.ours);
    const other = applied(from, group, group.theirs);
    const clash = group.ours.length > 0 && group.theirs.length > 0 && mine.join('') !== other.join('');
    if (clash) {
      conflicts.push(out.length + 1);
    }

    out.push(...(group.theirs.length > 0 ? other : mine));
    at = group.end;
  }

  return {text: [...out, ...from.slice(at)].join(''), conflicts};
};

const editsOf = (from: readonly string[], to: readonly string[]): Edit[] => {
  const edits: Edit[] = [];
  let at = 0;
  let open: {start: number; end: number; lines: string[]} | undefined;
  for (const {added, removed, value} of diffArrays([...from], [...to])) {
    if (!added && !removed) {
      at += value.length;
      open = undefined;
      continue;
    }

    if (open === undefined) {
      open = {start: at, end: at, lines: []};
      edits.push(open);
    }

    if (removed) {
      at += value.length;
      open.end = at;
    } else {
      open.lines.push(...value);
    }
  }

  return edits;
};

type Group = {readonly start: number; readonly end: number; readonly ours: Edit[]; readonly theirs: Edit[]};

// The first edit and all that overlap it, from both sides, taken off the lists.
const takeGroup = (our: Edit[], their: Edit[]): Group => {
  const first = (our[0]?.start ?? Number.POSITIVE_INFINITY) <= (their[0]?.start ?? Number.POSITIVE_INFINITY);
  const seed = (first ? our : their).shift() as Edit;
  const group = {
    start: seed.start,
    end: seed.end,
    ours: first ? [seed] : [],
    theirs: first ? [] : [seed],
  };
  for (let grown = true; grown; ) {
    grown = false;
    for (const [list, taken] of [
      [our, group.ours],
      [their, group.theirs],
    ] as const) {
      const next = list[0];
      if (next !== undefined && overlaps(group, next)) {
        taken.push(next);
        list.shift();
        group.end = Math.max(group.end, next.end);
        grown = true;
      }
    }
  }

  return group;
};

// Two insertions at one point overlap: nobody can say which comes first.
const overlaps = (group: {readonly start: number; readonly end: number}, {start, end}: Edit) =>
  start < group.end || (start === group.start && end === start && group.end === start);

const applied = (from: readonly string[], {start, end}: Group, edits: readonly Edit[]) => {
  const out: string[] = [];
  let at = start;
  for (const edit of edits) {
    out.push(...from.slice(at, edit.start), ...edit.lines);
    at = edit.end;
  }

  return [...out, ...from.slice(at, end)];
};
