import {rowsOf} from '../../src/config/rows/edit.js';
import {wholeRow} from '../../src/config/rows/whole.js';
import type {Facts} from '../../src/core/facts.js';
import {type Network, isWithin, loopback, parseNetwork, printNetwork} from './networks.js';
import {roleNames} from './people.js';
import {itemsOf, postfixPath, settingOf} from './postfix.js';

/** What a configured Postfix says to the questions of `smtp`. */
export const adoptSmtp = (facts: Facts) => {
  if (!facts.configured.postfix) {
    return {};
  }

  const size = wholeNumber(
    settingOf(facts, 'message_size_limit') ?? facts.postfix?.defaults['message_size_limit'],
  );
  const mailbox = wholeNumber(settingOf(facts, 'mailbox_size_limit'));
  const banner = settingOf(facts, 'smtpd_banner');
  const protocols = (['all', 'ipv4', 'ipv6'] as const).find(
    value => value === settingOf(facts, 'inet_protocols'),
  );
  const admin = adminThere(facts);
  return {
    ...interfacesThere(facts),
    ...(protocols === undefined ? {} : {protocols}),
    networks: itemsOf(facts, 'mynetworks').flatMap(networkThere),
    ...(size === undefined || size < 102_400 ? {} : {message_size_limit: size}),
    ...(mailbox === undefined ? {} : {mailbox_size_limit: mailbox}),
    ...(banner === undefined ? {} : {banner}),
    ...(admin === undefined ? {} : {admin}),
  };
};

/** The value of mynetworks: the machine itself, what the list has that is no plain network (tables, exclusions), and the answers. */
export const networksValue = (networks: readonly string[], facts: Facts) => {
  const kept = facts.configured.postfix
    ? itemsOf(facts, 'mynetworks').filter(item => parseNetwork(item) === undefined)
    : [];
  const asked = networks.map(parseNetwork).filter(network => network !== undefined);
  return [
    ...kept,
    '127.0.0.0/8',
    '[::ffff:127.0.0.0]/104',
    '[::1]/128',
    ...new Set(asked.map(printNetwork)),
  ].join(' ');
};

const networkThere = (item: string): readonly string[] => {
  const network = parseNetwork(item);
  return network === undefined || isLoopback(network) ? [] : [`${network.address}/${network.prefix}`];
};

const isLoopback = (network: Network) => loopback.some(own => isWithin(network, own));

const interfacesThere = (facts: Facts) => {
  const items = itemsOf(facts, 'inet_interfaces');
  const [first] = items;
  if (first === undefined || first === 'all') {
    return {interfaces: 'all' as const};
  }

  return items.length === 1 && (first === 'loopback-only' || first === 'localhost')
    ? {interfaces: 'loopback' as const}
    : {interfaces: 'list' as const, addresses: items.map(item => item.replaceAll(/[[\]]/g, ''))};
};

const adminThere = (facts: Facts) => {
  // A table may have a million rows: this one is searched for.
  const table = facts.files[postfixPath(facts, 'virtual')] ?? '';
  const place = table.search(new RegExp(`^${roleNames[0]}@`, 'im'));
  const row = place < 0 ? undefined : wholeRow(table, 'table', place);
  const value = row?.trim().split(/\s+/).slice(1).join(' ');
  const alias = rowsOf(facts.files['/etc/aliases'] ?? '', 'aliases')
    .get('root')
    ?.replace(/^[^:]*:\s*/, '')
    .trim();
  return [value, alias].find(found => found !== undefined && /^[^\s,|/:"]+@[^\s,|/:"]+$/.test(found));
};

const wholeNumber = (value: string | undefined) =>
  value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
