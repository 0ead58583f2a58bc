import {existsSync, readdirSync, readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {splitLines} from '../../src/config/lines.js';
import {settingsOf} from '../../src/config/main-cf/parse.js';
import {services} from '../../src/config/master-cf/parse.js';
import type {DovecotDialect} from '../../src/core/edit.js';
import type {Facts} from '../../src/core/facts.js';
import type {Platform} from '../../src/core/platform.js';
import {fedora44} from '../../src/platforms/fedora44.js';
import {debian12Facts, debian12Platform, debian13Platform, el9Facts, el9Platform} from './facts.js';

// Configuration as packages leave it is other people's text: it lies beside the repository, not in it.
const folder = new URL('../../../../shared/stock/', import.meta.url).pathname;
// Small trees of our own, laid out alike, with the oddities that matter: they are always there.
const ownFolder = new URL('../../../test/fixtures/', import.meta.url).pathname;

/** A machine as the packages leave it. */
export type Stock = {readonly name: string; readonly facts: Facts; readonly platform: Platform};

type Known = {
  readonly name: string;
  readonly own?: true;
  readonly dovecot: string;
  readonly dialect: DovecotDialect;
  readonly postfix: string;
  readonly mapType: string;
  readonly platform: Platform;
};

const known: readonly Known[] = [
  {
    name: 'debian-bullseye',
    dovecot: '2.3.13',
    dialect: '2.3',
    postfix: '3.5.25',
    mapType: 'hash',
    platform: debian12Platform,
  },
  {
    name: 'debian-bookworm',
    dovecot: '2.3.19.1',
    dialect: '2.3',
    postfix: '3.7.11',
    mapType: 'hash',
    platform: debian12Platform,
  },
  {
    name: 'debian-trixie',
    dovecot: '2.4.1',
    dialect: '2.4',
    postfix: '3.10.13',
    mapType: 'hash',
    platform: debian13Platform,
  },
  {
    name: 'debian-sid',
    dovecot: '2.4.5',
    dialect: '2.4',
    postfix: '3.11.7',
    mapType: 'cdb',
    platform: debian13Platform,
  },
  {
    name: 'el9',
    dovecot: '2.3.16',
    dialect: '2.3',
    postfix: '3.5.9',
    mapType: 'hash',
    platform: el9Platform,
  },
  {
    name: 'own-el9',
    own: true,
    dovecot: '2.3.16',
    dialect: '2.3',
    postfix: '3.5.9',
    mapType: 'hash',
    platform: el9Platform,
  },
  {
    name: 'own-dovecot-2.4',
    own: true,
    dovecot: '2.4.1',
    dialect: '2.4',
    postfix: '3.10.13',
    mapType: 'hash',
    platform: debian13Platform,
  },
  {
    name: 'own-dovecot-2.4-one-file',
    own: true,
    dovecot: '2.4.2',
    dialect: '2.4',
    postfix: '3.8.6',
    mapType: 'lmdb',
    platform: fedora44,
  },
];

/** Stock machines whose trees are at hand; the names of the others are in `missing`. */
export const stocks = (): {readonly there: readonly Stock[]; readonly missing: readonly string[]} => ({
  there: known.filter(one => existsSync(placeOf(one))).map(stockOf),
  missing: known.filter(one => !existsSync(placeOf(one))).map(({name}) => name),
});

const placeOf = ({name, own}: Known) =>
  own ? join(ownFolder, name.slice('own-'.length)) : join(folder, name);

const stockOf = (known: Known): Stock => {
  const {name, dovecot, dialect, postfix, mapType, platform} = known;
  const files = {
    ...filesBelow(join(placeOf(known), 'dovecot'), '/etc/dovecot'),
    ...filesBelow(join(placeOf(known), 'postfix'), '/etc/postfix'),
    ...(platform.id.startsWith('debian') ? protocolFiles(dialect) : {}),
  };
  const settings = settingsOf(files['/etc/postfix/main.cf'] ?? '');
  const base = platform === el9Platform ? el9Facts() : debian12Facts();
  return {
    name,
    platform,
    facts: {
      ...base,
      platformId: platform.id,
      files,
      dovecot: {version: dovecot, dialect, root: '/etc/dovecot/dovecot.conf'},
      ...(base.postfix === undefined
        ? {}
        : {
            postfix: {
              ...base.postfix,
              version: postfix,
              settings,
              mapType,
              services: services(splitLines(files['/etc/postfix/master.cf'] ?? '')),
            },
          }),
    },
  };
};

// What Debian's packages put outside /etc for each protocol that is installed.
const protocolFiles = (dialect: DovecotDialect): Record<string, string> =>
  Object.fromEntries(
    ['imap', 'lmtp', 'pop3'].map(name => [
      `/usr/share/dovecot/protocols.d/${name}d.protocol`,
      dialect === '2.3' ? `protocols = $protocols ${name}\n` : `protocols {\n  ${name} = yes\n}\n`,
    ]),
  );

const filesBelow = (from: string, to: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(from, {recursive: true, encoding: 'utf8'})
      .filter(name => statSync(join(from, name)).isFile())
      .map(name => [`${to}/${name}`, readFileSync(join(from, name), 'latin1')]),
  );
