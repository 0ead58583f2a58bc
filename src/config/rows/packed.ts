import {hashIn, hashOf, isBlank, lower} from './words.js';

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
  /** The same for a row that is to be there, of a key in lower case and a value between offsets of some bytes; makes no objects. */
  readonly addFrom: (bytes: Uint8Array, key: number, keyEnd: number, value: number, end: number) => number;
  /** Number of the row with a key, in upper or lower case; -1: none. */
  readonly find: (key: string) => number;
  /** The same for the key that begins at an offset of some bytes; makes no strings. */
  readonly findIn: (bytes: Uint8Array, offset: number) => number;
  /** A row as it stands in the table; of one that is to go, its key. */
  readonly row: (at: number) => string;
  /** Whether a row is the very line that begins at an offset of a text; makes no strings. */
  readonly isAt: (at: number, text: string, offset: number) => boolean;
  /** The same of a line that begins at an offset of some bytes. */
  readonly isIn: (at: number, bytes: Uint8Array, offset: number) => boolean;
  /** Whether two rows are the same behind their keys. */
  readonly hasSameValue: (at: number, other: number) => boolean;
  /** Whether a row is to go. */
  readonly goes: (at: number) => boolean;
  /** All of it. */
  readonly bytes: () => Buffer;
  /** Rows from one number up to another, which is not among them. */
  readonly part: (from: number, to: number) => Buffer;
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
  // Whoever asks for all keys of a table that was made of these rows asks for them in their order.
  let last = -1;
  const startOf = (at: number) => (at < count ? (starts[at] ?? 0) : Math.min(used, buffer.length));
  const endOf = (at: number) => (at + 1 < count ? (starts[at + 1] ?? 0) : used) - 1;
  const endOfKey = (bytes: Uint8Array, from: number) => {
    let end = from;
    while (!isEnd(bytes[end] ?? 10)) {
      end += 1;
    }

    return end;
  };
  const holds = (at: number, key: string) => {
    const start = (starts[at] ?? 0) + 1;
    for (let place = 0; place < key.length; place += 1) {
      if (lower(buffer[start + place] ?? 0) !== key.charCodeAt(place)) {
        return false;
      }
    }

    return isEnd(buffer[start + key.length] ?? 10);
  };
  const holdsIn = (at: number, bytes: Uint8Array, from: number) => {
    for (let own = (starts[at] ?? 0) + 1, place = from; ; own += 1, place += 1) {
      const code = buffer[own] ?? 10;
      const other = bytes[place] ?? 10;
      if (isEnd(code) || isEnd(other)) {
        return isEnd(code) && isEnd(other);
      }

      if (code !== other && lower(code) !== lower(other)) {
        return false;
      }
    }
  };
  const valueAt = (at: number) => endOfKey(buffer, (starts[at] ?? 0) + 1);
  // The slot of a key, or the free one where it would be put. Twice, since there may be a million lines, and each a function less.
  const slotOf = (hash: number, key: string) => {
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let at = rowIn(slot); at >= 0 && (hashes[at] !== hash || !holds(at, key)); at = rowIn(slot)) {
      slot = (slot + 1) & mask;
    }

    return slot;
  };
  const slotIn = (hash: number, bytes: Uint8Array, from: number) => {
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (
      let at = rowIn(slot);
      at >= 0 && (hashes[at] !== hash || !holdsIn(at, bytes, from));
      at = rowIn(slot)
    ) {
      slot = (slot + 1) & mask;
    }

    return slot;
  };
  const rowIn = (slot: number) => (slots[slot] ?? 0) - 1;
  const met = (at: number) => {
    last = at < 0 ? last : at;
    return at;
  };
  // Keys that are there differ, but for one that is there twice: its later row is the one that is found.
  const grow = () => {
    slots = new Int32Array(slots.length * 4);
    const mask = slots.length - 1;
    for (let at = count - 1; at >= 0; at -= 1) {
      let slot = (hashes[at] ?? 0) & mask;
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
  const enter = (start: number) => {
    const from = start + 1;
    const hash = hashIn(buffer, from, endOfKey(buffer, from));
    put(slotIn(hash, buffer, from), hash, start);
  };
  const room = (length: number) => {
    const start = used;
    used += length;
    if (used > buffer.length) {
      buffer = Buffer.concat([buffer], Math.max(65_536, used * 2));
    }

    return start;
  };
  const write = (line: string) => {
    const start = room(line.length + 1);
    buffer.write(line, start, 'latin1');
    buffer[used - 1] = 10;
    return start;
  };
  const copy = (bytes: Uint8Array, from: number, to: number, start: number) => {
    for (let at = from; at < to; at += 1) {
      buffer[start + at - from] = bytes[at] ?? 0;
    }

    return start + to - from;
  };

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
      const slot = slotOf(hash, key);
      const there = rowIn(slot);
      there < 0 && put(slot, hash, write(line));
      return there;
    },
    addFrom: (bytes, key, keyEnd, value, end) => {
      const hash = hashIn(bytes, key, keyEnd);
      const slot = slotIn(hash, bytes, key);
      const there = rowIn(slot);
      if (there < 0) {
        const start = room(keyEnd - key + end - value + 3);
        buffer[start] = 43;
        const gap = copy(bytes, key, keyEnd, start + 1);
        buffer[gap] = 32;
        buffer[copy(bytes, value, end, gap + 1)] = 10;
        put(slot, hash, start);
      }

      return there;
    },
    find: key => {
      const small = key.toLowerCase();
      return met(
        !isTwice && last + 1 < count && holds(last + 1, small)
          ? last + 1
          : rowIn(slotOf(hashOf(small), small)),
      );
    },
    findIn: (bytes, offset) =>
      met(
        !isTwice && last + 1 < count && holdsIn(last + 1, bytes, offset)
          ? last + 1
          : rowIn(slotIn(hashIn(bytes, offset, endOfKey(bytes, offset)), bytes, offset)),
      ),
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
    isIn: (at, bytes, offset) => {
      const start = (starts[at] ?? 0) + 1;
      const length = endOf(at) - start;
      for (let place = 0; place < length; place += 1) {
        if (buffer[start + place] !== bytes[offset + place]) {
          return false;
        }
      }

      return (bytes[offset + length] ?? 10) === 10;
    },
    hasSameValue: (at, other) => {
      const from = valueAt(at);
      const start = valueAt(other);
      const length = endOf(at) - from;
      if (endOf(other) - start !== length) {
        return false;
      }

      let place = 0;
      while (place < length && buffer[from + place] === buffer[start + place]) {
        place += 1;
      }

      return place === length;
    },
    row: at => buffer.toString('latin1', (starts[at] ?? 0) + 1, endOf(at)),
    goes: at => buffer[starts[at] ?? 0] === 45,
    bytes: () => buffer.subarray(0, startOf(count)),
    part: (from, to) => buffer.subarray(startOf(from), startOf(to)),
  };
};

const longer = (numbers: Int32Array) => {
  const more = new Int32Array(numbers.length * 2);
  more.set(numbers);
  return more;
};
