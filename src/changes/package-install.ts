import type {ChangeOf} from '../core/change.js';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import type {Json} from '../core/json.js';
import {fill, type Text} from '../core/text.js';
import {
  aptGet,
  installedPackages,
  policyPath,
  policyText,
  preseed,
  settleDpkg,
  stopOnlyText,
  wouldRemove,
} from '../system/apt.js';
import {digestOf} from '../system/blobs.js';
import {waitForPackageLock} from '../system/package-lock.js';
import type {Files, System} from '../system/types.js';
import {
  expectedOf,
  giveBack,
  type Leavings,
  lookAround,
  since,
  type Surroundings,
} from '../system/surroundings.js';
import {captureFile, type FileBefore} from './capture.js';
import {putFile, restoreFile} from './replace.js';
import {removedOf, runningUnits, startAgain, stopReplaced} from './replaced-packages.js';
import type {ChangeHandler, Conflict} from './types.js';

type Before = {
  readonly installed: Readonly<Record<string, string>>;
  readonly policy: FileBefore;
  readonly around: Surroundings;
  /** Units of packages that make room, which ran. */
  readonly running?: readonly string[];
};

/** The packages that were reviewed, from the files that were reviewed, with their daemons kept from starting. */
export const packageInstall: ChangeHandler<ChangeOf<'package.install'>, Json, Before, Leavings> = {
  observe: async ({files}, {packages, kept = []}) => {
    const installed = installedPackages(files);
    return [...packages, ...kept].map(({name}) => [name, installed[name] ?? null]);
  },
  preview: ({packages, removes}, _seen, {certainty}) => ({
    action: packages.length + removes.length === 0 ? 'none' : 'create',
    certainty,
    reversible: removes.length === 0 ? 'exact' : 'best-effort',
    title: fill(texts.title, {count: packages.length}),
    body: [
      ...packages.map(
        ({name, version, automatic}) => `+${name} ${version}${automatic ? ' (automatic)' : ''}`,
      ),
      ...removes.map(name => `-${name}`),
    ],
    ...(removes.length === 0 ? {} : {caveat: fill(texts.caveat, {names: removes.join(', ')})}),
  }),
  capture: async (system, {removes}, {blobs}) => ({
    installed: installedPackages(system.files),
    policy: captureFile(system.files, policyPath, blobs),
    around: lookAround(system.files, blobs),
    running: await runningUnits(system, removes),
  }),
  apply: async (system, change, before, {say, transaction}) => {
    const {files, run} = system;
    await waitForPackageLock(files, text => say(text.en));
    // Without its file, what makes room could not be put back.
    for (const {name, version, file} of change.kept ?? []) {
      archiveOf(files, name, version, file);
    }

    if (change.removes.length > 0) {
      await stopReplaced(system, before.running ?? []);
    }

    const archives = change.packages.map(({name, version, file}) => archiveOf(files, name, version, file));
    const owner = {uid: 0, gid: 0, mode: 0o755};
    const policy = putFile(files, policyPath, Buffer.from(policyText), owner, before.policy, transaction);
    await preseed(run, change.preseed);
    await run('/usr/bin/dpkg', ['--configure', '-a'], {timeout: 0, onLine: say});
    // Where nobody agreed to a removal, there is none, whatever was installed since the review.
    const removing = change.removes.length > 0 ? [] : ['--no-remove'];
    await aptGet(
      run,
      ['install', '--no-install-recommends', '--allow-downgrades', ...removing, ...archives],
      say,
    );
    const automatic = change.packages.filter(entry => entry.automatic).map(({name}) => name);
    if (automatic.length > 0) {
      await run('/usr/bin/apt-mark', ['auto', ...automatic]);
    }

    restoreFile(
      files,
      policyPath,
      before.policy,
      policy,
      {put: () => '', get: () => Buffer.alloc(0), has: () => false},
      transaction,
    );
    return since(before.around, lookAround(files));
  },
  verify: async ({files}, {packages}) => {
    const installed = installedPackages(files);
    return packages
      .filter(({name, version}) => installed[name] !== version)
      .map(({name, version}) => ({
        id: `verify:package:${name}`,
        severity: 'fail' as const,
        summary: fill(texts.wrong, {name, version, there: installed[name] ?? '—'}),
        remedy: texts.wrongRemedy,
      }));
  },
  revert: async (system, change, before, after, {blobs, say, transaction}) => {
    const {packages, leaves} = change;
    const {files, run} = system;
    // What a cut left behind (dpkg's own journal, half-configured packages) is settled before it is looked at.
    await settleDpkg(run, say);
    const installed = installedPackages(files);
    const added = packages
      .map(({name}) => name)
      .filter(
        name =>
          !isProtected(files, name) &&
          before.installed[name] === undefined &&
          (installed[name] !== undefined || isKnown(files, name)),
      );
    const queued = queuedMail(files);
    if (added.includes('postfix') && queued > 0) {
      restoreFile(files, policyPath, before.policy, undefined, blobs, transaction);
      return kept(fill(texts.queue, {count: queued}), texts.queueRemedy);
    }

    const back = removedOf(change, before.installed, installed);
    const archives = back.map(({name, version, file}) => archiveOf(files, name, version, file));
    const others = (await wouldRemove(run, added, archives)).filter(name => !added.includes(name));
    if (others.length > 0) {
      restoreFile(files, policyPath, before.policy, undefined, blobs, transaction);
      return kept(fill(texts.needed, {names: others.join(', ')}), texts.neededRemedy);
    }

    // Cut short, there is no record of what the scripts did: what the rehearsal showed, and nothing else, is theirs.
    const undoing = {...lookAround(files), began: BigInt(Date.now()) * 1_000_000n};
    const left = after ?? expectedOf(since(before.around, undoing), leaves);
    if (added.length + back.length > 0) {
      restoreFile(files, policyPath, before.policy, undefined, blobs, transaction);
      const owner = {uid: 0, gid: 0, mode: 0o755};
      putFile(files, policyPath, Buffer.from(stopOnlyText), owner, before.policy, transaction);
      await dropHalfUnpacked(
        system,
        packages.filter(({name}) => added.includes(name)),
        say,
      );
      // In two steps: what was asked for still needs its helpers (ucf(1), for one) while its files are removed.
      // What made room comes back in the same step as Postfix goes: what needs one of the two is never without.
      const helpers = new Set(packages.filter(({automatic}) => automatic).map(({name}) => name));
      const known = (names: readonly string[]) => names.filter(name => isKnown(files, name));
      await exchange(run, archives, known(added.filter(name => !helpers.has(name))), say);
      await exchange(run, [], known(added.filter(name => helpers.has(name))), say);
      const automatic = back.filter(entry => entry.automatic).map(({name}) => name);
      if (automatic.length > 0) {
        await run('/usr/bin/apt-mark', ['auto', ...automatic]);
      }
    }

    restoreFile(files, policyPath, before.policy, undefined, blobs, transaction);
    const stays = await giveBack(system, before.around, left, undoing, blobs);
    await startAgain(system, before.running ?? []);
    return stays.length > 0
      ? {
          kind: 'conflict',
          finding: {
            id: 'left:packages',
            severity: 'warning',
            summary: fill(texts.left, {paths: stays.join(', ')}),
            remedy: texts.leftRemedy,
          },
        }
      : {kind: added.length + back.length > 0 ? 'reverted' : 'nothing-to-do'};
  },
  // Other sections stand on the packages: they go back with the whole transaction only.
  inverse: ({packages}, _before, _after, {stays}) => {
    stays(
      packages
        .filter(({automatic}) => !automatic)
        .map(({name}) => name)
        .join(', '),
    );
    return [];
  },
};

