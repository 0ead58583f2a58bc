import type {Facts} from '../../src/core/facts.js';
import type {AllAnswers, AskContext} from '../../src/core/question.js';
import type {Text} from '../../src/core/text.js';
import type {Want} from '../../src/core/want.js';
import {readDovecot} from '../../src/planner/dialects/read.js';
import {networkProblem as spelling, parseNetwork} from './networks.js';
import {isSettable} from './firewall-rules.js';
import {isFirewallManaged} from './ports.js';

/** A port of Dovecot's that asks nobody for a password, so that the firewall must let in named hosts alone. */
export type Door = {
  readonly service: 'lmtp' | 'auth';
  readonly name: string;
  /** What is usual where none was said. */
  readonly port: number;
  readonly tls: boolean;
};

/** What was said about a door. */
export type Opening = {
  readonly on: boolean;
  readonly hosts?: readonly string[] | undefined;
  readonly port?: number | undefined;
};

/** Whether a firewall here can be told to let in named hosts alone, or the door is there already. */
export const canOpen = (door: Door, {facts, answers}: AskContext) =>
  (isSettable(facts) && isFirewallManaged(answers)) || listenerThere(facts, door) !== undefined;

/** Why these cannot be the hosts that are let in. */
export const hostsProblem = (hosts: readonly string[]): Text | undefined =>
  hosts.length === 0
    ? texts.nobody
    : (hosts.map(spelling).find(Boolean) ??
      (hosts.some(host => parseNetwork(host)?.prefix === 0) ? texts.everybody : undefined));

/** The listener and those who may reach it; what is no longer wanted is closed. */
export const doorWants = (
  door: Door,
  {on, hosts = [], port = door.port}: Opening,
  all: AllAnswers,
  facts: Facts,
): readonly Want[] => {
  const there = listenerThere(facts, door);
  const value = {service: door.service, name: door.name, port, ...(door.tls ? {tls: true} : {})} as const;
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
          ...portsFor(port, wanted, 'present'),
          ...(there === undefined ? [] : portsFor(there.port, closed, 'absent')),
        ]
      : []),
  ];
};

/** What the machine has of a door. */
export const doorThere = (
  door: Door,
  facts: Facts,
): {readonly port: number; readonly hosts: readonly string[]} | undefined => {
  const there = listenerThere(facts, door);
  return there === undefined ? undefined : {port: there.port, hosts: sourcesAt(facts, there.port)};
};

/** A port that these addresses alone may reach; nothing where there are none. */
export const portsFor = (
  port: number,
  from: readonly string[],
  state: 'present' | 'absent',
): readonly Want[] => (from.length === 0 ? [] : [{kind: 'port', port, protocol: 'tcp', state, from}]);

const listenerThere = (facts: Facts, {service, name}: Door): {readonly port: number} | undefined => {
  const found = readDovecot(facts).listeners.find(
    listener => listener.service === service && listener.name === name && (listener.port ?? 0) > 0,
  );
  return found?.port === undefined ? undefined : {port: found.port};
};

/** One host is a network of one, as firewalld keeps it in its rules: 192.0.2.5/32, 2001:db8::5/128. */
export const sourceOf = (host: string) => {
  const network = parseNetwork(host);
  return network === undefined ? host : `${network.address}/${network.prefix}`;
};

/** Who is let in to a port by rules for single sources. */
export const sourcesAt = ({firewall: {permanent, runtime}}: Facts, port: number): readonly string[] => [
  ...new Set(
    [...permanent.richRules, ...runtime.richRules].flatMap(rule => {
      const [, source] = /source address="([^"]+)"/.exec(rule) ?? [];
      return source !== undefined && rule.includes(`port port="${port}" protocol="tcp"`) ? [source] : [];
    }),
  ),
];

const texts = {
  nobody: {en: 'Name at least one address.', ja: 'アドレスを 1 つ以上指定してください。'},
  everybody: {
    en: 'That is every address there is: anybody could get in.',
    ja: 'すべてのアドレスが対象になり、誰でも入れてしまいます。',
  },
} satisfies Record<string, Text>;
