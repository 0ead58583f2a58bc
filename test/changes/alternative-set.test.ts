import test from 'ava';
import {alternativeSet} from '../../src/changes/alternative-set.js';
import type {ChangeContext} from '../../src/changes/types.js';
import {memoryBlobs} from '../../src/system/blobs.js';
import type {System} from '../../src/system/types.js';
import {emptyImage, openDisk} from '../helpers/disk.js';
import {machineOn} from '../helpers/model.js';

const context: ChangeContext = {
  blobs: memoryBlobs(),
  resolve: () => Buffer.alloc(0),
  transaction: 'test',
  say: () => undefined,
};
const change = {
  id: 'alternative.set mta',
  sections: ['packages'],
  kind: 'alternative.set' as const,
  name: 'mta',
  path: '/usr/sbin/sendmail.postfix',
};

/** A machine whose alternatives(8) does what the real one does: the link, and how it was chosen. */
const machine = (path: string, best = '/usr/sbin/sendmail.sendmail') => {
  const {files} = openDisk(emptyImage());
  for (const folder of ['/etc', '/etc/alternatives', '/var', '/var/lib', '/var/lib/alternatives']) {
    if (files.lstat(folder) === undefined) {
      files.makeDirectory(folder, 0o755);
    }
  }

  const choose = (target: string, mode: string) => {
    for (const old of ['/etc/alternatives/mta', '/var/lib/alternatives/mta']) {
      if (files.lstat(old) !== undefined) {
        files.unlink(old);
      }
    }

    files.symlink(target, '/etc/alternatives/mta');
    files.create('/var/lib/alternatives/mta', Buffer.from(`${mode}\n/usr/sbin/sendmail\n`), 0o644);
  };
  choose(path, 'auto');
  const system: System = {
    ...machineOn(files),
    run: async (_file, args) => {
      choose(args[0] === '--auto' ? best : (args[2] ?? ''), args[0] === '--auto' ? 'auto' : 'manual');
      return {exitCode: 0, stdout: '', stderr: '', timedOut: false, missing: false};
    },
  };
  return {system, choose, now: () => files.readLink('/etc/alternatives/mta')};
};

test('a name goes over to the chosen program, and an undo lets the priorities decide again', async t => {
  const {system, now} = machine('/usr/sbin/sendmail.sendmail');
  const before = await alternativeSet.capture(system, change, context);
  await alternativeSet.apply(system, change, before, context);
  t.is(now(), change.path);
  t.deepEqual(await alternativeSet.verify(system, change, null), []);
  t.is((await alternativeSet.revert(system, change, before, null, context)).kind, 'reverted');
  t.deepEqual(await alternativeSet.observe(system, change), {
    path: '/usr/sbin/sendmail.sendmail',
    mode: 'auto',
  });
  t.is((await alternativeSet.revert(system, change, before, null, context)).kind, 'nothing-to-do');
});

test('what already stands for it plans nothing', async t => {
  const {system} = machine(change.path, change.path);
  const seen = await alternativeSet.observe(system, change);
  const preview = alternativeSet.preview(change, seen, {
    blobs: memoryBlobs(),
    read: () => undefined,
    masked: () => '',
    certainty: 'exact',
  });
  t.is(preview.action, 'none');
});

test('what somebody else chose since is kept, and said', async t => {
  const {system, choose, now} = machine('/usr/sbin/sendmail.sendmail');
  const before = await alternativeSet.capture(system, change, context);
  await alternativeSet.apply(system, change, before, context);
  choose('/usr/sbin/sendmail.exim', 'manual');
  t.is((await alternativeSet.revert(system, change, before, null, context)).kind, 'conflict');
  t.is(now(), '/usr/sbin/sendmail.exim');
});
