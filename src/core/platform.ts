import type {DovecotDialect} from './edit.js';

/** Neutral package names; a platform says what they are called there. */
export type PackageNeed =
  | 'dovecot'
  | 'dovecot-imap'
  | 'dovecot-pop3'
  | 'dovecot-lmtp'
  | 'dovecot-sieve'
  | 'dovecot-managesieve'
  | 'dovecot-ldap'
  | 'dovecot-mysql'
  | 'dovecot-pgsql'
  | 'dovecot-sqlite'
  | 'postfix'
  | 'postfix-ldap'
  | 'postfix-mysql'
  | 'postfix-pgsql'
  | 'postfix-sqlite'
  | 'postfix-pcre'
  | 'postfix-lmdb'
  | 'firewalld'
  | 'certbot'
  | 'fail2ban'
  | 'rspamd'
  | 'opendkim'
  | 'clamav'
  /** Cyrus SASL's PLAIN and LOGIN, which Postfix logs in to a relay with, and takes logins with where saslauthd(8) knows them. */
  | 'sasl-mechanisms'
  | 'saslauthd'
  | 'semanage';

/**
 * How sure a fact of a platform is: executed and observed; tried on a stand-in, which has its package manager, names and
 * configuration but another system's programs; read in the package; or known and unchecked.
 */
export type Evidence = 'verified' | 'stand-in' | 'source' | 'unchecked';

/** Facts that carry their own evidence. */
export type PlatformFact =
  | 'run'
  | 'packages'
  | 'dovecot'
  | 'startsOnInstall'
  | 'paths'
  | 'units'
  | 'postfix'
  | 'mailLog';

/** What a distribution does differently, as data. Values that the machine itself can tell (map type, chroot column) are facts, not here. */
export type Platform = {
  readonly id: string;
  readonly name: string;
  /** os-release(5) ID and VERSION_ID that mean this platform; `9` stands for 9.4 too. */
  readonly matches: readonly {readonly id: string; readonly version: string}[];
  readonly packageManager: 'apt' | 'dnf';
  /** A package manager that dovetail cannot drive, so that nothing is planned there. */
  readonly foreign?: 'dnf5';
  readonly packages: Readonly<Partial<Record<PackageNeed, readonly string[]>>>;
  /** Dialect of the packaged Dovecot, for planning before it is installed. */
  readonly dovecot: DovecotDialect;
  /** True where packages start daemons when installed, so that a start must be suppressed. */
  readonly startsOnInstall: boolean;
  readonly paths: {
    /** Where key and certificate are kept that are made here. */
    readonly certificates: string;
    readonly caBundle: string;
    readonly dovecotPam: string;
    readonly nologin: string;
  };
  /** What “sendmail” and its kin are switched to where several mail servers may be installed (alternatives(8), `mta`). */
  readonly mta?: string;
  /** `postfixLog`: the unit whose journal has the lines of Postfix's processes (journalctl(1), -u), where `postfix` only starts it. */
  readonly units: {readonly dovecot: string; readonly postfix: string; readonly postfixLog: string};
  /** What makes certbot(1) renew; missing where the distribution has none of its own. */
  readonly certbotTimer?: string;
  /** How its Postfix comes: chroot column, the name of port 465, and the file that holds `myorigin`, where one does. */
  readonly postfix: {
    readonly chroot: 'y' | 'n';
    readonly tlsService: 'submissions' | 'smtps';
    readonly originFile?: string;
    /** Where Cyrus SASL looks up how Postfix checks passwords, and PAM what it does for it. `unit`: the distribution's own saslauthd, whose socket Postfix can reach. */
    readonly sasl: {readonly config: string; readonly pam: string; readonly unit?: string};
  };
  readonly mailLog: 'journal' | '/var/log/maillog' | '/var/log/mail.log';
  /** Packages that must never come with ours, and why (they open ports). */
  readonly avoid: readonly string[];
  /** How sure each fact is; `run`: whether whole servers were set up, proved and undone there. */
  readonly evidence: Readonly<Record<PlatformFact, Evidence>>;
};
