import {createHash, timingSafeEqual} from 'node:crypto';
import {type Secret, secret} from '../../core/secret.js';
import type {Run} from '../../system/types.js';

/** The scheme that a hash shows, by what it begins with (crypt(5); Dovecot, Password schemes); undefined where it shows none. */
export const schemeOf = (hash: string): string | undefined =>
  /^\{([A-Za-z0-9.-]+)\}/.exec(hash)?.[1]?.toUpperCase() ??
  starts.find(([start]) => hash.startsWith(start))?.[1];

const starts = [
  ['$2', 'BLF-CRYPT'],
  ['$6$', 'SHA512-CRYPT'],
  ['$5$', 'SHA256-CRYPT'],
  ['$1$', 'MD5-CRYPT'],
  ['$argon2id$', 'ARGON2ID'],
  ['$argon2i$', 'ARGON2I'],
  ['$y$', 'CRYPT'],
] as const;

/** The one scheme of all hashes that do not name theirs; undefined where none is left, or where they differ. */
export const schemeOfAll = (hashes: readonly string[]): string | undefined => {
  const silent = hashes.filter(hash => !hash.startsWith('{'));
  const [first, ...others] = [...new Set(silent.map(hash => schemeOf(hash) ?? saltedScheme(hash)))];
  return others.length === 0 ? first : undefined;
};

// A digest with its salt behind it, in base64.
const saltedScheme = (hash: string) => {
  const length = /^[A-Za-z0-9+/]{40,}={0,2}$/.test(hash) ? Buffer.from(hash, 'base64').length : 0;
  return length > 64 && length <= 96 ? 'SSHA512' : length > 32 && length <= 48 ? 'SSHA256' : undefined;
};

/** Whether a stored hash can be read as one of a scheme. */
export const fits = (hash: string, scheme: string) => {
  const shown = schemeOf(hash);
  return (
    hash.startsWith('{') ||
    shown === scheme ||
    (scheme === 'CRYPT' && shown !== undefined && !shown.startsWith('ARGON')) ||
    (shown === undefined && /^SS?HA/.test(scheme))
  );
};

/** Whether a hash is of that password; `unchecked` where this machine has no means to tell. */
export const verifyHash = async (
  run: Run,
  password: Secret,
  stored: string,
  scheme: string,
): Promise<'right' | 'wrong' | 'unchecked'> => {
  const kind = /^\{/.test(stored) ? (schemeOf(stored) ?? '') : scheme;
  const hash = stored.replace(/^\{[^}]*\}/, '');
  if (/^(?:PLAIN|CLEARTEXT)$/.test(kind)) {
    return hash === password.reveal() ? 'right' : 'wrong';
  }

  const salted = /^SSHA(256|512)?$/.exec(kind);
  return salted === null ? crypted(run, password, hash, kind) : saltedHash(password, hash, salted[1] ?? '1');
};

const saltedHash = (password: Secret, hash: string, bits: string) => {
  const bytes = Buffer.from(hash, 'base64');
  const length = bits === '1' ? 20 : Number(bits) / 8;
  const digest = createHash(`sha${bits}`).update(password.reveal()).update(bytes.subarray(length)).digest();
  const given = bytes.subarray(0, length);
  return given.length === digest.length && timingSafeEqual(given, digest) ? 'right' : 'wrong';
};

// crypt(3) of this system, by a program that every Debian has; both words go in by its input.
const crypted = async (run: Run, password: Secret, hash: string, kind: string) => {
  if (!/CRYPT$/.test(kind)) {
    return 'unchecked';
  }

  const {exitCode} = await run(
    '/usr/bin/perl',
    ['-e', 'chomp(my ($p, $h) = <STDIN>); my $c = crypt($p, $h); exit(!defined $c ? 3 : $c eq $h ? 0 : 4)'],
    {input: secret(`${password.reveal()}\n${hash}\n`), timeout: 5000},
  );
  return exitCode === 0 ? 'right' : exitCode === 4 ? 'wrong' : 'unchecked';
};
