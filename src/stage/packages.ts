import type {PinnedPackage} from '../core/change.js';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import {fill, type Text, visibleLine} from '../core/text.js';
import type {PackageFile, PackageManager, Preseed} from '../system/package-manager.js';
import {lookAround, since} from '../system/surroundings.js';
import type {Files} from '../system/types.js';
import type {OverlayView} from './view.js';

export type StagedPackages = {
  readonly pinned: readonly PinnedPackage[];
  /** Installed packages that the package manager removes to make room. */
  readonly removes: readonly string[];
  /** Their files, as they were installed. */
  readonly kept: readonly PinnedPackage[];
  /** Paths that the packages' scripts made or changed around themselves. */
  readonly leaves: readonly string[];
  /** Where the package files lie in the view, by where the transaction will find them. */
  readonly files: Readonly<Record<string, string>>;
};

const keptArchives = '/var/lib/dovetail/packages';

/** Really installs packages in the view, so that what they bring can be looked at before anything happens on the machine. */
export const stagePackages = async (
  view: OverlayView,
  manager: PackageManager,
  names: readonly string[],
  answers: Preseed,
  say: (line: string) => void,
): Promise<StagedPackages> => {
  const {system} = view;
  const ground = {system, online: view.runOnline};
  const before = await manager.installed(system);
  const around = lookAround(system.files);
  const automatic = await manager.automatic(system);
  const fetched = await manager.stage(ground, names, answers, say);
  const after = await manager.installed(system);
  const added = Object.entries(after).filter(([name, version]) => before[name] !== version);
  const removes = Object.keys(before).filter(name => after[name] === undefined);
  const leaves = Object.keys(since(around, lookAround(system.files)).paths);
  const files: Record<string, string> = {};
  const pin = (name: string, version: string, file: PackageFile | undefined, isAutomatic: boolean) => {
    const digest = file === undefined ? undefined : system.files.digest(file.path);
    const pinned = {name, version, architecture: file?.architecture ?? '', automatic: isAutomatic};
    if (file === undefined || digest === undefined) {
      return pinned;
    }

    const path = `${keptArchives}/${digest}${manager.suffix}`;
    files[path] = file.path;
    return {...pinned, file: {path, digest}};
  };
  const pinned = added.map(([name, version]) => {
    const file = fetched.find(entry => entry.name === name && entry.version === version);
    return pin(name, version, file, !names.includes(name));
  });
  const kept: PinnedPackage[] = [];
  for (const name of removes) {
    const version = before[name] ?? '';
    const file = await manager.fetch(ground, name, version);
    if (typeof file === 'string') {
      throw new ProblemError({
        code: exitCode.networkOrPackages,
        what: fill(texts.gone, {name, version}),
        cause: fill(texts.said, {reason: visibleLine(file)}),
        remedy: fill(texts.goneRemedy, {name}),
      });
    }

    kept.push(pin(name, version, file, automatic.has(name)));
  }

  return {pinned, removes, kept, leaves, files};
};

/** Copies the reviewed package files to where the transaction finds them. */
export const keepArchives = (from: Files, to: Files, {pinned, kept, files}: StagedPackages) => {
  for (const {file} of [...pinned, ...kept]) {
    if (file === undefined || to.lstat(file.path) !== undefined) {
      continue;
    }

    for (const folder of ['/var/lib/dovetail', keptArchives]) {
      if (to.lstat(folder) === undefined) {
        to.makeDirectory(folder, 0o700);
      }
    }

    const bytes = from.read(files[file.path] ?? file.path);
    if (bytes !== undefined) {
      to.create(file.path, bytes, 0o600);
      to.syncFile(file.path);
    }
  }
};

const texts = {
  gone: {
    en: 'The package file of {name} {version} cannot be had any more: an undo could not put it back.',
    ja: '{name} {version} のパッケージファイルが入手できないため、取り消しで元に戻せません。',
  },
  said: {en: 'It said: {reason}', ja: '出力: {reason}'},
  goneRemedy: {
    en: 'Bring it up to date with the package manager or remove it by hand, then plan again.',
    ja: 'パッケージマネージャーで更新するか手作業で削除し、計画を作り直してください。',
  },
} satisfies Record<string, Text>;
