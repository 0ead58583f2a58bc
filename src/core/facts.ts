import type {Issued} from './acme.js';
import type {DovecotDialect} from './edit.js';
import type {Finding} from './finding.js';
import type {KeySpec, Subject} from './material.js';
import type {MailStore} from './setting.js';

/** Something that listens on a port, from `ss`. `address` is `*`, an IPv4 or an IPv6 address without brackets. */
export type Listener = {
  readonly address: string;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  readonly process?: string;
};

/** A user of the machine (passwd(5)). */
export type UserFact = {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
  /** Known from another source than passwd(5), such as SSSD (nsswitch.conf(5)). */
  readonly elsewhere?: true;
};

/** Whether a number is one of people's, or may be: nobody's and what overflows 16 bits are not (systemd, “Users, Groups, UIDs and GIDs”). */
export const isPersonal = (uid: number) => uid >= 1000 && uid !== 65_534 && uid !== 65_535 && uid <= mostUid;

/** The highest number of a user; the one above it means none (setuid(2)). */
export const mostUid = 4_294_967_294;

/** What an account is used for beside mail: SSH keys, jobs of cron(8), running processes. */
export type AccountUse = 'keys' | 'jobs' | 'processes';

/** One service entry of master.cf, as the machine has it. */
export type MasterFact = {
  readonly name: string;
  readonly type: string;
  readonly columns: {
    readonly private: string;
    readonly unpriv: string;
    readonly chroot: string;
    readonly wakeup: string;
    readonly maxproc: string;
    readonly command: string;
  };
  readonly options: Readonly<Record<string, string>>;
};

export type DovecotFacts = {
  /** As `dovecot --version` prints it, e.g. `2.3.19.1`. */
  readonly version: string;
  readonly dialect: DovecotDialect;
  /** Main file, normally `/etc/dovecot/dovecot.conf`. */
  readonly root: string;
};

export type PostfixFacts = {
  readonly version: string;
  /** Directory of main.cf, normally `/etc/postfix`. */
  readonly directory: string;
  /** Active parameters of main.cf in order, last wins; what `postconf -n` shows, unexpanded. */
  readonly settings: Readonly<Record<string, string>>;
  /** Compiled and packaged defaults of the parameters that sections look at (`postconf -d`). */
  readonly defaults: Readonly<Record<string, string>>;
  readonly services: readonly MasterFact[];
  /** `default_database_type`, e.g. hash, lmdb, cdb. */
  readonly mapType: string;
  /** `postconf -m`. */
  readonly mapTypes: readonly string[];
  readonly queueDirectory: string;
  /** Messages in the queue; undefined where it could not be read. */
  readonly queued?: number;
};

/** A chain on the input hook: where its table is managed by iptables(8), its rules are added by that. */
export type FirewallChain = {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly by: 'nft' | 'iptables' | 'ip6tables';
  /** Ports that its own rules let in for everybody. */
  readonly accepts: readonly number[];
};

export type FirewallFacts = {
  readonly backend: 'none' | 'firewalld' | 'ufw' | 'nftables' | 'iptables';
  readonly active: boolean;
  /** Zone of the interface that mail comes in by (firewalld). */
  readonly zone?: string;
  /** What rules of our own open (ufw keeps a comment with each): `993`, or `10.0.0.1 24` where it is limited to a source. */
  readonly ours?: readonly string[];
  /** Ports of mail that a rule of somebody else keeps shut for everybody (ufw). */
  readonly shut?: readonly number[];
  /** Chains of others that what comes in goes through (nftables, iptables), where rules of theirs keep something out. */
  readonly chains?: readonly FirewallChain[];
  /** What is open now, permanent and runtime apart. */
  readonly permanent: {
    readonly services: readonly string[];
    readonly ports: readonly string[];
    readonly richRules: readonly string[];
  };
  readonly runtime: {
    readonly services: readonly string[];
    readonly ports: readonly string[];
    readonly richRules: readonly string[];
  };
};

