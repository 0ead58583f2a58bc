import type {Facts} from '../../src/core/facts.js';
import type {Finding} from '../../src/core/finding.js';
import type {Change} from '../../src/core/change.js';
import type {Plan} from '../../src/core/plan.js';
import type {Platform} from '../../src/core/platform.js';
import type {Content} from '../../src/core/want.js';
import {inverses} from '../../src/engine/inverses.js';
import {compile} from '../../src/planner/compile.js';
import {basesOf, type Fresh} from '../../src/planner/fresh.js';
import type {OwnedWant} from '../../src/planner/wants.js';
import {folderBlobs, memoryBlobs} from '../../src/system/blobs.js';
import type {Blobs} from '../../src/system/types.js';
import {applyPlan} from '../../src/transaction/apply.js';
import {rollBack} from '../../src/transaction/roll-back.js';
import {simulate} from '../../src/transaction/simulate.js';
import {blobsOf, listTransactions, readTransaction} from '../../src/transaction/store.js';
import {bytesAt, describe, emptyImage, type Image, openDisk} from './disk.js';
import {machineOn} from './model.js';
import type {Stock} from './stock.js';

// What a disk can hold; users, labels, units and the firewall are the machine's, and are tried on real ones.
const onDisk: ReadonlySet<string> = new Set([
  'directory.create',
  'directory.remove',
  'file.write',
  'file.delete',
  'rows.edit',
  'map.compile',
  'config.edit',
]);

/** A disk with the configuration that packages leave, and the users that own it. */
export const stockImage = ({facts}: Stock): Image => {
  const {files, image} = openDisk(emptyImage());
  const folder = (path: string) => {
    const parent = path.slice(0, path.lastIndexOf('/'));
    if (parent !== '' && files.lstat(parent) === undefined) {
      folder(parent);
    }

    if (files.lstat(path) === undefined) {
      files.makeDirectory(path, 0o755);
    }
  };
  const put = (path: string, text: string) => {
    folder(path.slice(0, path.lastIndexOf('/')));
    files.create(path, Buffer.from(text, 'latin1'), 0o644);
  };
  const names = ['root', 'vmail', 'dovecot', 'postfix', 'mail', 'anna', 'bert', 'opendkim', 'clamav'];
  put('/etc/passwd', names.map((name, id) => `${name}:x:${id}:${id}::/:/bin/sh\n`).join(''));
  put('/etc/group', names.map((name, id) => `${name}:x:${id}:\n`).join(''));
  for (const path of [
    '/var/lib',
    '/etc/systemd/system',
    '/etc/ssl',
    '/etc/clamav',
    '/etc/fail2ban/filter.d',
    '/etc/fail2ban/jail.d',
    '/var/spool/postfix',
    '/var/mail',
  ]) {
    folder(path);
  }

  for (const [path, text] of Object.entries(facts.files)) {
    put(path, text);
  }

  return image();
};

/** A stock machine, with the configuration as it is on a disk now. */
export const factsOn = ({facts}: Stock, image: Image): Facts => {
  const files = Object.fromEntries(
    [...describe(image)]
      .filter(([path, line]) => line.startsWith('file') && !path.startsWith('/var/lib/dovetail'))
      .map(([path]) => [path, bytesAt(image, path)?.toString('latin1') ?? '']),
  );
  return {...facts, files};
};

type Done = {readonly image: Image; readonly id: string; readonly findings: readonly Finding[]};

let count = 0;

/** Applies what some wants come to, as one transaction; `fresh`: on the packages' own files, whatever is there. */
export const applyWants = async (
  stock: Stock,
  image: Image,
  wants: readonly OwnedWant[],
  facts: Facts,
  fresh?: Fresh,
): Promise<Done> => {
  const blobs = memoryBlobs();
  const put = (text: string) => blobs.put(Buffer.from(text, 'latin1'));
  const {changes, edits, findings} = compile({
    wants,
    facts,
    platform: stock.platform,
    put,
    ...(fresh === undefined ? {} : {fresh}),
  });
  const bases = fresh === undefined ? {} : {fresh: basesOf(fresh, facts, put)};
  return {
    ...(await applyChanges(image, changes, {blobs, edits, platform: stock.platform, ...bases})),
    findings,
  };
};

