import type {PackageFile} from './package-manager.js';
import type {Host} from './types.js';

// The epoch is part of the version, and missing means 0 (rpm-version(7)).
const version = '%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}';
const limit = 64 * 1024 * 1024;

/** Name and version of every installed package, or of these; of one that is there more than once (kernels) all versions. */
export const installedRpms = async (
  {run, runs}: Host,
  names?: readonly string[],
): Promise<Readonly<Record<string, string>>> => {
  if (!runs) {
    return {};
  }

  const {stdout} = await run(
    '/usr/bin/rpm',
    [
      ...(names === undefined ? ['-qa'] : ['-q', ...names]),
      '--nodigest',
      '--nosignature',
      '--qf',
      `%{NAME}\t${version}\n`,
    ],
    {limit},
  );
  const found: Record<string, string[]> = {};
  for (const line of stdout.split('\n')) {
    const [name = '', each = ''] = line.split('\t');
    // Keys are in the database too.
    if (each !== '' && name !== 'gpg-pubkey') {
      found[name] = [...(found[name] ?? []), each];
    }
  }

  return Object.fromEntries(
    Object.entries(found).map(([name, versions]) => [name, versions.sort().join(',')]),
  );
};

/** Name, version and architecture of package files. */
export const rpmFiles = async (
  {run}: Pick<Host, 'run'>,
  paths: readonly string[],
): Promise<readonly PackageFile[]> => {
  const found: PackageFile[] = [];
  for (const path of paths) {
    const {stdout} = await run('/usr/bin/rpm', [
      '-qp',
      '--nodigest',
      '--nosignature',
      '--qf',
      `%{NAME}\t${version}\t%{ARCH}\n`,
      path,
    ]);
    const [name = '', each = '', architecture = ''] = stdout.trim().split('\t');
    if (architecture !== '') {
      found.push({path, name, version: each, architecture});
    }
  }

  return found;
};

/** Files and directories of an installed package. */
export const pathsOf = async ({run}: Host, name: string): Promise<readonly string[]> => {
  const {exitCode, stdout} = await run('/usr/bin/rpm', ['-ql', name], {limit});
  return exitCode === 0 ? stdout.split('\n').filter(path => path.startsWith('/')) : [];
};

/** SHA-256 of every file that these packages brought, by path; those that are not installed are passed over. */
export const shippedFiles = async (
  {run, runs}: Host,
  names: readonly string[],
): Promise<Readonly<Record<string, string>>> => {
  if (!runs) {
    return {};
  }

  const format = '[%{FILENAMES}\t%{FILEDIGESTS}\n]';
  const {stdout} = await run(
    '/usr/bin/rpm',
    ['-q', '--nodigest', '--nosignature', '--qf', format, ...names],
    {
      limit,
    },
  );
  return Object.fromEntries(
    [...stdout.matchAll(/^(\/[^\t\n]*)\t([0-9a-f]{64})$/gm)].map(match => [match[1] ?? '', match[2] ?? '']),
  );
};
