import type {Order} from '../core/acme.js';
import type {FirewallItem} from '../core/change.js';
import type {Secret} from '../core/secret.js';

/** What lstat(2) tells, times in nanoseconds. */
export type Stat = {
  readonly type: 'file' | 'directory' | 'link' | 'other';
  readonly dev: bigint;
  readonly ino: bigint;
  /** Permission bits with setuid, setgid and sticky, e.g. 0o640. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly nlink: number;
  /** Bytes. */
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
};

/**
 * The floor: every touch of a file system goes through these synchronous operations, so that their order is provable and
 * kill points, injected faults and the crash model live in one place. Paths are absolute within the tree; a tree may be
 * mounted elsewhere. Errors are Node's, with `code`. Undefined only where said.
 */
export type ReadFiles = {
  /** Undefined where nothing is there; never follows a final link. */
  readonly lstat: (path: string) => Stat | undefined;
  /** Whole content of a regular file; undefined where nothing is there; refuses devices and FIFOs; follows no final link unless `follow`. */
  readonly read: (
    path: string,
    options?: {readonly follow?: boolean; readonly limit?: number},
  ) => Buffer | undefined;
  /**
   * sha256 of what `read` would give, hex, with the same refusals and for the same where nothing is there; the content is never in
   * memory whole.
   */
  readonly digest: (path: string, options?: {readonly follow?: boolean}) => string | undefined;
  /** Names in a directory, sorted by byte; undefined where it is not there. */
  readonly list: (path: string) => readonly string[] | undefined;
  readonly readLink: (path: string) => string | undefined;
  /**
   * Reads a regular file, followed over links, in parts that end where a line ends, until `use` has seen enough; a part is good until the
   * next one. Nothing is called where nothing is there. Missing on a floor that has all in memory anyway.
   */
  readonly parts?: (path: string, use: (part: Buffer) => boolean) => void;
  /** Room on the file system of a directory that exists (statvfs(3)), for others than root too; `inodes` undefined where it counts none. */
  readonly space?: (path: string) => {readonly bytes: number; readonly inodes: number | undefined};
};

export type Files = ReadFiles & {
  /** Makes a new file (O_EXCL|O_NOFOLLOW) with exactly this mode, writes all of it; the file is not yet durable. EEXIST where something is there. */
  readonly create: (path: string, bytes: Uint8Array, mode: number) => void;
  /**
   * Makes such a file with the bytes of another one, never in memory whole, and gives their sha256; refuses what `read` refuses.
   * Undefined, and nothing made, where there is none.
   */
  readonly copy: (from: string, to: string, mode: number) => string | undefined;
  /** Appends to a file that exists and makes it durable before returning (the journal's operation). */
  readonly append: (path: string, bytes: Uint8Array) => void;
  /** Appends without making it durable: for what nothing is decided by. */
  readonly note: (path: string, bytes: Uint8Array) => void;
  /** fsync(2) of a file's data. Never retried when it fails. */
  readonly syncFile: (path: string) => void;
  /** fsync(2) of a directory: makes names durable. */
  readonly syncDirectory: (path: string) => void;
  readonly chown: (path: string, uid: number, gid: number) => void;
  readonly chmod: (path: string, mode: number) => void;
  /** Copies owner, mode, extended attributes, ACLs and label from one file to another. */
  readonly copyAttributes: (from: string, to: string) => void;
  /** Sets the modification time, in nanoseconds since the epoch, exactly. */
  readonly setTime: (path: string, mtimeNs: bigint) => void;
  readonly rename: (from: string, to: string) => void;
  /**
   * Two names of one directory change places at one moment (renameat2(2), RENAME_EXCHANGE): what was at either can be looked
   * at afterwards, so nothing that somebody saves meanwhile is lost. False, and nothing done, where the machine cannot.
   */
  readonly exchange: (one: string, other: string) => boolean;
  /** Writes a file in place and makes it durable: not whole at every moment, so only where it cannot be replaced (a bind mount). */
  readonly overwrite: (path: string, bytes: Uint8Array) => void;
  /** Hard link; EEXIST where `to` is there: creation without clobbering. */
  readonly link: (from: string, to: string) => void;
  readonly symlink: (target: string, path: string) => void;
  readonly unlink: (path: string) => void;
  readonly makeDirectory: (path: string, mode: number) => void;
  /** Removes an empty directory; ENOTEMPTY otherwise. */
  readonly removeDirectory: (path: string) => void;
  /**
   * Keeps postconf(1) away from a file of Postfix's until the returned function is called. Undefined where another program
   * is editing it, and still is after so many seconds. Missing on a floor that no other program can reach.
   */
  readonly holdOffPostconf?: (path: string, seconds: number) => (() => void) | undefined;
};

export type RunOptions = {
  /** Standard input; a secret is revealed into the pipe and nowhere else. */
  readonly input?: string | Uint8Array | Secret;
  /** Milliseconds; default 60 000. 0 = none (package manager). The whole process group is killed. */
  readonly timeout?: number;
  /** Added to the clean environment (PATH, LC_ALL=C.UTF-8, HOME=/root). Never a secret. */
  readonly env?: Readonly<Record<string, string>>;
  /** Live lines of stdout and stderr together, already made visible. */
  readonly onLine?: (line: string) => void;
  /** Bytes kept of each stream; default 1 MiB (the rest is counted and dropped). */
  readonly limit?: number;
  /** What it prints on stdout is not wanted, however much it is. */
  readonly silent?: true;
};