/** Takes all of a transaction back. */
export const undoAll = async (image: Image, id: string): Promise<Image> => {
  const disk = openDisk(image);
  const outcome = await rollBack({
    id,
    system: machineOn(disk.files),
    resolve: () => Buffer.alloc(0),
    onEvent: () => undefined,
  });
  if (outcome !== 'rolled-back') {
    throw new Error(outcome);
  }

  return disk.image();
};

/** Takes one section's part of a transaction back, in a transaction of its own. */
export const undoSection = async (
  stock: Stock,
  {image, id}: Pick<Done, 'image' | 'id'>,
  section: string,
): Promise<Done> => {
  const {files} = openDisk(image);
  const stored = readTransaction(files, id);
  if (stored === undefined) {
    throw new Error(`no transaction ${id}`);
  }

  const blobs = memoryBlobs();
  const notes: Finding[] = [];
  const changes = inverses({
    machine: {facts: factsOn(stock, image), platform: stock.platform},
    stored,
    section,
    later: listTransactions(files)
      .filter(other => other.id > id)
      .toReversed(),
    keptBy: other => folderBlobs(files, blobsOf(other)),
    blobs,
    notes,
    read: path => files.read(path, {follow: true})?.toString('latin1'),
  });
  const edits = {dovecot: [], main: [], master: []};
  return {...(await applyChanges(image, changes, {blobs, edits, platform: stock.platform})), findings: notes};
};

const applyChanges = async (
  image: Image,
  all: readonly Change[],
  {
    blobs,
    edits,
    platform,
    fresh,
  }: {
    readonly blobs: Blobs;
    readonly edits: Plan['edits'];
    readonly platform: Platform;
    readonly fresh?: NonNullable<Plan['fresh']>;
  },
) => {
  const changes = all.filter(({kind}) => onDisk.has(kind));
  const resolve = (content: Content) =>
    Buffer.concat(
      content.map(part =>
        'text' in part
          ? Buffer.from(part.text, 'latin1')
          : 'blob' in part
            ? blobs.get(part.blob)
            : Buffer.from(JSON.stringify(part)),
      ),
    );
  count += 1;
  const id = `20260101T000000Z-${String(count).padStart(6, '0')}`;
  const rehearsed = openDisk(image);
  const context = {blobs, resolve, transaction: 'plan', say: () => undefined};
  const simulation = await simulate(changes, machineOn(rehearsed.files), context, {
    blobs,
    read: path => rehearsed.files.read(path, {follow: true})?.toString('latin1'),
    masked: content => resolve(content).toString('latin1'),
    certainty: 'exact',
  });
  const failed = simulation.findings.filter(({severity}) => severity === 'fail');
  if (failed.length > 0) {
    throw new Error(JSON.stringify(failed));
  }

  const disk = openDisk(image);
  const plan: Plan = {
    version: 1,
    id,
    made: '2026-01-01T00:00:00Z',
    tool: 'test',
    platform: {id: platform.id, name: platform.id, forced: false},
    sections: [],
    stages: [{name: 'configuration', changes: simulation.changes}],
    activations: [],
    edits,
    ...(fresh === undefined ? {} : {fresh}),
    effective: [],
    probes: [],
    notes: [],
  };
  const outcome = await applyPlan({
    plan,
    blobs,
    resolve,
    onEvent: () => undefined,
    system: machineOn(disk.files),
    interrupted: () => false,
    prove: async () => [],
    onUnproved: 'roll-back',
  });
  if (outcome !== 'committed') {
    throw new Error(outcome);
  }

  return {image: disk.image(), id};
};

/** Files and directories with bytes, owner and mode: what two ways to the same end must share. */
export const contentsOf = (image: Image): ReadonlyMap<string, string> =>
  new Map(
    [...describe(image)]
      .filter(([path]) => !path.startsWith('/var/lib/dovetail'))
      .map(([path, line]) => [path, line.replace(/^(file \S+ \S+ \S*) \d+/, '$1')]),
  );
