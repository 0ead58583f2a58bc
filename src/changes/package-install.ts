import type {ChangeOf} from '../core/change.js';
import {exitCode} from '../core/exit-code.js';
import {ProblemError} from '../core/finding.js';
import type {Json} from '../core/json.js';
import {fill, type Text} from '../core/text.js';
import {waitForPackageLock} from '../system/package-lock.js';
import type {PackageManager} from '../system/package-manager.js';
import {packageManager} from '../system/package-managers.js';
import type {Blobs, Files} from '../system/types.js';
import {
  expectedOf,
  giveBack,
  type Leavings,
  lookAround,
  removeFile,
  since,
  type Surroundings,
} from '../system/surroundings.js';
import {broughtBeside, dropSetAside} from '../system/set-aside.js';
import {captureFile, type FileAfter, type FileBefore} from './capture.js';
import {putFile, restoreFile} from './replace.js';
import {removedOf, runningUnits, startAgain, stopReplaced, unitsOfPackages} from './replaced-packages.js';
import type {ChangeHandler, Conflict} from './types.js';

type Install = ChangeOf<'package.install'>;

type Before = {
  readonly installed: Readonly<Record<string, string>>;
  readonly policy: FileBefore;
  readonly around: Surroundings;
  /** Units of packages that make room, which ran. */
  readonly running?: readonly string[];
  /** Packages whose questions somebody had answered before. */
  readonly answered?: readonly string[];
};

/** `number`: of the run, where the package manager counts them (dnf(8), history). */
type After = Leavings & {readonly number?: string};

