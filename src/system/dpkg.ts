import type {ReadFiles} from './types.js';

const statusPath = '/var/lib/dpkg/status';

/** Name and version of every installed package, from dpkg's own status file. */
export const installedPackages = (files: ReadFiles): Readonly<Record<string, string>> => {
  const found: Record<string, string> = {};
  let name = '';
  let installed = false;
  for (const line of (files.read(statusPath)?.toString('latin1') ?? '').split('\n')) {
    if (line.startsWith('Package: ')) {
      name = line.slice(9);
      installed = false;
    } else if (line.startsWith('Status: ')) {
      installed = line.endsWith(' installed');
    } else if (installed && line.startsWith('Version: ')) {
      found[name] = line.slice(9);
    }
  }

  return found;
};

/** Names that apt(8) would remove by itself once nothing needs them: a package that comes back is marked as it was. */
export const automaticPackages = (files: ReadFiles): ReadonlySet<string> =>
  new Set(
    (files.read('/var/lib/apt/extended_states')?.toString('utf8') ?? '')
      .split('\n\n')
      .filter(stanza => /^Auto-Installed: 1$/m.test(stanza))
      .map(stanza => /^Package: (\S+)$/m.exec(stanza)?.[1] ?? ''),
  );

/** Whether dpkg(1) has any record of a package: installed, unpacked or half configured. */
export const isKnown = (files: ReadFiles, name: string) => statusOf(files).includes(`\nPackage: ${name}\n`);

/** A package that the system cannot do without. */
export const isProtected = (files: ReadFiles, name: string) => {
  const stanza = stanzasOf(files).find(entry => entry.startsWith(`Package: ${name}\n`)) ?? '';
  return /^(?:Essential|Protected|Important): yes$/m.test(stanza);
};

/** Packages that were cut short while they were unpacked (dpkg(1), reinstreq): they can be neither configured nor removed. */
export const halfUnpacked = (files: ReadFiles): readonly string[] =>
  stanzasOf(files)
    .filter(stanza => /^Status: \S+ (?:reinstreq \S+|\S+ half-installed)$/m.test(stanza))
    .map(stanza => /^Package: (.*)$/m.exec(stanza)?.[1] ?? '');

/** Files and directories of an installed package. */
export const listedPaths = (files: ReadFiles, name: string): readonly string[] => {
  const folder = '/var/lib/dpkg/info';
  const own = (files.list(folder) ?? []).filter(
    entry => entry === `${name}.list` || (entry.startsWith(`${name}:`) && entry.endsWith('.list')),
  );
  return own.flatMap(entry => (files.read(`${folder}/${entry}`)?.toString('utf8') ?? '').split('\n'));
};

const statusOf = (files: ReadFiles) => files.read(statusPath)?.toString('latin1') ?? '';

const stanzasOf = (files: ReadFiles) => statusOf(files).split('\n\n');
