import type {SqlEngine, SqlSource, SqlTable} from './sql.js';
import type {LdapServer} from './ldap/server.js';

/**
 * Dovecot's settings by meaning. Sections use these and never a dialect's names; `planner/dialects` renders them for 2.3
 * and 2.4 and reads them back for adoption. Patterns in paths use `{user}` (whole login name), `{name}` (before the @),
 * `{domain}` (after it) and `{home}`.
 */
export type DovecotSettings = {
  /** Addresses to listen on; `*` and `::` are all. */
  readonly listen: readonly string[];
  readonly 'mail.store': MailStore;
  /** Home directory pattern for users of a virtual user database. */
  readonly 'mail.home': string;
  readonly 'mail.uid': string;
  readonly 'mail.gid': string;
  readonly 'mail.first_valid_uid': number;
  readonly 'mail.last_valid_uid': number;
  /** Group that mbox locking needs; empty = none. */
  readonly 'mail.privileged_group': string;
  readonly 'tls.mode': 'required' | 'yes' | 'no';
  /** Path of a PEM file with the certificate and its chain. */
  readonly 'tls.certificate': string;
  readonly 'tls.key': string;
  readonly 'tls.min_protocol': 'TLSv1.2' | 'TLSv1.3';
  /** Path of a DH parameters file. */
  readonly 'tls.dh': string;
  /** Passwords accepted on connections without TLS. */
  readonly 'auth.cleartext': boolean;
  /** How login names are looked up: as given in lower case, or only the part before the @. */
  readonly 'auth.username': 'lower' | 'lower-local-part';
  /** Which database is asked for a password first, and then; the order of user databases goes with it. */
  readonly 'auth.order': readonly ('pam' | 'passwd-file' | 'sql' | 'ldap')[];
  /** Domain of login names that have none. */
  readonly 'auth.realm': string;
  /** Same for LMTP recipients only. `localAt`: users of this host name are looked up by the part before the @, all others as given. */
  readonly 'lmtp.username': 'lower' | 'lower-local-part' | {readonly localAt: string};
  readonly 'lmtp.postmaster': string;
};

export type MailStore = {
  readonly format: 'sdbox' | 'mdbox' | 'maildir' | 'mbox';
  readonly path: string;
  /** mbox only: where the INBOX is, e.g. /var/mail/{user}. */
  readonly inbox?: string;
};

/** List settings: several sections put items in. */
export type DovecotLists = {
  readonly protocols: 'imap' | 'pop3' | 'lmtp' | 'sieve';
  readonly 'auth.mechanisms': 'plain' | 'login' | 'gssapi' | 'external' | 'scram-sha-256';
  readonly 'mail.plugins': string;
  readonly 'lmtp.plugins': string;
  /** Plug-ins of dovecot-lda(1), which delivers where no Postfix is joined. */
  readonly 'lda.plugins': string;
  readonly 'imap.plugins': string;
};

/** Blocks that occur several times, by identity. */
export type DovecotItems = {
  /** A TCP listener of a login service; port 0 closes it. Identity: service and name. */
  readonly 'listener.inet': {
    readonly service: 'imap-login' | 'pop3-login' | 'managesieve-login' | 'lmtp' | 'auth' | 'doveadm';
    readonly name: string;
    readonly port: number;
    readonly tls?: boolean;
    readonly addresses?: readonly string[];
  };
  /** A unix socket. Identity: service and path. */
  readonly 'listener.unix': {
    readonly service: 'lmtp' | 'auth' | 'stats' | 'replicator' | 'aggregator';
    readonly path: string;
    readonly mode: string;
    readonly user: string;
    readonly group: string;
  };
  /** A folder of every user. Identity: name. */
  readonly mailbox: {
    readonly name: string;
    readonly specialUse?: '\\Drafts' | '\\Sent' | '\\Junk' | '\\Trash' | '\\Archive' | '\\Flagged' | '\\All';
    readonly auto: 'no' | 'create' | 'subscribe';
  };
  /** A script that sorts mail as it arrives. Identity: name and path. */
  readonly 'sieve.script': SieveScript;
  /** The database that the `sql` databases ask. Identity: its server. */
  readonly database: SqlDatabase;
  /** The directory that the `ldap` databases ask. */
  readonly directory: LdapServer;
  /** Users of the machine who are no people have no mailbox for LMTP: it answers so at RCPT. */
  readonly 'lmtp.people': LmtpPeople;
  /** A password database. Identity: driver. Order is that of `order`. */
  readonly passdb: Passdb;
  readonly userdb: Userdb;
};

/**
 * Sieve scripts (RFC 5228): those of each user, or one of the server's that is run before them. `place` counts the server's own
 * from 1; `~` in a path is the user's home.
 */
export type SieveScript =
  | {readonly name: string; readonly when: 'personal'; readonly path: string; readonly active: string}
  | {readonly name: string; readonly when: 'before'; readonly path: string; readonly place: number};

/** `keep`: the password of the server that is there stays. */
export type SqlDatabase = {
  readonly name: string;
  readonly source: SqlSource;
  readonly password: 'keep' | 'material';
};

/** Numbers of the users who are people, and the file of names that everybody else is looked up under. */
export type LmtpPeople = {readonly first: number; readonly last: number; readonly file: string};

export type Passdb =
  /** With `bareNames`, only names without an @ are asked of PAM; the others belong to another database. */
  | {readonly driver: 'pam'; readonly bareNames: boolean}
  | {readonly driver: 'passwd-file'; readonly file: string; readonly scheme: string}
  /** Names without an @ are not asked of it. */
  | {
      readonly driver: 'sql';
      readonly engine: SqlEngine;
      readonly table: SqlTable;
      readonly scheme: string;
    }
  /** A directory checks the password (bind). `template`: the name that people bind with; without it, their entry is looked for. With `wholeNames`, names without an @ belong to another database. */
  | {
      readonly driver: 'ldap';
      readonly filter: string;
      readonly template?: string;
      readonly wholeNames: boolean;
    }
  | {readonly driver: 'deny'; readonly file: string};

export type Userdb =
  /** System users; with `virtual`, mail belongs to one uid and a home of our own; `store`: their mail is kept in another way than `mail.store` says. */
  | {
      readonly driver: 'passwd';
      readonly virtual?: {readonly uid: string; readonly gid: string; readonly home: string};
      readonly store?: MailStore;
    }
  | {
      readonly driver: 'passwd-file';
      readonly file: string;
      readonly virtual: {readonly uid: string; readonly gid: string; readonly home: string};
    }
  /** People of a directory. `everybody` finds all of them; `user` is the login name of an entry, with `{ldap:ATTRIBUTE}`. */
  | {
      readonly driver: 'ldap';
      readonly filter: string;
      readonly everybody: string;
      readonly user: string;
      readonly virtual: {readonly uid: string; readonly gid: string; readonly home: string};
    }
  | {
      readonly driver: 'sql';
      readonly engine: SqlEngine;
      readonly table: SqlTable;
      readonly virtual: {readonly uid: string; readonly gid: string; readonly home: string};
    }
  | {
      readonly driver: 'static';
      /** Whoever is asked for is there: another server has refused everybody else before. */
      readonly everybody?: true;
      readonly virtual: {readonly uid: string; readonly gid: string; readonly home: string};
    };

/** How an item of `DovecotItems` is told from its siblings. */
export const itemIdentity = <K extends keyof DovecotItems>(at: K, value: DovecotItems[K]): string => {
  const item = value as Partial<Record<'service' | 'name' | 'path' | 'driver', string>>;
  return [at, item.service, item.name, item.path, item.driver].filter(part => part !== undefined).join(' ');
};