/** Everything that detection found, parsed once; plain data. Undefined = not there; a thing that could not be found out is in `findings`. */
export type Facts = {
  /** Which tree this was read from: the live machine, a directory (`--root`), or the staged tree. */
  readonly ground: 'machine' | 'directory' | 'stage';
  readonly os: {readonly id: string; readonly versionId: string; readonly name: string};
  /** The platform that the system is by its own words; empty: none that is known. */
  readonly platformId: string;
  /** The platform that it is taken for because it was named (`--platform`). */
  readonly platformNamed?: string;
  readonly root: boolean;
  readonly session: {
    readonly user: string;
    /** Peer address and the port of the SSH server of this session, where it is one. */
    readonly ssh?: {readonly client: string; readonly serverPort: number};
  };
  readonly host: {
    readonly name: string;
    readonly fqdn?: string;
    /** Non-loopback addresses of the machine, IPv4 and IPv6, without masks. */
    readonly addresses: readonly string[];
    /** Networks of the machine's own interfaces in CIDR form. */
    readonly networks: readonly string[];
    /** name that each address points back to, from DNS or hosts(5). */
    readonly reverse: Readonly<Record<string, string>>;
  };
  readonly dns: {
    readonly works: boolean;
    /** MX hosts of the mail domains that were looked up. */
    readonly mx: Readonly<Record<string, readonly string[]>>;
    readonly forward: Readonly<Record<string, readonly string[]>>;
  };
  /** Undefined = not tried. */
  readonly outboundSmtp?: boolean;
  readonly packages: Readonly<Record<string, string>>;
  readonly dovecot?: DovecotFacts;
  readonly postfix?: PostfixFacts;
  /** Whether somebody has configured it, i.e. it is not as the package left it. Only then is it adopted. */
  readonly configured: {readonly dovecot: boolean; readonly postfix: boolean};
  /**
   * Every configuration file that planning may look at or edit, latin1 text by absolute path: /etc/dovecot/**, what it
   * includes, main.cf, master.cf, the maps they name, /etc/aliases, /etc/mailname, /etc/pam.d/dovecot. In memory only: may hold secrets.
   */
  readonly files: Readonly<Record<string, string>>;
  /** lstat of paths that sections ask about (mail root, certificates): `undefined` entry = looked for, not there. */
  readonly paths: Readonly<
    Record<
      string,
      {
        readonly type: 'file' | 'directory' | 'link' | 'other';
        readonly mode: number;
        readonly uid: number;
        readonly gid: number;
        readonly empty?: boolean;
      } | null
    >
  >;
  /** What was found of certificates; missing where nobody looked. */
  readonly certificates?: {
    /** Names under which certbot(1) keeps certificates here. */
    readonly lineages: readonly string[];
    /** Those of them that it renews, and how. */
    readonly issued?: readonly Issued[];
    /** certbot came as a snap: one from a package beside it would renew nothing of its. */
    readonly snap?: true;
    /** Kind of key of the certificate that was made here. */
    readonly algorithm?: KeySpec['algorithm'];
    /** A request of ours for a certificate; `waiting`: the one in use is still self-signed. */
    readonly request?: {
      readonly subject: Subject;
      readonly names: readonly string[];
      readonly waiting: boolean;
    };
  };
  /** Database servers that run here: the path of their socket (pgsql: of its directory); missing where nobody looked. */
  readonly databases?: {readonly mysql?: string; readonly pgsql?: string};
  /** Homes below the usual root in which mail lies, by its format; missing where nobody looked. */
  readonly stores?: readonly {readonly path: string; readonly format: MailStore['format']}[];
  /**
   * Whether DNS has the record of keys that are to sign mail and do not yet, by the record's name; missing where none waits.
   */
  readonly signing?: {readonly published: Readonly<Record<string, boolean>>};
  /** Whether ClamAV's signatures are there, without which its daemon does not start; missing where nobody looked. */
  readonly virusSignatures?: boolean;
  readonly users: readonly UserFact[];
  /** People's accounts that are in use beside mail, by name; missing where nobody looked. */
  readonly inUse?: Readonly<Record<string, readonly AccountUse[]>>;
  readonly groups: readonly {
    readonly name: string;
    readonly gid: number;
    readonly members: readonly string[];
  }[];
  readonly units: Readonly<
    Record<string, {readonly enabled: boolean; readonly active: boolean; readonly exists: boolean}>
  >;
  readonly listeners: readonly Listener[];
  /** Mail servers other than Postfix that are installed. */
  readonly otherMtas: readonly string[];
  /** Where the alternative `mta` leads, where mail servers stand side by side (alternatives(8)). */
  readonly mta?: string;
  readonly firewall: FirewallFacts;
  readonly selinux: 'disabled' | 'permissive' | 'enforcing';
  /** What this machine itself says in SELinux's policy of directories, ports and switches for mail; missing where nobody looked. */
  readonly selinuxRules?: {
    readonly paths: readonly string[];
    readonly ports: readonly number[];
    readonly booleans: Readonly<Record<string, boolean>>;
  };
  readonly apparmor: boolean;
  readonly fips: boolean;
  readonly memoryMiB: number;
  readonly freeMiB: Readonly<Record<string, number>>;
  readonly clockSynchronized?: boolean;
  /** Who else writes this configuration: panels, Ansible or Puppet headers, containers on the ports. */
  readonly owners: readonly {readonly name: string; readonly evidence: string}[];
  /** What is wrong or could not be found out, for the first screen. */
  readonly findings: readonly Finding[];
};
