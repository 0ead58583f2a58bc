import {endingOf, splitLines} from '../../config/lines.js';
import type {ConfigTree, DovecotEdit} from '../../core/edit.js';
import {filesRead, resolveInclude} from '../effective.js';
import type {Landed, Write} from './landed.js';
import {filesToEdit, folderOf, includes, isHome, linesOf} from './places.js';

type Include = Extract<DovecotEdit, {op: 'include'}>;

/**
 * Switches an include on or off. A file that is not there is never included, since Dovecot would not start: what belongs
 * into it then goes where homeless settings go.
 */
export const include = (tree: ConfigTree, edit: Include, write: Write): Landed => {
  const on = edit.state === 'present';
  const unchanged: Landed = {file: tree.root, line: 0, how: 'unchanged'};
  for (const file of filesRead(tree).filter(name => tree.editable(name))) {
    const same = linesOf(tree, file).filter(
      ({line}) => (line.kind === 'include' || line.kind === 'commented-include') && line.file === edit.file,
    );
    const active = same.find(({line}) => line.kind === 'include');
    const hit = on ? same.find(({line}) => line.kind === 'commented-include') : active;
    if (on && active !== undefined) {
      return {file, line: active.at + 1, how: 'unchanged'};
    }

    if (hit !== undefined && (!on || isThere(tree, file, edit.file))) {
      const lines = splitLines(tree.read(file) ?? '');
      const line = lines[hit.at] ?? '';
      const next = on ? line.replace(/^(\s*)#\s?/, '$1') : line.replace(/^(\s*)/, '$1#');
      write(file, lines.toSpliced(hit.at, 1, next).join(''));
      return {file, line: hit.at + 1, how: on ? 'uncommented' : 'removed'};
    }
  }

  if (on && edit.made === true) {
    return includes(tree, `${folderOf(tree)}/${edit.file}`)
      ? unchanged
      : append(tree, tree.root, `!include_try ${edit.file}`, write);
  }

  const home = filesToEdit(tree).find(name => isHome(name, edit.home)) ?? tree.root;
  if (!on || !isThere(tree, home, edit.file)) {
    return unchanged;
  }

  return append(tree, home, `!include ${edit.file}`, write);
};

const append = (tree: ConfigTree, file: string, line: string, write: Write): Landed => {
  const text = tree.read(file) ?? '';
  const end = endingOf(text);
  const lines = splitLines(text.endsWith('\n') || text === '' ? text : `${text}${end}`);
  write(file, [...lines, `${line}${end}`].join(''));
  return {file, line: lines.length + 1, how: 'inserted'};
};

const isThere = (tree: ConfigTree, from: string, file: string) =>
  resolveInclude(tree, from, file).some(path => tree.read(path) !== undefined);
