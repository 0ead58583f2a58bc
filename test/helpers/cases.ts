import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

// Whole configurations of 2.3 that real programs logged in to: other people's text, which lies beside the repository, not in it.
const folder = new URL('../../../../shared/cases/dovecot-2.3/', import.meta.url).pathname;

/** A configuration of 2.3: its files by their path, the first of them dovecot.conf. */
export type Case = {readonly name: string; readonly files: Readonly<Record<string, string>>};

/** Why there are none here; undefined where there are. */
export const casesReason = (): string | undefined =>
  existsSync(folder)
    ? undefined
    : `the configurations of Dovecot 2.3 that were logged in to are not in ${folder}`;

const names = () => (casesReason() === undefined ? readdirSync(folder).sort() : []);
const textOf = (name: string) => readFileSync(join(folder, name), 'utf8');

/** All of them. */
export const cases = (): readonly Case[] => {
  const parts = names().filter(name => !name.endsWith('.conf'));
  return names()
    .filter(name => name.endsWith('.conf'))
    .map(name => ({
      name: name.replace(/\.conf$/, ''),
      files: {
        '/etc/dovecot/dovecot.conf': textOf(name),
        ...Object.fromEntries(parts.map(part => [`/etc/dovecot/${part}`, textOf(part)])),
      },
    }));
};
