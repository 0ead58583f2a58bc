import type {RowsFormat} from '../../core/edit.js';

/** Keys that are looked for one by one; of more, the lines are read in one pass. */
const few = 8;

/** Whether some keys are found quicker by searching than by reading every line of a file that may have 100,000. */
export const isFew = (format: RowsFormat, keys: ReadonlySet<unknown>) =>
  (format === 'passwd' || format === 'table') && keys.size <= few && [...keys].every(isPlain);

// Upper and lower case of other letters are not everywhere the same.
const isPlain = (key: unknown) => typeof key === 'string' && /^[!-~]+$/.test(key);

/** The line of the first row of a key, as the daemons look it up; the same that reading line by line finds. */
export const findRow = (text: string, format: RowsFormat, key: string): string | undefined => {
  if (key.startsWith('#')) {
    return undefined;
  }

  const quoted = key.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  const pattern =
    format === 'table'
      ? new RegExp(`(?:^|\\n)(${quoted}(?:[^\\S\\n][^\\n]*)?)(?=\\n|$)`, 'i')
      : new RegExp(`(?:^|\\n)(${quoted}(?::[^\\n]*)?)(?:\\r?(?=\\n)|$)`);
  const found = pattern.exec(text);
  const line = found?.[1];
  const isLast = found !== null && found.index + found[0].length === text.length;
  return line === undefined || isLast ? line : line.replace(/\r$/, '');
};

/**
 * The same for a passwd-file in its bytes: a list of 100,000 accounts is looked at many times in one change, and each text made of
 * it would be as much memory again.
 */
export const findBytes = (bytes: Buffer, key: string): string | undefined => {
  if (!isPlain(key) || key.startsWith('#')) {
    return undefined;
  }

  const wanted = Buffer.from(key, 'latin1');
  for (let start = bytes.indexOf(wanted); start >= 0; start = bytes.indexOf(wanted, start + 1)) {
    const end = bytes.indexOf('\n', start);
    const whole = bytes.toString('latin1', start, end < 0 ? bytes.length : end);
    const line = end < 0 ? whole : whole.replace(/\r$/, '');
    if ((start === 0 || bytes[start - 1] === 10) && (line === key || line.startsWith(`${key}:`))) {
      return line;
    }
  }

  return undefined;
};
