import type {Change} from './change.js';

/** What goes back when nobody confirms: only what could have cut the session off, or all that may go back at all. */
export type ConfirmScope = 'cut-off' | 'whole';

/**
 * Whether a change can cut off whoever makes it over the network: a firewall that is switched on or off or whose zones are
 * written, an entry of the very port that the session came in by, what every login on the machine goes through.
 */
export const canCutOff = (change: Change, sshPort?: number): boolean => {
  switch (change.kind) {
    case 'service.state':
      return firewalls.test(change.unit);
    case 'firewall.item':
      return (
        change.state === 'absent' &&
        (change.item.type === 'service' ? change.item.name === 'ssh' : change.item.port === (sshPort ?? 22))
      );
    case 'selinux.boolean':
      return switches.test(change.name);
    case 'config.edit':
    case 'file.write':
    case 'file.delete':
      return logins.test(change.path);
    default:
      return false;
  }
};

/** Whether an unconfirmed change goes back. Packages, accounts, and what holds mail or lists of people stay in any case. */
export const goesBack = (change: Change, scope: ConfirmScope, sshPort?: number): boolean =>
  scope === 'cut-off' ? canCutOff(change, sshPort) : !stays.has(change.kind);

const firewalls = /^(?:firewalld|ufw|nftables|iptables|ip6tables|netfilter-persistent)(?:\.service)?$/;

// What they let sshd(8), PAM and the shell do to come in.
const switches =
  /^(?:ssh|fenced|login|polyinstantiation|authlogin|secure_mode|unconfined|deny_|use_.*_home_dirs)/;

// pam.conf(5): the stacks that others include, and sshd's own; nsswitch.conf(5): where accounts are looked up.
const logins =
  /^\/etc\/(?:pam\.d\/(?:common-|system-auth|password-auth|sshd|login|sudo|su)|nsswitch\.conf|ssh\/|firewalld\/|ufw\/|nftables)/;

const stays: ReadonlySet<Change['kind']> = new Set([
  'package.install',
  'user.create',
  'user.remove',
  'user.shell',
  'directory.create',
  'directory.remove',
  'rows.edit',
  'map.compile',
  'selinux.label',
]);
