import {spawnSync} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {digestAt, digestOf, folderBlobs} from '../../src/system/blobs.js';
import {realFiles} from '../../src/system/files.js';

const root = mkdtempSync(join(tmpdir(), 'dovetail-files-'));
const files = realFiles(root);
test.after.always(() => rmSync(root, {recursive: true}));

const codeOf = (use: () => unknown) => {
  try {
    use();
    return undefined;
  } catch (error) {
    return (error as {code?: string}).code;
  }
};

for (const size of [0, 1, 4095, 4096, 4097, 64 * 1024, 64 * 1024 + 1, 700_001]) {
  test(`the digest of a file of ${size} bytes is that of the bytes that reading gives`, t => {
    const bytes = randomBytes(size);
    writeFileSync(join(root, `${size}`), bytes);
    t.is(files.digest(`/${size}`), digestOf(bytes));
  });
}

test('what the kernel makes up while it is read has a digest too', t => {
  const whole = realFiles();
  t.is(whole.lstat('/proc/version')?.size, 0);
  t.is(whole.digest('/proc/version'), digestOf(whole.read('/proc/version') ?? ''));
});

test('a digest is refused, and missing, where reading is', t => {
  writeFileSync(join(root, 'plain'), 'x');
  symlinkSync(join(root, 'plain'), join(root, 'link'));
  symlinkSync('nowhere', join(root, 'dangling'));
  mkdirSync(join(root, 'folder'));
  t.is(spawnSync('mkfifo', [join(root, 'pipe')]).status, 0);
  // Larger than what is read of any file, and all of it a hole.
  writeFileSync(join(root, 'huge'), '');
  truncateSync(join(root, 'huge'), 256 * 1024 * 1024 + 1);
  for (const [path, code] of [
    ['/link', 'ELOOP'],
    ['/dangling', 'ELOOP'],
    ['/folder', 'EINVAL'],
    ['/pipe', 'EINVAL'],
    ['/huge', 'EFBIG'],
  ] as const) {
    t.is(
      codeOf(() => files.read(path)),
      code,
      path,
    );
    t.is(
      codeOf(() => files.digest(path)),
      code,
      path,
    );
  }

  t.is(files.digest('/link', {follow: true}), digestOf('x'));
  for (const path of ['/missing', '/plain/below', '/dangling']) {
    t.is(files.read(path, {follow: true}), undefined, path);
    t.is(files.digest(path, {follow: true}), undefined, path);
  }
});

test('as a blob, what is not there has the name of no bytes', t => {
  t.is(digestAt(files, '/missing'), digestOf(''));
});

test('a copy is a file of its own with the same bytes, closed as asked, and has their digest', t => {
  const bytes = randomBytes(700_001);
  writeFileSync(join(root, 'original'), bytes, {mode: 0o644});
  t.is(files.copy('/original', '/copied', 0o600), digestOf(bytes));
  t.deepEqual(files.read('/copied'), bytes);
  t.is(files.lstat('/copied')?.mode, 0o600);
  t.not(files.lstat('/copied')?.ino, files.lstat('/original')?.ino);
  t.is(files.copy('/none', '/not-made', 0o600), undefined);
  t.is(files.lstat('/not-made'), undefined);
  t.is(
    codeOf(() => files.copy('/original', '/copied', 0o600)),
    'EEXIST',
  );
  t.is(
    codeOf(() => files.copy('/original', '/no/folder', 0o600)),
    'ENOENT',
  );
  symlinkSync('original', join(root, 'alias'));
  t.is(
    codeOf(() => files.copy('/alias', '/other', 0o600)),
    'ELOOP',
  );
  t.is(files.lstat('/other'), undefined);
});

test('a file is kept as a blob once, under the digest of its bytes, and nothing else is left', t => {
  mkdirSync(join(root, 'blobs'));
  const blobs = folderBlobs(files, '/blobs');
  writeFileSync(join(root, 'kept'), 'text', {mode: 0o644});
  const digest = digestOf('text');
  // What a run that was cut short left.
  writeFileSync(join(root, 'blobs/copy.new'), 'half');
  t.is(blobs.keep?.('/kept'), digest);
  t.is(blobs.keep?.('/kept'), digest);
  t.is(blobs.keep?.('/none'), undefined);
  t.deepEqual(files.list('/blobs'), [digest]);
  t.is(files.lstat(`/blobs/${digest}`)?.mode, 0o600);
  t.is(blobs.get(digest).toString(), 'text');
});
