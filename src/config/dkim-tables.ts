import {rowsOf} from './rows/edit.js';

/** A key that mail of a domain can be signed with, as opendkim.conf(5) has it in its KeyTable. */
export type DkimKey = {
  /** Name of the row, which is also the name of the record in DNS: `SELECTOR._domainkey.DOMAIN`. */
  readonly name: string;
  readonly domain: string;
  readonly selector: string;
  readonly file: string;
};

/** Keys of a KeyTable; rows that are written in another way are left out. */
export const dkimKeysIn = (text: string): readonly DkimKey[] =>
  [...rowsOf(text, 'table')].flatMap(([name, row]) => {
    const [, domain, selector, file] = /^\S+\s+([^\s:]+):([^\s:]+):(\/\S+)\s*$/.exec(row) ?? [];
    return domain === undefined || selector === undefined || file === undefined
      ? []
      : [{name, domain, selector, file}];
  });

/** Which key signs for a domain, by the domain: a SigningTable (opendkim.conf(5)). */
export const dkimSignersIn = (text: string): ReadonlyMap<string, string> =>
  new Map(
    [...rowsOf(text, 'table')].map(([domain, row]) => [
      domain,
      row.trim().split(/\s+/)[1]?.toLowerCase() ?? '',
    ]),
  );

/** Name of the record that holds a public key (RFC 6376, 3.6.2.1). */
export const dkimRecordName = (selector: string, domain: string) => `${selector}._domainkey.${domain}`;
