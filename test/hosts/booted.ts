import {appendFileSync, readFileSync} from 'node:fs';

// What a host stands on is told by its lowest layers; the stand-in for EL9 has one of its own above Debian's.
const worlds = [
  ['base-el9-', 'EL9 (stand-in)'],
  ['base-trixie-', 'Debian 13'],
  ['base-bookworm-', 'Debian 12'],
] as const;

/** What a host runs, by its layers (overlayfs): in reports the stand-in for EL9 is called one. */
export const worldOf = (layers: string): string => worlds.find(([name]) => layers.includes(name))?.[1] ?? '?';

/** Notes it for the runner of the tests, which cannot see what a file of the lab boots. */
export const noteBoot = (layers: string) => {
  const path = process.env['DOVETAIL_BOOTED'];
  if (path !== undefined) {
    appendFileSync(path, `${worldOf(layers)}\n`);
  }
};

/** What was booted so far, each once, as it is put before the names of tests; empty: nothing. */
export const bootedBy = (path: string): string => {
  try {
    return [...new Set(readFileSync(path, 'utf8').split('\n').filter(Boolean))].join(', ');
  } catch {
    return '';
  }
};
