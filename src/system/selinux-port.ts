import {isLabelling, policyTool} from './selinux.js';
import type {Host} from './types.js';

/**
 * What the policy says of a port: the rule of this machine's own for exactly it, the type that it ends up with, and whether it
 * is named alone, by whomever, and not in a range.
 */
export type PortRule = {
  readonly local: string | null;
  readonly effective: string | null;
  readonly named: boolean;
};

/** Asks the machine's own policy (semanage-port(8)). Throws a ProblemError where it cannot be asked. */
export const portRule = async (host: Host, port: number, protocol: string): Promise<PortRule> => {
  const list = async (...which: readonly string[]) =>
    entriesOf(
      await policyTool(host, 'semanage', ['port', '--list', ...which, '--noheading'], String(port)),
    ).filter(entry => entry.protocol === protocol && entry.low <= port && port <= entry.high);
  const [own, all] = await Promise.all([list('--locallist'), list()]);
  // Rules of the machine's own stand before those of the policy, and in both the narrow before the wide.
  return {
    local: own.find(isAlone)?.type ?? null,
    effective: (narrowest(own) ?? narrowest(all))?.type ?? null,
    named: all.some(isAlone),
  };
};

/** Writes, changes or (null) removes the machine's own rule for a port; `now` is what holds so far. */
export const setPortRule = async (
  host: Host,
  {port, protocol}: {readonly port: number; readonly protocol: string},
  type: string | null,
  now: PortRule,
  say: (line: string) => void,
) => {
  if (type === now.local) {
    return;
  }

  // A port that is named alone can only be changed, one in a range or in none only added.
  const verb = type === null ? ['--delete'] : [now.named ? '--modify' : '--add', '--type', type];
  const reload = isLabelling(host) ? [] : ['--noreload'];
  const args = ['port', ...reload, ...verb, '--proto', protocol, String(port)];
  await policyTool(host, 'semanage', args, String(port), {onLine: say});
};

/** A line of ports as semanage-port(8) lists them, one entry for each port or range. */
export type PortEntry = {
  readonly type: string;
  readonly protocol: string;
  readonly low: number;
  readonly high: number;
};

/** Entries of the list: `mail_port_t   tcp   2000, 3905`. */
export const entriesOf = (list: string): readonly PortEntry[] =>
  list.split('\n').flatMap(line => {
    const [, type = '', protocol = '', ports = ''] = /^(\w+)\s+(\w+)\s+([\d ,-]+)$/.exec(line) ?? [];
    return ports
      .split(',')
      .filter(Boolean)
      .map(range => {
        const [low = 0, high = low] = range.trim().split('-').map(Number);
        return {type, protocol, low, high};
      });
  });

const isAlone = ({low, high}: PortEntry) => low === high;

const narrowest = (entries: readonly PortEntry[]) =>
  entries.toSorted((one, other) => one.high - one.low - (other.high - other.low))[0];
