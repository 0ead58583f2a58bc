import type {FirewallItem} from '../core/change.js';
import type {Firewall, Run} from './types.js';

/** firewalld, by exact entries (firewall-cmd(1)); permanent and runtime are asked and changed apart, nothing is reloaded. */
export const firewalld = (run: Run): Omit<Firewall, 'simulated'> => {
  const option = (verb: 'add' | 'remove' | 'query', item: FirewallItem) => {
    const [kind = '', ...rest] = firewalldText(item).split(':');
    return `--${verb}-${kind === 'rich' ? 'rich-rule' : kind}=${rest.join(':')}`;
  };
  // 0 is yes, 1 is no; whatever else is no answer (firewall-cmd(1), exit codes).
  const ask = async (zone: string, item: FirewallItem, where: readonly string[]) => {
    const args = [...where, `--zone=${zone}`, option('query', item)];
    const {exitCode, stderr, missing} = await run('/usr/bin/firewall-cmd', args);
    if (exitCode === 0 || exitCode === 1) {
      return exitCode === 0;
    }

    if (!missing && exitCode !== notRunning) {
      throw new Error(`firewall-cmd ${args.join(' ')}: ${stderr.trim()}`);
    }

    // Stopped meanwhile: what it will let in after its next start is in its files, and nothing is in the kernel.
    return where.length > 0 && (await run(offline, args.slice(1))).exitCode === 0;
  };

  return {
    has: async ({zone}, item) => {
      // Each of them starts an interpreter.
      const [permanent, runtime] = await Promise.all([ask(zone, item, ['--permanent']), ask(zone, item, [])]);
      return {permanent, runtime};
    },
    set: async ({zone}, item, where, state) => {
      const args = [`--zone=${zone}`, option(state === 'present' ? 'add' : 'remove', item)];
      const result = await run('/usr/bin/firewall-cmd', [
        ...(where === 'permanent' ? ['--permanent'] : []),
        ...args,
      ]);
      const isStopped = result.missing || result.exitCode === notRunning;
      if (isStopped && where === 'runtime') {
        return;
      }

      const {exitCode, stderr} = isStopped ? await run(offline, args.map(offlineOption)) : result;
      if (exitCode !== 0) {
        throw new Error(`firewall-cmd ${where} ${args.join(' ')}: ${stderr.trim()}`);
      }
    },
  };
};

/** firewalld's own text of an item: made from typed values, never from input as it came. */
export const firewalldText = (item: FirewallItem) => {
  switch (item.type) {
    case 'service':
      return `service:${item.name}`;
    case 'port':
      return `port:${item.port}/${item.protocol}`;
    case 'rich':
      return `rich:rule family="${item.family}" source address="${item.source}" port port="${item.port}" protocol="${item.protocol}" accept`;
  }
};

/** Exit code of firewall-cmd(1) where the daemon does not run. */
const notRunning = 252;
const offline = '/usr/bin/firewall-offline-cmd';

// There `--remove-service` is an option of an older program that it stands in for (firewall-offline-cmd(1)).
const offlineOption = (option: string) => option.replace(/^--remove-service=/, '--remove-service-from-zone=');
