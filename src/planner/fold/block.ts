import {blocksAt} from '../../config/dovecot/blocks.js';
import {commentLines, hasBlock, insert} from '../../config/dovecot/edit.js';
import type {ConfigTree, DovecotEdit} from '../../core/edit.js';
import type {Landed, Write} from './landed.js';
import {filesToEdit, homeFile, linesOf} from './places.js';

/** Makes an empty block where there is none, or comments every block of an address out. */
export const block = (tree: ConfigTree, edit: Extract<DovecotEdit, {op: 'block'}>, write: Write): Landed =>
  edit.state === 'present' ? make(tree, edit, write) : remove(tree, edit, write);

const make = (tree: ConfigTree, {at, home}: Extract<DovecotEdit, {op: 'block'}>, write: Write): Landed => {
  const holder = filesToEdit(tree).find(file => hasBlock(linesOf(tree, file), at));
  if (holder !== undefined) {
    return {file: holder, line: 0, how: 'unchanged'};
  }

  const file = homeFile(tree, at.slice(0, -1), home);
  const {text, line} = insert(tree.read(file) ?? '', at, undefined);
  write(file, text);
  return {file, line, how: 'inserted'};
};

const remove = (tree: ConfigTree, {at}: Extract<DovecotEdit, {op: 'block'}>, write: Write): Landed => {
  let landed: Landed = {file: tree.root, line: 0, how: 'unchanged'};
  for (const file of filesToEdit(tree)) {
    for (const lines of blocksAt(linesOf(tree, file), at).toReversed()) {
      write(file, commentLines(tree.read(file) ?? '', lines));
      landed = {file, line: lines.start + 1, how: 'removed'};
    }
  }

  return landed;
};
