import type {Order} from './acme.js';
import type {MasterColumns, RowsFormat} from './edit.js';
import type {PackageNeed} from './platform.js';
import type {SecretRef} from './secret.js';
import type {SqlTable} from './sql.js';
import type {DovecotItems, DovecotLists, DovecotSettings} from './setting.js';
import type {Text} from './text.js';

/** Content of a file or row, in parts: a material's or secret's bytes are filled in while applying and never stand in a plan. */
export type ContentPart =
  | {readonly text: string}
  /** Bytes that an earlier transaction kept, by digest. */
  | {readonly blob: string}
  /** `as`: how it is written where it lands. */
  | {readonly material: string; readonly as?: SecretForm}
  | {readonly secret: SecretRef; readonly as?: SecretForm};
/** Syntax that a secret has to be written in, so that it is read back as it is. */
export type SecretForm =
  | 'dovecot-2.3'
  | 'dovecot-2.4'
  /** A word of a connect string of Dovecot 2.3, which stands in quotes. */
  | 'connect-mysql'
  | 'connect-pgsql'
  /** A part of a URI. */
  | 'uri';
export type Content = readonly ContentPart[];

type State = 'present' | 'absent';

type DovecotSettingWant = {
  [K in keyof DovecotSettings]:
    | {
        readonly kind: 'setting';
        readonly in: 'dovecot';
        readonly at: K;
        readonly op: 'set';
        readonly value: DovecotSettings[K];
      }
    | {readonly kind: 'setting'; readonly in: 'dovecot'; readonly at: K; readonly op: 'unset'};
}[keyof DovecotSettings];

type DovecotListWant = {
  [K in keyof DovecotLists]: {
    readonly kind: 'item';
    readonly in: 'dovecot';
    readonly at: K;
    readonly value: DovecotLists[K];
    readonly state: State;
  };
}[keyof DovecotLists];

type DovecotItemWant = {
  [K in keyof DovecotItems]: {
    readonly kind: 'block';
    readonly in: 'dovecot';
    readonly at: K;
    readonly value: DovecotItems[K];
    readonly state: State;
  };
}[keyof DovecotItems];

export type DovecotWant = DovecotSettingWant | DovecotListWant | DovecotItemWant;

export type MainWant =
  | {
      readonly kind: 'setting';
      readonly in: 'main.cf';
      readonly at: string;
      readonly op: 'set';
      readonly value: string;
    }
  | {readonly kind: 'setting'; readonly in: 'main.cf'; readonly at: string; readonly op: 'unset'}
  | {
      readonly kind: 'item';
      readonly in: 'main.cf';
      readonly at: string;
      readonly value: string;
      readonly state: State;
      readonly before?: readonly string[];
      readonly after?: readonly string[];
      readonly base?: readonly string[];
    };

export type MasterWant =
  | {
      readonly kind: 'master';
      readonly name: string;
      readonly type: 'inet' | 'unix';
      readonly state: 'present';
      readonly columns: MasterColumns;
      readonly options: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'master';
      readonly name: string;
      readonly type: 'inet' | 'unix';
      readonly state: 'absent';
    };

export type Row =
  | {
      readonly key: string;
      readonly state: 'present';
      readonly content: Content /** A row that is there already stays as it is. */;
      readonly keep?: boolean;
    }
  | {readonly key: string; readonly state: 'absent'};

export type Ownership = {
  readonly owner: string;
  readonly group: string /** Octal permission bits, e.g. 0o640. */;
  readonly mode: number;
};

/** Rows of a file that also holds others' rows. `compile`: a Postfix lookup table of this type is made from it. */
export type RowsWant = {
  readonly kind: 'rows';
  readonly file: string;
  readonly format: RowsFormat;
  readonly rows: readonly Row[];
  readonly ownership: Ownership;
  readonly compile?: string;
  readonly secret?: boolean;
  /** More rows than a plan can hold one by one, as a blob: `+row` and `-key`, a line each. */
  readonly bulk?: {readonly digest: string; readonly count: number};
};

export type ResourceWant =
  | {readonly kind: 'package'; readonly need: PackageNeed; readonly state: State}
  | {
      readonly kind: 'user';
      readonly name: string;
      readonly uid?: number;
      readonly group: string;
      readonly gid?: number;
      readonly home: string;
      readonly shell: string;
      readonly comment: string;
      /** The hash of a first password; without one the account is locked. */
      readonly password?: Content;
      readonly state: 'present';
    }
  /** Login shell of an account that is there. */
  | {readonly kind: 'shell'; readonly user: string; readonly shell: string; readonly state: 'present'}
  | ({readonly kind: 'directory'; readonly path: string; readonly state: 'present'} & Ownership)
  | ({
      readonly kind: 'file';
      readonly path: string;
      readonly state: 'present';
      readonly content: Content;
      readonly secret?: boolean /** An existing file is left as it is. */;
      /** A Sieve script (`.sieve`): its binary stands beside it. */
      readonly compile?: 'sieve';
      readonly keep?: boolean;
      /** What is in it is shown by another change already, and is not shown twice. */
      readonly shown?: 'elsewhere';
    } & Ownership)
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly state: 'absent';
      /** It stays where main.cf or master.cf still names it once all is done. */
      readonly unless?: 'named-by-postfix';
    }
  | {
      readonly kind: 'accounts-database';
      readonly engine: 'mysql' | 'pgsql';
      readonly database: string;
      readonly table: SqlTable;
      readonly reader: {readonly name: string; readonly password: Content};
      readonly accounts: readonly {readonly name: string; readonly content: Content}[];
      readonly state: 'present';
    }
  /** A certificate that certbot(1) has an authority issue, unless it has it. */
  | {readonly kind: 'issued-certificate'; readonly order: Order; readonly state: 'present'}
  /** SELinux's label of a path and all below it; nothing where SELinux is off. */
  | {readonly kind: 'label'; readonly path: string; readonly type: 'mail_spool_t'; readonly state: 'present'}
  /** The program that a common name stands for (alternatives(8)). */
  | {readonly kind: 'alternative'; readonly name: string; readonly path: string; readonly state: 'present'}
  /**
   * SELinux's label of a port that Dovecot or Postfix listens on, where the policy has none that they may use; nothing where
   * SELinux is off.
   */
  | {
      readonly kind: 'selinux.port';
      readonly port: number;
      readonly type: 'mail_port_t';
      readonly state: State;
    }
  /** A switch of SELinux's policy; a name of Red Hat's policy is found in Debian's too. Nothing where SELinux is off. */
  | {
      readonly kind: 'selinux.boolean';
      readonly name: string;
      readonly value: boolean;
      readonly state: 'present';
    }
  | {readonly kind: 'service'; readonly unit: string; readonly state: 'present' | 'absent'}
  /** A port that people or servers must reach, or must not; `from` limits it to addresses or networks. */
  | {
      readonly kind: 'port';
      readonly port: number;
      readonly protocol: 'tcp';
      readonly state: State;
      readonly from?: readonly string[];
      /** Closed even where somebody else opened it. */
      readonly others?: true;
    };

export type Want = DovecotWant | MainWant | MasterWant | RowsWant | ResourceWant;

/** A want with a reason to show in the review, where the section has one. */
export type Because = {readonly because?: Text};
