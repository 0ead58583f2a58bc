import type {ConfigTree, DovecotDialect, DovecotEdit, Folded, Owned, Placed, Refused} from '../core/edit.js';
import {block} from './fold/block.js';
import {include} from './fold/include.js';
import {item} from './fold/item.js';
import type {Landed, Stopped, Write} from './fold/landed.js';
import {order} from './fold/order.js';
import {set, unset} from './fold/set.js';
import {withFiles} from './tree.js';

type Options = {readonly dialect: DovecotDialect};

/** Folds edits of Dovecot's configuration in order, each on what the earlier ones left. */
export const foldDovecot = (
  tree: ConfigTree,
  edits: readonly Owned<DovecotEdit>[],
  _options: Options,
): Folded<DovecotEdit> => {
  const changed = new Map<string, string>();
  const view = withFiles(tree, changed);
  const placed: Placed<DovecotEdit>[] = [];
  const refused: Refused<DovecotEdit>[] = [];
  // What is put in order is there by then, whichever section asked for it.
  const inTurn = [
    ...edits.filter(({edit}) => edit.op !== 'order'),
    ...edits.filter(({edit}) => edit.op === 'order'),
  ];
  for (const owned of inTurn) {
    const result = applyEdit(view, owned.edit, (file, text) => changed.set(file, text));
    if ('reason' in result) {
      refused.push({...owned, reason: result.reason});
    } else {
      placed.push({...owned, ...result});
    }
  }

  const files = new Map([...changed].filter(([path, text]) => tree.read(path) !== text));
  return {files, placed, refused};
};

const applyEdit = (tree: ConfigTree, edit: DovecotEdit, write: Write): Landed | Stopped => {
  switch (edit.op) {
    case 'set':
      return set(tree, edit, write);
    case 'unset':
      return unset(tree, edit, write);
    case 'item':
      return item(tree, edit, write);
    case 'block':
      return block(tree, edit, write);
    case 'include':
      return include(tree, edit, write);
    case 'order':
      return order(tree, edit, write);
  }
};
