import {X509Certificate} from 'node:crypto';
import {certbotFolder, type Order, renewalIn} from '../core/acme.js';
import {algorithmOfKey, namesIn} from '../pki/certificate.js';
import {parentOf} from '../system/files.js';
import {removeTree} from '../system/remove-tree.js';
import type {Files, ReadFiles} from '../system/types.js';

/** Where certbot(1) keeps one certificate. */
export const placesOf = (lineage: string) => ({
  live: `${certbotFolder}/live/${lineage}`,
  archive: `${certbotFolder}/archive/${lineage}`,
  conf: `${certbotFolder}/renewal/${lineage}.conf`,
});

const accounts = `${certbotFolder}/accounts`;
/** Its own leftovers of each order, which it never reads again: a request, and a second name of the key. */
const numbered = [`${certbotFolder}/csr`, `${certbotFolder}/keys`];
const workFolder = '/var/lib/letsencrypt';
/** Folders that it makes when it first runs; empty, they go again, the innermost first. */
const folders = [
  ...['pre', 'post', 'deploy'].map(name => `${certbotFolder}/renewal-hooks/${name}`),
  ...['renewal-hooks', 'live', 'archive', 'renewal', 'csr', 'keys', 'accounts'].map(
    name => `${certbotFolder}/${name}`,
  ),
  `${workFolder}/backups`,
  workFolder,
];

/** What certbot has under a name; `missing` where it has nothing that can be used. */
export type SeenLineage = 'missing' | {readonly names: readonly string[]; readonly server: string};

/** Whether certbot has what is ordered. Its end is no matter of ours: certbot renews it. */
export const seeLineage = (files: ReadFiles, {lineage, algorithm}: Order): SeenLineage => {
  const {live, conf} = placesOf(lineage);
  const certificate = certificateAt(files, `${live}/fullchain.pem`);
  const text = files.read(conf)?.toString('latin1');
  return certificate === undefined ||
    text === undefined ||
    Date.parse(certificate.validTo) < Date.now() ||
    algorithmOfKey(certificate.publicKey) !== algorithm
    ? 'missing'
    : {names: namesIn(certificate), server: renewalIn(text).server};
};

/** Whether it is what was ordered. */
export const fits = (seen: SeenLineage, {names, server}: Order) =>
  seen !== 'missing' && seen.server === server && names.every(name => seen.names.includes(name));

/** The certificate in a file, through the names that lead to the newest; undefined where there is none. */
export const certificateAt = (files: ReadFiles, path: string) => {
  try {
    return new X509Certificate(files.read(path, {follow: true, limit: 65_536}) ?? '');
  } catch {
    return undefined;
  }
};

/** Every path of certbot's that an order can add to. */
export const pathsOf = (files: ReadFiles, lineage: string): readonly string[] => {
  const {live, archive} = placesOf(lineage);
  const below = (path: string): readonly string[] =>
    files.lstat(path)?.type === 'directory'
      ? [path, ...(files.list(path) ?? []).flatMap(name => below(`${path}/${name}`))]
      : files.lstat(path) === undefined
        ? []
        : [path];
  return [live, archive, accounts, ...numbered, ...folders, `${certbotFolder}/live/README`].flatMap(path =>
    folders.includes(path) && path !== accounts && !numbered.includes(path)
      ? files.lstat(path) === undefined
        ? []
        : [path]
      : below(path),
  );
};

/** Targets of the names in `live`. */
export const linksOf = (files: ReadFiles, lineage: string): Readonly<Record<string, string>> => {
  const {live} = placesOf(lineage);
  return Object.fromEntries(
    (files.list(live) ?? []).flatMap(name => {
      const path = `${live}/${name}`;
      return files.lstat(path)?.type === 'link' ? [[path, files.readLink(path) ?? '']] : [];
    }),
  );
};

/** Takes away what came since and belongs to the name alone; what certbot renewed meanwhile is of it too. */
export const dropNew = (files: Files, lineage: string, before: readonly string[], whole: boolean) => {
  const there = new Set(before);
  const {live, archive} = placesOf(lineage);
  const isNew = (path: string) => !there.has(path) && files.lstat(path) !== undefined;
  const ours = new Set((files.list(archive) ?? []).flatMap(name => bytesOf(files, `${archive}/${name}`)));
  for (const key of inside(files, `${certbotFolder}/keys`).filter(isNew)) {
    // Those of another name, renewed since, are told apart by their bytes.
    if (!whole || bytesOf(files, key).some(bytes => ours.has(bytes))) {
      files.unlink(key);
      const csr = key.replace('/keys/', '/csr/').replace('_key-', '_csr-');
      if (isNew(csr)) {
        files.unlink(csr);
      }
    }
  }

  for (const path of [live, archive].flatMap(folder => [folder, ...inside(files, folder)]).filter(isNew)) {
    removeTree(files, path);
  }

  dropAccounts(files, lineage, isNew);
  const readme = `${certbotFolder}/live/README`;
  if (isNew(readme) && files.list(parentOf(readme))?.length === 1) {
    files.unlink(readme);
  }

  for (const path of folders.filter(isNew)) {
    if (files.list(path)?.length === 0) {
      files.removeDirectory(path);
      files.syncDirectory(parentOf(path));
    }
  }
};

// An account at an authority that no other certificate is renewed by. One for rehearsals is of no use to anybody.
const dropAccounts = (files: Files, lineage: string, isNew: (path: string) => boolean) => {
  const others = inside(files, `${certbotFolder}/renewal`)
    .filter(path => path.endsWith('.conf') && path !== placesOf(lineage).conf)
    .map(path => renewalIn(files.read(path)?.toString('latin1') ?? ''));
  const drop = (path: string) => {
    const host = path.slice(accounts.length + 1).split('/')[0] ?? '';
    if (others.some(({server, account}) => server.includes(`//${host}/`) || path.endsWith(`/${account}`))) {
      return;
    }

    if (isNew(path)) {
      removeTree(files, path);
    } else {
      inside(files, path).forEach(drop);
    }
  };
  inside(files, accounts).forEach(drop);
};

const inside = (files: ReadFiles, folder: string) =>
  files.lstat(folder)?.type === 'directory'
    ? (files.list(folder) ?? []).map(name => `${folder}/${name}`)
    : [];

const bytesOf = (files: ReadFiles, path: string) =>
  files.lstat(path)?.type === 'file' ? [files.read(path)?.toString('latin1') ?? ''] : [];
