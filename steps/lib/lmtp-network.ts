import type {Facts} from '../../src/core/facts.js';
import type {Finding} from '../../src/core/finding.js';
import type {AllAnswers, AskContext} from '../../src/core/question.js';
import {fill, type Text} from '../../src/core/text.js';
import type {Want} from '../../src/core/want.js';
import {readDovecot} from '../../src/planner/dialects/read.js';
import {networkProblem as spelling, parseNetwork} from './networks.js';
import {isFirewallManaged} from './ports.js';
import {hasNetworkLmtp, hostnameOf} from './read.js';

/** What is common for LMTP; no number is assigned to it (RFC 2033 forbids 25 alone). */
export const usualPort = 24;

const name = 'lmtps';

type Answered = {
  readonly network?: boolean;
  readonly hosts?: readonly string[];
  readonly port?: number;
};

/** Why the port cannot be opened: without a firewall that lets in nobody but those hosts, it would be open to all. */
export const networkProblem = (on: boolean, {facts, answers}: AskContext): Text | undefined =>
  on &&
  !(facts.firewall.backend === 'firewalld' && facts.firewall.active && isFirewallManaged(answers)) &&
  !hasListener(facts)
    ? texts.noFirewall
    : undefined;

export const hostsProblem = (hosts: readonly string[]): Text | undefined =>
  hosts.length === 0
    ? texts.nobody
    : (hosts.map(spelling).find(Boolean) ??
      (hosts.some(host => parseNetwork(host)?.prefix === 0) ? texts.everybody : undefined));

/** The listener and those who may reach it; what is no longer wanted is closed. */
export const networkWants = (
  {hosts = [], port = usualPort}: Answered,
  all: AllAnswers,
  facts: Facts,
): readonly Want[] => {
  const on = hasNetworkLmtp(all);
  const there = listenerThere(facts);
  const value = {service: 'lmtp', name, port, tls: true} as const;
  const wanted = on ? hosts.map(sourceOf) : [];
  const open = port === there?.port || !on ? sourcesAt(facts, there?.port ?? port) : [];
  const closed = open.filter(source => !wanted.includes(source));
  return [
    ...(on
      ? [{kind: 'block', in: 'dovecot', at: 'listener.inet', value, state: 'present'} as const]
      : there === undefined
        ? []
        : [{kind: 'block', in: 'dovecot', at: 'listener.inet', value, state: 'absent'} as const]),
    ...(isFirewallManaged(all)
      ? [
          ...ports(port, wanted, 'present'),
          ...(there === undefined ? [] : ports(there.port, closed, 'absent')),
        ]
      : []),
  ];
};

/** What the machine has of it, as answers. */
export const lmtpThere = (facts: Facts): Answered => {
  const there = listenerThere(facts);
  return there === undefined
    ? {network: false}
    : {network: true, port: there.port, hosts: sourcesAt(facts, there.port)};
};

/** What the other side has to be told. */
export const networkNotes = ({port = usualPort}: Answered, all: AllAnswers): readonly Finding[] =>
  hasNetworkLmtp(all)
    ? [
        {
          id: 'lmtp:other-side',
          section: 'lmtp',
          severity: 'warning',
          summary: texts.otherSide,
          remedy: fill(texts.otherSideRemedy, {host: hostnameOf(all), port}),
        },
      ]
    : [];

const ports = (port: number, from: readonly string[], state: 'present' | 'absent'): readonly Want[] =>
  from.length === 0 ? [] : [{kind: 'port', port, protocol: 'tcp', state, from}];

const hasListener = (facts: Facts) => listenerThere(facts) !== undefined;

const listenerThere = (facts: Facts): {readonly port: number} | undefined => {
  const found = readDovecot(facts).listeners.find(
    listener => listener.service === 'lmtp' && listener.name === name && (listener.port ?? 0) > 0,
  );
  return found?.port === undefined ? undefined : {port: found.port};
};

// One host is a network of one, as firewalld keeps it in its rules: 192.0.2.5/32, 2001:db8::5/128.
const sourceOf = (host: string) => {
  const network = parseNetwork(host);
  return network === undefined ? host : `${network.address}/${network.prefix}`;
};

const sourcesAt = ({firewall: {permanent, runtime}}: Facts, port: number): readonly string[] => [
  ...new Set(
    [...permanent.richRules, ...runtime.richRules].flatMap(rule => {
      const [, source] = /source address="([^"]+)"/.exec(rule) ?? [];
      return source !== undefined && rule.includes(`port port="${port}" protocol="tcp"`) ? [source] : [];
    }),
  ),
];

const texts = {
  noFirewall: {
    en: 'LMTP has no passwords, and no firewall that dovetail can set is active here (firewalld): the port would be open to all.',
    ja: 'LMTP にパスワードはなく、設定できるファイアウォール (firewalld) も動いていないため、誰にでも開いてしまいます。',
  },
  nobody: {en: 'Name at least one address.', ja: 'アドレスを 1 つ以上指定してください。'},
  everybody: {
    en: 'That is every address there is: anybody could put mail into the mailboxes.',
    ja: 'すべてのアドレスが対象になり、誰でもメールボックスに配送できてしまいます。',
  },
  otherSide: {
    en: 'The Postfix of the other hosts must hand over by TLS, and know who has a mailbox here.',
    ja: '相手の Postfix は TLS で渡し、ここにメールボックスのある宛先を知っている必要があります。',
  },
  otherSideRemedy: {
    en: 'There: virtual_transport = lmtp:inet:{host}:{port}, lmtp_tls_wrappermode = yes, lmtp_tls_security_level = secure, lmtp_tls_CAfile with the issuer of this certificate; recipients by a table of the accounts, or reject_unverified_recipient. The whole address is looked up here as the user name.',
    ja: '相手側: virtual_transport = lmtp:inet:{host}:{port}、lmtp_tls_wrappermode = yes、lmtp_tls_security_level = secure、lmtp_tls_CAfile にこの証明書の発行者。宛先はアカウントの表か reject_unverified_recipient で確認します。ここではアドレス全体をユーザー名として検索します。',
  },
} satisfies Record<string, Text>;
