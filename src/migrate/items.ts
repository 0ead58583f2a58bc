import {unquote} from '../config/dovecot/parse.js';
import type {Block, ConfigTree} from '../core/edit.js';
import {type Effective, effective} from '../planner/effective.js';
import type {Item} from './types.js';

// Compiled defaults of lists that are commonly built on (2.3: doc/example-config).
const defaults: Readonly<Record<string, string>> = {protocols: 'imap pop3 lmtp', mail_plugins: ''};

/** All settings of a 2.3 configuration in the order of reading, with `$name` written out as Dovecot does: what it was so far. */
export const itemsOf = (tree: ConfigTree): readonly Item[] => {
  const items: Item[] = [];
  for (const entry of effective(tree)) {
    const {key, file, line} = entry;
    const path = pathOf(entry);
    const value = entry.value.replaceAll(/(^|\s)\$(\w+)(?=\s|$)/g, (whole, before: string, name: string) => {
      const earlier = soFar(items, path, name);
      return earlier === undefined ? whole : `${before}${earlier}`;
    });
    items.push({path, key, value: value.trim(), file, line});
  }

  return items;
};

/** What a setting is in a block so far, or else outside of all blocks. */
const soFar = (items: readonly Item[], path: Item['path'], name: string) => {
  const here = items.findLast(({path: at, key}) => key === name && samePath(at, path));
  const outside = items.findLast(({path: at, key}) => key === name && at.length === 0);
  const found = here ?? outside;
  return found === undefined ? defaults[name] : unquote(found.value);
};

/** Whether two addresses are one; unnamed blocks by where they stand. */
export const samePath = (one: Item['path'], other: Item['path']) =>
  one.length === other.length &&
  one.every(
    ({type, name, id}, index) =>
      type === other[index]?.type && name === other[index]?.name && id === other[index]?.id,
  );

// Unnamed blocks never merge; those of one name do.
const pathOf = ({path, file, located: {within}}: Effective): Item['path'] =>
  path.map((block: Block, index) => {
    const open = within[index - (path.length - within.length)];
    return block.name === undefined && open !== undefined ? {...block, id: `${file}:${open.start}`} : block;
  });
