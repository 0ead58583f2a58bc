import {commentedAt, commentOut, insert, replaceValue, uncomment} from '../../config/dovecot/edit.js';
import type {Block, ConfigTree, DovecotEdit} from '../../core/edit.js';
import {fill, type Text} from '../../core/text.js';
import type {Landed, Stopped, Write} from './landed.js';
import {blockStart, filesToEdit, homeFile, isHome, lastFile, linesOf, occurrences} from './places.js';

type Set = Omit<Extract<DovecotEdit, {op: 'set'}>, 'op'>;

/**
 * Sets a value where the last active setting stands; else switches its commented default on; else puts it beside its kin.
 * Where something that is read later would still win, it goes into what is read last.
 */
export const set = (tree: ConfigTree, edit: Set, write: Write): Landed | Stopped => {
  const {at, key, value} = edit;
  const found = occurrences(tree, at, key);
  const last = found.at(-1);
  if (last?.value === value) {
    return {file: last.file, line: last.line, how: 'unchanged'};
  }

  const blocks = new Set(found.map(entry => `${entry.file}:${blockStart(entry, at.length - 1)}`));
  if (at.some(part => part.where !== undefined) && blocks.size > 1) {
    return {reason: fill(texts.ambiguous, {what: addressOf(at, key)})};
  }

  if (last !== undefined && tree.editable(last.file)) {
    write(last.file, replaceValue(tree.read(last.file) ?? '', last.located, value));
    return {file: last.file, line: last.line, how: 'replaced'};
  }

  const landed = last === undefined ? putBesideKin(tree, edit, write) : undefined;
  if (landed !== undefined && wins(tree, edit)) {
    return landed;
  }

  const winner = occurrences(tree, at, key).at(-1)?.file ?? tree.root;
  const note = fill(texts.overridden, {what: addressOf(at, key), file: winner});
  const late = putLast(tree, edit, note, write);
  return wins(tree, edit) ? late : {reason: fill(texts.ineffective, {what: addressOf(at, key)})};
};

/** Comments every active setting of an address out. */
export const unset = (
  tree: ConfigTree,
  {at, key}: Extract<DovecotEdit, {op: 'unset'}>,
  write: Write,
): Landed => {
  let landed: Landed = {file: tree.root, line: 0, how: 'unchanged'};
  for (;;) {
    const last = occurrences(tree, at, key).findLast(({file}) => tree.editable(file));
    if (last === undefined) {
      return landed;
    }

    write(last.file, commentOut(tree.read(last.file) ?? '', last.located));
    landed = {file: last.file, line: last.line, how: 'removed'};
  }
};

const wins = (tree: ConfigTree, {at, key, value}: Set) => occurrences(tree, at, key).at(-1)?.value === value;

const putBesideKin = (tree: ConfigTree, {at, key, value, home}: Set, write: Write): Landed => {
  const files = filesToEdit(tree);
  for (const file of [
    ...files.filter(name => isHome(name, home)),
    ...files.filter(name => !isHome(name, home)),
  ]) {
    const commented = commentedAt(linesOf(tree, file), at, key);
    if (commented !== undefined) {
      write(file, uncomment(tree.read(file) ?? '', commented, key, value));
      return {file, line: commented.at + 1, how: 'uncommented'};
    }
  }

  const file = homeFile(tree, at, home);
  const {text, line} = insert(tree.read(file) ?? '', at, {key, value});
  write(file, text);
  return {file, line, how: 'inserted'};
};

const putLast = (tree: ConfigTree, {at, key, value}: Set, note: Text, write: Write): Landed => {
  const file = lastFile(tree);
  const isRoot = file === tree.root;
  const commented = commentedAt(linesOf(tree, file), at, key);
  if (commented !== undefined && !isRoot) {
    write(file, uncomment(tree.read(file) ?? '', commented, key, value));
    return {file, line: commented.at + 1, how: 'uncommented', note};
  }

  // Behind the main file's own includes.
  const {text, line} = insert(tree.read(file) ?? '', at, {key, value}, {last: isRoot});
  write(file, text);
  return {file, line, how: 'inserted', note};
};

const addressOf = (at: readonly Block[], key: string) =>
  [...at.map(part => `${part.type} ${part.name ?? part.where?.value ?? ''}`.trim()), key].join(' / ');

const texts = {
  ambiguous: {
    en: 'More than one block answers to {what}; dovetail does not guess which one is meant.',
    ja: '{what} に当てはまるブロックが複数あり、どれを指すか決められません。',
  },
  overridden: {
    en: '{what} is also set by {file}, which is read later or belongs to a package; it is set in the file that is read last.',
    ja: '{what} は、後から読まれるかパッケージに属する {file} でも設定されるため、最後に読まれるファイルで設定します。',
  },
  ineffective: {
    en: '{what} cannot be set: whatever is written, Dovecot would read something else later.',
    ja: '{what} を設定できません。どこに書いても、後から読まれる設定に上書きされます。',
  },
} satisfies Record<string, Text>;
