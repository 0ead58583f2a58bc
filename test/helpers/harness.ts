import {createHash} from 'node:crypto';
import {mock} from 'node:test';
import type {Finding} from '../../src/core/finding.js';
import type {Files} from '../../src/system/types.js';
import {currentId} from '../../src/transaction/store.js';
import {bytesAt, describe, type Image, likeness, openDisk} from './disk.js';
import {applyOn, type Around, diskWith, failing, planOn, recoverOn, startImage, undoOn} from './model.js';
import {alwaysHolds, differing, isAs, machineOf, problemsAfter} from './oracle.js';

// The journal has times in it, and what differs by them alone is one disk: it is looked at once.
mock.timers.enable({apis: ['Date'], now: Date.UTC(2026, 0, 1)});

/** What a run of the harness counted, and what it found wrong. */
export type Found = {readonly points: number; readonly problems: readonly string[]};

export type Scenario = 'apply' | 'failed proof' | 'undo';

/** Main.cf between its two edits. */
const between = ['a = 1\nsoft_bounce = yes\n'];

const asIs: Around = files => files;

/** The machine before, and after a plan without any fault. */
const ends = async (small: boolean, around: Around) => {
  const before = startImage();
  const planned = await planOn(before, {small});
  const disk = diskWith(before, around);
  const outcome = await applyOn(disk.files, planned);
  // What is certain to be there: an undo that comes later must do with it.
  const [after = disk.image()] = disk.cuts();
  return {before, planned, after, outcome};
};

/**
 * Cuts the power after every step of a transaction, in every state that the disk may then be in, and recovers; `deep`: cuts
 * again after every step of each recovery. `every`: one cut out of so many.
 */
export const cutPower = async ({
  scenario = 'apply' as Scenario,
  small = false,
  deep = false,
  every = 1,
  around = asIs,
  exchanges = true,
  stopAtFirst = false,
} = {}): Promise<Found> => {
  const {before, planned, after, outcome} = await ends(small, around);
  const problems: string[] = [];
  if (outcome !== 'committed') {
    return {points: 0, problems: [`without a fault it ended ${outcome}`]};
  }

  // A run of its own, with its own times: what it ends in is what its cuts are measured by.
  const start = scenario === 'undo' ? after : before;
  const seen = new Set<string>();
  const own = Math.max(...start.keys());
  const states: Image[] = [];
  const gather = (cuts: Iterable<Image>, into: Image[], known: Set<string>) => {
    for (const image of cuts) {
      const key = digest(likeness(image, own));
      if (!known.has(key)) {
        known.add(key);
        into.push(image);
      }
    }
  };
  const disk = diskWith(start, around, {
    exchanges,
    onStep: when => when === 'after' && gather(disk.cuts(), states, seen),
  });
  const findings: readonly Finding[] = scenario === 'failed proof' ? [failing] : [];
  await (scenario === 'undo' ? undoOn(disk.files) : applyOn(disk.files, planned, findings));
  const end = disk.image();
  const last: Image[] = [];
  gather(disk.cuts(), last, new Set());
  const was = {name: 'before', image: before, ino: scenario !== 'undo'};
  const is = {name: 'after', image: scenario === 'apply' ? end : after, ino: true};
  if (!isAs(end, scenario === 'apply' ? after : before, false) && scenario !== 'apply') {
    problems.push(`without a cut: ${differing(machineOf(before, false), machineOf(end, false)).join('; ')}`);
  }

  const check = async (image: Image, wanted: readonly (typeof was)[], name: string) => {
    const again: Image[] = [];
    const found = [
      ...alwaysHolds(image, before, is.image, between),
      ...(await problemsAfter(image, {
        ends: wanted,
        around,
        ...(deep ? {onStep: cuts => gather(cuts(), again, seen)} : {}),
      })),
    ];
    problems.push(...found.map(problem => `${name}: ${problem}`));
    return again;
  };

  let points = 0;
  let deeper = 0;
  for (const [index, image] of states.entries()) {
    if (stopAtFirst && problems.length > 0) {
      break;
    }

    if (index % every !== 0) {
      continue;
    }

    points += 1;
    const again = await check(image, [was, is], `cut ${index}`);
    for (const [second, later] of again.entries()) {
      deeper += 1;
      if (deeper % every === 0) {
        points += 1;
        await check(later, [was, is], `cut ${index}, then ${second}`);
      }
    }
  }

  // What was reported as done survives any cut.
  for (const [index, image] of last.entries()) {
    points += 1;
    await check(image, [scenario === 'apply' ? is : was], `cut after the end, ${index}`);
  }

  return {points, problems};
};

