import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {rowsEdit} from '../../src/changes/rows-edit.js';
import type {ChangeOf} from '../../src/core/change.js';
import {digestOf, folderBlobs} from '../../src/system/blobs.js';
import {directorySystem} from '../../src/system/grounds.js';
import type {Files} from '../../src/system/types.js';

const list = '/etc/users';
const names = Array.from({length: 2000}, (_, at) => `user${at}@example.test`);
const text = names.map(name => `${name}:{X}hash::::::\n`).join('');

const change: ChangeOf<'rows.edit'> = {
  id: `rows.edit ${list}`,
  sections: ['users'],
  kind: 'rows.edit',
  path: list,
  format: 'passwd',
  rows: [
    {
      section: 'users',
      key: 'user1000@example.test',
      state: 'present',
      content: [{text: 'user1000@example.test:{X}other::::::'}],
    },
  ],
  secret: true,
  owner: `${process.getuid?.()}`,
  group: `${process.getgid?.()}`,
  mode: 0o640,
};

const scene = () => {
  const root = mkdtempSync(join(tmpdir(), 'dovetail-account-'));
  mkdirSync(join(root, 'etc'));
  mkdirSync(join(root, 'blobs'));
  writeFileSync(join(root, list), text, {mode: 0o640});
  const looks: string[] = [];
  const {files: plain, ...rest} = directorySystem(root);
  const isList = (path: string) => path === list || path.startsWith('/etc/.users.');
  const files: Files = {
    ...plain,
    read: (path, options) => {
      isList(path) && looks.push('read');
      return plain.read(path, options);
    },
    digest: (path, options) => {
      isList(path) && looks.push('digest');
      return plain.digest(path, options);
    },
    copy: (from, to, mode) => {
      isList(from) && looks.push('copy');
      return plain.copy(from, to, mode);
    },
  };
  const context = {
    blobs: folderBlobs(files, '/blobs'),
    resolve: (content: readonly object[]) =>
      Buffer.from(content.map(part => ('text' in part ? String(part.text) : '')).join('')),
    transaction: 't',
    say: () => undefined,
  };
  return {
    root,
    plain,
    context,
    system: {...rest, files},
    looked: () => looks.splice(0),
    now: () => readFileSync(join(root, list), 'utf8'),
    end: () => rmSync(root, {recursive: true}),
  };
};

test('the list is in memory once, to be changed; it is kept by a copy, and what is there is compared by its digest', async t => {
  const {system, context, looked, now, end} = scene();
  const before = await rowsEdit.capture(system, change, context);
  t.deepEqual(looked(), ['copy']);
  t.is(context.blobs.get(before.file?.type === 'file' ? before.file.digest : '').toString(), text);
  const after = await rowsEdit.apply(system, change, before, context);
  // Before the old file gets its second name, and after the two have changed places.
  t.deepEqual(looked(), ['read', 'digest', 'digest']);
  t.is(after?.digest, digestOf(now()));
  t.deepEqual(await rowsEdit.verify(system, change, after), []);
  t.deepEqual(looked(), []);
  t.is(now(), text.replace('user1000@example.test:{X}hash', 'user1000@example.test:{X}other'));
  t.is((await rowsEdit.revert(system, change, before, after, context)).kind, 'reverted');
  t.false(looked().includes('read'));
  t.is(now(), text);
  end();
});

test('whoever writes into the list between the two looks, and sets its time back, keeps what they wrote', async t => {
  const {root, system, plain, context, now, end} = scene();
  const before = await rowsEdit.capture(system, change, context);
  const theirs = text.replace('user7@example.test:{X}hash', 'user7@example.test:{X}mine');
  const meddled: Files = {
    ...system.files,
    link: (from, to) => {
      system.files.link(from, to);
      if (to.endsWith('-put~')) {
        const time = plain.lstat(list)?.mtimeNs ?? 0n;
        writeFileSync(join(root, list), theirs);
        plain.setTime(list, time);
      }
    },
  };
  await t.throwsAsync(rowsEdit.apply({...system, files: meddled}, change, before, context), {
    message: /changed by somebody else/,
  });
  t.is(now(), theirs);
  end();
});
