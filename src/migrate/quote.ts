/** A value as 2.4 reads it back: quoted where a comment, a quote or a blank at an end would change it. */
export const quoted = (value: string) =>
  /[#"'\\]|^\s|\s$/.test(value) && needsQuotes(value) ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : value;

// `\Sent` and quotes inside of a query are read as they stand.
const needsQuotes = (value: string) => /#|^["'\s]|\s$/.test(value);
