import {BlockList, isIP} from 'node:net';
import type {Text} from '../core/text.js';
import {common, fail, pass, unchecked, warning} from './result.js';
import type {ProbeHandler} from './types.js';

/** Prefixes that no one organisation has: a /7 of IPv4, more than the largest grant of a registry of IPv6. */
const tooWide = {4: 8, 6: 19} as const;

/**
 * Who may send without a password: no large part of the Internet, and no network that Postfix took by itself from the interfaces
 * (`mynetworks_style`), where a container's or a provider's network comes in by accident. And all others are refused.
 */
export const trustedNetworks: ProbeHandler<'trusted-networks'> = async (probe, {host, facts}) => {
  const {exitCode, stdout} = await host.run('/usr/sbin/postconf', ['-x', ...names]);
  if (exitCode !== 0) {
    return [unchecked(probe, {summary: texts.trusted, remedy: common.logRemedy})];
  }

  const values = Object.fromEntries(
    stdout.split('\n').map(line => line.split(/ = ?/, 2) as [string, string | undefined]),
  );
  const networks = (values['mynetworks'] ?? '').split(/[\s,]+/).filter(Boolean);
  const read = networks.map(parse);
  const wide = networks.filter((_, at) => isWide(read[at]));
  const shown = {networks: networks.join(', ')};
  if (wide.length > 0) {
    return [
      fail(probe, {summary: texts.wide, values: {networks: wide.join(', ')}, remedy: texts.wideRemedy}),
    ];
  }

  if (!/\b(?:reject|defer)(?:_unauth_destination)?\b/.test(values['smtpd_relay_restrictions'] ?? '')) {
    return [
      fail(probe, {summary: texts.unguarded, remedy: texts.unguardedRemedy, evidence: [stdout.trim()]}),
    ];
  }

  const unread = networks.filter((_, at) => read[at] === undefined);
  const open = networks.filter((_, at) => {
    const network = read[at];
    return network !== undefined && !isPrivate(network) && !isOwn(network, facts.host.addresses);
  });
  const byItself = facts.postfix !== undefined && facts.postfix.settings['mynetworks'] === undefined;
  return [
    unread.length > 0
      ? unchecked(probe, {
          summary: texts.unread,
          values: {networks: unread.join(', ')},
          remedy: texts.unreadRemedy,
        })
      : open.length > 0 || (byItself && ['subnet', 'class'].includes(values['mynetworks_style'] ?? ''))
        ? warning(probe, {
            summary: texts.public,
            values: {networks: (open.length > 0 ? open : networks).join(', ')},
            remedy: texts.wideRemedy,
          })
        : pass(probe, {summary: texts.good, values: shown}),
  ];
};

const names = ['mynetworks', 'mynetworks_style', 'smtpd_relay_restrictions'];

type Network = {readonly family: 4 | 6; readonly address: string; readonly prefix: number};

const parse = (item: string): Network | undefined => {
  const [, address = '', length] = /^\[?([0-9A-Fa-f:.]+)\]?(?:\/(\d{1,3}))?$/.exec(item) ?? [];
  const family = isIP(address);
  return family === 0
    ? undefined
    : {
        family: family as 4 | 6,
        address,
        prefix: length === undefined ? (family === 4 ? 32 : 128) : Number(length),
      };
};

// Loopback is a /8 of IPv4, and its mapped form a /104.
const isWide = (network: Network | undefined) =>
  network !== undefined && network.prefix < tooWide[network.family];

const privateNetworks = new BlockList();
for (const [address, prefix] of [
  ['10.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  privateNetworks.addSubnet(address, prefix, 'ipv4');
}

for (const [address, prefix] of [
  ['::1', 128],
  ['::ffff:127.0.0.0', 104],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  privateNetworks.addSubnet(address, prefix, 'ipv6');
}

const isPrivate = ({family, address}: Network) =>
  privateNetworks.check(address, family === 4 ? 'ipv4' : 'ipv6');

// A network of the machine's own that was named is meant: its risk was said when it was.
const isOwn = ({family, address, prefix}: Network, own: readonly string[]) => {
  const network = new BlockList();
  network.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  return own.some(other => network.check(other, isIP(other) === 4 ? 'ipv4' : 'ipv6'));
};

const texts = {
  trusted: {
    en: 'Which machines may send without a password.',
    ja: 'パスワードなしで送信できるマシン。',
  },
  good: {
    en: 'Without a password may send: {networks}, and nobody else.',
    ja: 'パスワードなしで送信できるのは {networks} だけです。',
  },
  wide: {
    en: 'A large part of the Internet may send through this server without a password: {networks}.',
    ja: 'インターネットの広い範囲がパスワードなしで送信できます: {networks}',
  },
  public: {
    en: 'Machines outside of this one’s own networks may send without a password: {networks}.',
    ja: '自身のネットワーク以外のマシンもパスワードなしで送信できます: {networks}',
  },
  wideRemedy: {
    en: 'Name only machines that are yours: “dovetail smtp” (mynetworks).',
    ja: '「dovetail smtp」で自分のマシンだけを指定してください (mynetworks)。',
  },
  unguarded: {
    en: 'Nothing in smtpd_relay_restrictions refuses strangers.',
    ja: 'smtpd_relay_restrictions に第三者を拒否する項目がありません。',
  },
  unguardedRemedy: {
    en: 'It must end in reject_unauth_destination: “dovetail smtp”.',
    ja: '末尾に reject_unauth_destination が必要です: 「dovetail smtp」。',
  },
  unread: {
    en: 'Whether {networks} of mynetworks trusts strangers.',
    ja: 'mynetworks の {networks} が第三者を信用していないかどうか。',
  },
  unreadRemedy: {
    en: 'Look into that table for networks that are not yours.',
    ja: '自分のものでないネットワークがないか、その表を確認してください。',
  },
} satisfies Record<string, Text>;