// A name with “-” is removed (apt-get(8)); with --purge its configuration goes too.
const exchange = async (
  run: System['run'],
  archives: readonly string[],
  names: readonly string[],
  say: (line: string) => void,
) => {
  if (archives.length > 0) {
    const options = ['install', '--no-install-recommends', '--allow-downgrades', '--purge'];
    await aptGet(run, [...options, ...archives, ...names.map(name => `${name}-`)], say);
  } else if (names.length > 0) {
    await aptGet(run, ['purge', ...names], say);
  }
};

const archiveOf = (
  files: Files,
  name: string,
  version: string,
  file: {readonly path: string; readonly digest: string} | undefined,
) => {
  if (file === undefined) {
    return `${name}=${version}`;
  }

  if (!isWhole(files, file)) {
    throw new ProblemError({
      code: exitCode.stalePlan,
      what: fill(texts.archive, {name}),
      remedy: texts.archiveRemedy,
    });
  }

  return file.path;
};

const isWhole = (files: Files, {path, digest}: {readonly path: string; readonly digest: string}) => {
  const bytes = files.read(path);
  return bytes !== undefined && digestOf(bytes) === digest;
};

const kept = (summary: Text, remedy: Text): Conflict => ({
  kind: 'conflict',
  finding: {id: 'kept:packages', severity: 'warning', summary, remedy},
});

