import {unquote} from '../../config/dovecot/parse.js';
import type {ConfigTree, DovecotEdit} from '../../core/edit.js';
import type {Landed, Stopped, Write} from './landed.js';
import {occurrences} from './places.js';
import {set} from './set.js';

/** Puts an item into a list of words, or takes it out. */
export const item = (
  tree: ConfigTree,
  edit: Extract<DovecotEdit, {op: 'item'}>,
  write: Write,
): Landed | Stopped => {
  const found = occurrences(tree, edit.at, edit.key);
  // `$name` stands for what the list had so far; packaged includes add to `protocols` that way. In a block it is, at first,
  // the list outside of it, which stays named.
  const value = found.reduce<readonly string[]>(
    (items, entry, index) =>
      words(unquote(entry.value)).flatMap(word =>
        word === `$${edit.key}` && (index > 0 || edit.at.length === 0) ? items : [word],
      ),
    [],
  );
  const effective = [...new Set(found.length === 0 ? words(edit.base ?? '') : value)];
  if (effective.includes(edit.value) === (edit.state === 'present')) {
    const last = found.at(-1);
    return {file: last?.file ?? tree.root, line: last?.line ?? 0, how: 'unchanged'};
  }

  const next =
    edit.state === 'present' ? [...effective, edit.value] : effective.filter(word => word !== edit.value);
  return set(tree, {...edit, value: next.join(' ')}, write);
};

const words = (text: string) => text.split(/\s+/).filter(Boolean);
