import type {ChangeOf, FirewallItem} from '../core/change.js';
import type {Facts} from '../core/facts.js';
import {isOpen, isServed} from '../core/open-ports.js';
import type {OwnedWant} from './wants.js';

/** Names under which firewalld knows mail ports (present in all versions from 0.9 on). */
const firewalldServices: Readonly<Record<number, string>> = {
  25: 'smtp',
  110: 'pop3',
  143: 'imap',
  465: 'smtps',
  587: 'smtp-submission',
  993: 'imaps',
  995: 'pop3s',
  4190: 'managesieve',
};

/** Firewall items for the ports that sections want open or closed. Nothing where no firewall that we can edit is active. */
export const firewallChanges = (
  wants: readonly OwnedWant[],
  {firewall, listeners}: Facts,
): readonly ChangeOf<'firewall.item'>[] => {
  const {backend} = firewall;
  if ((backend !== 'firewalld' && backend !== 'ufw') || !firewall.active) {
    return [];
  }

  const changes = new Map<string, ChangeOf<'firewall.item'>>();
  for (const {section, want} of wants) {
    if (want.kind !== 'port') {
      continue;
    }

    for (const item of itemsOf(want, firewall).filter(one => !isOthers(want, one, firewall, listeners))) {
      const id = `firewall.item ${itemName(item)}`;
      const earlier = changes.get(id);
      const sections = [...new Set([...(earlier?.sections ?? []), section])];
      changes.set(id, {
        id,
        sections,
        kind: 'firewall.item',
        backend,
        zone: backend === 'ufw' ? '' : (firewall.zone ?? 'public'),
        item,
        state: want.state,
      });
    }
  }

  return [...changes.values()];
};

// ufw's rules say whose they are; firewalld's do not, so there it counts who answers on the port. What a rule of somebody else
// keeps shut, or opens in its own words, is theirs.
const isOthers = (
  want: PortWant,
  item: FirewallItem,
  firewall: Facts['firewall'],
  listeners: Facts['listeners'],
) => {
  const isUfw = firewall.backend === 'ufw';
  const isOurs = firewall.ours?.includes(ourName(item)) === true;
  if (want.state === 'absent') {
    return want.others !== true && !(isUfw ? isOurs : isServed(listeners, want.port));
  }

  return (
    isUfw &&
    !isOurs &&
    (firewall.shut?.includes(want.port) === true ||
      (item.type === 'port' && isOpen(firewall.permanent, want.port)))
  );
};

// ufw keeps a host without the length of its prefix.
const ourName = (item: FirewallItem) =>
  item.type === 'rich'
    ? `${item.source.toLowerCase().replace(/\/(?:32|128)$/, '')} ${item.port}`
    : item.type === 'port'
      ? String(item.port)
      : '';

type PortWant = Extract<OwnedWant['want'], {kind: 'port'}>;

const itemsOf = (want: PortWant, firewall: Facts['firewall']): readonly FirewallItem[] => {
  const {port, protocol} = want;
  if (want.from !== undefined) {
    return want.from.map(source => ({
      type: 'rich',
      family: source.includes(':') ? 'ipv6' : 'ipv4',
      source,
      port,
      protocol,
    }));
  }

  const service = firewalldServices[port];
  const asPort: FirewallItem = {type: 'port', port, protocol};
  if (service === undefined || firewall.backend === 'ufw') {
    return [asPort];
  }

  // Open under the service's name, unless the bare port is open already; close both spellings.
  const byName: FirewallItem = {type: 'service', name: service};
  const portIsOpen = [firewall.permanent, firewall.runtime].every(side =>
    side.ports.includes(`${port}/${protocol}`),
  );
  if (want.state === 'present') {
    return [portIsOpen ? asPort : byName];
  }

  return [byName, asPort];
};

/** Short name of an item, as the ledger and the firewall's own lists have it. */
export const itemName = (item: FirewallItem) => {
  switch (item.type) {
    case 'service':
      return `service:${item.name}`;
    case 'port':
      return `port:${item.port}/${item.protocol}`;
    case 'rich':
      return `rich:${item.source}:${item.port}/${item.protocol}`;
  }
};
