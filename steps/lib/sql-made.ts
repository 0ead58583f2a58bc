import type {Material, MaterialRequest} from '../../src/core/material.js';
import type {AllAnswers} from '../../src/core/question.js';
import {sqlPassword} from '../../src/core/sql.js';
import type {Want} from '../../src/core/want.js';
import {hasServer, isKept, isMade, madeAccountsOf, serverPasswordOf, sourceOf, tableOf} from './sql.js';

const sqlFile = 'sql.file';
const hashes = ['BLF-CRYPT', 'SHA512-CRYPT', 'ARGON2ID'] as const;

/** The password of the server, where it is new to this machine. */
export const passwordMaterials = (
  all: AllAnswers,
  there: Readonly<Record<string, unknown>>,
): readonly MaterialRequest[] => {
  const secret = serverPasswordOf(all);
  return hasServer(all) && secret !== undefined && !isKept(all, there)
    ? [{id: sqlPassword, kind: 'secret', secret}]
    : [];
};

/** Hashes of the first accounts, and the file that they stand in. */
export const accountMaterials = (
  all: AllAnswers,
  scheme: string,
  there: Readonly<Record<string, unknown>>,
): readonly MaterialRequest[] => {
  // A server that was made in an earlier run has its accounts; their passwords may be nowhere any more.
  if (hasServer(all) && isKept(all, there)) {
    return [];
  }

  const source = sourceOf(all);
  const table = tableOf(all);
  const accounts = madeAccountsOf(all).map(({name, password}) => ({
    id: `hash:${name}`,
    user: name,
    kind: 'password-hash' as const,
    scheme: hashes.find(known => known === scheme) ?? 'BLF-CRYPT',
    password,
  }));
  return source?.engine !== 'sqlite' || table === undefined || !isMade(all)
    ? accounts
    : [
        ...accounts,
        {
          id: sqlFile,
          kind: 'sqlite',
          existing: source.file,
          table,
          accounts: accounts.map(({user, id}) => ({name: user, hash: id})),
        },
      ];
};

/** The database with its table, reader and first accounts; what is there stays. */
export const madeWants = (
  all: AllAnswers,
  materials: Readonly<Record<string, Material>>,
  password: 'keep' | 'material',
): readonly Want[] => {
  const source = sourceOf(all);
  const table = tableOf(all);
  if (source === undefined || table === undefined || !isMade(all)) {
    return [];
  }

  if (source.engine === 'sqlite') {
    return materials[sqlFile]?.reused === true ? [] : fileWants(source.file);
  }

  const {engine, database, user} = source;
  return password === 'keep'
    ? []
    : [
        {
          kind: 'accounts-database',
          engine,
          database,
          table,
          reader: {name: user, password: [{material: sqlPassword}]},
          accounts: madeAccountsOf(all).map(({name}) => ({name, content: [{material: `hash:${name}`}]})),
          state: 'present',
        },
      ];
};

const fileWants = (file: string): readonly Want[] => [
  {
    kind: 'directory',
    path: file.slice(0, file.lastIndexOf('/')),
    owner: 'root',
    group: 'dovecot',
    mode: 0o750,
    state: 'present',
  },
  {
    kind: 'file',
    path: file,
    state: 'present',
    content: [{material: sqlFile}],
    secret: true,
    owner: 'root',
    group: 'dovecot',
    mode: 0o640,
  },
];
