import type {Facts} from '../../src/core/facts.js';
import type {Probe} from '../../src/core/probe.js';
import type {AllAnswers} from '../../src/core/question.js';
import {fill, type Text} from '../../src/core/text.js';
import type {Want} from '../../src/core/want.js';
import {parseAddress, parseNetwork} from './networks.js';
import {isAtLeast} from './postfix.js';
import {answer, submissionPortsOf} from './read.js';

/** Why an item cannot stand in inet_interfaces (postconf(5)); each of these keeps Postfix from starting. */
export const interfaceProblem = (
  item: string,
  own: readonly string[],
  protocols: unknown,
): Text | undefined => {
  const bare = item.trim().replace(/^\[([^\]]*)\]$/, '$1');
  const address = parseAddress(bare);
  if (address === undefined) {
    return item.includes('/') ? texts.mask : texts.interface;
  }

  if (protocols !== undefined && protocols !== 'all' && protocols !== address.family) {
    return fill(texts.family, {address: bare, protocols: String(protocols)});
  }

  const isLoopback = /^127\./.test(bare) || address.value === 1n;
  return own.length > 0 && !isLoopback && !own.some(other => parseAddress(other)?.value === address.value)
    ? fill(texts.foreign, {address: bare, own: own.join(', ')})
    : undefined;
};

/** The value of inet_interfaces. */
export const interfacesValue = (interfaces: 'all' | 'loopback' | 'list', addresses: readonly string[]) =>
  interfaces === 'all'
    ? 'all'
    : interfaces === 'loopback'
      ? 'loopback-only'
      : addresses
          .map(item => item.trim().replaceAll(/[[\]]/g, ''))
          .map(item => (item.includes(':') ? `[${item}]` : item))
          .join(', ');

/** What shows that Postfix listens where it was asked to and nowhere else; nothing where that cannot be told from the answers. */
export const listeningProbe = (all: AllAnswers, facts: Facts): readonly Probe[] => {
  const on = listensOn(all, facts);
  const open = [25, ...submissionPortsOf(all).map(Number)];
  return on === undefined ? [] : [{id: 'smtp:listens', section: 'smtp', kind: 'ports', open, closed: [], on}];
};

// As ss(8) writes it. main.cf may have names, and master.cf addresses of its own for a port that servers or people use.
const listensOn = (all: AllAnswers, {postfix}: Facts): readonly string[] | undefined => {
  const protocols = answer<string>(all, 'smtp', 'protocols') ?? 'all';
  const named = answer<readonly string[]>(all, 'smtp', 'addresses') ?? [];
  const addresses = {
    all: ['0.0.0.0', '::'],
    loopback: ['127.0.0.1', '::1'],
    list: named.map(item => parseNetwork(item)?.address ?? ''),
  }[answer<'all' | 'loopback' | 'list'>(all, 'smtp', 'interfaces') ?? 'all'];
  const isApart = (postfix?.services ?? []).some(
    ({type, name}) => type === 'inet' && /:(?:25|smtp|465|smtps|submissions?|587)$/.test(name),
  );
  return isApart || addresses.includes('')
    ? undefined
    : addresses.filter(address => protocols === 'all' || (protocols === 'ipv6') === address.includes(':'));
};

/** Why a text is no greeting. RFC 5321, 4.3.1: it starts with the server's name. Other `$` would be expanded by Postfix. */
export const bannerProblem = (banner: string): Text | undefined =>
  /^(?:\$myhostname|[A-Za-z0-9.-]+) ESMTP(?: (?:[!-#%-~]+|\$mail_name|\$mail_version))*$/.test(banner) &&
  banner.length <= 200
    ? undefined
    : texts.banner;

/** A list that already ends strangers' relaying is the machine's own affair; Debian's and Postfix's default only defers it (454). */
export const relayRestrictions = (there: string | undefined): readonly Want[] =>
  there !== undefined && /\breject(?:_unauth_destination)?\b(?!_)/.test(there)
    ? []
    : [
        {
          kind: 'item',
          in: 'main.cf',
          at: 'smtpd_relay_restrictions',
          value: 'reject_unauth_destination',
          state: 'present',
          after: ['permit_mynetworks', 'permit_sasl_authenticated'],
          base: ['permit_mynetworks', 'permit_sasl_authenticated'],
        },
        {
          kind: 'item',
          in: 'main.cf',
          at: 'smtpd_relay_restrictions',
          value: 'defer_unauth_destination',
          state: 'absent',
        },
      ];

/** SMTP smuggling (CVE-2023-51764): `normalize` came with 3.9 and these updates of older branches. */
export const knowsNormalize = (facts: Facts) => {
  const branch = /^\d+\.\d+/.exec(facts.postfix?.version ?? '')?.[0] ?? '';
  const since: Readonly<Record<string, string>> = {
    '3.5': '3.5.25',
    '3.6': '3.6.15',
    '3.7': '3.7.11',
    '3.8': '3.8.6',
  };
  return isAtLeast(facts, since[branch] ?? '3.9');
};

const texts = {
  mask: {
    en: 'An address to listen on has no mask: write it without the slash.',
    ja: '待ち受けるアドレスにマスクは付きません。スラッシュ以降を除いてください。',
  },
  interface: {en: 'This is not an IP address.', ja: 'IP アドレスではありません。'},
  family: {
    en: 'Postfix does not start with {address} while only {protocols} is used.',
    ja: '{protocols} のみの設定では、{address} があると Postfix は起動しません。',
  },
  foreign: {
    en: '{address} is not an address of this machine ({own}): Postfix would not start.',
    ja: '{address} はこのマシンのアドレス ({own}) ではないため、Postfix が起動しません。',
  },
  banner: {
    en: 'It must be “$myhostname ESMTP”, then plain words; other $ names are not allowed.',
    ja: '「$myhostname ESMTP」で始め、続けて通常の語を書いてください。ほかの $ 名は使えません。',
  },
} satisfies Record<string, Text>;
