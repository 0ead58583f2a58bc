import {dkimKeysIn, dkimSignersIn} from '../config/dkim-tables.js';
import type {Facts} from '../core/facts.js';
import {dkimPublicKey, publishedKey} from '../pki/dkim.js';
import {answerOf, openResolver} from '../system/dns.js';
import type {Host} from '../system/types.js';

/** OpenDKIM's configuration: the package's own, and the tables that are written here. */
export const openDkimFiles = [
  '/etc/opendkim.conf',
  '/etc/opendkim/dovetail.keys',
  '/etc/opendkim/dovetail.signers',
  '/etc/opendkim/dovetail.hosts',
];

/**
 * Which keys that do not sign yet have their record in DNS: they may take over. Asked only where a key waits; undefined where none
 * does. `servers`: name servers, as `address:port`; those of resolv.conf(5) where none are named.
 */
export const signingFacts = async (
  host: Pick<Host, 'files'>,
  configured: Facts['files'],
  servers?: readonly string[],
): Promise<Facts['signing']> => {
  const signers = dkimSignersIn(configured['/etc/opendkim/dovetail.signers'] ?? '');
  const waiting = dkimKeysIn(configured['/etc/opendkim/dovetail.keys'] ?? '').filter(
    ({name, domain}) => signers.get(domain) !== name,
  );
  if (waiting.length === 0) {
    return undefined;
  }

  const resolver = openResolver(servers === undefined ? {} : {servers});
  const published = await Promise.all(
    waiting.map(async ({name, file}) => {
      const key = dkimPublicKey(host.files.read(file)?.toString('latin1') ?? '');
      const records = (await answerOf(resolver.resolveTxt(name))) ?? [];
      return [
        name,
        key !== undefined && records.some(record => publishedKey(record.join('')) === key),
      ] as const;
    }),
  );
  return {published: Object.fromEntries(published)};
};
