/** A word of a command as a unit names it (systemd.service(5), command lines): quoted, and “$” and “%” twice. */
export const unitWord = (word: string) =>
  `"${word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('$', '$$$$').replaceAll('%', '%%')}"`;
