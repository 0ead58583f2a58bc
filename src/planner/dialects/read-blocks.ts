import {unquote} from '../../config/dovecot/parse.js';
import type {Block, DovecotDialect} from '../../core/edit.js';
import type {Effective, Opened} from '../effective.js';
import {defined, type Get} from './read-values.js';

/** A password or user database as the machine has it; `values` are its own settings, unquoted. */
export type DatabaseThere = {readonly driver: string; readonly values: Readonly<Record<string, string>>};

/** Servers of a database as Dovecot 2.4 has them: `values` also holds those of `parameters`, under their bare names. */
export type SqlThere = {
  readonly driver?: string;
  readonly file?: string;
  readonly servers: readonly {readonly host: string; readonly values: Readonly<Record<string, string>>}[];
};

/** A TCP listener as the machine has it; undefined where it says nothing. */
export type ListenerThere = {
  readonly service: string;
  readonly name: string;
  readonly port?: number;
  readonly tls?: boolean;
  /** It has addresses of its own, beside `listen`. */
  readonly addressed?: boolean;
};

/** A Sieve script as the machine has it; `path` as it is written. */
export type ScriptThere = {
  readonly when: 'personal' | 'before';
  readonly path: string;
  readonly place: number;
};

/** Password or user databases, in their order. 2.3 leaves their blocks unnamed and tells them apart by `driver`; 2.4 names them after it. */
export const databases = (
  all: readonly Effective[],
  blocks: readonly Opened[],
  type: 'passdb' | 'userdb',
  dialect: DovecotDialect,
): readonly DatabaseThere[] => {
  const found = new Map<string, {name?: string; values: Record<string, string>}>();
  for (const {path, file, at} of blocks) {
    const block = path[0];
    if (block?.type === type && path.length === 1) {
      found.set(`${file}:${at}`, {...(block.name === undefined ? {} : {name: block.name}), values: {}});
    }
  }

  for (const {path, key, value, file, located} of all) {
    const block = path[0];
    if (block?.type !== type) {
      continue;
    }

    const id = `${file}:${located.within.find(open => open.type === type)?.start ?? 0}`;
    const entry = found.get(id) ?? {...(block.name === undefined ? {} : {name: block.name}), values: {}};
    const inner = path.slice(1).map(({type: of, name}) => `${of}${name === undefined ? '' : ` ${name}`}/`);
    entry.values[`${inner.join('')}${key}`] = unquote(value.trim());
    found.set(id, entry);
  }

  return [...found.values()].map(({name, values}) => ({
    driver: (dialect === '2.3' ? values['driver'] : (values['driver'] ?? name)) ?? name ?? '',
    values,
  }));
};

/** The database that 2.4 asks, with its servers. */
export const sqlThere = (all: readonly Effective[], get: Get): SqlThere => {
  const servers = new Map<string, Record<string, string>>();
  for (const {path, key, value} of all) {
    const [block, inner, ...deeper] = path;
    const isServer = block?.type === 'mysql' || block?.type === 'pgsql';
    if (isServer && deeper.length === 0 && (inner === undefined || inner.type === 'parameters')) {
      const name = block.name ?? '';
      servers.set(name, {...servers.get(name), [key]: unquote(value.trim())});
    }
  }

  return {
    ...defined({driver: get('sql_driver'), file: get('sqlite_path')}),
    servers: [...servers].map(([host, values]) => ({host, values})),
  };
};

/** TCP listeners of all services. */
export const listenersThere = (all: readonly Effective[]): readonly ListenerThere[] => {
  const found = new Map<
    string,
    {service: string; name: string; port?: number; tls?: boolean; addressed?: boolean}
  >();
  for (const {path, key, value} of all) {
    const [service, listener] = path;
    if (service?.type !== 'service' || listener?.type !== 'inet_listener' || path.length !== 2) {
      continue;
    }

    const id = `${service.name} ${listener.name}`;
    const entry = found.get(id) ?? {service: service.name ?? '', name: listener.name ?? ''};
    if (key === 'port') {
      entry.port = Number(value);
    } else if (key === 'ssl') {
      entry.tls = value.trim() === 'yes';
    } else if (key === 'address' || key === 'listen') {
      entry.addressed = value.trim() !== '';
    }

    found.set(id, entry);
  }

  return [...found.values()];
};

/** Scripts as 2.3 numbers them. Reading of the numbers stops at the first that is missing (Pigeonhole, Configuration). */
export const numberedScripts = (get: Get): readonly ScriptThere[] => {
  const plugin: Block = {type: 'plugin'};
  const found: ScriptThere[] = [];
  const personal = get('sieve', plugin);
  if (personal !== undefined && personal !== '') {
    found.push({when: 'personal', path: personal, place: 1});
  }

  for (let place = 1; ; place += 1) {
    const path = get(`sieve_before${place === 1 ? '' : place}`, plugin);
    if (path === undefined || path === '') {
      return found;
    }

    found.push({when: 'before', path, place});
  }
};

/** Scripts as 2.4 has them, each in a block of its own. */
export const scriptBlocks = (all: readonly Effective[]): readonly ScriptThere[] => {
  const blocks = new Map<string, Record<string, string>>();
  for (const {path, key, value} of all) {
    const [block] = path;
    if (block?.type === 'sieve_script' && path.length === 1) {
      const name = block.name ?? '';
      blocks.set(name, {...blocks.get(name), [key]: unquote(value.trim())});
    }
  }

  const ofType = (type: string) =>
    [...blocks.values()].filter(values => (values['type'] ?? 'personal') === type);
  return (['personal', 'before'] as const).flatMap(when =>
    ofType(when).map((values, index) => ({when, path: values['path'] ?? '', place: index + 1})),
  );
};
