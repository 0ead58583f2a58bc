/**
 * Rows of a lookup table in one buffer (`+row` and `-key`, a line each), found by their keys: a million of them take little more
 * than their bytes, where an object for each would take ten times as much.
 */
export type PackedRows = {
  readonly size: () => number;
  /** Puts a row at the end. Of a key that is there twice, the last one is found. */
  readonly add: (line: string) => void;
  /** The same, unless there is a row with this key (in lower case) already: then its number, and nothing is put. -1: it was put. */
  readonly addNew: (key: string, line: string) => number;
  /** Number of the row with a key, in upper or lower case; -1: none. */
  readonly find: (key: string) => number;
  /** A row as it stands in the table; of one that is to go, its key. */
  readonly row: (at: number) => string;
  /** Whether a row is the very line that begins at an offset of a text; makes no strings. */
  readonly isAt: (at: number, text: string, offset: number) => boolean;
  /** Whether a row is to go. */
  readonly goes: (at: number) => boolean;
  /** All of it. */
  readonly bytes: () => Buffer;
};

/** Rows that are in a blob already, or none yet. `colons`: those of a passwd-file, whose keys end at a colon. */
export const packRows = (there: Buffer = Buffer.alloc(0), colons = false): PackedRows => {
  const isEnd = (code: number) => isBlank(code) || (colons && code === 58);
  let buffer = there;
  let used = 0;
  let slots = new Int32Array(1024);
  let count = 0;
  let starts = new Int32Array(512);
  let hashes = new Int32Array(512);
  let isTwice = false;
  const endOf = (at: number) => (at + 1 < count ? (starts[at + 1] ?? 0) : used) - 1;
  const row = (at: number) => buffer.toString('latin1', (starts[at] ?? 0) + 1, endOf(at));
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
    for (let at = count - 1; at >= 0; at -= 1) {
      const hash = hashes[at] ?? 0;
      let slot = hash & mask;
      while ((slots[slot] ?? 0) !== 0) {
        slot = (slot + 1) & mask;
      }

      slots[slot] = at + 1;
    }
  };
  const put = (slot: number, hash: number, start: number) => {
    if (count === starts.length) {
      starts = longer(starts);
      hashes = longer(hashes);
    }

    starts[count] = start;
    hashes[count] = hash;
    count += 1;
    isTwice ||= slots[slot] !== 0;
    slots[slot] = count;
    if (count * 2 > slots.length) {
      grow();
    }
  };
  // By its bytes: a string for each of a million keys would be thrown away again.
  const enter = (start: number) => {
    const from = start + 1;
    let hash = seed;
    let end = from;
    for (let code = buffer[end] ?? 10; !isEnd(code); code = buffer[end] ?? 10) {
      hash = Math.imul(hash ^ lower(code), prime);
      end += 1;
    }

    hash ^= hash >>> 15;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let at = (slots[slot] ?? 0) - 1; at >= 0; at = (slots[slot] ?? 0) - 1) {
      if (hashes[at] === hash && hasKeyAt(at, from, end)) {
        break;
      }

      slot = (slot + 1) & mask;
    }

    put(slot, hash, start);
  };
  const hasKeyAt = (at: number, from: number, end: number) => {
    const start = (starts[at] ?? 0) + 1;
    for (let place = from; place < end; place += 1) {
      if (lower(buffer[start + place - from] ?? 0) !== lower(buffer[place] ?? 0)) {
        return false;
      }
    }

    return isEnd(buffer[start + end - from] ?? 10);
  };
  const write = (line: string) => {
    const start = used;
    used += line.length + 1;
    if (used > buffer.length) {
      buffer = Buffer.concat([buffer], Math.max(65_536, used * 2));
    }

    buffer.write(line, start, 'latin1');
    buffer[used - 1] = 10;
    return start;
  };
  // Whoever asks for all keys of a table that was made of these rows asks for them in their order.
  let last = -1;

  while (used < there.length) {
    const start = used;
    const end = there.indexOf(10, start);
    used = end < 0 ? there.length + 1 : end + 1;
    enter(start);
  }

  return {
    size: () => count,
    add: line => enter(write(line)),
    addNew: (key, line) => {
      const hash = hashOf(key);
      const slot = slotOf(key, hash);
      const there = (slots[slot] ?? 0) - 1;
      if (there < 0) {
        put(slot, hash, write(line));
      }

      return there;
    },
    find: key => {
      const small = key.toLowerCase();
      if (!isTwice && last + 1 < count && holds(last + 1, small)) {
        last += 1;
        return last;
      }

      const at = (slots[slotOf(small, hashOf(small))] ?? 0) - 1;
      last = at < 0 ? last : at;
      return at;
    },
    isAt: (at, text, offset) => {
      const start = (starts[at] ?? 0) + 1;
      const length = endOf(at) - start;
      for (let place = 0; place < length; place += 1) {
        if (buffer[start + place] !== text.charCodeAt(offset + place)) {
          return false;
        }
      }

      const next = offset + length;
      return next === text.length || text.charCodeAt(next) === 10;
    },
    row,
    goes: at => buffer[starts[at] ?? 0] === 45,
    bytes: () => buffer.subarray(0, Math.min(used, buffer.length)),
  };
};

const longer = (numbers: Int32Array) => {
  const more = new Int32Array(numbers.length * 2);
  more.set(numbers);
  return more;
};

/** A text up to its first blank. */
export const firstWord = (text: string) => {
  let end = 0;
  while (end < text.length && !isBlank(text.charCodeAt(end))) {
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
const seed = -2_128_831_035;
const prime = 16_777_619;
const hashOf = (key: string) => {
  let hash = seed;
  for (let at = 0; at < key.length; at += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(at), prime);
  }

  return hash ^ (hash >>> 15);
};
