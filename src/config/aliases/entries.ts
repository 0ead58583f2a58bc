import {type PackedRows, packRows} from '../rows/packed.js';
import type {UsualLine} from './line.js';

/** Addresses of a file of aliases with their targets and lines. */
export type AliasEntries = {
  readonly size: () => number;
  /** Adds an entry, unless its address has one already: then its number; -1: it was added. */
  readonly add: (from: string, to: string, line: number) => number;
  /** The same for a usual line of some bytes. */
  readonly addFrom: (bytes: Uint8Array, places: UsualLine, line: number) => number;
  /** Domains that the addresses are in. */
  readonly domains: ReadonlySet<string>;
  /** Number of the entry of an address; -1: none. */
  readonly find: (address: string) => number;
  readonly line: (at: number) => number;
  readonly from: (at: number) => string;
  /** Targets with `, ` between. */
  readonly to: (at: number) => string;
  /**
   * Calls back for entries that follow each other, in the order of the file, and have the same targets: with the first one, and
   * the one behind the last. Many lines in a row lead to one person.
   */
  readonly eachRun: (use: (first: number, end: number) => void) => void;
  /** As rows that are to be there. */
  readonly rows: PackedRows;
};

export const aliasEntries = (): AliasEntries => {
  const rows = packRows();
  const lines: number[] = [];
  const domains = new Set<string>();
  let last = '';
  let runs: readonly number[] | undefined;
  const entered = (there: number, domain: string, line: number) => {
    runs = undefined;
    there < 0 && lines.push(line);
    domain === last || domains.add(domain);
    last = domain;
    return there;
  };
  return {
    size: rows.size,
    domains,
    add: (from, to, line) => entered(rows.addNew(from, `+${from} ${to}`), domainOf(from), line),
    addFrom: (bytes, {from, fromEnd, to, toEnd, domain}, line) =>
      entered(rows.addFrom(bytes, from, fromEnd, to, toEnd), domain, line),
    find: rows.find,
    line: at => lines[at] ?? 0,
    from: at => {
      const row = rows.row(at);
      return row.slice(0, row.indexOf(' '));
    },
    to: at => {
      const row = rows.row(at);
      return row.slice(row.indexOf(' ') + 1);
    },
    eachRun: use => {
      runs ??= runsIn(rows);
      runs.forEach((first, n) => void use(first, runs?.[n + 1] ?? lines.length));
    },
    rows,
  };
};

const runsIn = (rows: PackedRows): readonly number[] => {
  const runs: number[] = [];
  for (let at = 0; at < rows.size(); at += 1) {
    (at > 0 && rows.hasSameValue(at, at - 1)) || runs.push(at);
  }

  return runs;
};

/** The domain that an address is in. */
export const domainOf = (address: string) => address.slice(address.indexOf('@') + 1);

/** Targets of an entry, one by one. */
export const targetsIn = (to: string): readonly string[] => (to.includes(',') ? to.split(', ') : [to]);
