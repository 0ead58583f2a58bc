import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import type {Plan} from '../core/plan.js';
import {fill, type Text} from '../core/text.js';
import {type Entry, eventsPath, readEvents, readJournal, stateOf} from './journal.js';
import {parentOf} from '../system/files.js';
import type {Files} from '../system/types.js';

/** Where dovetail keeps what it did; 0700, root's. */
export const stateFolder = '/var/lib/dovetail';

/** Transactions that are kept. */
export const keptTransactions = 20;

export const folderOf = (id: string) => `${stateFolder}/tx/${id}`;
export const journalOf = (id: string) => `${folderOf(id)}/journal`;
export const blobsOf = (id: string) => `${folderOf(id)}/blobs`;
const currentLink = `${stateFolder}/current`;

/** Makes the state folder, or refuses one that others could have written to. */
export const openStore = (files: Files) => {
  for (const path of ['/var/lib', stateFolder, `${stateFolder}/tx`]) {
    if (files.lstat(path) === undefined) {
      files.makeDirectory(path, path === '/var/lib' ? 0o755 : 0o700);
      files.syncDirectory(path);
      files.syncDirectory(parentOf(path));
    }
  }

  const stat = files.lstat(stateFolder);
  if (stat?.type !== 'directory' || (stat.mode & 0o077) !== 0 || stat.uid !== (process.getuid?.() ?? 0)) {
    throw new ProblemError({
      code: exitCode.stuck,
      what: fill(texts.unsafe, {path: stateFolder}),
      remedy: fill(texts.unsafeRemedy, {path: stateFolder}),
    });
  }
};

/** The transaction that was not finished, if there is one. */
export const currentId = (files: Pick<Files, 'readLink'>) => files.readLink(currentLink)?.split('/').at(-1);

/** Makes a transaction the current one, durably. */
export const makeCurrent = (files: Files, id: string) => {
  files.symlink(`tx/${id}`, currentLink);
  files.syncDirectory(stateFolder);
};

export const dropCurrent = (files: Files) => {
  if (files.readLink(currentLink) !== undefined) {
    files.unlink(currentLink);
    files.syncDirectory(stateFolder);
  }
};

/** Bytes kept free for the journal of a rollback on a full disk. */
const reserveSize = 256 * 1024;
const reserveOf = (id: string) => `${folderOf(id)}/reserve`;

/** Sets room aside for a rollback. */
export const makeReserve = (files: Files, id: string) => {
  files.create(reserveOf(id), new Uint8Array(reserveSize), 0o600);
  files.syncFile(reserveOf(id));
};

/** Gives that room back. */
export const freeReserve = (files: Files, id: string) => {
  if (files.lstat(reserveOf(id)) !== undefined) {
    files.unlink(reserveOf(id));
  }
};

export type StoredTransaction = {
  readonly id: string;
  readonly plan: Plan;
  readonly entries: readonly Entry[];
  readonly state: string;
};

/** A transaction from disk; undefined where there is none of that id, or where it never got as far as a plan. */
export const readTransaction = (files: Pick<Files, 'read'>, id: string): StoredTransaction | undefined => {
  if (!/^[0-9A-Za-z-]+$/.test(id)) {
    return undefined;
  }

  const plan = files.read(`${folderOf(id)}/plan.json`);
  if (plan === undefined) {
    return undefined;
  }

  const read = planIn(plan);
  if (read === undefined) {
    return undefined;
  }

  const journal = readJournal(files.read(journalOf(id)) ?? Buffer.alloc(0));
  return {
    id,
    plan: read,
    entries: [...journal.entries, ...readEvents(files.read(eventsPath(journalOf(id))) ?? Buffer.alloc(0))],
    state: journal.kind === 'damaged' ? 'damaged' : (stateOf(journal.entries) ?? 'planned'),
  };
};

// A power cut in the middle of preparing leaves anything of it: nothing was begun then.
const planIn = (bytes: Buffer): Plan | undefined => {
  try {
    return JSON.parse(bytes.toString('utf8')) as Plan;
  } catch {
    return undefined;
  }
};

/** Removes folders of transactions that never began: no plan, or nothing prepared and nothing intended. Only without a current one. */
export const dropUnbegun = (files: Files) => {
  for (const id of files.list(`${stateFolder}/tx`) ?? []) {
    const state = readTransaction(files, id)?.state ?? 'planned';
    if (state === 'planned' || state === 'prepared') {
      forgetTransaction(files, id);
    }
  }
};

/** All transactions, newest first: their ids begin with the time. */
export const listTransactions = (files: Files): readonly StoredTransaction[] =>
  (files.list(`${stateFolder}/tx`) ?? [])
    .toReversed()
    .map(id => readTransaction(files, id))
    .filter(transaction => transaction !== undefined);

/** Removes the folder of a transaction, with whatever secrets its blobs hold. */
export const forgetTransaction = (files: Files, id: string) => {
  for (const folder of [blobsOf(id), `${folderOf(id)}/packages`, folderOf(id)]) {
    for (const name of files.list(folder) ?? []) {
      const path = `${folder}/${name}`;
      if (files.lstat(path)?.type !== 'directory') {
        files.unlink(path);
      }
    }

    if (files.lstat(folder) !== undefined) {
      files.removeDirectory(folder);
    }
  }

  files.syncDirectory(`${stateFolder}/tx`);
};

const texts = {
  unsafe: {
    en: '{path} is not a directory that only root can use.',
    ja: '{path} が root 専用のディレクトリーではありません。',
  },
  unsafeRemedy: {
    en: 'Look who made it; then “chown root {path}; chmod 700 {path}”.',
    ja: '作成者を確認し、「chown root {path}; chmod 700 {path}」を実行してください。',
  },
} satisfies Record<string, Text>;
