import * as fs from 'node:fs';

/** Bytes that are read at a time. */
const usual = 256 * 1024;

/**
 * Reads an open file in parts that end where a line ends, all in the same memory: a part is good until the next one. Stops where
 * `use` says that it has seen enough.
 */
export const readParts = (descriptor: number, use: (part: Buffer) => boolean): void => {
  let room = Buffer.allocUnsafeSlow(usual);
  let held = 0;
  for (;;) {
    if (held === room.length) {
      // A line that is longer than that.
      room = Buffer.concat([room], room.length * 2);
    }

    const read = fs.readSync(descriptor, room, held, room.length - held, null);
    if (read === 0) {
      if (held > 0) {
        use(room.subarray(0, held));
      }

      return;
    }

    const filled = held + read;
    const end = room.lastIndexOf(10, filled - 1) + 1;
    if (end > 0 && use(room.subarray(0, end))) {
      return;
    }

    room.copyWithin(0, end, filled);
    held = filled - end;
  }
};
