import {currentId, listTransactions} from '../../src/transaction/store.js';
import {bytesAt, describe, type Image, openDisk} from './disk.js';
import {type Around, canary, recoverOn} from './model.js';

const machines = [
  new WeakMap<Image, ReadonlyMap<string, string>>(),
  new WeakMap<Image, ReadonlyMap<string, string>>(),
];

/** The machine, without what dovetail keeps for itself; told once, since an image never changes. */
export const machineOf = (image: Image, ino = true): ReadonlyMap<string, string> => {
  const known = machines[Number(ino)];
  const machine =
    known?.get(image) ??
    new Map([...describe(image, {ino})].filter(([path]) => !path.startsWith('/var/lib/dovetail')));
  known?.set(image, machine);
  return machine;
};

/** Lines that differ. */
export const differing = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>) =>
  [...new Set([...one.keys(), ...other.keys()])]
    .filter(path => one.get(path) !== other.get(path))
    .map(path => `${path}: ${one.get(path) ?? '(not there)'} -> ${other.get(path) ?? '(gone)'}`);

/** Whether a machine is as another; else what differs. `ino`: the very same inodes too. */
export const isAs = (image: Image, other: Image, ino = true) =>
  differing(machineOf(other, ino), machineOf(image, ino)).length === 0;

/** What must hold at every moment, also before recovery: files that are there before and after are there, whole; nobody else can read a secret. */
export const alwaysHolds = (image: Image, before: Image, after: Image, between: readonly string[]) => {
  const problems: string[] = [];
  const was = machineOf(before);
  const is = machineOf(after);
  for (const [path, line] of was) {
    if (!line.startsWith('file') || !is.get(path)?.startsWith('file')) {
      continue;
    }

    const now = bytesAt(image, path)?.toString('latin1');
    const wanted = [bytesAt(before, path), bytesAt(after, path)].map(bytes => bytes?.toString('latin1'));
    if (now === undefined || ![...wanted, ...between].includes(now)) {
      problems.push(`${path} is ${now === undefined ? 'not there' : 'neither old nor new'}`);
    }
  }

  for (const [path, line] of describe(image)) {
    const isPublic = line.startsWith('file') && (Number.parseInt(line.split(' ')[1] ?? '', 8) & 0o077) !== 0;
    if (
      isPublic &&
      bytesAt(image, path)?.includes(canary) === true &&
      !path.startsWith('/var/lib/dovetail/')
    ) {
      problems.push(`${path} shows a secret`);
    }
  }

  return problems;
};

export type Ends = {
  /** States that the machine may end in, with whether the very inodes must be the same. */
  readonly ends: readonly {readonly name: string; readonly image: Image; readonly ino: boolean}[];
  readonly around: Around;
  /** Called with each step of the recovery, for cuts during it. */
  readonly onStep?: (cuts: () => Iterable<Image>) => void;
};

/** Recovers a machine after a cut, and says all that is wrong with what it is then. */
export const problemsAfter = async (
  image: Image,
  {ends, around, onStep}: Ends,
): Promise<readonly string[]> => {
  const problems: string[] = [];
  const disk = openDisk(image, {
    onStep: when => {
      if (when === 'after') {
        onStep?.(disk.cuts);
      }
    },
  });
  try {
    await recoverOn(around(disk.files));
  } catch (error) {
    return [`recovery failed: ${String((error as Error).message)}`];
  }

  const now = disk.image();
  const end = ends.find(({image: wanted, ino}) => isAs(now, wanted, ino));
  if (end === undefined) {
    const nearest = ends
      .map(({name, image: wanted, ino}) => ({
        name,
        lines: differing(machineOf(wanted, ino), machineOf(now, ino)),
      }))
      .toSorted((one, other) => one.lines.length - other.lines.length)[0];
    problems.push(`not as ${nearest?.name}: ${nearest?.lines.join('; ')}`);
  }

  if (currentId(disk.files) !== undefined) {
    problems.push('still unfinished after the recovery');
  }

  const states = listTransactions(disk.files).map(({state}) => state);
  if (states.some(state => state !== 'committed' && state !== 'rolled-back')) {
    problems.push(`a transaction is left ${states.join()}`);
  }

  const settled = describe(now);
  await recoverOn(disk.files);
  problems.push(
    ...differing(settled, describe(disk.image())).map(line => `a second recovery changes ${line}`),
  );
  return problems;
};