// Known to dpkg: installed, unpacked or half configured.
const isKnown = (files: Files, name: string) =>
  (files.read('/var/lib/dpkg/status')?.toString('latin1') ?? '').includes(`\nPackage: ${name}\n`);

// Cut short while it was unpacked, a package can be neither configured nor removed in the usual way (dpkg(1), reinstreq), and
// dpkg knows nothing of the files that it had begun to write: unpacked whole once more, it knows them all.
const dropHalfUnpacked = async (
  {files, run}: System,
  packages: ChangeOf<'package.install'>['packages'],
  say: (line: string) => void,
) => {
  const status = files.read('/var/lib/dpkg/status')?.toString('latin1') ?? '';
  const broken = status
    .split('\n\n')
    .filter(stanza => /^Status: \S+ (?:reinstreq \S+|\S+ half-installed)$/m.test(stanza))
    .map(stanza => /^Package: (.*)$/m.exec(stanza)?.[1] ?? '')
    .filter(broken => packages.some(({name}) => name === broken));
  if (broken.length > 0) {
    const archives = packages.flatMap(({name, file}) =>
      broken.includes(name) && file !== undefined && isWhole(files, file) ? [file.path] : [],
    );
    if (archives.length > 0) {
      await run(
        '/usr/bin/dpkg',
        [
          '--unpack',
          '--force-depends',
          '--force-breaks',
          '--force-conflicts',
          '--force-confold',
          ...archives,
        ],
        {timeout: 0, onLine: say},
      );
    }

    await run('/usr/bin/dpkg', ['--purge', '--force-remove-reinstreq', '--force-depends', ...broken], {
      timeout: 0,
      onLine: say,
    });
  }
};

// A package that the system cannot do without stays, even where it came along with ours.
const isProtected = (files: Files, name: string) => {
  const status = files.read('/var/lib/dpkg/status')?.toString('latin1') ?? '';
  const stanza = status.split('\n\n').find(entry => entry.startsWith(`Package: ${name}\n`)) ?? '';
  return /^(?:Essential|Protected|Important): yes$/m.test(stanza);
};

/** Messages in Postfix's queue, by its directories (qmgr(8)): purging the package would delete them. */
export const queuedMail = (files: Files) =>
  ['maildrop', 'incoming', 'active', 'deferred', 'hold'].reduce(
    (sum, queue) => sum + countFiles(files, `/var/spool/postfix/${queue}`),
    0,
  );

const countFiles = (files: Files, folder: string): number =>
  (files.list(folder) ?? []).reduce((sum, name) => {
    const path = `${folder}/${name}`;
    return sum + (files.lstat(path)?.type === 'directory' ? countFiles(files, path) : 1);
  }, 0);

const texts = {
  title: {en: '{count} packages', ja: 'パッケージ {count} 個'},
  caveat: {
    en: '{names} is stopped and makes room. An undo installs it again from its kept package file, with its configuration, and starts it where it ran.',
    ja: '{names} は停止のうえ置き換えられます。取り消すと、保存したパッケージと設定から再び導入し、動いていたものは起動します。',
  },
  wrong: {
    en: '{name} is {there}, not the reviewed {version}.',
    ja: '{name} は確認した {version} ではなく {there} です。',
  },
  wrongRemedy: {en: 'Roll back and plan again.', ja: 'ロールバックして計画を作り直してください。'},
  archive: {
    en: 'The reviewed package file of {name} is not there any more.',
    ja: '確認した {name} のパッケージファイルがありません。',
  },
  archiveRemedy: {en: 'Plan again.', ja: '計画を作り直してください。'},
  left: {
    en: 'The packages are gone; others wrote here since, so it stays: {paths}.',
    ja: 'パッケージは削除しましたが、その後に変更されたものは残しました: {paths}',
  },
  leftRemedy: {
    en: 'Remove them by hand if nothing else uses them.',
    ja: 'ほかに使うものがなければ手作業で削除してください。',
  },
  queue: {
    en: 'Postfix is kept: {count} messages wait in its queue.',
    ja: 'キューにメールが {count} 通あるため、Postfix を残しました。',
  },
  needed: {
    en: 'The packages are kept: {names} need them by now.',
    ja: '{names} が必要としているため、パッケージを残しました。',
  },
  neededRemedy: {
    en: 'Remove those first if they should go too.',
    ja: 'それらも不要なら先に削除してください。',
  },
  queueRemedy: {
    en: 'Send them (“postqueue -f”) or wait, then roll back again.',
    ja: '「postqueue -f」で送信するか待ってから、もう一度ロールバックしてください。',
  },
} satisfies Record<string, Text>;
