import {type DoveadmAt, isFailure, openDoveadm} from './doveadm.js';
import type {ProbeContext} from './types.js';

/** How many accounts are compared folder by folder. */
const patience = 50;

/** Bytes of a list of some 100,000 accounts. */
const limit = 16 * 1024 * 1024;

/** Accounts that Dovecot can list here; undefined where it cannot: then nobody would be replicated but who gets mail. */
export const localUsers = async ({host}: ProbeContext): Promise<readonly string[] | undefined> => {
  const {exitCode, stdout} = await host.run('/usr/bin/doveadm', ['user', '*'], {limit});
  return exitCode === 0 ? stdout.split('\n').filter(Boolean) : undefined;
};

/** Accounts that the partner lists. A connection of its own: once it worked for a user, its process may list nobody any more. */
export const remoteUsers = async (at: DoveadmAt): Promise<readonly string[] | undefined> => {
  const answer = await askOnce(at, '', 'user', '*');
  try {
    const {userList} = JSON.parse(answer?.join('') ?? '') as {userList?: unknown};
    return Array.isArray(userList) ? userList.map(String) : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Folders that both servers have under one name and that never were one: Dovecot 2.3.19 does not merge them, it lets the two sides
 * change their identities for ever, and the replicator says nothing of it.
 */
export const conflicts = async (
  at: DoveadmAt,
  context: ProbeContext,
  users: readonly string[],
): Promise<readonly {readonly user: string; readonly folder: string}[]> => {
  const found: {user: string; folder: string}[] = [];
  for (const user of users.slice(0, patience)) {
    const there = pairsOf((await askOnce(at, user, 'mailbox status', 'guid', '*')) ?? []);
    if (there.size === 0) {
      continue;
    }

    const {stdout} = await context.host.run('/usr/bin/doveadm', [
      '-f',
      'tab',
      'mailbox',
      'status',
      '-u',
      user,
      'guid',
      '*',
    ]);
    for (const line of stdout.split('\n').slice(1)) {
      const [folder = '', guid] = line.split('\t');
      const other = there.get(folder);
      if (other !== undefined && guid !== undefined && other !== guid) {
        found.push({user, folder});
      }
    }
  }

  return found;
};

/** One command over a connection of its own. */
export const askOnce = async (at: DoveadmAt, user: string, ...command: readonly string[]) => {
  const partner = await openDoveadm(at);
  if (isFailure(partner)) {
    return undefined;
  }

  try {
    return await partner.ask(user, ...command);
  } finally {
    partner.close();
  }
};

const pairsOf = (fields: readonly string[]): ReadonlyMap<string, string> =>
  new Map(
    Array.from({length: Math.floor(fields.length / 2)}, (_none, index) => [
      fields[2 * index] ?? '',
      fields[2 * index + 1] ?? '',
    ]),
  );
