import type {SecretRef} from './secret.js';
import type {SqlTable} from './sql.js';

/** Names of a certificate's subject (X.520), as 003 asks for them. */
export type Subject = {
  readonly C?: string;
  readonly ST?: string;
  readonly L?: string;
  readonly O?: string;
  readonly OU?: string;
  readonly CN: string;
  readonly email?: string;
};

export type KeySpec = {readonly algorithm: 'ec-p256' | 'rsa-2048' | 'rsa-3072' | 'rsa-4096'};

/**
 * Something made, or found good and reused, before planning, so that planning stays pure. `existing`: a file on the
 * machine that is reused when it satisfies the spec; then the material is that file's content.
 */
export type MaterialRequest =
  | {readonly id: string; readonly kind: 'key'; readonly spec: KeySpec; readonly existing: string}
  | {
      readonly id: string;
      readonly kind: 'self-signed';
      readonly key: string;
      readonly subject: Subject;
      /** dNSName and iPAddress subject alternative names. */
      readonly names: readonly string[];
      readonly days: number;
      readonly existing: string;
      /** What is there stays as long as it belongs to the key: it may be an authority's. */
      readonly interim?: true;
    }
  /** What is sent to an authority (PKCS#10). */
  | {
      readonly id: string;
      readonly kind: 'request';
      readonly key: string;
      readonly subject: Subject;
      readonly names: readonly string[];
      readonly existing: string;
    }
  /** What an authority answered, in files of any usual form; as one file that servers read. */
  | {
      readonly id: string;
      readonly kind: 'ca-answer';
      readonly key: string;
      readonly files: readonly string[];
      readonly names: readonly string[];
      readonly existing: string;
    }
  /** Aliases that an administrator keeps in a file of their own; checked as a whole, line by line. */
  | ({readonly id: string; readonly kind: 'alias-file'} & AliasFile)
  /** A database file of SQLite with a table and first accounts, whose hashes are other materials; one that is there stays. */
  | {
      readonly id: string;
      readonly kind: 'sqlite';
      readonly existing: string;
      readonly table: SqlTable;
      readonly accounts: readonly {readonly name: string; readonly hash: string}[];
    }
  /** A secret as it is, in UTF-8: one that is generated stays the same wherever it is written. */
  | {readonly id: string; readonly kind: 'secret'; readonly secret: SecretRef}
  | {
      readonly id: string;
      readonly kind: 'password-hash';
      /** Who logs in with it; the password must not be that name. */
      readonly user: string;
      readonly scheme: 'BLF-CRYPT' | 'SHA512-CRYPT' | 'ARGON2ID';
      readonly password: SecretRef;
    };

/** A file of aliases, and what they are judged by. */
export type AliasFile = {
  readonly path: string;
  /** The table that they go into: its other rows are targets too. */
  readonly table: string;
  /** Where it is kept what was taken in last, to see what left the file since. */
  readonly record: string;
  /** Domains whose mail is taken here. */
  readonly domains: readonly string[];
  /** Addresses that end in a mailbox here. */
  readonly mailboxes: readonly string[];
  /** Addresses that another section answers for. */
  readonly roles: readonly string[];
  /** Who reads the roles' mail of domains that the file brings; without one, the file must say. */
  readonly admin?: string;
  /** Aliases that were typed in: address and targets. */
  readonly typed: Readonly<Record<string, string>>;
};

/** The first of many, and how many there are. */
export type Some = {readonly count: number; readonly first: readonly string[]};

/** What to know about a file of aliases that is good. */
export type AliasFileFound = {
  /** Bytes of its rows, as a change takes them (`rows.edit`, bulk). */
  readonly digest: string;
  readonly count: number;
  /** What is kept of the file, by digest. */
  readonly record: string;
  /** Addresses that left the file since it was last taken in, and leave the table; the first ones, and how many. */
  readonly gone: Some;
  /** Addresses whose row somebody else changed since: it stays. */
  readonly kept: Some;
  /** Domains that the file brings. */
  readonly domains: readonly string[];
  /** Mailboxes that get no mail of their own any more, with the line that does it. */
  readonly shadowed: readonly {readonly line: number; readonly address: string}[];
  /** Mail that leaves: how many aliases, and the first of them. */
  readonly outside?: {
    readonly count: number;
    readonly line: number;
    readonly from: string;
    readonly to: string;
  };
  readonly has: (address: string) => boolean;
};

/** A material that is ready. `reused`: it is what the machine already has. The bytes are elsewhere, in memory. */
export type Material = {
  readonly id: string;
  readonly kind: MaterialRequest['kind'];
  readonly reused: boolean;
  /** Of a file of aliases. */
  readonly found?: AliasFileFound;
};
