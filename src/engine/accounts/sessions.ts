import type {System} from '../../system/types.js';

/**
 * Ends the sessions of somebody who may no longer log in (doveadm-kick(1)), and has Dovecot forget a login that it keeps in its
 * cache. Returns how many sessions were ended.
 */
export const endSessions = async ({run, ground}: System, name: string): Promise<number> => {
  // doveadm takes a mask there: a name that could be one would end the sessions of others.
  if (ground === 'directory' || /[*?]/.test(name)) {
    return 0;
  }

  await run('/usr/bin/doveadm', ['auth', 'cache', 'flush', '--', name]);
  const {exitCode, stdout} = await run('/usr/bin/doveadm', ['-f', 'tab', 'kick', '--', name]);
  // Below a heading 2.3 names each of them, with a sentence behind, and 2.4 counts them.
  const [, ...lines] = exitCode === 0 ? stdout.split('\n') : [];
  return /^\d+$/.test(lines[0] ?? '') ? Number(lines[0]) : lines.filter(line => line === name).length;
};
