import type {FirewallFacts, Listener} from './facts.js';

/** Names under which firewalld knows the ports of mail (present in all versions from 0.9 on; `submission` from 2.0 on). */
const services: Readonly<Record<string, number>> = {
  smtp: 25,
  pop3: 110,
  imap: 143,
  smtps: 465,
  'smtp-submission': 587,
  submission: 587,
  imaps: 993,
  pop3s: 995,
  managesieve: 4190,
};

/** The ports of mail that are opened and closed. */
export const portsOfMail: readonly number[] = [...new Set(Object.values(services))];

type Side = Pick<FirewallFacts['runtime'], 'services' | 'ports'>;

/** Whether one side of firewalld, permanent or runtime, lets a TCP port in for everybody. */
export const isOpen = (side: Side, port: number): boolean =>
  side.services.some(name => services[name] === port) ||
  side.ports.includes(`${port}/tcp`) ||
  isInRange(side, port);

/** Whether a range of ports holds it: an entry of somebody who did not mean mail alone. */
export const isInRange = (side: Side, port: number): boolean =>
  side.ports.some(entry => {
    const [, from, to] = /^(\d+)-(\d+)\/tcp$/.exec(entry) ?? [];
    return from !== undefined && port >= Number(from) && port <= Number(to);
  });

/** Whether Dovecot or Postfix (whose process is called master) answers on a port: an open one that they do not serve is somebody else’s. */
export const isServed = (listeners: readonly Listener[], port: number): boolean =>
  listeners.some(listener => listener.port === port && /^(?:dovecot|master)$/.test(listener.process ?? ''));
