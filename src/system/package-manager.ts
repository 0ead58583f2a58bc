import type {Files, Host, ReadFiles, Run, System} from './types.js';

export type PackageManagerName = 'apt' | 'dnf';

/** A package file and what it holds. */
export type PackageFile = {
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
};

/** One answer to a question that a package asks while it is installed (debconf(7)). */
export type Preseed = readonly {
  readonly package: string;
  readonly question: string;
  readonly type: string;
  readonly value: string;
}[];

/** A package and its reviewed file, where that is still whole. */
export type CutPackage = {readonly name: string; readonly archive: string | undefined};

/** A scratch copy of the machine: nothing in it reaches out but what is started by `online`. */
export type StageGround = {readonly system: System; readonly online: Run};

/**
 * What the transaction and the staged tree ask of a package manager. Names are those of its own packages; versions are
 * compared as text. Each function throws a ProblemError with the package manager's own reason where it fails.
 */
export type PackageManager = {
  readonly name: PackageManagerName;
  /** How the kept package files end: the tools go by that. */
  readonly suffix: '.deb' | '.rpm';
  /** How exactly this version of a package is asked for. */
  readonly exactly: (name: string, version: string) => string;
  /** Program and process number of who uses it now; undefined where nobody does. */
  readonly lockHolder: (files: ReadFiles) => string | undefined;
  /** Name and version of every installed package; with `names`, of these at least: asking for all takes rpm(8) long. */
  readonly installed: (host: Host, names?: readonly string[]) => Promise<Readonly<Record<string, string>>>;
  /** Names that came along with others and may go with them. */
  readonly automatic: (host: Host) => Promise<ReadonlySet<string>>;
  /** Names of these that it has any record of, be it half installed. */
  readonly known: (host: Host, names: readonly string[]) => Promise<readonly string[]>;
  /** Whether the system cannot do without a package, so that it stays though it came with ours. */
  readonly isProtected: (host: Host, name: string) => boolean;
  /** Files and directories of an installed package. */
  readonly pathsOf: (host: Host, name: string) => Promise<readonly string[]>;
  /** Bytes as the packages brought them, as digests by path: what tells a file that nobody touched. */
  readonly shipped?: (host: Host, names: readonly string[]) => Promise<Readonly<Record<string, string>>>;
  /**
   * A program that keeps daemons from starting while packages come, and lets only the units of packages that go be stopped while
   * they go.
   */
  readonly guard?: {
    readonly path: string;
    readonly coming: string;
    readonly going: (units: readonly string[]) => string;
  };

  /** Gets packages and what they need from the machine's own sources, verified by its own rules, and installs them in a scratch copy. */
  readonly stage: (
    ground: StageGround,
    names: readonly string[],
    answers: Preseed,
    say: (line: string) => void,
  ) => Promise<readonly PackageFile[]>;
  /** Gets the file of exactly this version of an installed package; a text where it is not to be had. */
  readonly fetch: (ground: StageGround, name: string, version: string) => Promise<PackageFile | string>;

  /**
   * Finishes what an earlier run was cut off in; one that goes on still is waited for. `cut`: packages of a run of ours that
   * was cut off, which the package manager may have no record of though files of theirs are there.
   */
  readonly settle: (system: System, cut: readonly CutPackage[], say: (line: string) => void) => Promise<void>;
  /** Installs package files. Nothing that is installed is removed for them unless `removing`. */
  readonly install: (
    system: System,
    archives: readonly string[],
    options: {readonly answers: Preseed; readonly removing: boolean},
    say: (line: string) => void,
  ) => Promise<void>;
  /** Names of these whose questions have answers already, whether the packages are there or not. */
  readonly answered?: (files: ReadFiles, names: readonly string[]) => readonly string[];
  /** Takes back answers of packages that are not there. */
  readonly forgetAnswers?: (run: Run, names: readonly string[]) => Promise<void>;
  /** Marks packages as having come along with others. */
  readonly markAutomatic: (run: Run, names: readonly string[]) => Promise<void>;
  /** Names of all packages that would go if these went and the package files came. */
  readonly wouldRemove: (
    run: Run,
    names: readonly string[],
    archives: readonly string[],
  ) => Promise<readonly string[]>;
  /** Takes away what it knows to be half unpacked, which cannot be removed in the usual way. */
  readonly mend?: (
    system: System,
    packages: readonly CutPackage[],
    say: (line: string) => void,
  ) => Promise<void>;
  /** Removes packages with their configuration, and installs package files in the same step. */
  readonly exchange: (
    run: Run,
    archives: readonly string[],
    names: readonly string[],
    say: (line: string) => void,
  ) => Promise<void>;
  /** The number under which it remembers its last run, where it counts them. */
  readonly lastRun?: (run: Run) => Promise<string | undefined>;
};

/** Text of a file; empty where it is not there, or where it went while it was looked at. */
export const textAt = (files: ReadFiles | Files, path: string) => {
  try {
    return files.read(path)?.toString('latin1') ?? '';
  } catch {
    return '';
  }
};