/** The packages that were reviewed, from the files that were reviewed, with their daemons kept from starting. */
export const packageInstall: ChangeHandler<Install, Json, Before, After> = {
  observe: async (host, {manager, packages, kept = []}) => {
    const installed = await packageManager(manager).installed(host);
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
  capture: async (system, {manager: name, removes, preseed}, {blobs}) => {
    const manager = packageManager(name);
    return {
      installed: await manager.installed(system),
      policy: manager.guard === undefined ? null : captureFile(system.files, manager.guard.path, blobs),
      around: lookAround(system.files, blobs),
      running: await runningUnits(manager, system, removes),
      answered: manager.answered?.(system.files, ownersOf(preseed)) ?? [],
    };
  },
  apply: async (system, change, before, {say, transaction}) => {
    const manager = packageManager(change.manager);
    const {files, run} = system;
    await waitForPackageLock(manager, files, text => say(text.en));
    // Without its file, what makes room could not be put back.
    for (const {name, version, file} of change.kept ?? []) {
      archiveOf(manager, files, name, version, file);
    }

    if (change.removes.length > 0) {
      await stopReplaced(system, before.running ?? []);
    }

    const archives = change.packages.map(({name, version, file}) =>
      archiveOf(manager, files, name, version, file),
    );
    const guard = guardOf(manager, files, before.policy, transaction);
    const put = guard?.coming();
    // Where nobody agreed to a removal, there is none, whatever was installed since the review.
    const options = {answers: change.preseed, removing: change.removes.length > 0};
    await manager.install(system, archives, options, say);
    const number = await manager.lastRun?.(run);
    const automatic = change.packages.filter(entry => entry.automatic).map(({name}) => name);
    if (automatic.length > 0) {
      await manager.markAutomatic(run, automatic);
    }

    guard?.restore({put: () => '', get: () => Buffer.alloc(0), has: () => false}, put);
    return {...since(before.around, lookAround(files)), ...(number === undefined ? {} : {number})};
  },
  verify: async (host, {manager, packages}, after) => {
    const installed = await packageManager(manager).installed(host);
    const beside = broughtBeside(after).map(path => ({
      id: `verify:beside:${path}`,
      severity: 'warning' as const,
      summary: fill(texts.beside, {path}),
      remedy: texts.besideRemedy,
    }));
    const wrong = packages
      .filter(({name, version}) => installed[name] !== version)
      .map(({name, version}) => ({
        id: `verify:package:${name}`,
        severity: 'fail' as const,
        summary: fill(texts.wrong, {name, version, there: installed[name] ?? '—'}),
        remedy: texts.wrongRemedy,
      }));
    return [...wrong, ...beside];
  },
  revert: async (system, change, before, after, {blobs, say, transaction}) => {
    const manager = packageManager(change.manager);
    const {packages, leaves} = change;
    const {files, run} = system;
    const ours = packages.filter(
      ({name}) => before.installed[name] === undefined && !manager.isProtected(system, name),
    );
    // What a cut left behind (dpkg's own journal, half-configured packages) is settled before it is looked at.
    await manager.settle(system, after === undefined ? wholeOf(files, ours) : [], say);
    const installed = await manager.installed(system);
    const added = await manager.known(
      system,
      ours.map(({name}) => name),
    );
    const queued = queuedMail(files);
    const guard = guardOf(manager, files, before.policy, transaction);
    if (added.includes('postfix') && queued > 0) {
      guard?.restore(blobs);
      return kept(fill(texts.queue, {count: queued}), texts.queueRemedy);
    }

    const back = removedOf(change, before.installed, installed);
    const archives = back.map(({name, version, file}) => archiveOf(manager, files, name, version, file));
    const others = (await manager.wouldRemove(run, added, archives)).filter(name => !added.includes(name));
    if (others.length > 0) {
      guard?.restore(blobs);
      return kept(fill(texts.needed, {names: others.join(', ')}), texts.neededRemedy);
    }

    // Cut short, there is no record of what the scripts did: what the rehearsal showed, and nothing else, is theirs.
    const undoing = {...lookAround(files), began: BigInt(Date.now()) * 1_000_000n};
    const left = after ?? expectedOf(since(before.around, undoing), leaves);
    if (added.length + back.length > 0) {
      guard?.restore(blobs);
      guard?.going(await unitsOfPackages(manager, system, added));
      await manager.mend?.(
        system,
        wholeOf(
          files,
          ours.filter(({name}) => added.includes(name)),
        ),
        say,
      );
      // In two steps: what was asked for still needs its helpers (ucf(1), for one) while its files are removed.
      // What made room comes back in the same step as Postfix goes: what needs one of the two is never without.
      const helpers = new Set(packages.filter(({automatic}) => automatic).map(({name}) => name));
      const remaining = async (names: readonly string[]) => manager.known(system, names);
      await manager.exchange(run, archives, await remaining(added.filter(name => !helpers.has(name))), say);
      await manager.exchange(run, [], await remaining(added.filter(name => helpers.has(name))), say);
      const automatic = back.filter(entry => entry.automatic).map(({name}) => name);
      if (automatic.length > 0) {
        await manager.markAutomatic(run, automatic);
      }
    }

    guard?.restore(blobs);
    // Cut off before a package came, its answers would be there without it.
    const there = [...(before.answered ?? []), ...(await manager.known(system, ownersOf(change.preseed)))];
    await manager.forgetAnswers?.(
      run,
      ownersOf(change.preseed).filter(name => !there.includes(name)),
    );
    const stays = [
      ...(await giveBack(system, before.around, left, undoing, blobs)),
      ...dropSetAside(before.around, lookAround(files), path => removeFile(files, path, blobs)),
    ];
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

/** What keeps daemons from being started and stopped, put and taken away like any other file; undefined where none starts by itself. */
const guardOf = ({guard}: PackageManager, files: Files, policy: FileBefore, transaction: string) => {
  if (guard === undefined) {
    return undefined;
  }

  const owner = {uid: 0, gid: 0, mode: 0o755};
  const put = (text: string) => putFile(files, guard.path, Buffer.from(text), owner, policy, transaction);
  return {
    coming: () => put(guard.coming),
    going: (units: readonly string[]) => put(guard.going(units)),
    restore: (blobs: Blobs, after?: FileAfter) =>
      restoreFile(files, guard.path, policy, after, blobs, transaction),
  };
};

const ownersOf = (preseed: Install['preseed']) => [...new Set(preseed.map(({package: name}) => name))];

const wholeOf = (files: Files, packages: Install['packages']) =>
  packages.map(({name, file}) => ({
    name,
    archive: file !== undefined && isWhole(files, file) ? file.path : undefined,
  }));

const archiveOf = (
  {exactly}: PackageManager,
  files: Files,
  name: string,
  version: string,
  file: {readonly path: string; readonly digest: string} | undefined,
) => {
  if (file === undefined) {
    return exactly(name, version);
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

const isWhole = (files: Files, {path, digest}: {readonly path: string; readonly digest: string}) =>
  files.digest(path) === digest;

const kept = (summary: Text, remedy: Text): Conflict => ({
  kind: 'conflict',
  finding: {id: 'kept:packages', severity: 'warning', summary, remedy},
});

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
  beside: {
    en: 'A configuration file was there already and is kept; the package’s own version stands beside it: {path}.',
    ja: '設定ファイルが既にあったため残しました。パッケージの版は {path} にあります。',
  },
  besideRemedy: {
    en: 'Compare the two; nothing needs to be done for the mail server that was proved.',
    ja: '両者を比べてください。動作確認済みのメールサーバーについて対処は不要です。',
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
