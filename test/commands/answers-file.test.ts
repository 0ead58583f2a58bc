import {execFileSync} from 'node:child_process';
import {chmodSync, chownSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {readAnswersFile} from '../../src/commands/answers-file.js';
import {ProblemError} from '../../src/core/finding.js';

const folder = mkdtempSync(join(tmpdir(), 'answers-'));
const script = fileURLToPath(import.meta.url);
const asRoot = process.getuid?.() === 0 ? test : test.skip;

test.after.always(() => rmSync(folder, {recursive: true}));

const causeOf = (path: string) => {
  try {
    readAnswersFile(path, script);
    return 'read';
  } catch (error) {
    return error instanceof ProblemError ? (error.problem.cause?.en ?? '') : String(error);
  }
};

const file = (name: string, text: string | Uint8Array, mode = 0o644) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};

test('a plain file is read, also through a link', t => {
  const path = file('good.yaml', 'version: 1\n# 日本\n');
  symlinkSync(path, join(folder, 'link.yaml'));
  t.is(readAnswersFile(path, script), 'version: 1\n# 日本\n');
  t.is(readAnswersFile(join(folder, 'link.yaml'), script), 'version: 1\n# 日本\n');
});

test('a FIFO is not waited for; a directory, a device and 50 MB are no answers', t => {
  const fifo = join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const large = file('large.yaml', '');
  truncateSync(large, 50 * 1024 * 1024);
  for (const path of [fifo, folder, '/dev/zero', large]) {
    t.regex(causeOf(path), /not a regular file of at most 1 MiB/, path);
  }

  t.regex(causeOf(join(folder, 'nowhere')), /cannot be read/);
});

test('a file that everybody can change is refused', t => {
  t.regex(causeOf(file('open.yaml', 'version: 1\n', 0o666)), /Everybody can change it/);
});

test('bytes that are not UTF-8 are refused', t => {
  t.regex(causeOf(file('latin1.yaml', Buffer.from([0x61, 0x3a, 0x20, 0xe9, 0x0a]))), /not UTF-8/);
});

asRoot('a file of another user is refused', t => {
  const path = file('other.yaml', 'version: 1\n');
  chownSync(path, 54_321, 54_321);
  t.regex(causeOf(path), /belongs to another user \(number 54321\)/);
});
