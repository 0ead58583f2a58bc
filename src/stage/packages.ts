import type {PinnedPackage} from '../core/change.js';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text, visibleLine} from '../core/text.js';
import {lookAround, since} from '../system/surroundings.js';
import {
  aptGet,
  automaticPackages,
  installedPackages,
  policyPath,
  policyText,
  preseed,
} from '../system/apt.js';
import {digestOf} from '../system/blobs.js';
import type {Files} from '../system/types.js';
import type {OverlayView} from './view.js';

export type Preseed = readonly {
  readonly package: string;
  readonly question: string;
  readonly type: string;
  readonly value: string;
}[];

export type StagedPackages = {
  readonly pinned: readonly PinnedPackage[];
  /** Installed packages that the package manager removes to make room. */
  readonly removes: readonly string[];
  /** Their files, as they were installed. */
  readonly kept: readonly PinnedPackage[];
  /** Paths that the packages' scripts made or changed around themselves. */
  readonly leaves: readonly string[];
};

const archives = '/var/cache/apt/archives';
const keptArchives = '/var/lib/dovetail/packages';

/** Really installs packages in the view, so that what they bring can be looked at before anything happens on the machine. */
export const stagePackages = async (
  view: OverlayView,
  names: readonly string[],
  answers: Preseed,
  say: (line: string) => void,
): Promise<StagedPackages> => {
  const {system, runOnline} = view;
  const before = installedPackages(system.files);
  const around = lookAround(system.files);
  const automatic = automaticPackages(system.files);
  // Without this apt-get(8) is content with lists that it could not renew, and packages are missing later.
  await aptGet(runOnline, ['update', '--error-on=any'], say);
  await aptGet(runOnline, ['install', '--no-install-recommends', '--download-only', '--', ...names], say);
  const debs = (system.files.list(archives) ?? []).filter(name => name.endsWith('.deb'));
  await preseed(system.run, answers);
  if (system.files.lstat(policyPath) !== undefined) {
    system.files.unlink(policyPath);
  }

  system.files.create(policyPath, Buffer.from(policyText), 0o755);
  await aptGet(system.run, ['install', '--no-install-recommends', '--no-download', '--', ...names], say);
  system.files.unlink(policyPath);
  const after = installedPackages(system.files);
  const added = Object.entries(after).filter(([name, version]) => before[name] !== version);
  const removes = Object.keys(before).filter(name => after[name] === undefined);
  const leaves = Object.keys(since(around, lookAround(system.files)).paths);
  const kept: PinnedPackage[] = [];
  for (const name of removes) {
    kept.push(await fetchInstalled(view, name, before[name] ?? '', automatic.has(name)));
  }

  return {
    pinned: added.map(([name, version]) =>
      pinnedPackage(system.files, debs, name, version, !names.includes(name)),
    ),
    removes,
    kept,
    leaves,
  };
};

// apt-get(8), download: the file of exactly this version, into the working directory, which is the root of the view.
const fetchInstalled = async (
  {system: {files}, runOnline}: OverlayView,
  name: string,
  version: string,
  automatic: boolean,
): Promise<PinnedPackage> => {
  const {stderr} = await runOnline('/usr/bin/apt-get', ['-q', 'download', '--', `${name}=${version}`], {
    timeout: 0,
  });
  const deb = (files.list('/') ?? []).find(entry => entry.startsWith(`${name}_`) && entry.endsWith('.deb'));
  if (deb === undefined) {
    throw new ProblemError({
      code: exitCode.networkOrPackages,
      what: fill(texts.gone, {name, version}),
      cause: fill(texts.said, {reason: visibleLine(stderr.trim())}),
      remedy: fill(texts.goneRemedy, {name}),
    });
  }

  files.rename(`/${deb}`, `${archives}/${deb}`);
  return pinnedPackage(files, [deb], name, version, automatic);
};

/** Copies the reviewed package files to where the transaction finds them. */
export const keepArchives = (from: Files, to: Files, pinned: readonly PinnedPackage[]) => {
  for (const {name, version, architecture, file} of pinned) {
    if (file === undefined || to.lstat(file.path) !== undefined) {
      continue;
    }

    for (const folder of ['/var/lib/dovetail', keptArchives]) {
      if (to.lstat(folder) === undefined) {
        to.makeDirectory(folder, 0o700);
      }
    }

    const bytes = from.read(`${archives}/${debName(name, version, architecture)}`);
    if (bytes !== undefined) {
      to.create(file.path, bytes, 0o600);
      to.syncFile(file.path);
    }
  }
};

const pinnedPackage = (
  files: Files,
  debs: readonly string[],
  name: string,
  version: string,
  automatic: boolean,
): PinnedPackage => {
  const deb = debs.find(candidate => candidate.startsWith(`${name}_${version.replaceAll(':', '%3a')}_`));
  const architecture = deb === undefined ? '' : deb.slice(deb.lastIndexOf('_') + 1, -'.deb'.length);
  const bytes = deb === undefined ? undefined : files.read(`${archives}/${deb}`);
  const pinned = {name, version, architecture, automatic};
  if (bytes === undefined) {
    return pinned;
  }

  const digest = digestOf(bytes);
  return {...pinned, file: {path: `${keptArchives}/${digest}.deb`, digest}};
};

const texts = {
  gone: {
    en: 'The package file of {name} {version} cannot be had any more: an undo could not put it back.',
    ja: '{name} {version} のパッケージファイルが入手できないため、取り消しで元に戻せません。',
  },
  said: {en: 'It said: {reason}', ja: '出力: {reason}'},
  goneRemedy: {
    en: 'Bring it up to date (“apt-get install {name}”) or remove it by hand, then plan again.',
    ja: '「apt-get install {name}」で更新するか手作業で削除し、計画を作り直してください。',
  },
} satisfies Record<string, Text>;

const debName = (name: string, version: string, architecture: string) =>
  `${name}_${version.replaceAll(':', '%3a')}_${architecture}.deb`;
