import type {Order} from './acme.js';
import type {RowsFormat} from './edit.js';
import type {SqlTable} from './sql.js';
import type {Text} from './text.js';
import type {Content, Ownership} from './want.js';

/** sha256 of bytes, hex; blobs of a plan and of a transaction are named by it. */
export type Digest = string;

type Common = {
  /** Unique in a plan, stable between equal plans: kind and target. */
  readonly id: string;
  /** Sections that asked for it, in section order. */
  readonly sections: readonly string[];
};

/** One package file or version that the stage resolved; the apply installs exactly these. */
export type PinnedPackage = {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Package file kept with the transaction, and its digest; missing where the plan was predicted without a stage. */
  readonly file?: {readonly path: string; readonly digest: Digest};
  /** Pulled in by another: marked as automatically installed. */
  readonly automatic: boolean;
};

export type FirewallItem =
  | {readonly type: 'service'; readonly name: string}
  | {readonly type: 'port'; readonly port: number; readonly protocol: 'tcp' | 'udp'}
  | {
      readonly type: 'rich';
      readonly family: 'ipv4' | 'ipv6';
      readonly source: string;
      readonly port: number;
      readonly protocol: 'tcp';
    };

/** One typed, undoable act. There is no "run this command" kind: what can't be observed and undone is not a change. */
export type Change = Common &
  (
    | {
        readonly kind: 'package.install';
        /** Missing in transactions of versions that knew apt(8) alone. */
        readonly manager?: 'apt' | 'dnf';
        readonly packages: readonly PinnedPackage[];
        /** Names that the package manager will remove to make room (another MTA). */
        readonly removes: readonly string[];
        /** The files of those, as they were installed: an undo puts them back. */
        readonly kept?: readonly PinnedPackage[];
        /** Paths that the packages' own scripts make or change, as the rehearsal in the staged tree showed. */
        readonly leaves: readonly string[];
        /** debconf(7) answers given first, e.g. postfix/mailname. */
        readonly preseed: readonly {
          readonly package: string;
          readonly question: string;
          readonly type: string;
          readonly value: string;
        }[];
      }
    | {
        readonly kind: 'user.create';
        readonly name: string;
        readonly uid: number;
        readonly group: string;
        readonly gid: number;
        readonly home: string;
        readonly shell: string;
        readonly comment: string;
        /** The hash of a first password, as Dovecot writes it (`{SCHEME}` and crypt(5)); without one the account is locked. */
        readonly password?: Content;
      }
    | {readonly kind: 'user.shell'; readonly name: string; readonly shell: string}
    /** A user whom dovetail made goes again, where nothing of it is left (the inverse of user.create). */
    | {
        readonly kind: 'user.remove';
        readonly name: string;
        readonly uid: number;
        readonly group: string;
        readonly removeGroup: boolean;
      }
    | ({readonly kind: 'directory.create'; readonly path: string} & Ownership)
    /** Directories that dovetail made, outermost first; those that are not empty stay. */
    | {readonly kind: 'directory.remove'; readonly paths: readonly string[]}
    | ({
        readonly kind: 'file.write';
        readonly path: string;
        readonly content: Content;
        readonly secret: boolean;
        /** What is in it is shown by another change already. */
        readonly shown?: 'elsewhere';
      } & Ownership)
    /** `shown`: the review shows what is in it, secrets masked. */
    | {readonly kind: 'file.delete'; readonly path: string; readonly shown?: 'text'}
    /** All edits of one configuration file. `after` is a blob: files may hold secrets of others. `before` is null for a file that is made. */
    | ({
        readonly kind: 'config.edit';
        readonly family: 'dovecot' | 'main.cf' | 'master.cf' | 'other';
        readonly path: string;
        readonly before: Digest | null;
        readonly after: Digest;
        /** This edit only makes Postfix hold mail back while the others are made and proved; its unit is reloaded at once. */
        readonly hold?: {readonly unit: string};
      } & ({readonly keepOwnership: true} | ({readonly keepOwnership: false} & Ownership)))
    /** Rows in a file that others write too; folded on the file as it is when applied, so it may be large. */
    | ({
        readonly kind: 'rows.edit';
        readonly path: string;
        readonly format: RowsFormat;
        readonly rows: readonly {
          readonly section: string;
          readonly key: string;
          readonly state: 'present' | 'absent';
          readonly content?: Content;
          readonly keep?: boolean;
        }[];
        /** The mode that comes back with the rows: no secret of ours is left in the file. */
        readonly back?: number;
        /** More rows, as blobs: `+row` and `-key`, a line each. They come after the others. */
        readonly bulk?: readonly {
          readonly section: string;
          readonly digest: Digest;
          readonly count: number;
        }[];
        readonly secret: boolean;
      } & Ownership)
    /** The program that a common name stands for (alternatives(8)); `auto`: the one of the highest priority. */
    | {
        readonly kind: 'alternative.set';
        readonly name: string;
        readonly path: string;
        readonly mode?: 'auto' | 'manual';
      }
    /** SELinux's label of a path and all below it, by a rule of the policy; `type` as in `mail_spool_t`. */
    | {readonly kind: 'selinux.label'; readonly path: string; readonly type: string}
    /** SELinux's label of a port, by a rule of this machine's own; `enough`: labels that serve as well and are left. */
    | {
        readonly kind: 'selinux.port';
        readonly port: number;
        readonly protocol: 'tcp';
        readonly type: string;
        readonly enough: readonly string[];
        readonly state: 'present' | 'absent';
      }
    /** A switch of SELinux's policy; `lasting`: said by this machine itself, as against left to the policy. */
    | {
        readonly kind: 'selinux.boolean';
        readonly name: string;
        readonly value: boolean;
        readonly lasting: boolean;
      }
    /** A database for accounts on a server of this machine, with a user who may read it and first accounts; what is there stays as it is. */
    | {
        readonly kind: 'database.make';
        readonly engine: 'mysql' | 'pgsql';
        readonly database: string;
        readonly table: SqlTable;
        readonly reader: {readonly name: string; readonly password: Content};
        readonly accounts: readonly {readonly name: string; readonly content: Content}[];
      }
    /** A certificate of an authority that is asked by certbot(1), which goes on renewing it. */
    | {readonly kind: 'certificate.issue'; readonly order: Order}
    /** `only`: the rows that another change of the plan makes (with their value) or takes away; the rest of the index is as its text. */
    | {
        readonly kind: 'map.compile';
        readonly source: string;
        readonly type: string;
        readonly only?: readonly {readonly key: string; readonly value?: string}[];
      }
    /** A Sieve script of the server's, compiled by sievec(1) where users could not write the result. */
    | {readonly kind: 'script.compile'; readonly source: string}
    | {
        readonly kind: 'service.state';
        readonly unit: string;
        readonly enabled: boolean;
        readonly active: boolean;
      }
    | {
        readonly kind: 'firewall.item';
        readonly backend: 'firewalld' | 'ufw';
        readonly zone: string;
        readonly item: FirewallItem;
        readonly state: 'present' | 'absent';
      }
  );

export type ChangeKind = Change['kind'];
export type ChangeOf<K extends ChangeKind> = Extract<Change, {readonly kind: K}>;

/** What a change will do. `exact`: computed on what is or will be there; `predicted`: the machine may still differ. */
export type Preview = {
  readonly action: 'create' | 'update' | 'delete' | 'none';
  readonly certainty: 'exact' | 'predicted';
  readonly reversible: 'exact' | 'best-effort' | 'no';
  /** One line, e.g. `/etc/dovecot/conf.d/10-ssl.conf: 2 lines`. */
  readonly title: Text;
  /** Unified diff or item list with secrets masked; lines start with `+`, `-`, ` ` or `@@`. */
  readonly body: readonly string[];
  /** Why it cannot be undone exactly, where that is so. */
  readonly caveat?: Text;
};