// Of all that is on a disk only a digest: there are tens of thousands of them.
const digest = (text: string) => createHash('sha1').update(text).digest('base64');

export const errorCodes = ['ENOSPC', 'EIO', 'EACCES', 'EROFS', 'EDQUOT', 'EMFILE'] as const;

/**
 * Lets one step after another fail, once or from then on. What ended as rolled back is exactly before, what was committed
 * exactly after, also after a cut; what is stuck says so, and is put in order once the fault is gone.
 */
export const injectErrors = async ({
  scenario = 'apply' as Scenario,
  codes = errorCodes as readonly string[],
  every = 1,
  around = asIs,
  stopAtFirst = false,
} = {}): Promise<Found & {readonly stuck: number}> => {
  const {before, planned, after} = await ends(false, around);
  const start = scenario === 'undo' ? after : before;
  const own = Math.max(...start.keys());
  const sound = new Set<string>();
  const problems: string[] = [];
  let points = 0;
  let stuck = 0;
  for (const [which, code] of codes.entries()) {
    for (const lasting of [false, true]) {
      for (let at = 1 + ((which * 2 + Number(lasting)) % every); ; at += every) {
        let step = 0;
        let isOn = true;
        let reached = '';
        const disk = diskWith(start, around, {
          readSteps: true,
          onStep: (when, {operation, path}) => {
            step += when === 'before' ? 1 : 0;
            if (isOn && when === 'before' && (lasting ? step >= at : step === at)) {
              reached ||= `${operation} ${path}`;
              throw Object.assign(new Error(`${code}: ${operation} ${path}`), {code});
            }
          },
        });
        const result = await (scenario === 'undo' ? undoOn(disk.files) : applyOn(disk.files, planned)).catch(
          (error: unknown) => error as Error,
        );
        isOn = false;
        if (reached === '') {
          break;
        }

        points += 1;
        const name = `${code} ${lasting ? 'from' : 'at'} step ${at} (${reached})`;
        problems.push(...(await problemsOf(disk, result)).map(problem => `${name}: ${problem}`));
        if (stopAtFirst && problems.length > 0) {
          return {points, problems, stuck};
        }
      }
    }
  }

  async function problemsOf(disk: ReturnType<typeof diskWith>, result: unknown): Promise<readonly string[]> {
    const done = scenario === 'undo' ? before : disk.image();
    const committed = machineOf(after, false);
    const isDone = result === (scenario === 'undo' ? 'rolled-back' : 'committed');
    const isBack = scenario === 'apply' && result === 'rolled-back';
    stuck += result === 'stuck' ? 1 : 0;
    const found: string[] = [];
    if (!isDone && !isBack && result !== 'stuck' && !isPlain(result)) {
      found.push(`it ended ${String(result)}`);
    }

    const isUnfinished = currentId(disk.plain) !== undefined;
    if (isBack && !isUnfinished && !isAs(disk.image(), before)) {
      found.push(`not as before: ${differing(machineOf(before), machineOf(disk.image())).join('; ')}`);
    }

    // Times differ from run to run; content, owner, mode and attributes do not.
    const untimed = (lines: ReadonlyMap<string, string>) =>
      new Map([...lines].map(([path, line]) => [path, line.replace(/ \d+ (?=[0-9a-f]{16})/, ' ')]));
    // What could not be cleaned up is marked as unfinished, and looked at after the next start below.
    const left = differing(untimed(committed), untimed(machineOf(done, false)));
    if (isDone && scenario === 'apply' && !isUnfinished && left.length > 0) {
      found.push(`not as planned: ${left.join('; ')}`);
    }

    for (const cut of [disk.image(), ...disk.cuts()]) {
      // Most faults leave one of a few hundred disks: what comes of one that ended so is known from the first time.
      const key = digest(`${isDone} ${isBack}\n${likeness(cut, own)}`);
      if (sound.has(key)) {
        continue;
      }

      const wrong = found.length;
      const target = openDisk(cut);
      try {
        await recoverOn(around(target.files));
      } catch (error) {
        found.push(`afterwards recovery failed: ${String((error as Error).message)}`);
        continue;
      }

      const now = target.image();
      const isBefore = isAs(now, before, scenario !== 'undo');
      const isAfter = differing(untimed(committed), untimed(machineOf(now, false))).length === 0;
      if (isDone ? !(scenario === 'undo' ? isBefore : isAfter) : isBack ? !isBefore : !isBefore && !isAfter) {
        found.push(
          `afterwards: ${differing(untimed(isDone && scenario === 'apply' ? committed : machineOf(before)), untimed(machineOf(now, !(isDone && scenario === 'apply')))).join('; ')}`,
        );
      }

      if (found.length === wrong) {
        sound.add(key);
      }
    }

    return found;
  }

  return {points, problems, stuck};
};

