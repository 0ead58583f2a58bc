import {setTimeout as wait} from 'node:timers/promises';
import type {ImapFlow} from 'imapflow';
import type {Finding} from '../core/finding.js';
import type {Probe, Reading} from '../core/probe.js';
import type {Secret} from '../core/secret.js';
import type {Text} from '../core/text.js';
import {imapClient, loginFailed, quit} from './logins.js';
import {common, fail} from './result.js';
import type {ProbeContext} from './types.js';

/** Milliseconds that a message may take from submission to the mailbox. */
export const deliveryTime = 15_000;

/** A user's mail, by IMAP; or by doveadm(1) where nobody reads by IMAP. */
export type Mail = {
  readonly folders: () => Promise<readonly {readonly path: string; readonly isJunk: boolean}[]>;
  /** Removes the message with a Message-ID: its bytes, as far as they are wanted; undefined where it is not there. */
  readonly take: (folder: string, messageId: string, wanted: boolean) => Promise<Buffer | undefined>;
  readonly removeFolder: (folder: string) => Promise<unknown>;
};

type ReadingProbe = Probe & {readonly imap?: Reading | undefined; readonly name: string};

/** Opens a user's mail and looks into it. Who cannot log in is told so. */
export const withMail = async (
  probe: ReadingProbe,
  context: ProbeContext,
  user: string,
  password: Secret,
  use: (mail: Mail) => Promise<Finding>,
): Promise<readonly Finding[]> => {
  const {imap} = probe;
  if (imap === undefined) {
    try {
      return [await use(byDoveadm(context, user))];
    } catch (error) {
      return [
        fail(probe, {
          summary: texts.unread,
          values: {user},
          remedy: common.logRemedy,
          evidence: [String((error as Error).message)],
        }),
      ];
    }
  }

  const client = await imapClient(
    {...imap, name: probe.name},
    imap.address ?? context.address,
    user,
    password,
  );
  try {
    await client.connect();
    return [await use(byImap(client))];
  } catch (error) {
    return [loginFailed(probe, imap.port, user, error)];
  } finally {
    await quit(client);
  }
};

/** Looks for the message in folders and removes it: where it was, and milliseconds since it was sent. `look` is given its bytes. A folder may be made meanwhile. */
export const arrival = async (
  mail: Mail,
  mark: string,
  started: number,
  folders: readonly string[],
  look?: (source: Buffer) => void,
): Promise<{readonly folder: string; readonly milliseconds: number} | undefined> => {
  while (Date.now() - started < deliveryTime) {
    const there = new Set((await mail.folders()).map(({path}) => path));
    for (const folder of folders.filter(name => there.has(name))) {
      const source = await mail.take(folder, messageIdOf(mark), look !== undefined);
      if (source !== undefined) {
        look?.(source);
        return {folder, milliseconds: Date.now() - started};
      }
    }

    await wait(200);
  }

  return undefined;
};

/** Message-ID of a test message. */
export const messageIdOf = (mark: string) => `<${mark}@dovetail.invalid>`;

const byImap = (client: ImapFlow): Mail => ({
  folders: async () =>
    (await client.list()).map(({path, specialUse}) => ({path, isJunk: specialUse === '\\Junk'})),
  take: async (folder, messageId, wanted) => {
    const lock = await client.getMailboxLock(folder);
    try {
      await client.noop();
      const found = await client.search({header: {'message-id': messageId}}, {uid: true});
      if (found === false || found === undefined || found.length === 0) {
        return undefined;
      }

      const message = wanted && (await client.fetchOne(String(found[0]), {source: true}, {uid: true}));
      await client.messageDelete(found, {uid: true});
      return (message === false ? undefined : message?.source) ?? Buffer.alloc(0);
    } finally {
      lock.release();
    }
  },
  removeFolder: folder => client.mailboxDelete(folder),
});

// doveadm-search(1), doveadm-fetch(1), doveadm-expunge(1), doveadm-search-query(7).
const byDoveadm = ({host}: ProbeContext, user: string): Mail => {
  const ask = async (command: readonly string[], ...args: readonly string[]) => {
    const {exitCode, stdout, stderr} = await host.run('/usr/bin/doveadm', [...command, '-u', user, ...args]);
    if (exitCode !== 0) {
      throw new Error(stderr.trim() || `doveadm ${command.join(' ')}: ${exitCode}`);
    }

    return stdout;
  };
  return {
    folders: async () =>
      (await ask(['mailbox', 'list']))
        .split('\n')
        .filter(path => path !== '')
        .map(path => ({path, isJunk: path === 'Junk'})),
    take: async (folder, messageId, wanted) => {
      const [found] = (await ask(['search'], 'mailbox', folder, 'header', 'Message-ID', messageId)).split(
        '\n',
      );
      const [guid, uid] = found?.split(' ') ?? [];
      if (guid === undefined || uid === undefined) {
        return undefined;
      }

      const which = ['mailbox-guid', guid, 'uid', uid];
      const text = wanted ? await ask(['fetch'], 'text', ...which) : '';
      await ask(['expunge'], ...which);
      return Buffer.from(text.replace(/^text:\r?\n/, ''));
    },
    removeFolder: folder => ask(['mailbox', 'delete'], folder),
  };
};

const texts = {
  unread: {en: 'doveadm cannot read the mail of {user}.', ja: 'doveadm で {user} のメールを読めません。'},
} satisfies Record<string, Text>;
