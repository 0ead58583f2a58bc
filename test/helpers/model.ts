import {simulatedAuthority} from '../../src/system/certbot.js';
import {simulatedDatabases} from '../../src/system/databases.js';
import type {Change} from '../../src/core/change.js';
import type {Finding} from '../../src/core/finding.js';
import type {Plan} from '../../src/core/plan.js';
import {literal} from '../../src/core/text.js';
import {memoryBlobs} from '../../src/system/blobs.js';
import {ledgerFirewall} from '../../src/system/firewall.js';
import {ledgerServices} from '../../src/system/services.js';
import type {Blobs, Files, Run, System} from '../../src/system/types.js';
import {applyPlan} from '../../src/transaction/apply.js';
import {recover} from '../../src/transaction/recover.js';
import {rollBack} from '../../src/transaction/roll-back.js';
import {common, planOf, shown, shownAs} from './tree-plan.js';
import {type DiskOptions, emptyImage, type Image, openDisk} from './disk.js';

/** A text that only root may ever be able to read. */
export const canary = 'only-root-may-read-this';
export const transactionId = '20260101T000000Z-000000';
const me = process.getuid?.() ?? 0;
const group = process.getgid?.() ?? 0;

/** What is put around the floor of files: a fault, or a seeded bug. */
export type Around = (files: Files) => Files;

/** A disk as a machine. postmap(1) is played: like the real one it writes without fsync(2). */
export const machineOn = (files: Files): System => {
  const run: Run = async (_file, args) => {
    const [, type = '', source = ''] = /^(\w+):(.*)$/.exec(args.at(-1) ?? '') ?? [];
    if (args[0] !== '-s') {
      const bytes = Buffer.concat([Buffer.from('index of '), files.read(source) ?? Buffer.alloc(0)]);
      files.create(`${source}.${type === 'hash' ? 'db' : type}`, bytes, files.lstat(source)?.mode ?? 0o600);
    }

    return {exitCode: 0, stdout: '', stderr: '', timedOut: false, missing: false};
  };
  return {
    ground: 'directory',
    tree: '/',
    files,
    runs: true,
    run,
    services: ledgerServices(),
    firewall: ledgerFirewall(),
    databases: simulatedDatabases(),
    authority: simulatedAuthority(),
  };
};

/** The machine before: one file of each sort that a change can meet. */
export const startImage = (): Image => {
  const disk = openDisk(emptyImage());
  const {files} = disk;
  for (const path of [
    '/etc',
    '/etc/dovecot',
    '/etc/postfix',
    '/etc/real',
    '/etc/systemd',
    '/etc/systemd/system',
    '/srv',
    '/srv/emptied',
    '/var',
    '/var/lib',
  ]) {
    files.makeDirectory(path, 0o755);
  }

  files.create('/etc/dovecot/dovecot.conf', Buffer.from('# keep me\nkey = old\n'), 0o640);
  files.create('/etc/postfix/main.cf', Buffer.from('a = 1\n'), 0o644);
  files.create('/etc/postfix/table', Buffer.from('theirs x\n'), 0o600);
  files.create('/etc/postfix/table.db', Buffer.from('index of theirs x\n'), 0o600);
  files.create('/etc/odd.conf', Buffer.from('odd = 1\n'), 0o600);
  files.chmod('/etc/odd.conf', 0o4750);
  files.create('/etc/real/linked.conf', Buffer.from('linked = 1\n'), 0o644);
  files.symlink('/etc/real/linked.conf', '/etc/linked.conf');
  files.create('/etc/twin.conf', Buffer.from('twin = 1\n'), 0o644);
  files.link('/etc/twin.conf', '/etc/twin.other');
  files.symlink('nowhere', '/etc/pointer');
  files.create('/etc/gone', Buffer.from('bytes\n'), 0o644);
  files.create('/srv/emptied/last', Buffer.from('last\n'), 0o600);
  // There is no operation that makes an ACL: it is there from before.
  return new Map(
    [...disk.image()].map(([id, node]) => [
      id,
      node.bytes.includes('keep me') ? {...node, attributes: 'user:anna:r--'} : node,
    ]),
  );
};

