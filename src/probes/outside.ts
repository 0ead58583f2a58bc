import {randomInt} from 'node:crypto';
import type {Facts} from '../core/facts.js';
import type {Host, Program} from '../system/types.js';
import {type Player, startPlayer} from './player.js';
import type {Outside} from './types.js';

/**
 * TEST-NET-2 (RFC 5737) and the documentation prefix (RFC 3849): in nobody's mynetworks, routed nowhere. Each time it is another
 * network of them: a login that fails here is a failed login to fail2ban too, which may shut a stranger out who comes again and
 * again from one address. Seen: several proofs within ten minutes, then refused connections; its list of bans was not looked at.
 */
const newLink = () => {
  const [four, six] = [4 * randomInt(64), randomInt(0x10000).toString(16)];
  return {
    server4: `198.51.100.${four + 1}`,
    client4: `198.51.100.${four + 2}`,
    server6: `2001:db8:d0:${six}::1`,
    client6: `2001:db8:d0:${six}::2`,
  };
};

/**
 * Makes a temporary network namespace whose address the server has no reason to trust, and removes it. Undefined where it
 * cannot be made (no root, no ip(8), no namespaces, or those addresses are in use here).
 */
export const withOutside = async <R>(
  host: Host,
  facts: Facts,
  player: Program,
  use: (outside: Outside | undefined) => Promise<R>,
): Promise<R> => {
  const name = `dovetail-${process.pid}`;
  const inner = `dt${process.pid}i`.slice(0, 15);
  const outer = `dt${process.pid}o`.slice(0, 15);
  const ip = async (...args: readonly string[]) => (await host.run('/usr/sbin/ip', args)).exitCode === 0;
  const link = newLink();
  let started: Player | undefined;
  const close = async () => {
    await started?.close();
    await ip('link', 'delete', outer);
    await ip('netns', 'delete', name);
  };

  if (!facts.root || host.ground !== 'machine' || inUse(facts) || !(await ip('netns', 'add', name))) {
    return use(undefined);
  }

  try {
    const ready =
      (await ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', inner, 'netns', name)) &&
      (await ip('address', 'add', `${link.server4}/30`, 'dev', outer)) &&
      (await ip('link', 'set', outer, 'up')) &&
      (await ip('-n', name, 'address', 'add', `${link.client4}/30`, 'dev', inner)) &&
      (await ip('-n', name, 'link', 'set', 'lo', 'up')) &&
      (await ip('-n', name, 'link', 'set', inner, 'up')) &&
      (await ip('-n', name, 'route', 'add', 'default', 'via', link.server4));
    if (!ready) {
      return await use(undefined);
    }

    const six =
      (await ip('address', 'add', `${link.server6}/64`, 'dev', outer, 'nodad')) &&
      (await ip('-n', name, 'address', 'add', `${link.client6}/64`, 'dev', inner, 'nodad')) &&
      (await ip('-n', name, 'route', 'add', 'default', 'via', link.server6));
    started = startPlayer(name, player);
    return await use({addresses: addressesOf(facts, link, six), play: started.play});
  } finally {
    await close();
  }
};

const inUse = ({host: {addresses}}: Facts) =>
  addresses.some(address => address.startsWith('198.51.100.') || address.startsWith('2001:db8:d0:'));

// The addresses that mail comes to; the link's own end stands in where the machine has none of that family.
const addressesOf = (
  {host: {addresses}}: Facts,
  link: ReturnType<typeof newLink>,
  six: boolean,
): Outside['addresses'] => {
  const four = addresses.find(address => address.includes('.')) ?? link.server4;
  const ownSix =
    addresses.find(address => address.includes(':') && !address.startsWith('fe80')) ?? link.server6;
  return [{family: 4, address: four}, ...(six ? [{family: 6 as const, address: ownSix}] : [])];
};
