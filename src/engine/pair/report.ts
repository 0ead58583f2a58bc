import type {Facts} from '../../core/facts.js';
import type {Platform} from '../../core/platform.js';
import {adoptAll} from '../adopt.js';
import type {Host} from '../../system/types.js';
import {steps} from '../../../steps/index.js';
import {replicationThere} from '../../../steps/lib/replication.js';

/** What one server says of itself before it becomes half of a pair. Nothing in it is secret. */
export type SideReport = {
  readonly hostname: string;
  readonly addresses: readonly string[];
  readonly dovecot: string;
  readonly dialect: '2.3' | '2.4' | 'none';
  /** Seconds since 1970. */
  readonly clock: number;
  /** Who owns the mail, as `uid:gid`, and where and how it is kept. */
  readonly owner: string;
  readonly location: string;
  /** Kinds of the password and user databases, in order. */
  readonly backends: readonly string[];
  /** Undefined where Dovecot cannot list its accounts. */
  readonly users?: readonly string[];
  readonly folders: readonly FolderReport[];
  /** Message-ID and identity of messages in the inboxes, as far as they were looked at. */
  readonly messages: readonly MessageReport[];
  readonly replication: 'none' | 'ours' | 'other';
};

export type FolderReport = {
  readonly user: string;
  readonly folder: string;
  readonly messages: number;
  readonly guid: string;
};

export type MessageReport = {readonly user: string; readonly id: string; readonly guid: string};

/** How many inboxes are looked into, and how many messages of each. */
const inboxes = 20;
const perInbox = 200;

/** Bytes of a list of folders of many accounts. */
const limit = 64 * 1024 * 1024;

export const sideReport = async (host: Host, facts: Facts, platform: Platform): Promise<SideReport> => {
  const answers = adoptAll(steps, facts, platform);
  const said = (section: string, question: string) => answers[section]?.[question];
  const owner = String(said('vmail', 'user') ?? '');
  const found = facts.users.find(({name}) => name === owner);
  const listed = await host.run('/usr/bin/doveadm', ['user', '*'], {limit});
  const users = listed.exitCode === 0 ? listed.stdout.split('\n').filter(Boolean) : undefined;
  const folders = await foldersOf(host);
  return {
    hostname: String(said('role', 'hostname') ?? facts.host.fqdn ?? ''),
    addresses: facts.host.addresses.filter(address => !/^(?:127\.|::1$|fe80:)/i.test(address)),
    dovecot: facts.dovecot?.version ?? '',
    dialect: facts.dovecot?.dialect ?? 'none',
    clock: Date.now() / 1000,
    owner: found === undefined ? owner : `${found.uid}:${found.gid}`,
    location: (await host.run('/usr/bin/doveconf', ['-h', 'mail_location'])).stdout.trim(),
    backends: ['passdb', 'userdb'].flatMap(kind => backendsOf(facts, kind)),
    ...(users === undefined ? {} : {users}),
    folders,
    messages: await messagesOf(host, folders),
    replication: replicationThere(facts).kind,
  };
};

/** Folders of all accounts with their messages and identities. */
export const foldersOf = async (host: Host): Promise<readonly FolderReport[]> => {
  const command = ['-f', 'tab', 'mailbox', 'status', '-A', 'guid messages', '*'];
  const {stdout} = await host.run('/usr/bin/doveadm', command, {limit, timeout: 300_000});
  const [head = '', ...lines] = stdout.split('\n').filter(Boolean);
  const names = head.split('\t');
  const at = (line: string, name: string) => line.split('\t')[names.indexOf(name)] ?? '';
  return lines.map(line => ({
    user: at(line, 'Username'),
    folder: at(line, 'mailbox'),
    messages: Number(at(line, 'messages')),
    guid: at(line, 'guid'),
  }));
};

const messagesOf = async (host: Host, folders: readonly FolderReport[]) => {
  const found: MessageReport[] = [];
  const full = folders.filter(({folder, messages}) => folder === 'INBOX' && messages > 0);
  for (const {user, messages} of full.slice(0, inboxes)) {
    const newest = `${Math.max(1, messages - perInbox + 1)}:*`;
    const {stdout} = await host.run(
      '/usr/bin/doveadm',
      ['-f', 'tab', 'fetch', '-u', user, 'guid hdr.message-id', 'mailbox', 'INBOX', newest],
      {limit},
    );
    for (const line of stdout.split('\n').slice(1)) {
      const [guid = '', id = ''] = line.split('\t');
      if (id !== '') {
        found.push({user, id, guid});
      }
    }
  }

  return found;
};

// `passdb {\n  driver = ldap`: which kinds of database answer.
const backendsOf = ({files}: Facts, kind: string): readonly string[] => {
  const used = Object.entries(files).flatMap(([path, text]) =>
    path.startsWith('/etc/dovecot/') && isRead(files, path)
      ? [...text.matchAll(new RegExp(`^${kind} \\{[^}]*?^\\s*driver = (\\S+)`, 'gms'))].map(
          ([, driver]) => `${kind} ${driver}`,
        )
      : [],
  );
  return [...new Set(used)];
};

// auth-*.conf.ext is read where 10-auth.conf says so.
const isRead = (files: Facts['files'], path: string) =>
  !path.endsWith('.ext') ||
  Object.values(files).some(text =>
    new RegExp(
      `^\\s*!include(?:_try)?\\s+(?:\\S*/)?${path.split('/').at(-1)?.replaceAll('.', '\\.')}\\s*$`,
      'm',
    ).test(text),
  );
