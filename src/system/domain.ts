import {readFileSync} from 'node:fs';
import {basename} from 'node:path';

/**
 * A command that stays in SELinux's domain that we run in, where that is one that may do everything. In domains of their own
 * semanage(8) and postmap(1) may not write to the socket that libuv makes of their output, postalias(1) may write `aliases.db`
 * and nothing beside it, and what mount(8) has mounted is seen with mount's rights alone. Package managers keep theirs: their
 * scripts count on it. Written to the kernel by itself (proc_pid_attr(5)), since runcon(1) refuses to work where no selinuxfs is
 * mounted, as in a view.
 */
export const inOwnDomain = (file: string, args: readonly string[]): readonly [string, ...string[]] => {
  context ??= ownContext();
  return context === '' || packageManagers.has(basename(file))
    ? [file, ...args]
    : ['/bin/sh', '-c', enter, context, file, ...args];
};

// Read first: a file of proc(5) that the kernel has not looked up yet is opened for writing as one to be made, which is denied.
const enter = ': < /proc/self/attr/exec; printf %s "$0" > /proc/self/attr/exec && exec "$@"';

const packageManagers = new Set(['apt-get', 'apt-mark', 'dnf', 'dpkg', 'dpkg-deb', 'rpm', 'yum']);

let context: string | undefined;

// Without SELinux the kernel has no answer, or another module's.
const ownContext = () => {
  try {
    const text = readFileSync('/proc/self/attr/current', 'utf8').replaceAll('\0', '').trim();
    return /^\S+:\S+:(?:unconfined|unconfined_service|initrc)_t(?::\S+)?$/.test(text) ? text : '';
  } catch {
    return '';
  }
};
