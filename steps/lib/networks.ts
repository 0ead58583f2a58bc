import {fill, type Text} from '../../src/core/text.js';

/** A network of addresses, written the one way that Postfix reads without complaint. */
export type Network = {
  readonly family: 'ipv4' | 'ipv6';
  /** First address of the network, without brackets. */
  readonly address: string;
  /** Leading bits that all its addresses share. */
  readonly prefix: number;
};

/** Reads `192.0.2.0/24`, `2001:db8::/32`, `[2001:db8::]/32` or one address; host bits are cleared, since Postfix answers 451 to every client where they are not. */
export const parseNetwork = (text: string): Network | undefined => {
  const match = /^\[?([0-9A-Fa-f:.]+)\]?(?:\/(\d{1,3}))?$/.exec(text.trim());
  const address = match?.[1] === undefined ? undefined : parseAddress(match[1]);
  if (address === undefined || text.includes('[') !== text.includes(']')) {
    return undefined;
  }

  const bits = address.family === 'ipv4' ? 32 : 128;
  const prefix = match?.[2] === undefined ? bits : Number(match[2]);
  if (prefix > bits) {
    return undefined;
  }

  const host = BigInt(bits - prefix);
  return {
    family: address.family,
    address: printAddress(address.family, (address.value >> host) << host),
    prefix,
  };
};

/** As it stands in main.cf: IPv6 in brackets (postconf(5), mynetworks). */
export const printNetwork = ({family, address, prefix}: Network) =>
  family === 'ipv4' ? `${address}/${prefix}` : `[${address}]/${prefix}`;

/** Whether every address of one network is in the other. */
export const isWithin = (inner: Network, outer: Network) => {
  if (inner.family !== outer.family || inner.prefix < outer.prefix) {
    return false;
  }

  const rest = BigInt((inner.family === 'ipv4' ? 32 : 128) - outer.prefix);
  return numberOf(inner) >> rest === numberOf(outer) >> rest;
};

/** The machine itself: these may always send. */
export const loopback: readonly Network[] = [
  {family: 'ipv4', address: '127.0.0.0', prefix: 8},
  {family: 'ipv6', address: '::ffff:7f00:0', prefix: 104},
  {family: 'ipv6', address: '::1', prefix: 128},
];

/** Why machines of a network cannot be let through without a password. */
export const networkProblem = (text: string): Text | undefined => {
  const network = parseNetwork(text);
  if (network === undefined) {
    return texts.syntax;
  }

  const inside = embedded(network);
  if (inside !== undefined) {
    return loopback.some(own => isWithin(network, own)) ? undefined : fill(texts.embedded, {network: inside});
  }

  // Nobody is given more than a /19 of IPv6 (a registry's largest grant to one provider).
  return network.prefix < (network.family === 'ipv4' ? 8 : 19) ? texts.tooWide : undefined;
};

// All of IPv4 stands in 96 bits of IPv6: mapped (RFC 4291, 2.5.5.2) and translated (RFC 6052). Postfix never sees a client
// by the first, and by the second it would trust the whole Internet behind a translator.
const embedded = (network: Network) => {
  const [place, name] =
    [
      [{family: 'ipv6', address: '::ffff:0:0', prefix: 96}, 'IPv4'],
      [{family: 'ipv6', address: '64:ff9b::', prefix: 96}, 'NAT64'],
    ].find(([outer]) => isWithin(network, outer as Network)) ?? [];
  return place === undefined ? undefined : `${printNetwork(network)} (${String(name)})`;
};

/** What to know about a network that is accepted: it will be written another way, or it is not the machine's own. */
export const networkCaution = (text: string, own: readonly string[]): Text | undefined => {
  const network = parseNetwork(text);
  if (network === undefined) {
    return undefined;
  }

  const printed = printNetwork(network);
  const known = [...loopback, ...own.map(parseNetwork).filter(other => other !== undefined)];
  if (!known.some(other => isWithin(network, other))) {
    return fill(texts.foreign, {network: printed});
  }

  const written = parseAddress(text.trim().replaceAll(/[[\]]|\/.*$/g, ''))?.value;
  return written === numberOf(network) ? undefined : fill(texts.rewritten, {network: printed});
};

