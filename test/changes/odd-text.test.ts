import {mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {oddText} from '../../src/changes/odd-text.js';
import {oddBytes} from '../../src/config/odd-bytes.js';
import type {Change, ChangeOf} from '../../src/core/change.js';
import {configText} from '../../src/detect/large-files.js';
import {oddFiles} from '../../src/detect/odd-files.js';
import {memoryBlobs} from '../../src/system/blobs.js';
import {directorySystem} from '../../src/system/grounds.js';
import type {Host} from '../../src/system/types.js';
import {simulate} from '../../src/transaction/simulate.js';
import type {PreviewContext} from '../../src/changes/types.js';

const path = '/etc/postfix/virtual';
const owner = {owner: `${process.getuid?.()}`, group: `${process.getgid?.()}`, mode: 0o644};

const scene = (t: ExecutionContext, text: string) => {
  const root = mkdtempSync(join(tmpdir(), 'dovetail-odd-'));
  t.teardown(() => rmSync(root, {recursive: true}));
  mkdirSync(join(root, 'etc/postfix'), {recursive: true});
  writeFileSync(join(root, path), text, 'latin1');
  const blobs = memoryBlobs();
  const resolve = (content: readonly object[]) =>
    Buffer.from(content.map(part => ('text' in part ? String(part.text) : '')).join(''));
  const system = directorySystem(root);
  const rows: ChangeOf<'rows.edit'> = {
    id: `rows.edit ${path}`,
    sections: ['domains'],
    kind: 'rows.edit',
    path,
    format: 'table',
    rows: [
      {section: 'domains', key: 'new@e.test', state: 'present', content: [{text: 'new@e.test anna@e.test'}]},
    ],
    secret: false,
    ...owner,
  };
  const preview = {
    blobs,
    read: (at: string) => system.files.read(at)?.toString('latin1'),
    masked: (content: readonly object[]) => resolve(content).toString(),
    certainty: 'exact',
  } as unknown as PreviewContext;
  const context = {blobs, resolve, transaction: 't', say: () => undefined};
  return {
    root,
    blobs,
    system,
    rows,
    run: (changes: readonly Change[]) => simulate(changes, system, context, preview),
    odd: (change: Change) => oddText(system.files, change, {blobs}),
  };
};
const good = 'a@e.test anna@e.test\nb@e.test bob@e.test\n';
const mark = '\xef\xbb\xbf';

test('the line of a NUL byte is found, and a mark of the byte order in front of all', t => {
  t.is(oddBytes(good), undefined);
  t.deepEqual(oddBytes(`${good}c\0\n`), {what: 'nul', line: 3});
  t.deepEqual(oddBytes(Buffer.from('\0')), {what: 'nul', line: 1});
  t.deepEqual(oddBytes(mark + good), {what: 'mark', line: 1});
  t.deepEqual(oddBytes(Buffer.from(mark, 'latin1')), {what: 'mark', line: 1});
  t.is(oddBytes(good + mark), undefined);
});

for (const [name, text, words] of [
  ['NUL byte', `${good}c@e.test a\0b\n`, /virtual is not edited: its line 3 holds a NUL byte\.$/],
  ['byte order mark', mark + good, /virtual is not edited: its line 1 begins with a mark of the byte order/],
] as const) {
  test(`a table with a ${name} is refused in words, with the line, and not written`, async t => {
    const {rows, system, run} = scene(t, text);
    const {findings, changes} = await run([rows]);
    t.deepEqual(changes, []);
    t.like(findings, [{severity: 'fail', section: 'domains'}]);
    t.regex(findings[0]?.summary.en ?? '', words);
    t.truthy(findings[0]?.cause);
    t.regex(findings[0]?.remedy?.ja ?? '', /virtual/);
    t.is(system.files.read(path)?.toString('latin1'), text);
  });
}

test('a row that is there already is no edit: nothing is refused for it', async t => {
  const {rows, run} = scene(t, `${good}new@e.test anna@e.test\nc\0\n`);
  t.deepEqual((await run([rows])).findings, []);
});

test('a file of configuration in which the odd byte would stay is refused; one that is replaced is not', t => {
  const {blobs, odd} = scene(t, 'a = 1\nb = \0\n');
  const edit = (after: string): Change => ({
    id: `config.edit ${path}`,
    sections: ['smtp'],
    kind: 'config.edit',
    family: 'main.cf',
    path,
    before: blobs.put(Buffer.from('a = 1\nb = \0\n')),
    after: blobs.put(Buffer.from(after)),
    keepOwnership: true,
  });
  t.regex(odd(edit('x = 0\na = 2\nb = \0\n'))?.what.en ?? '', /its line 2 holds a NUL byte/);
  t.is(odd(edit('a = 2\nb = 3\n')), undefined);
  const write = (text: string): Change => ({
    id: `file.write ${path}`,
    sections: ['auth-pam'],
    kind: 'file.write',
    path,
    content: [{text}],
    secret: false,
    ...owner,
  });
  t.regex(odd(write('gate\na = 1\nb = \0\n'))?.what.en ?? '', /its line 2 holds a NUL byte/);
  t.is(odd(write('gate\n')), undefined);
});

test('a table that is larger than is read is refused in words, before it is read', async t => {
  const {root, rows, run} = scene(t, good);
  truncateSync(join(root, path), 257 * 1024 * 1024);
  const {findings} = await run([rows]);
  t.like(findings, [{severity: 'fail', section: 'domains'}]);
  t.regex(
    findings[0]?.summary.en ?? '',
    /virtual is not edited: it has 257 MiB, and at most 256 MiB are read\./,
  );
});

test('before anything is asked it is said which files will not be edited, and which table is not looked at', t => {
  const size = 65 * 1024 * 1024;
  const host = {files: {lstat: () => ({type: 'file', size})}} as unknown as Host;
  const large = configText(host, '/etc/postfix/virtual', size, () => t.fail('it is read') as never);
  t.is(large, undefined);
  const found = oddFiles(host, {
    '/etc/postfix/main.cf':
      'alias_maps = hash:/etc/aliases\nvirtual_alias_maps = hash:/etc/postfix/virtual, hash:/etc/postfix/more\n',
    '/etc/postfix/more': `${good}\0`,
    '/etc/aliases': `${mark}root: anna\n`,
    '/etc/dovecot/conf.d/10-mail.conf': 'a = 1\n',
    '/etc/postfix/keytab': '\0\0',
  });
  t.deepEqual(
    found.map(({id}) => id),
    ['detect:odd:/etc/postfix/more', 'detect:odd:/etc/aliases', 'detect:large:/etc/postfix/virtual'],
  );
  t.regex(found[0]?.summary.en ?? '', /its line 3 holds a NUL byte/);
  t.regex(found[2]?.summary.en ?? '', /^\/etc\/postfix\/virtual has 65 MiB/);
});
