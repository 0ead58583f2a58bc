import {type AccountUse, isPersonal, type UserFact} from '../core/facts.js';
import type {Host} from '../system/types.js';

/** What people do with their accounts beside mail: who has keys, jobs or running processes must keep the shell. */
export const accountsInUse = (
  {files}: Host,
  users: readonly UserFact[],
  live: boolean,
): Readonly<Record<string, readonly AccountUse[]>> => {
  const running = live ? ownersOfProcesses(files) : new Set<number>();
  return Object.fromEntries(
    users
      .filter(({uid}) => isPersonal(uid))
      .map(({name, uid, home}): readonly [string, readonly AccountUse[]] => [
        name,
        [
          ...(hasContent(files, `${home}/.ssh/authorized_keys`) ? (['keys'] as const) : []),
          // cron(8): Debian's place, and that of the RHEL family.
          ...(['/var/spool/cron/crontabs', '/var/spool/cron'].some(folder =>
            hasContent(files, `${folder}/${name}`),
          )
            ? (['jobs'] as const)
            : []),
          ...(running.has(uid) ? (['processes'] as const) : []),
        ],
      ])
      .filter(([, uses]) => uses.length > 0),
  );
};

const hasContent = (files: Host['files'], path: string) => {
  const stat = files.lstat(path);
  return stat?.type === 'link' || (stat?.type === 'file' && stat.size > 0n);
};

// proc(5): the directory of a process belongs to its effective user.
const ownersOfProcesses = (files: Host['files']) =>
  new Set(
    (files.list('/proc') ?? [])
      .filter(name => /^\d+$/.test(name))
      .map(name => files.lstat(`/proc/${name}`)?.uid)
      .filter(uid => uid !== undefined),
  );
