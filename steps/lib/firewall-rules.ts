import type {Facts, FirewallChain} from '../../src/core/facts.js';

/** Whether this machine has a firewall at work whose entries dovetail can add and take away one by one. */
export const isSettable = ({firewall: {backend, active}}: Facts) =>
  active && (backend === 'firewalld' || backend === 'ufw');

/**
 * Commands that let ports in where the firewall is rules of somebody else: one for each chain that does not let all of them in
 * by itself. Each goes before the rules that are there (nft(8) “insert”, iptables(8) -I).
 */
export const rulesToAdd = ({firewall: {chains = []}}: Facts, ports: readonly number[]): readonly string[] =>
  chains.flatMap(chain => {
    const missing = ports.filter(port => !chain.accepts.includes(port));
    return missing.length === 0 ? [] : [ruleFor(chain, missing)];
  });

const ruleFor = ({by, family, table, name}: FirewallChain, ports: readonly number[]) =>
  by === 'nft'
    ? `nft insert rule ${family} ${table} ${name} tcp dport { ${ports.join(', ')} } accept`
    : `${by} -I ${name} -p tcp -m multiport --dports ${ports.join(',')} -j ACCEPT`;
