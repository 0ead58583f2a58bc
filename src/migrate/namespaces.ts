import {unquote} from '../config/dovecot/parse.js';
import {samePath} from './items.js';
import {locationIn} from './location.js';
import type {Namer} from './namer.js';
import {isKnown} from './names.js';
import {quoted} from './quote.js';
import {notes} from './texts.js';
import {byHand, changed, type Item, kept, type Ruling} from './types.js';
import {renewVariables} from './variables.js';

/** `namespace` and `mailbox` blocks; a namespace without a name gets one. */
export const namespace = (item: Item, items: readonly Item[], nameOf: Namer): Ruling => {
  const block = item.path.at(-1);
  // Other people's folders: whose name and home are meant is written in another way, and half of it would hide the inbox.
  if (
    items.some(({path, value}) => value.includes('%%') && samePath(path.slice(0, 1), item.path.slice(0, 1)))
  ) {
    return byHand(notes.shared);
  }

  const path = item.path.map(open => ({type: open.type, name: nameOf(open, 'mail')}));
  const moved = item.path.some(({name}) => name === undefined);
  const value = unquote(item.value);
  if (block?.type === 'namespace' && item.key === 'location') {
    const now = value === '' ? [] : locationIn(path, value);
    return now === undefined ? byHand(notes.location) : changed(now);
  }

  if (block === undefined || item.key === 'driver' || !isKnown(item.key, block.type)) {
    return byHand(notes.unknown);
  }

  const renewed = renewVariables(value);
  return renewed === undefined
    ? byHand(notes.variables)
    : renewed === value && !moved
      ? kept(item)
      : changed([{path, key: item.key, value: renewed === value ? item.value : quoted(renewed)}]);
};
