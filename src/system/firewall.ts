import type {FirewallItem} from '../core/change.js';
import {firewalld} from './firewalld.js';
import type {Firewall, FirewallPlace, ReadFiles, Run} from './types.js';
import {ufw} from './ufw.js';

/** The firewalls of the machine that can be changed by exact entries. */
export const machineFirewall = (run: Run, files: ReadFiles): Firewall => {
  const backends = {firewalld: firewalld(run), ufw: ufw(run, files)};
  return {
    simulated: false,
    has: (place, item) => backends[place.backend].has(place, item),
    set: (place, item, where, state, comment) =>
      backends[place.backend].set(place, item, where, state, comment),
  };
};

/** Firewall entries that were wanted where there is no firewall to ask. */
export const ledgerFirewall = (
  start: Firewall['has'] = async () => ({permanent: false, runtime: false}),
): Firewall => {
  const wanted = new Map<string, {permanent: boolean; runtime: boolean}>();
  const keyOf = (...key: readonly [FirewallPlace, FirewallItem]) => JSON.stringify(key);
  const has: Firewall['has'] = async ({backend, zone}, item) =>
    wanted.get(keyOf({backend, zone}, item)) ?? start({backend, zone}, item);
  return {
    simulated: true,
    has,
    set: async ({backend, zone}, item, where, state) => {
      wanted.set(keyOf({backend, zone}, item), {
        ...(await has({backend, zone}, item)),
        [where]: state === 'present',
      });
    },
  };
};
