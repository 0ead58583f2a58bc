import type {Namer} from './namer.js';
import {isKnown} from './names.js';
import {notes} from './texts.js';
import {byHand, changed, type Item, kept, lost, type Ruling} from './types.js';

const gone: Readonly<Record<string, keyof typeof notes>> = {
  replicator: 'replication',
  aggregator: 'replication',
  director: 'director',
  ipc: 'director',
  'old-stats': 'oldStats',
  tcpwrap: 'plugin',
};

const renamed: Readonly<Record<string, string>> = {
  'service/service_count': 'restart_request_count',
  'service/idle_kill': 'idle_kill_interval',
  'inet_listener/address': 'listen',
};

/** `service` blocks and their listeners. 2.4 wants a name for every listener; services that are gone it takes silently. */
export const service = (item: Item, nameOf: Namer): Ruling => {
  const [outer, ...inner] = item.path;
  const why = gone[outer?.name ?? ''];
  if (why !== undefined) {
    return lost(notes[why]);
  }

  const block = item.path.at(-1);
  const key = renamed[`${block?.type}/${item.key}`] ?? item.key;
  if (block === undefined || outer === undefined || !isKnown(key, block.type)) {
    return byHand(notes.unknown);
  }

  if (item.value.includes('$')) {
    return byHand(notes.understood);
  }

  // Zero meant “as it is by default”, and no end of requests (2.3: Service configuration); 2.4 refuses it.
  if (item.value === '0' && /^(?:client_limit|process_limit|idle_kill)$/.test(item.key)) {
    return changed([]);
  }

  const value = item.key === 'service_count' && item.value === '0' ? 'unlimited' : item.value;
  const path = [outer, ...inner.map(open => ({type: open.type, name: nameOf(open, outer.name ?? '')}))];
  return key === item.key && inner.every(({name}) => name !== undefined)
    ? kept(item)
    : changed([{path, key, value}]);
};