export type Planned = {readonly plan: Plan; readonly blobs: Blobs};

/** A plan over that machine. `small`: fewer changes, for runs that are many. */
export const planOn = async (image: Image, {small = false} = {}): Promise<Planned> => {
  const system = machineOn(openDisk(image).files);
  const blobs = memoryBlobs();
  const own = {sections: ['s'], owner: String(me), group: String(group)};
  const edit = (id: string, path: string, before: string, after: string): Change => ({
    sections: ['s'],
    id,
    kind: 'config.edit',
    family: 'other',
    path,
    before: blobs.put(Buffer.from(before)),
    after: blobs.put(Buffer.from(after)),
    keepOwnership: true,
  });
  const some: readonly Change[] = [
    {...own, id: 'd', kind: 'directory.create', path: '/srv/a/b', mode: 0o750},
    {
      ...own,
      id: 'f',
      kind: 'file.write',
      path: '/etc/fresh',
      content: [{text: `${canary}\n`}],
      secret: true,
      mode: 0o600,
    },
    edit('c', '/etc/dovecot/dovecot.conf', '# keep me\nkey = old\n', '# keep me\nkey = new\n'),
    {sections: ['s'], id: 'x', kind: 'file.delete', path: '/etc/gone'},
  ];
  const more: readonly Change[] = [
    {
      ...own,
      id: 'r',
      kind: 'rows.edit',
      path: '/etc/postfix/table',
      format: 'table',
      rows: [{section: 's', key: 'ours', state: 'present', content: [{text: 'ours y'}]}],
      secret: false,
      mode: 0o600,
    },
    {sections: ['s'], id: 'm', kind: 'map.compile', source: '/etc/postfix/table', type: 'hash'},
    edit('o', '/etc/odd.conf', 'odd = 1\n', 'odd = 2\n'),
    edit('l', '/etc/linked.conf', 'linked = 1\n', 'linked = 2\n'),
    edit('t', '/etc/twin.conf', 'twin = 1\n', 'twin = 2\n'),
    {
      ...own,
      id: 'p',
      kind: 'file.write',
      path: '/etc/pointer',
      content: [{text: 'whole\n'}],
      secret: false,
      mode: 0o644,
    },
    {sections: ['s'], id: 'y', kind: 'file.delete', path: '/srv/emptied/last'},
    {sections: ['s'], id: 'e', kind: 'directory.remove', paths: ['/srv/emptied']},
    edit('h', '/etc/postfix/main.cf', 'a = 1\n', 'a = 1\nsoft_bounce = yes\n'),
  ];
  const release = edit('z', '/etc/postfix/main.cf', 'a = 1\nsoft_bounce = yes\n', 'a = 2\n');
  const {stages, ...plan} = planOf(
    transactionId,
    await Promise.all((small ? some : [...some, ...more]).map(change => shown(system, change))),
  );
  return {
    blobs,
    plan: {
      ...plan,
      stages: [...stages, ...(small ? [] : [{name: 'release' as const, changes: [shownAs(release, '')]}])],
    },
  };
};

export const failing: Finding = {
  id: 'proof',
  severity: 'fail',
  summary: literal('it does not work'),
  remedy: literal('-'),
};

/** Applies a plan; `findings`: what its proof says. */
export const applyOn = (files: Files, {plan, blobs}: Planned, findings: readonly Finding[] = []) =>
  applyPlan({
    ...common,
    plan,
    blobs,
    system: machineOn(files),
    interrupted: () => false,
    prove: async () => findings,
    onUnproved: 'roll-back',
  });

export const recoverOn = (files: Files) => recover({...common, system: machineOn(files)});

export const undoOn = (files: Files) => rollBack({...common, system: machineOn(files), id: transactionId});

/** A disk with something around its floor. */
export const diskWith = (image: Image, around: Around, options: DiskOptions = {}) => {
  const disk = openDisk(image, options);
  return {...disk, plain: disk.files, files: around(disk.files)};
};
