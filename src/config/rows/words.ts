/** A text up to its first blank. */
export const firstWord = (text: string) => {
  let end = 0;
  while (end < text.length && !isBlank(text.charCodeAt(end))) {
    end += 1;
  }

  return end === text.length ? text : text.slice(0, end);
};

/**
 * What parts words for the daemons (isspace(3) in the C locale). Not all that `\s` matches: byte A0 is the second half of an “à”.
 */
export const isBlank = (code: number) => code === 32 || (code > 8 && code < 14);

/** What `toLowerCase` does to a letter of latin1. */
export const lower = (code: number) =>
  (code > 64 && code < 91) || (code > 191 && code < 223 && code !== 215) ? code + 32 : code;

/** The hash of a word in lower case. */
export const hashOf = (word: string) => {
  let hash = seed;
  for (let at = 0; at < word.length; at += 1) {
    hash = Math.imul(hash ^ word.charCodeAt(at), prime);
  }

  return hash ^ (hash >>> 15);
};

/** The same of a word between two offsets of some bytes, in upper or lower case: a string for each of a million would be thrown away again. */
export const hashIn = (bytes: Uint8Array, from: number, to: number) => {
  let hash = seed;
  for (let at = from; at < to; at += 1) {
    hash = Math.imul(hash ^ lower(bytes[at] ?? 0), prime);
  }

  return hash ^ (hash >>> 15);
};

// FNV-1a: short, and spreads keys that differ in a digit.
const seed = -2_128_831_035;
const prime = 16_777_619;
