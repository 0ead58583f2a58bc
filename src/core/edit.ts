import type {Text} from './text.js';

/** Syntax family of Dovecot's configuration; follows `dovecot --version`, never the distribution. */
export type DovecotDialect = '2.3' | '2.4';

/**
 * One block on the way to a setting. Dovecot 2.3 leaves some blocks unnamed (`passdb { driver = pam }`): those are
 * addressed by `where`, and an address that more than one block answers to is an error, never a guess.
 */
export type Block = {
  readonly type: string;
  readonly name?: string;
  readonly where?: {readonly key: string; readonly value: string};
};

/** An edit of Dovecot's configuration as a whole; the planner decides which file it lands in. `value` is raw text right of `=`, already quoted for the dialect. */
export type DovecotEdit =
  | {
      readonly op: 'set';
      readonly at: readonly Block[];
      readonly key: string;
      readonly value: string;
      readonly home?: string;
    }
  | {readonly op: 'unset'; readonly at: readonly Block[]; readonly key: string}
  | {
      readonly op: 'item';
      readonly at: readonly Block[];
      readonly key: string;
      readonly value: string;
      readonly state: 'present' | 'absent';
      /** What the list starts from when no file says anything, e.g. `$mail_plugins`. */
      readonly base?: string;
      readonly home?: string;
    }
  /** An empty block that must exist (2.4: `passdb pam {}`), or a block that must not. */
  | {
      readonly op: 'block';
      readonly at: readonly Block[];
      readonly state: 'present' | 'absent';
      readonly home?: string;
    }
  /** `!include auth-system.conf.ext`: uncommented, or commented again. */
  | {
      readonly op: 'include';
      readonly file: string;
      /** The same plan makes the file: it is included where no pattern of the main file does that already. */
      readonly made?: true;
      readonly state: 'present' | 'absent';
      readonly home?: string;
    }
  /**
   * What is there already comes in this order: the includes of these files, and of each group the blocks at these addresses.
   * Lines that stand in between stay in their place.
   */
  | {
      readonly op: 'order';
      readonly files: readonly string[];
      readonly groups: readonly (readonly Block[])[];
    };
// `home`: file name in conf.d where the kind belongs when nothing on the machine says so, e.g. `10-ssl.conf`.

/** An edit of Postfix's `main.cf` (postconf(5)). Values are raw text, `$` already doubled where literal. */
export type MainEdit =
  | {readonly op: 'set'; readonly key: string; readonly value: string}
  | {readonly op: 'unset'; readonly key: string}
  | {
      readonly op: 'item';
      readonly key: string;
      readonly value: string;
      readonly state: 'present' | 'absent';
      /** Items this one must come before or after, where they are present; otherwise it goes last. */
      readonly before?: readonly string[];
      readonly after?: readonly string[];
      /** Items the list starts from when the file does not set it (the compiled default that must stay in force). */
      readonly base?: readonly string[];
    };

/** The columns of a `master.cf` service entry (master(5)); `-` is the default. */
export type MasterColumns = {
  readonly private: string;
  readonly unpriv: string;
  readonly chroot: string;
  readonly wakeup: string;
  readonly maxproc: string;
  readonly command: string;
};

/** An edit of Postfix's `master.cf`. `options` is the whole `-o` set of the entry, in order. */
export type MasterEdit =
  | {
      readonly op: 'service';
      readonly name: string;
      readonly type: 'inet' | 'unix' | 'fifo' | 'pass';
      readonly state: 'present';
      readonly columns: MasterColumns;
      readonly options: Readonly<Record<string, string>>;
    }
  | {
      readonly op: 'service';
      readonly name: string;
      readonly type: 'inet' | 'unix' | 'fifo' | 'pass';
      readonly state: 'absent';
    };

/** How rows of a file are written: `table` = Postfix lookup table (key, blanks, value), `aliases` = aliases(5), `passwd` = colon-separated with the user first, `lines` = whole lines, `settings` = `name = value`, a commented `#name = ` being its default; `ext` = the same in a file of Dovecot 2.3's, where a comment may stand behind a value. */
export type RowsFormat = 'table' | 'aliases' | 'passwd' | 'lines' | 'settings' | 'ext';

/** One row that must be there, replacing one with the same key, or must not. `text` is the whole row without its newline. */
export type RowEdit =
  | {readonly op: 'row'; readonly key: string; readonly state: 'present'; readonly text: string}
  | {readonly op: 'row'; readonly key: string; readonly state: 'absent'};

/** An edit with the section that asked for it. */
export type Owned<E> = {readonly section: string; readonly edit: E};

/** Where an edit landed and how; `review` and undo tell people about it. */
export type Placed<E> = Owned<E> & {
  readonly file: string;
  readonly line: number;
  readonly how: 'replaced' | 'uncommented' | 'inserted' | 'removed' | 'unchanged';
  /** Said in the review, e.g. that a later include would have won. */
  readonly note?: Text;
};

/** An edit that could not be made; planning stops with all of them. */
export type Refused<E> = Owned<E> & {readonly reason: Text};

/** Text of every file that the edits changed or made, and what happened to each edit. */
export type Folded<E> = {
  readonly files: ReadonlyMap<string, string>;
  readonly placed: readonly Placed<E>[];
  readonly refused: readonly Refused<E>[];
};

/** Read-only files of a configuration, in memory: latin1 text by absolute path. */
export type ConfigTree = {
  /** Absolute path of the main file, e.g. `/etc/dovecot/dovecot.conf`. */
  readonly root: string;
  /** Undefined where there is no such file. */
  readonly read: (path: string) => string | undefined;
  /** Paths that match a shell pattern in its last part, sorted by byte as Dovecot sorts them. */
  readonly glob: (pattern: string) => readonly string[];
  /** False for files that packages own outside /etc: they are read, never edited. */
  readonly editable: (path: string) => boolean;
};
