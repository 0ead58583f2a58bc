/** A word of a command as a unit names it (systemd.service(5), command lines): quoted, and “$” and “%” twice. */
export const unitWord = (word: string) =>
  `"${word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('$', '$$$$').replaceAll('%', '%%')}"`;

/**
 * How systemd starts a program of ours, word by word: through env(1). Where SELinux enforces, systemd itself may execute what is
 * labelled as a program, which nothing below /var/lib is; from there it would otherwise be refused, or run as systemd.
 */
export const asUnit = (words: readonly string[]): readonly string[] => ['/usr/bin/env', ...words];
