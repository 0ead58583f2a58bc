import {isIP} from 'node:net';
import {parseListeners} from '../system/parse.js';
import type {ProbeContext} from './types.js';

/** Where a stranger tries a port. `open`: something listens there, so that an answer is due; elsewhere a refused connection is right. */
export type Door = {readonly family: 4 | 6; readonly address: string; readonly open: boolean};

/** For each family the address that mail comes to or, where the port listens on others only, the first of those. */
export const doorsTo = async (port: number, context: ProbeContext): Promise<readonly Door[]> => {
  const takes = await listenersOf(port, context);
  return (context.outside?.addresses ?? []).map(({family, address}) => {
    const found = [address, ...ownOf(context)].find(other => isIP(other) === family && takes(other));
    return {family, address: found ?? address, open: found !== undefined};
  });
};

/** Where this machine tries a port as its users do: by its own address or, where the port listens on others only, by one of those. */
export const ownDoor = async (port: number, context: ProbeContext): Promise<string> => {
  const takes = await listenersOf(port, context);
  return [context.address, ...ownOf(context), ...loopback].find(takes) ?? context.address;
};

/** Where Postfix trusts who tries a port (mynetworks), and sets no limits to it; undefined where it does not listen there. */
export const trustedDoor = async (port: number, context: ProbeContext): Promise<string | undefined> =>
  loopback.find(await listenersOf(port, context));

const loopback = ['127.0.0.1', '::1'];

const ownOf = ({facts}: ProbeContext) => facts.host.addresses;

// Whether an address takes connections now (ss(8)); where that cannot be found out, each is tried.
const listenersOf = async (port: number, {host}: ProbeContext): Promise<(address: string) => boolean> => {
  const {exitCode, stdout} = await host.run('ss', ['-H', '-tln']);
  const there = new Set(
    parseListeners(stdout).flatMap(listener => (listener.port === port ? [listener.address] : [])),
  );
  return address =>
    exitCode !== 0 || ['*', isIP(address) === 4 ? '0.0.0.0' : '::', address].some(name => there.has(name));
};
