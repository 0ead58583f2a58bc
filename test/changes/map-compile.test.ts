import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {mapCompile} from '../../src/changes/map-compile.js';
import type {ChangeOf} from '../../src/core/change.js';
import {digestOf, memoryBlobs} from '../../src/system/blobs.js';
import {directorySystem} from '../../src/system/grounds.js';

const source = '/etc/postfix/virtual';
const change: ChangeOf<'map.compile'> = {
  id: `map.compile hash:${source}`,
  sections: ['domains'],
  kind: 'map.compile',
  source,
  type: 'hash',
};

/** A tree with a table, and postmap(1) as far as its files go: `exitCode` is how it ends. */
const compiled = async (size: number, {type = 'hash', exitCode = 0} = {}) => {
  const root = mkdtempSync(join(tmpdir(), 'dovetail-map-'));
  mkdirSync(join(root, 'etc/postfix'), {recursive: true});
  writeFileSync(join(root, source), 'x'.repeat(size));
  writeFileSync(join(root, 'etc/postfix/main.cf'), 'myhostname = mail.e.test');
  const seen: {args: readonly string[]; main?: string} = {args: []};
  const system = {
    ...directorySystem(root),
    run: async (_file: string, args: readonly string[]) => {
      seen.args = args;
      const config = args[args.indexOf('-c') + 1] ?? '';
      if (args.includes('-c')) {
        seen.main = readFileSync(join(root, config, 'main.cf'), 'utf8');
      }

      if (exitCode === 0) {
        writeFileSync(
          join(root, `${args.at(-1)?.slice(type.length + 1)}.${type === 'lmdb' ? 'lmdb' : 'db'}`),
          'index',
        );
      }

      return {exitCode, stdout: '', stderr: '', timedOut: false, missing: false};
    },
  };
  const context = {
    blobs: memoryBlobs(),
    resolve: () => Buffer.alloc(0),
    transaction: 't',
    say: () => undefined,
  };
  const act = async () => mapCompile.apply(system, {...change, type}, null, context);
  return {
    act,
    seen,
    left: () =>
      readdirSync(join(root, 'etc/postfix')).filter(
        name => name.includes('map~') || name.includes('config~'),
      ),
    made: () => existsSync(join(root, `${source}.${type === 'lmdb' ? 'lmdb' : 'db'}`)),
    end: () => rmSync(root, {recursive: true}),
  };
};

test('a table that fits into postmap’s own cache is compiled with the machine’s main.cf', async t => {
  const {act, seen, made, end} = await compiled(1000);
  await act();
  t.false(seen.args.includes('-c'));
  t.true(made());
  end();
});

test('a large one gets a cache of its size, beside all that main.cf says, and nothing of that is left', async t => {
  const {act, seen, made, left, end} = await compiled(9 * 1024 * 1024);
  await act();
  t.is(seen.main, `myhostname = mail.e.test\nberkeley_db_create_buffer_size = ${18 * 1024 * 1024}\n`);
  t.true(made());
  t.deepEqual(left(), []);
  end();
});

test('the setting is Berkeley DB’s alone', async t => {
  const {act, seen, end} = await compiled(9 * 1024 * 1024, {type: 'lmdb'});
  await act();
  t.false(seen.args.includes('-c'));
  end();
});

test('where it cannot be compiled, nothing of it is left beside the table', async t => {
  const {act, left, made, end} = await compiled(9 * 1024 * 1024, {exitCode: 1});
  await t.throwsAsync(act());
  t.false(made());
  t.deepEqual(left(), []);
  end();
});

/** A tree with a table, its index, and a postmap(1) that adds to the index. */
const renewed = async (mounted: boolean) => {
  const root = mkdtempSync(join(tmpdir(), 'dovetail-map-'));
  const folder = join(root, 'etc/postfix');
  mkdirSync(folder, {recursive: true});
  writeFileSync(join(root, source), 'a@e.test a\n');
  writeFileSync(join(root, index), 'index', {mode: 0o640});
  if (mounted) {
    mkdirSync(join(root, 'proc/self'), {recursive: true});
    writeFileSync(join(root, 'proc/self/mountinfo'), `1 1 8:1 / ${index} rw - ext4 /dev/vda rw\n`);
  }

  const plain = directorySystem(root);
  const beside: string[][] = [];
  const read: string[] = [];
  const system = {
    ...plain,
    files: {
      ...plain.files,
      read: (path: string, options?: {readonly follow?: boolean}) => {
        path.startsWith('/etc/') && read.push(path);
        return plain.files.read(path, options);
      },
    },
    run: async (_file: string, args: readonly string[]) => {
      beside.push(readdirSync(folder).filter(name => name.includes('map~')));
      appendFileSync(join(root, `${args.at(-1)?.slice('hash:'.length)}.db`), ' with b');
      return {exitCode: 0, stdout: '', stderr: '', timedOut: false, missing: false};
    },
  };
  const context = {
    blobs: memoryBlobs(),
    resolve: () => Buffer.alloc(0),
    transaction: 't',
    say: () => undefined,
  };
  const own = {...change, only: [{key: 'b@e.test', value: 'b'}]};
  const before = await mapCompile.capture(system, own, context);
  read.splice(0);
  const ino = statSync(join(root, index)).ino;
  const after = await mapCompile.apply(system, own, before, context);
  return {
    beside,
    read,
    after,
    text: () => readFileSync(join(root, index), 'utf8'),
    stat: () => statSync(join(root, index)),
    ino,
    left: () => readdirSync(folder).filter(name => name.includes('map~') || name.includes('put~')),
    undo: () => mapCompile.revert(system, own, before, after, context),
    end: () => rmSync(root, {recursive: true}),
  };
};
const index = `${source}.db`;

test('a row is written into a copy of the index without the text, and no index is ever in memory', async t => {
  const {beside, read, after, text, stat, ino, left, undo, end} = await renewed(false);
  t.deepEqual(beside, [['.virtual.dovetail-t-map~.db']]);
  t.deepEqual(read, []);
  t.is(text(), 'index with b');
  t.not(stat().ino, ino);
  t.is(stat().mode & 0o777, 0o640);
  t.is(after?.digest, digestOf('index with b'));
  t.deepEqual(left(), []);
  t.is((await undo()).kind, 'reverted');
  t.is(text(), 'index');
  t.is(stat().ino, ino);
  end();
});

test('an index that is mounted by itself is written in place, and nothing is left beside it', async t => {
  const {after, text, stat, ino, left, undo, end} = await renewed(true);
  t.is(text(), 'index with b');
  t.is(stat().ino, ino);
  t.is(after?.digest, digestOf('index with b'));
  t.deepEqual(left(), []);
  t.is((await undo()).kind, 'reverted');
  t.is(text(), 'index');
  end();
});
