import {blocksAt} from '../../config/dovecot/blocks.js';
import {splitLines} from '../../config/lines.js';
import type {ConfigTree, DovecotEdit} from '../../core/edit.js';
import type {Text} from '../../core/text.js';
import type {Landed, Stopped, Write} from './landed.js';
import {filesToEdit, linesOf} from './places.js';

type Order = Extract<DovecotEdit, {op: 'order'}>;
/** Lines from `start` up to but not including `end`, and which they are to be among their kind. */
type Place = {readonly start: number; readonly end: number; readonly rank: number};

/**
 * Puts what is there in order: includes and blocks change places among themselves, and nothing else moves. Those of one file only:
 * between files, the order of the includes decides.
 */
export const order = (tree: ConfigTree, edit: Order, write: Write): Landed | Stopped => {
  let landed: Landed = {file: tree.root, line: 0, how: 'unchanged'};
  for (const file of filesToEdit(tree)) {
    for (const find of [includesOf(edit), ...edit.groups.map(blocksOf)]) {
      const places = find(tree, file);
      if (outOfOrder(places)) {
        write(file, permuted(tree.read(file) ?? '', places));
        landed = {file, line: (places[0]?.start ?? 0) + 1, how: 'replaced'};
      }
    }
  }

  // By now the includes are in order, and with them the files that they name.
  const isOut = edit.groups.some(group =>
    outOfOrder(filesToEdit(tree).flatMap(file => blocksOf(group)(tree, file))),
  );
  return isOut ? {reason: texts.apart} : landed;
};

const outOfOrder = (places: readonly Place[]) =>
  places.some(({rank}, index) => rank < (places[index - 1]?.rank ?? 0));

const includesOf =
  ({files}: Order) =>
  (tree: ConfigTree, file: string): readonly Place[] =>
    linesOf(tree, file).flatMap(({line, within, at}) =>
      line.kind === 'include' && within.length === 0 && files.includes(line.file)
        ? [{start: at, end: at + 1, rank: files.indexOf(line.file)}]
        : [],
    );

const blocksOf =
  (group: Order['groups'][number]) =>
  (tree: ConfigTree, file: string): readonly Place[] =>
    group
      .flatMap((block, rank) => blocksAt(linesOf(tree, file), [block]).map(lines => ({...lines, rank})))
      .filter(({start, end}) => !isApart(splitLines(tree.read(file) ?? '').slice(start, end)))
      .toSorted((one, other) => one.start - other.start);

// Who is kept out, and who may log in as somebody else, is asked before all others, wherever that was put.
const isApart = (lines: readonly string[]) =>
  lines.some(line => /^\s*(?:deny|master)\s*=\s*yes\b/.test(line));

// Each place takes what comes next; comments between the places stay where they are.
const permuted = (text: string, places: readonly Place[]) => {
  const lines = splitLines(text);
  const next = places
    .toSorted((one, other) => one.rank - other.rank)
    .map(({start, end}) => lines.slice(start, end));
  return [...places.entries()]
    .toReversed()
    .reduce<readonly string[]>(
      (now, [index, {start, end}]) => [...now.slice(0, start), ...(next[index] ?? []), ...now.slice(end)],
      lines,
    )
    .join('');
};

const texts = {
  apart: {
    en: 'The places for accounts stand in several files of Dovecot’s: their order can only be changed by hand.',
    ja: 'アカウントの場所が Dovecot の複数のファイルに分かれているため、順序は手作業でしか変更できません。',
  },
} satisfies Record<string, Text>;
