import {structuredPatch} from 'diff';
import {masked} from '../core/secret.js';

/** Unified diff lines (`@@`, ` `, `+`, `-`) of two texts, three lines of context; values that look like secrets are masked. */
export const diffLines = (
  path: string,
  before: string,
  after: string,
  secrets: readonly string[] = [],
): readonly string[] => {
  const patch = structuredPatch(path, path, before, after, undefined, undefined, {context: 3});
  return patch.hunks.flatMap(({oldStart, oldLines, newStart, newLines, lines}) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...lines.map(line => maskLine(line, secrets)),
  ]);
};

/** A line with secrets replaced by the mask: known values, and values of settings whose names say that they are secret. */
export const maskLine = (line: string, secrets: readonly string[] = []) => {
  const known = secrets
    .filter(value => value.length > 0)
    .reduce((text, value) => text.replaceAll(value, masked), line);
  return known
    .replace(
      /^([ +-]?\s*#?\s*(?:\w*(?:password|passwd|dnpass|secret|nonce)\w*)\s*=\s*)(\S.*)$/i,
      (whole, head: string, value: string) => (isReference(head, value) ? whole : `${head}${masked}`),
    )
    .replaceAll(/\{(?:[A-Z0-9-]+-?CRYPT|ARGON2ID?|PLAIN|SSHA\d*|[A-Z0-9.-]+)\}[^\s:]+/g, masked);
};

// Names of maps and schemes are no secrets.
const isReference = (head: string, value: string) =>
  /scheme|file|maps?\b|query|format/i.test(head) ||
  /^(?:hash|lmdb|cdb|btree|texthash|proxy|static|<|yes|no)\b/.test(value);
