import type {RowsFormat} from '../../core/edit.js';
import {findIn} from './find.js';
import {lastRow} from './whole.js';

/** What a file is read by: whole, or in parts that end where a line ends. */
type Reader = {
  readonly read: (path: string, options: {readonly follow: true}) => Buffer | undefined;
  readonly parts?: (path: string, use: (part: Buffer) => boolean) => void;
};

/**
 * The first row of each of a few keys of a passwd-file or a lookup table, as Dovecot and Postfix read it. A list of 100,000 accounts,
 * and the table that follows it, are looked at many times in one change: they are not read into memory each time.
 */
export const rowsInFile = (
  files: Reader,
  path: string,
  keys: ReadonlySet<string>,
  format: RowsFormat = 'passwd',
): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  const look = (bytes: Buffer) => {
    for (const key of keys) {
      const row = found.has(key) ? undefined : findIn(bytes, format, key);
      if (row !== undefined) {
        found.set(key, row);
      }
    }

    return found.size === keys.size;
  };
  if (files.parts === undefined) {
    look(files.read(path, {follow: true}) ?? Buffer.alloc(0));
  } else if (format === 'passwd') {
    files.parts(path, look);
  } else {
    // A row may go on in the next part: the last one is looked at with it.
    let rest: Buffer = Buffer.alloc(0);
    files.parts(path, part => {
      const bytes = Buffer.concat([rest, part]);
      const last = lastRow(bytes);
      rest = bytes.subarray(last);
      return look(bytes.subarray(0, last));
    });
    look(rest);
  }

  return found;
};
