import type {Facts} from '../../src/core/facts.js';
import {isInRange, isOpen, isServed} from '../../src/core/open-ports.js';
import type {AllAnswers} from '../../src/core/question.js';
import type {Want} from '../../src/core/want.js';
import {isReadElsewhere} from './listen.js';
import {
  answer,
  hasDovecot,
  hasManageSieve,
  hasPostfix,
  isServer,
  isTlsOnly,
  servicesOf,
  submissionPortsOf,
} from './read.js';

/** Ports of mail that dovetail opens and closes; every other port, SSH's above all, is left as it is. */
export const mailPorts: readonly number[] = [25, 465, 587, 143, 993, 110, 995, 4190];

/** Those that these answers are about: without Postfix, its ports are somebody else's. */
export const ownPortsOf = (all: AllAnswers) =>
  hasPostfix(all) ? mailPorts : mailPorts.filter(number => ![25, 465, 587].includes(number));

/** Whether dovetail may open and close ports of the firewall. */
export const isFirewallManaged = (all: AllAnswers) => answer<boolean>(all, 'firewall', 'manage') ?? true;

/** A port that must be reachable, or must not; nothing where the firewall is somebody else's. */
export const port = (all: AllAnswers, number: number, state: 'present' | 'absent'): readonly Want[] =>
  isFirewallManaged(all)
    ? [
        {
          kind: 'port',
          port: number,
          protocol: 'tcp',
          state,
          ...(state === 'absent' && answer<boolean>(all, 'firewall', 'close_unused') === true
            ? {others: true as const}
            : {}),
        },
      ]
    : [];

/** Ports of mail that are open for nothing and that no mail server here has opened: somebody else’s, so they stay unless ticked. */
export const othersPorts = (
  all: AllAnswers,
  {firewall: {backend, permanent, runtime, ours = []}, listeners}: Facts,
) =>
  ownPortsOf(all).filter(number => {
    const sides = [permanent, runtime];
    return (
      !openPortsOf(all).includes(number) &&
      (sides.some(side => isInRange(side, number)) ||
        (!(backend === 'ufw' ? ours.includes(String(number)) : isServed(listeners, number)) &&
          sides.some(side => isOpen(side, number))))
    );
  });

/** Whether those are to be closed as well. A range is never cut up. */
export const staysOpen = (all: AllAnswers, facts: Facts) =>
  othersPorts(all, facts).filter(
    number =>
      answer<boolean>(all, 'firewall', 'close_unused') !== true ||
      [facts.firewall.permanent, facts.firewall.runtime].some(side => isInRange(side, number)),
  );

/** Whether other machines can reach Postfix: not where it listens to the machine itself alone (`inet_interfaces`). */
export const isReachable = (all: AllAnswers) => {
  const interfaces = answer<'all' | 'loopback' | 'list'>(all, 'smtp', 'interfaces') ?? 'all';
  const addresses = answer<readonly string[]>(all, 'smtp', 'addresses') ?? [];
  return interfaces === 'list'
    ? addresses.some(address => !/^(?:127\.|\[?::1\]?$)/.test(address.trim()))
    : interfaces === 'all';
};

/** Ports that must be reachable from outside with these answers. */
export const openPortsOf = (all: AllAnswers): readonly number[] => {
  const reading = {imap: {tls: 993, plain: 143}, pop3: {tls: 995, plain: 110}};
  const open = [
    ...(isServer(all) && isReachable(all) ? [25] : []),
    ...(isReachable(all) ? submissionPortsOf(all).map(Number) : []),
    ...(hasDovecot(all) && isReadElsewhere(all) ? servicesOf(all) : []).flatMap(service => [
      reading[service].tls,
      ...(isTlsOnly(all) ? [] : [reading[service].plain]),
    ]),
    ...(hasManageSieve(all) && isReadElsewhere(all) ? [4190] : []),
  ];
  return mailPorts.filter(number => open.includes(number));
};
