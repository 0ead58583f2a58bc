import type {ProbeContext} from './types.js';

/**
 * Where a server does not listen on all addresses, it is asked at those (`at`): by the first that others can reach, and from outside at
 * each of them. One that only this machine reaches leaves nothing to ask outside: there it must be shut at the machine's own addresses.
 */
export const placedAt = (context: ProbeContext, at: readonly string[] | undefined): ProbeContext => {
  const [first] = at ?? [];
  if (at === undefined || first === undefined) {
    return context;
  }

  const reachable = at.filter(address => !/^(?:127\.|::1$)/.test(address));
  const {outside} = context;
  const families = new Set(outside?.addresses.map(({family}) => family));
  const addresses = reachable
    .map(address => ({family: address.includes(':') ? (6 as const) : (4 as const), address}))
    .filter(({family}) => families.has(family));
  return {
    ...context,
    address: reachable.find(address => address.includes('.')) ?? reachable[0] ?? first,
    outside:
      outside === undefined || reachable.length === 0
        ? outside
        : // From there it cannot be asked at all.
          addresses.length === 0
          ? undefined
          : {...outside, addresses},
  };
};