type Address = {readonly family: Network['family']; readonly value: bigint};

/** An IPv4 or IPv6 address; undefined where it is not one. */
export const parseAddress = (text: string): Address | undefined =>
  text.includes(':') ? parseIpv6(text) : parseIpv4(text);

const parseIpv4 = (text: string): Address | undefined => {
  const parts = text.split('.');
  return parts.length === 4 && parts.every(part => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)
    ? {family: 'ipv4', value: parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n)}
    : undefined;
};

// RFC 4291, 2.2: one `::`, and the last 32 bits may be written as IPv4.
const parseIpv6 = (text: string): Address | undefined => {
  const dotted = /^(.*:)(\d[\d.]*)$/.exec(text);
  const tail = dotted?.[2]?.includes('.') === true ? parseIpv4(dotted[2]) : undefined;
  if (dotted?.[2]?.includes('.') === true && tail === undefined) {
    return undefined;
  }

  const groups =
    tail === undefined
      ? text
      : `${dotted?.[1]}${(tail.value >> 16n).toString(16)}:${(tail.value & 0xffffn).toString(16)}`;
  const halves = groups.split('::').map(half => (half === '' ? [] : half.split(':')));
  const [head = [], rest] = halves;
  const missing = 8 - head.length - (rest?.length ?? 0);
  if (halves.length > 2 || (rest === undefined ? missing !== 0 : missing < 1)) {
    return undefined;
  }

  const all = [
    ...head,
    ...Array.from({length: rest === undefined ? 0 : missing}, () => '0'),
    ...(rest ?? []),
  ];
  return all.every(group => /^[0-9A-Fa-f]{1,4}$/.test(group))
    ? {family: 'ipv6', value: all.reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n)}
    : undefined;
};

const numberOf = ({address}: Network) => parseAddress(address)?.value ?? 0n;

// RFC 5952: lower case, no leading zeros, the longest run of zeros as `::`.
const printAddress = (family: Network['family'], value: bigint) => {
  if (family === 'ipv4') {
    return [24n, 16n, 8n, 0n].map(shift => String((value >> shift) & 0xffn)).join('.');
  }

  const groups = Array.from({length: 8}, (_, at) =>
    ((value >> BigInt(112 - at * 16)) & 0xffffn).toString(16),
  );
  // By the place at which it was found: the last digit of fe80 is no group of its own.
  const text = groups.join(':');
  const [longest] = [...text.matchAll(/\b0(?::0)+\b/g)].toSorted((a, b) => b[0].length - a[0].length);
  if (longest === undefined) {
    return text;
  }

  const {0: zeros, index: at} = longest;
  return `${text.slice(0, at).replace(/:$/, '')}::${text.slice(at + zeros.length).replace(/^:/, '')}`;
};

const texts = {
  syntax: {
    en: 'This is not an address or a network such as 192.0.2.0/24 or 2001:db8::/32.',
    ja: '192.0.2.0/24 や 2001:db8::/32 のようなアドレスまたはネットワークではありません。',
  },
  tooWide: {
    en: 'That is a large part of the Internet: anybody could send spam through this server.',
    ja: '範囲がインターネットの広い部分に及び、誰でもこのサーバーから迷惑メールを送れてしまいます。',
  },
  embedded: {
    en: '{network} stands for IPv4 addresses: write those themselves, such as 192.0.2.0/24.',
    ja: '{network} は IPv4 アドレスを表します。192.0.2.0/24 のように IPv4 で書いてください。',
  },
  foreign: {
    en: '{network} is not one of this machine’s own networks: every machine in it can send to anywhere through this server (relay risk).',
    ja: '{network} はこのマシン自身のネットワークではありません。その中の全マシンがこのサーバーを通してどこへでも送信できます (中継の危険)。',
  },
  rewritten: {
    en: 'It will be written as {network}: with other bits set, Postfix refuses every client for now (451).',
    ja: '{network} と書きます。余分なビットが立っていると Postfix は全クライアントを一時拒否 (451) するためです。',
  },
} satisfies Record<string, Text>;
