import {hasBlock} from '../../config/dovecot/edit.js';
import {linesOfText} from '../../config/dovecot/lines-of.js';
import {unquote} from '../../config/dovecot/parse.js';
import type {Block, ConfigTree} from '../../core/edit.js';
import {type Effective, effective, filesRead} from '../effective.js';
import {globMatcher} from '../tree.js';

/** Every active setting of an address, in the order in which Dovecot reads them: the last one wins. */
export const occurrences = (tree: ConfigTree, at: readonly Block[], key: string): readonly Effective[] => {
  const all = effective(tree);
  return all.filter(
    entry =>
      entry.key === key &&
      entry.path.length === at.length &&
      at.every((block, depth) => isBlock(entry, depth, block, all)),
  );
};

/** Tells the blocks of a file apart: where the block at this depth around a setting opens. */
export const blockStart = ({path, located: {within}}: Effective, depth: number) =>
  within[depth - (path.length - within.length)]?.start;

/** Files that Dovecot reads and that are ours to edit, in order of first reading. */
export const filesToEdit = (tree: ConfigTree) =>
  filesRead(tree).filter(file => tree.editable(file) && tree.read(file) !== undefined);

/**
 * The file for a setting that stands nowhere yet: the innermost block that is there already decides; then the file that
 * the kind belongs to; then, where that does not exist (Fedora has no split conf.d), a file of our own.
 */
export const homeFile = (tree: ConfigTree, at: readonly Block[], home: string | undefined) => {
  const files = filesToEdit(tree);
  const named = files.filter(file => isHome(file, home));
  for (let depth = at.length; depth > 0; depth -= 1) {
    const holders = files.filter(file => hasBlock(linesOf(tree, file), at.slice(0, depth)));
    const holder = named.find(file => holders.includes(file)) ?? holders.at(-1);
    if (holder !== undefined) {
      return holder;
    }
  }

  return named[0] ?? (home === 'local.conf' ? lastFile(tree) : dropIn(tree));
};

/** Whether a file is the one in which a kind of setting belongs, e.g. `10-ssl.conf`. */
export const isHome = (file: string, home: string | undefined) =>
  home !== undefined && file.endsWith(`/${home}`);

/** The file that Dovecot reads last and that is ours to edit: local.conf where it is included, else the main file. */
export const lastFile = (tree: ConfigTree) => {
  const local = `${folderOf(tree)}/local.conf`;
  return includes(tree, local) ? local : tree.root;
};

export const linesOf = (tree: ConfigTree, file: string) => linesOfText(tree.read(file) ?? '');

// Read after whatever packages put beside it.
const dropIn = (tree: ConfigTree) => {
  const own = `${folderOf(tree)}/conf.d/99-dovetail.conf`;
  return includes(tree, own) ? own : lastFile(tree);
};

export const folderOf = ({root}: ConfigTree) => root.slice(0, root.lastIndexOf('/'));

/** Whether the main file includes a path, there or not. */
export const includes = (tree: ConfigTree, path: string) =>
  linesOf(tree, tree.root).some(
    ({line, within}) =>
      line.kind === 'include' &&
      within.length === 0 &&
      globMatcher(line.file.startsWith('/') ? line.file : `${folderOf(tree)}/${line.file}`)(path),
  );

const isBlock = (
  entry: Effective,
  depth: number,
  {type, name, where}: Block,
  all: readonly Effective[],
): boolean => {
  const there = entry.path[depth];
  return (
    there?.type === type &&
    (name === undefined ? where !== undefined || there.name === undefined : there.name === name) &&
    (where === undefined || all.some(other => tellsApart(other, where) && isBeside(other, entry, depth)))
  );
};

const tellsApart = ({key, value}: Effective, where: NonNullable<Block['where']>) =>
  key === where.key && unquote(value) === where.value;

const isBeside = (other: Effective, entry: Effective, depth: number) =>
  other.file === entry.file &&
  other.path.length === depth + 1 &&
  blockStart(other, depth) === blockStart(entry, depth);