// Refused before anything was touched, in words.
const isPlain = (result: unknown) => result instanceof Error && 'problem' in result;

const theirs = 'somebody else saved this\n';

/** Somebody saves a file at each step of a transaction, in place or by renaming: what they saved is never lost. */
export const saveAtEveryStep = async ({
  scenario = 'apply' as Scenario,
  small = false,
  every = 1,
  around = asIs,
  stopAtFirst = false,
} = {}): Promise<Found> => {
  const {before, planned, after} = await ends(small, around);
  const start = scenario === 'undo' ? after : before;
  const problems: string[] = [];
  let points = 0;
  const paths = ['/etc/dovecot/dovecot.conf', '/etc/fresh', '/etc/gone', ...(small ? [] : ['/etc/odd.conf'])];
  for (const [which, path] of paths.entries()) {
    for (const how of ['in place', 'by rename'] as const) {
      for (let at = 1 + (which % every); ; at += every) {
        let step = 0;
        let saved: string | undefined;
        const disk = diskWith(start, around, {
          onStep: when => {
            step += when === 'before' ? 1 : 0;
            if (when === 'before' && step === at) {
              saved = '';
              saved = save(disk.plain, path, how);
            }
          },
        });
        await (scenario === 'undo'
          ? undoOn(disk.files)
          : applyOn(disk.files, planned, scenario === 'failed proof' ? [failing] : [])
        ).catch((error: unknown) => error);
        if (saved === undefined) {
          break;
        }

        points += 1;
        const image = disk.image();
        const kept = [...describe(image).keys()].some(
          where => bytesAt(image, where)?.toString('latin1').includes(theirs) === true,
        );
        const here = bytesAt(image, path)?.toString('latin1');
        if (!kept) {
          problems.push(`${path} saved ${how} at step ${at} is lost; there is: ${here ?? 'nothing'}`);
        }

        if (stopAtFirst && problems.length > 0) {
          return {points, problems};
        }
      }
    }
  }

  return {points, problems};
};

// The editor's own operations are no steps of ours: they go to the bare disk.
const save = (files: Files, path: string, how: 'in place' | 'by rename') => {
  if (how === 'in place' && files.lstat(path) !== undefined) {
    files.overwrite(path, Buffer.from(theirs));
  } else {
    files.create(`${path}.swp`, Buffer.from(theirs), 0o600);
    files.rename(`${path}.swp`, path);
  }

  return path;
};
