import type {LdapServer} from './ldap/server.js';
import type {SecretRef} from './secret.js';

/** Where a probe looks from: loopback, the machine's own address, or a temporary namespace whose address is outside `mynetworks`. */
export type Vantage = 'loopback' | 'own-address' | 'outside';

/** An account to log in with; without one, login probes are *not checked*. */
export type ProbeAccount = {readonly user: string; readonly password: SecretRef};

/** `at`: addresses of this machine that the server is asked at, where it does not listen on all of them. */
type Common = {readonly id: string; readonly section: string; readonly at?: readonly string[]};

/** How mail is read for a check; `address`: where Dovecot does not listen on all addresses, the one that it is asked at. */
/** Where mail is read by IMAP. A check without it reads with doveadm(1): nobody does by IMAP. */
export type Reading = {readonly port: number; readonly starttls: boolean; readonly address?: string};

/** A check as data; `probes/` has one handler a kind. */
export type Probe = Common &
  (
    | {
        readonly kind: 'tls';
        readonly port: number;
        readonly starttls?: 'imap' | 'pop3' | 'smtp' | 'sieve';
        readonly name: string;
        readonly certificate: string;
      }
    /**
     * The certificate is good for a while yet, and what renews it is at work. `hook`: certbot's, which tells the servers;
     * `request`: an authority has been asked, and has not answered while the certificate is self-signed.
     */
    | {
        readonly kind: 'renewal';
        readonly certificate: string;
        readonly hook?: string;
        /** What certbot(1) was just told to keep: a renewal is rehearsed once, before the changes are final. */
        readonly rehearse?: {readonly lineage: string; readonly server: string};
        readonly request?: string;
      }
    | {
        readonly kind: 'imap-login';
        readonly port: number;
        readonly starttls: boolean;
        readonly name: string;
        readonly account?: ProbeAccount;
      }
    | {
        readonly kind: 'pop3-login';
        readonly port: number;
        readonly starttls: boolean;
        readonly name: string;
        readonly account?: ProbeAccount;
      }
    | {
        readonly kind: 'unknown-user-refused';
        readonly protocol: 'imap' | 'pop3' | 'submission';
        readonly port: number;
        readonly name: string;
      }
    /** A login that must fail though the password may be right: root, a system account. */
    | {
        readonly kind: 'system-account-refused';
        readonly user: string;
        /** Where PAM is asked: its stack must end by this rule, before a password is looked at. */
        readonly gate?: {readonly file: string; readonly rule: string};
      }
    | {
        readonly kind: 'no-plaintext-login';
        readonly protocol: 'imap' | 'pop3' | 'smtp' | 'sieve';
        readonly port: number;
      }
    | {
        readonly kind: 'submission-login';
        readonly port: number;
        readonly tls: 'starttls' | 'wrapper';
        readonly name: string;
        readonly account?: ProbeAccount;
      }
    /** Mail from outside to outside is refused; `tls`: also to who encrypts the connection and does not log in. */
    | {
        readonly kind: 'relay-refused';
        readonly port: number;
        readonly domains: readonly string[];
        readonly tls?: 'starttls' | 'wrapper';
      }
    /** Who has logged in cannot write in the name of somebody else. */
    | {
        readonly kind: 'foreign-sender-refused';
        readonly port: number;
        readonly tls: 'starttls' | 'wrapper';
        readonly name: string;
        readonly account?: ProbeAccount;
      }
    /** Files with passwords or keys that others could read: those named, and what Postfix's and Dovecot's directories have of the kind. */
    | {readonly kind: 'secrets-kept'; readonly files: readonly string[]}
    /** Nobody can ask which addresses exist, and nobody can send who has not greeted: those of the two that were asked for. */
    | {
        readonly kind: 'strict-greeting';
        readonly port: number;
        readonly vrfy: boolean;
        readonly helo: boolean;
      }
    /** Postfix's queue is on a disk of this machine. */
    | {readonly kind: 'queue-is-local'; readonly path: string}
    /** Postfix's daemons see the /etc of this machine from inside their chroot, where they have one. */
    | {readonly kind: 'chroot-copies'}
    /** Nobody but machines that are named may send without a password: no large part of the Internet, no network by accident. */
    | {readonly kind: 'trusted-networks'}
    | {readonly kind: 'unknown-recipient-refused'; readonly domain: string}
    /** Every address that Postfix takes mail for has an account behind it. */
    | {readonly kind: 'recipients-known'}
    | {
        readonly kind: 'round-trip';
        readonly submit: {readonly port: number; readonly tls: 'starttls' | 'wrapper'};
        readonly imap?: Reading | undefined;
        readonly name: string;
        /** Domain of the addresses of accounts whose name has none. */
        readonly domain?: string;
        readonly account?: ProbeAccount;
      }
    /** A script is put up by ManageSieve, sorts a message where one can be sent, and is taken away; the user's own is in force all the time. */
    | {
        readonly kind: 'sieve-script';
        readonly port: number;
        /** Where it is asked, if not at the usual address. */
        readonly address?: string;
        readonly submit?: {readonly port: number; readonly tls: 'starttls' | 'wrapper'};
        readonly imap?: Reading | undefined;
        readonly name: string;
        readonly domain?: string;
        readonly account?: ProbeAccount;
      }
    /** A message that is tagged as spam is found in the folder for it. */
    | {
        readonly kind: 'spam-filed';
        readonly submit: {readonly port: number; readonly tls: 'starttls' | 'wrapper'};
        readonly imap?: Reading | undefined;
        readonly name: string;
        readonly domain?: string;
        readonly account?: ProbeAccount;
      }
    /** A message that is sent carries a signature of its domain, which holds by the key that is used here. */
    | {
        readonly kind: 'signed-message';
        readonly keys: readonly {
          readonly domain: string;
          readonly selector: string;
          readonly file: string;
        }[];
        readonly submit: {readonly port: number; readonly tls: 'starttls' | 'wrapper'};
        readonly imap?: Reading | undefined;
        readonly name: string;
        readonly domain?: string;
        readonly account?: ProbeAccount;
      }
    /** DNS has the public half of the key in a file. */
    | {
        readonly kind: 'dkim-record';
        readonly domain: string;
        readonly selector: string;
        readonly file: string;
      }
    /** DNS says who may send for a domain, and this machine is among them. `relay`: mail leaves by another server. */
    | {
        readonly kind: 'spf-record';
        readonly domain: string;
        readonly hostname: string;
        readonly relay: boolean;
      }
    /** DNS says what receivers do with mail that has neither; `admin` would get their reports. */
    | {readonly kind: 'dmarc-record'; readonly domain: string; readonly admin?: string}
    /** A message that a filter is there for is refused; `port`: on which the spam filter answers. */
    | {
        readonly kind: 'filtered-message';
        readonly what:
          | {readonly kind: 'attachment'; readonly ending: string}
          | {readonly kind: 'spam'; readonly port: number}
          | {readonly kind: 'virus'};
        readonly submit: {readonly port: number; readonly tls: 'starttls' | 'wrapper'};
        readonly imap?: Reading | undefined;
        readonly name: string;
        readonly domain?: string;
        readonly account?: ProbeAccount;
      }
    /** The timer runs, and the program that it starts is there. */
    | {readonly kind: 'watching'; readonly unit: string; readonly program: readonly string[]}
    /** fail2ban's jails run, spare these addresses, and know a failed login for one. */
    | {readonly kind: 'bans'; readonly jails: readonly string[]; readonly never: readonly string[]}
    /** Who is not named cannot reach the port, over IPv4 and IPv6. */
    | {readonly kind: 'closed-to-strangers'; readonly port: number}
    /** A stranger who greets or signs in a way that is refused is refused; who is trusted is not, however they greet. */
    | {
        readonly kind: 'strangers-judged';
        readonly recipient: string;
        readonly helo: boolean;
        readonly sender: boolean;
      }
    /** A block list that is asked about every message is alive and answers as it documents (RFC 5782, 5). */
    | {readonly kind: 'block-list'; readonly zone: string; readonly codes: string}
    /** A table of patterns, as `regexp:/path`, is read by Postfix without complaint. */
    | {readonly kind: 'patterns-read'; readonly table: string}
    /** Mail for these addresses is accepted and ends in a mailbox that exists. */
    | {readonly kind: 'role-addresses'; readonly addresses: readonly string[]}
    /**
     * `on`: the open ones listen on these addresses and on no other: `0.0.0.0` and `::` are all of IPv4 and of IPv6, `*` is both, as
     * ss(8) writes them.
     */
    | {
        readonly kind: 'ports';
        readonly open: readonly number[];
        readonly closed: readonly number[];
        readonly on?: readonly string[];
      }
    /**
     * Entries of the firewall, permanent and runtime alike. `add`: commands that let the ports in where the rules are somebody
     * else's.
     */
    | {
        readonly kind: 'firewall';
        readonly open: readonly number[];
        readonly closed: readonly number[];
        readonly add?: readonly string[];
      }
    | {readonly kind: 'service'; readonly unit: string}
    | {
        readonly kind: 'special-use';
        readonly port: number;
        readonly starttls: boolean;
        readonly name: string;
        readonly mailboxes: readonly {
          readonly name: string;
          readonly specialUse?: string;
          readonly subscribed: boolean;
        }[];
        readonly account?: ProbeAccount;
      }
    /** The other server of a pair answers, has the same accounts, and what happens on one comes to the other. */
    | {
        readonly kind: 'replication';
        readonly partner: string;
        readonly port: number;
        /** The one certificate that both show; without one all goes in clear. */
        readonly certificate?: string;
        /** Dovecot's file with the password of the pair. */
        readonly password: string;
        readonly account?: ProbeAccount;
      }
    /** A directory answers, and Dovecot and Postfix find in it who is there. `listed`: Dovecot looks people up itself. */
    | {
        readonly kind: 'directory';
        readonly server: LdapServer;
        readonly filter: string;
        readonly everybody: string;
        readonly listed: boolean;
        readonly person?: string;
      }
    /** A table of Postfix's knows a key. */
    | {readonly kind: 'table-answers'; readonly table: string; readonly key?: string}
    /** `byName`: an account that is not listed may still be known, and is asked for by its name. */
    | {readonly kind: 'users-listed'; readonly expect: readonly string[]; readonly byName?: true}
    /** LMTP has no mailbox for these users of the machine, who are no people. */
    | {readonly kind: 'services-refused'; readonly names: readonly string[]}
    | {readonly kind: 'dovecot-config'}
    | {readonly kind: 'postfix-config'}
    | {readonly kind: 'log-quiet'; readonly units: readonly string[]}
    /** SELinux's policy has the labels and switches that were asked for. */
    | {
        readonly kind: 'selinux-policy';
        readonly ports: readonly number[];
        readonly booleans: Readonly<Record<string, boolean>>;
      }
    /** Nothing that SELinux denied since the changes is about mail. */
    | {readonly kind: 'selinux-denials'}
    /** saslauthd(8) answers Postfix, and PAM stops root before it looks at a password. */
    | {
        readonly kind: 'saslauthd';
        /** Its socket. */
        readonly socket: string;
        readonly gate: {readonly file: string; readonly rule: string};
      }
    /** The Dovecot of another host answers who asks it for logins. */
    | {readonly kind: 'sasl-host'; readonly host: string; readonly port: number}
    /** The Dovecot of another host takes mail by TLS with the right certificate, and refuses who is not there. */
    | {
        readonly kind: 'lmtp-host';
        readonly host: string;
        readonly port: number;
        readonly tls: 'starttls' | 'wrapper';
        readonly ca: string;
        readonly domain?: string;
      }
    | {
        readonly kind: 'relay-host';
        readonly host: string;
        readonly port: number;
        readonly tls: 'starttls' | 'wrapper' | 'none';
        readonly user?: string;
        readonly password?: SecretRef;
      }
  );
