import type {ConfigTree} from '../core/edit.js';
import {database} from './database.js';
import {itemsOf, samePath} from './items.js';
import {namer} from './namer.js';
import {isKnown} from './names.js';
import {namespace} from './namespaces.js';
import {plain} from './plain.js';
import {plugin} from './plugin.js';
import {print} from './print.js';
import {service} from './services.js';
import {notes} from './texts.js';
import {byHand, changed, type Entry, type Item, kept, type Setting} from './types.js';

/** What 2.4 makes of a 2.3 configuration. Texts may hold secrets. */
export type Migration = {
  /** One for each setting that is in force, and for each line of the files that back ends have. */
  readonly entries: readonly Entry[];
  /** The 2.3 configuration as one file, in the order of `after`. */
  readonly before: string;
  /** The 2.4 configuration as one file. */
  readonly after: string;
};

/** Reads a 2.3 configuration and says of every setting what becomes of it in 2.4. */
export const migrate = (tree: ConfigTree): Migration => {
  const all = itemsOf(tree);
  const items = all.filter((item, index) => !isOverridden(all, item, index));
  const nameOf = namer();
  const entries = items.flatMap((item): readonly Entry[] => {
    const types = item.path.map(({type}) => type);
    if (types[0] === 'passdb' || types[0] === 'userdb') {
      return database(item, {items, nameOf, read: tree.read});
    }

    return [{was: item, ...ruling(item, types, items, nameOf)}];
  });
  const whole = [...onceEach(entries), ...unsaid(items, tree.root)];
  return {
    entries: whole,
    before: print(items),
    after: print([...versions, ...whole.flatMap(({now}) => now)]),
  };
};

// Accepted by every 2.4: a configuration may be older than the program, never newer.
const versions: readonly Setting[] = ['dovecot_config_version', 'dovecot_storage_version'].map(key => ({
  path: [],
  key,
  value: '2.4.0',
}));

const ruling = (
  item: Item,
  types: readonly string[],
  items: readonly Item[],
  nameOf: ReturnType<typeof namer>,
) => {
  if (types.includes('plugin')) {
    return plugin(item, items);
  }

  if (types[0] === 'service') {
    return service(item, nameOf);
  }

  if (types[0] === 'namespace') {
    return namespace(item, items, nameOf);
  }

  const block = item.path.at(-1);
  if (types.every(type => /^(?:protocol|local|local_name|remote)$/.test(type))) {
    return item.path.some(({name = ''}) => name.startsWith('!')) || item.key === 'protocols'
      ? protocols(item)
      : plain(item);
  }

  return block !== undefined && types.length === 1 && /^(?:metric|event_exporter)$/.test(block.type)
    ? isKnown(item.key, block.type) && !/^(?:group_by|fields)$/.test(item.key)
      ? kept(item)
      : byHand(notes.syntax)
    : byHand(notes.unknown);
};

// The list is written out already; `protocol !imap { }` has nothing like it.
const protocols = (item: Item) =>
  item.key === 'protocols' && item.path.length === 0 ? kept(item) : byHand(notes.unknown);

// Of one address and name the last wins; the one before is not in force.
const isOverridden = (all: readonly Item[], item: Item, index: number) =>
  all.some((other, at) => at > index && other.key === item.key && samePath(other.path, item.path));

// A file that two back ends share has each line twice: what one of them has no use for is told by the other.
const onceEach = (entries: readonly Entry[]) =>
  entries.filter(
    (entry, index) =>
      entry.now.length > 0 ||
      !entries.some(
        (other, at) =>
          at !== index &&
          other.was.file === entry.was.file &&
          other.was.line === entry.was.line &&
          other.was.key === entry.was.key &&
          (other.now.length > 0 || at < index),
      ),
  );

// What no file says, and 2.4 takes otherwise: 2.3 looks for mail by itself, and opens these protocols.
const unsaid = (items: readonly Item[], file: string): readonly Entry[] => {
  const was = (key: string) => ({path: [], key, value: '', file, line: 1});
  const has = (name: string) => items.some(({key, path}) => key === name && path.length === 0);
  const place = items.some(({key, path}) => key === 'location' && path[0]?.type === 'namespace');
  return [
    ...(has('mail_location') || place ? [] : [{was: was('mail_location'), ...byHand(notes.location)}]),
    ...(has('protocols')
      ? []
      : [
          {
            was: was('protocols'),
            ...changed([{path: [], key: 'protocols', value: 'imap pop3 lmtp'}], notes.default),
          },
        ]),
  ];
};
