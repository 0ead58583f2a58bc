/**
 * Rows of a lookup table in one buffer (`+row` and `-key`, a line each), found by their keys: a million of them take little more
 * than their bytes, where an object for each would take ten times as much.
 */
export type PackedRows = {
  readonly size: () => number;
  /** Puts a row at the end. Of a key that is there twice, the last one is found. */
  readonly add: (line: string) => void;
  /** Number of the row with a key, in upper or lower case; -1: none. */
  readonly find: (key: string) => number;
  /** A row as it stands in the table; of one that is to go, its key. */
  readonly row: (at: number) => string;
  /** Whether a row is to go. */
  readonly goes: (at: number) => boolean;
  /** All of it. */
  readonly bytes: () => Buffer;
};

/** Rows that are in a blob already, or none yet. `colons`: those of a passwd-file, whose keys end at a colon. */
export const packRows = (there: Buffer = Buffer.alloc(0), colons = false): PackedRows => {
  const isEnd = (code: number) => isBlank(code) || (colons && code === 58);
  const keyIn = (row: string) => wordTo(row, isEnd).toLowerCase();
  let buffer = there;
  let used = 0;
  let slots = new Int32Array(1024);
  const starts: number[] = [];
  const hashes: number[] = [];
  const row = (at: number) => buffer.toString('latin1', (starts[at] ?? 0) + 1, (starts[at + 1] ?? used) - 1);
  const holds = (at: number, key: string) => {
    const start = (starts[at] ?? 0) + 1;
    for (let place = 0; place < key.length; place += 1) {
      if (lower(buffer[start + place] ?? 0) !== key.charCodeAt(place)) {
        return false;
      }
    }

    return isEnd(buffer[start + key.length] ?? 10);
  };
  const slotOf = (key: string, hash: number) => {
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const at = (slots[slot] ?? 0) - 1;
      if (at < 0 || (hashes[at] === hash && holds(at, key))) {
        return slot;
      }

      slot = (slot + 1) & mask;
    }
  };
  // Keys that are there differ, but for one that is there twice: its later row is the one that is found.
  const grow = () => {
    slots = new Int32Array(slots.length * 4);
    const mask = slots.length - 1;
    for (let at = starts.length - 1; at >= 0; at -= 1) {
      const hash = hashes[at] ?? 0;
      let slot = hash & mask;
      while ((slots[slot] ?? 0) !== 0) {
        slot = (slot + 1) & mask;
      }

      slots[slot] = at + 1;
    }
  };
  const enter = (key: string, start: number) => {
    const hash = hashOf(key);
    starts.push(start);
    hashes.push(hash);
    slots[slotOf(key, hash)] = starts.length;
    if (starts.length * 2 > slots.length) {
      grow();
    }
  };

  while (used < there.length) {
    const start = used;
    const end = there.indexOf(10, start);
    used = end < 0 ? there.length + 1 : end + 1;
    enter(keyIn(there.toString('latin1', start + 1, used - 1)), start);
  }

  return {
    size: () => starts.length,
    add: line => {
      const start = used;
      used += line.length + 1;
      if (used > buffer.length) {
        buffer = Buffer.concat([buffer], Math.max(65_536, used * 2));
      }

      buffer.write(line, start, 'latin1');
      buffer[used - 1] = 10;
      enter(keyIn(line.slice(1)), start);
    },
    find: key => {
      const small = key.toLowerCase();
      return (slots[slotOf(small, hashOf(small))] ?? 0) - 1;
    },
    row,
    goes: at => buffer[starts[at] ?? 0] === 45,
    bytes: () => buffer.subarray(0, Math.min(used, buffer.length)),
  };
};

/** A text up to its first blank. */
export const firstWord = (text: string) => wordTo(text, isBlank);

const wordTo = (text: string, isEnd: (code: number) => boolean) => {
  let end = 0;
  while (end < text.length && !isEnd(text.charCodeAt(end))) {
    end += 1;
  }

  return end === text.length ? text : text.slice(0, end);
};

// What `toLowerCase` does to a letter of latin1.
const lower = (code: number) =>
  (code > 64 && code < 91) || (code > 191 && code < 223 && code !== 215) ? code + 32 : code;

/** What `\s` matches in latin1. */
export const isBlank = (code: number) => code === 32 || (code > 8 && code < 14) || code === 160;

// FNV-1a: short, and spreads keys that differ in a digit.
const hashOf = (key: string) => {
  let hash = -2_128_831_035;
  for (let at = 0; at < key.length; at += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(at), 16_777_619);
  }

  return hash ^ (hash >>> 15);
};