export type RunResult = {
  /** Null where it was killed by a signal or could not be started. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  /** True where the program is not there. */
  readonly missing: boolean;
};

/** Runs a file with arguments: an absolute path, or a name looked up in root-owned system directories; never a shell. */
export type Run = (file: string, args: readonly string[], options?: RunOptions) => Promise<RunResult>;

/** How a program is started: a file and its arguments. */
export type Program = {readonly file: string; readonly args: readonly string[]};

/** Which machine this is. Services, firewall and processes are real only on `machine`. */
export type Ground = 'machine' | 'directory' | 'view';

/** Reads. Detection, observation and previews get this one. `run` is for commands that change nothing. */
export type Host = {
  readonly ground: Ground;
  readonly files: ReadFiles;
  /** Whether commands can run on this ground at all (a plain directory without its own programs: no). */
  readonly runs: boolean;
  readonly run: Run;
};

/** State of a systemd unit. */
export type UnitState = {
  readonly exists: boolean;
  readonly enabled: boolean;
  readonly active: boolean;
  readonly masked: boolean;
};

/** Services of the machine; on other grounds a ledger of what was wanted. */
export type Services = {
  readonly simulated: boolean;
  readonly state: (unit: string) => Promise<UnitState>;
  readonly enable: (unit: string) => Promise<void>;
  readonly disable: (unit: string) => Promise<void>;
  readonly start: (unit: string) => Promise<void>;
  readonly stop: (unit: string) => Promise<void>;
  readonly reload: (unit: string) => Promise<void>;
  readonly restart: (unit: string) => Promise<void>;
};

/** Which firewall, and in which of its zones; ufw has none. */
export type FirewallPlace = {readonly backend: 'firewalld' | 'ufw'; readonly zone: string};

/** Entries of firewalld or ufw, permanent and runtime apart; on other grounds a ledger. */
export type Firewall = {
  readonly simulated: boolean;
  readonly has: (
    place: FirewallPlace,
    item: FirewallItem,
  ) => Promise<{readonly permanent: boolean; readonly runtime: boolean}>;
  readonly set: (
    place: FirewallPlace,
    item: FirewallItem,
    where: 'permanent' | 'runtime',
    state: 'present' | 'absent',
    /** Of a rule that comes back, where the firewall keeps such; without it, ours. */
    comment?: string,
  ) => Promise<void>;
};

/**
 * Database servers of this machine, as their administrator. `look`: rows, columns between tabs (mysql) or bars (pgsql); undefined
 * where the server cannot be asked. On other grounds nothing is changed.
 */
export type Databases = {
  readonly simulated: boolean;
  readonly look: (
    engine: 'mysql' | 'pgsql',
    database: string | undefined,
    statement: string,
  ) => Promise<readonly string[] | undefined>;
  readonly change: (
    engine: 'mysql' | 'pgsql',
    database: string | undefined,
    statements: Secret,
  ) => Promise<void>;
};

/**
 * Who has certificates issued for this machine; on other grounds nobody is asked. Each throws with the reason in plain words.
 */
export type Authority = {
  readonly simulated: boolean;
  /** Asks for all of it but the certificate, and leaves nothing behind. */
  readonly rehearse: (order: Order, say: (line: string) => void) => Promise<void>;
  readonly issue: (order: Order, say: (line: string) => void) => Promise<void>;
  /** Waits until nothing of an order goes on any more, whoever gave it. */
  readonly quiet: () => Promise<void>;
};

/** Reads and writes. Only changes and the transaction get this one. */
export type System = Host & {
  /** Where the tree is mounted; `/` for the machine itself. */
  readonly tree: string;
  readonly files: Files;
  readonly services: Services;
  readonly firewall: Firewall;
  readonly databases: Databases;
  readonly authority: Authority;
};

/** A tree that can be read and written without touching the machine, with a way to throw it away. */
export type View = {
  readonly system: System;
  /** Where the view can be seen from outside, e.g. for copying package files. */
  readonly root: string;
  /** False where no private namespace could be made: files only, daemons cannot be asked. */
  readonly runs: boolean;
  readonly close: () => Promise<void>;
};

/** Bytes by digest. In memory while planning; in the transaction's folder (0600) once it is prepared. */
export type Blobs = {
  readonly put: (bytes: Uint8Array) => string;
  /** The same of a file, never in memory whole; undefined where there is none. Missing where blobs are in memory anyway. */
  readonly keep?: (path: string) => string | undefined;
  readonly get: (digest: string) => Buffer;
  readonly has: (digest: string) => boolean;
  /** Keeps a file's ACLs and extended attributes on an empty file, whose path it gives; undefined where they cannot be kept. */
  readonly carry?: (path: string) => string | undefined;
  /** The file that holds a blob, where it is one. */
  readonly where?: (digest: string) => string;
};
