/**
 * The last of the names that begin most like a new one, by whole words (`smtpd_tls_` of smtpd_tls_cert_file and
 * smtpd_tls_key_file); undefined where none shares a word.
 */
export const nearestStem = <N extends {readonly name: string}>(
  names: readonly N[],
  name: string,
): N | undefined => {
  let best: N | undefined;
  let longest = 1;
  for (const candidate of names) {
    const shared = commonWords(candidate.name, name);
    if (shared >= longest) {
      best = candidate;
      longest = shared;
    }
  }

  return best;
};

const commonWords = (one: string, other: string) => {
  const a = one.split('_');
  const b = other.split('_');
  let words = 0;
  while (words < a.length && words < b.length && a[words] === b[words]) {
    words += 1;
  }

  return words;
};
