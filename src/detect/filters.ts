import type {FirewallChain, FirewallFacts} from '../core/facts.js';
import type {Host} from '../system/types.js';

/** Rules of the kernel that keep something out, whoever wrote them; what could not be asked, by the command that asks it. */
export type Filters =
  | {
      readonly kind: 'found';
      readonly backend: 'nftables' | 'iptables';
      readonly chains: readonly FirewallChain[];
    }
  | {readonly kind: 'none'}
  | {readonly kind: 'not-asked'; readonly command: string};

/** Looks for them. Those of firewalld, ufw and fail2ban(1) are not counted: the first two are found by themselves. */
export const filtersThere = async (host: Host): Promise<Filters> => {
  const hasNft = host.files.lstat('/usr/sbin/nft') !== undefined;
  if (hasNft) {
    const {stdout, exitCode} = await host.run('/usr/sbin/nft', ['list', 'ruleset'], {limit: 8 * 1024 * 1024});
    if (exitCode !== 0) {
      return {kind: 'not-asked', command: 'nft list ruleset'};
    }

    const chains = chainsOf(stdout);
    if (chains.length > 0) {
      return {kind: 'found', backend: chains.every(({by}) => by !== 'nft') ? 'iptables' : 'nftables', chains};
    }
  }

  const names = host.files.read('/proc/net/ip_tables_names', {limit: 4096})?.toString('latin1') ?? '';
  const legacy = /^filter$/m.test(names);
  if (hasNft && !legacy) {
    return {kind: 'none'};
  }

  return tablesThere(host, legacy);
};

const tablesThere = async (host: Host, legacy: boolean): Promise<Filters> => {
  const chains: FirewallChain[] = [];
  for (const by of ['iptables', 'ip6tables'] as const) {
    const program = `/usr/sbin/${by}${legacy ? '-legacy' : ''}`;
    if (host.files.lstat(program) === undefined) {
      continue;
    }

    const {stdout, exitCode} = await host.run(program, ['-S', 'INPUT']);
    if (exitCode !== 0) {
      return {kind: 'not-asked', command: `${program} -S INPUT`};
    }

    if (/^-P INPUT DROP$|^-A INPUT .*-j (?!ACCEPT|ufw)/m.test(stdout)) {
      const family = by === 'iptables' ? 'ip' : 'ip6';
      const accepts = [...stdout.matchAll(/^-A INPUT -p tcp(?: -m tcp)? --dport (\d+) -j ACCEPT$/gm)].map(
        ([, port]) => Number(port),
      );
      chains.push({family, table: 'filter', name: 'INPUT', by, accepts});
    }
  }

  return chains.length === 0 ? {kind: 'none'} : {kind: 'found', backend: 'iptables', chains};
};

/** Chains on the input hook in a list of nft(8) that drop, reject, or go on elsewhere. */
export const chainsOf = (ruleset: string): readonly FirewallChain[] =>
  ruleset.split(/^(?=table )/m).flatMap((table, index, all) => {
    const [, family = '', name = ''] = /^table (\S+) (\S+) /.exec(table) ?? [];
    // The warning stands before the table that it is about.
    const isTables = /managed by iptables-nft/.test(all[index - 1]?.split('\n').slice(-3).join('\n') ?? '');
    return name === '' || /^(?:f2b-table|firewalld)$/.test(name) || /^\tchain ufw6?-/m.test(table)
      ? []
      : table
          .split(/^\tchain /m)
          .filter(chain => /type filter hook input /.test(chain))
          .filter(chain => /policy drop;|\b(?:drop|reject|jump|goto)\b/.test(chain))
          .map(chain => ({
            family,
            table: name,
            name: /^\S+/.exec(chain)?.[0] ?? '',
            by: !isTables
              ? ('nft' as const)
              : family === 'ip6'
                ? ('ip6tables' as const)
                : ('iptables' as const),
            accepts: acceptedIn(chain),
          }));
  });

const acceptedIn = (chain: string): readonly number[] =>
  [
    ...chain.matchAll(
      /^\t\t(?:ct state \S+ |meta l4proto tcp )*tcp dport (\{[^}]*\}|\d+) [^"\n]*\baccept\b/gm,
    ),
  ]
    .flatMap(([, ports = '']) => ports.match(/\d+(?:-\d+)?/g) ?? [])
    .filter(port => !port.includes('-'))
    .map(Number);

/** What is known of a firewall that is found and not managed. */
export const unmanaged = (
  backend: FirewallFacts['backend'],
  active: boolean,
  chains: readonly FirewallChain[] = [],
): FirewallFacts => ({
  backend,
  active,
  permanent: {services: [], ports: [], richRules: []},
  runtime: {services: [], ports: [], richRules: []},
  ...(chains.length === 0 ? {} : {chains}),
});
