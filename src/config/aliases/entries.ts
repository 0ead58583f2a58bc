import {packRows} from '../rows/packed.js';

/** Addresses of a file of aliases with their targets and lines. */
export type AliasEntries = {
  readonly size: () => number;
  /** Adds an entry, unless its address has one already: then its number; -1: it was added. */
  readonly add: (from: string, to: string, line: number) => number;
  /** Number of the entry of an address; -1: none. */
  readonly find: (address: string) => number;
  readonly line: (at: number) => number;
  /** Calls back with every entry, in the order of the file. `to`: targets with `, ` between. */
  readonly each: (use: (from: string, to: string, line: number) => void) => void;
  /** As rows that are to be there. */
  readonly bytes: () => Buffer;
};

export const aliasEntries = (): AliasEntries => {
  const rows = packRows();
  const lines: number[] = [];
  return {
    size: rows.size,
    add: (from, to, line) => {
      const there = rows.addNew(from, `+${from} ${to}`);
      there < 0 && lines.push(line);
      return there;
    },
    find: rows.find,
    line: at => lines[at] ?? 0,
    each: use => {
      for (let at = 0; at < lines.length; at += 1) {
        const row = rows.row(at);
        const end = row.indexOf(' ');
        use(row.slice(0, end), row.slice(end + 1), lines[at] ?? 0);
      }
    },
    bytes: rows.bytes,
  };
};

/** Targets of an entry, one by one. */
export const targetsIn = (to: string): readonly string[] => (to.includes(',') ? to.split(', ') : [to]);
