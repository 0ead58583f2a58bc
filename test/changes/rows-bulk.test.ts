import {mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {rowsEdit} from '../../src/changes/rows-edit.js';
import type {ChangeOf} from '../../src/core/change.js';
import {memoryBlobs} from '../../src/system/blobs.js';
import {directorySystem} from '../../src/system/grounds.js';

const path = '/etc/virtual';
const theirs = '# theirs\nold@e.test   anna@e.test\nINFO@e.test bob@e.test\n';

const scene = (rows: readonly string[], text = theirs) => {
  const root = mkdtempSync(join(tmpdir(), 'dovetail-bulk-'));
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, path), text, {mode: 0o644});
  const blobs = memoryBlobs();
  const change: ChangeOf<'rows.edit'> = {
    id: `rows.edit ${path}`,
    sections: ['domains'],
    kind: 'rows.edit',
    path,
    format: 'table',
    rows: [],
    bulk: [
      {
        section: 'domains',
        digest: blobs.put(Buffer.from(rows.map(row => `${row}\n`).join(''))),
        count: rows.length,
      },
    ],
    secret: false,
    owner: `${process.getuid?.()}`,
    group: `${process.getgid?.()}`,
    mode: 0o644,
  };
  const system = directorySystem(root);
  const context = {blobs, resolve: resolved, transaction: 't', say: () => undefined};
  const preview = async () =>
    rowsEdit.preview(change, await rowsEdit.observe(system, change), {
      blobs,
      read: at => system.files.read(at)?.toString('latin1'),
      masked: content => resolved(content).toString(),
      certainty: 'exact',
    });
  return {
    change,
    blobs,
    system,
    context,
    preview,
    text: () => readFileSync(join(root, path), 'latin1'),
    stat: () => statSync(join(root, path), {bigint: true}),
    end: () => rmSync(root, {recursive: true}),
  };
};
const resolved = (content: readonly object[]) =>
  Buffer.from(content.map(part => ('text' in part ? String(part.text) : '')).join(''));

test('many rows are folded in beside those of others, and an undo gives the very file back', async t => {
  const {change, system, context, text, stat, preview, end} = scene([
    '+old@e.test anna@e.test',
    '+info@e.test anna@e.test',
    '+new@e.test bob@e.test',
  ]);
  const before = stat();
  t.deepEqual((await preview()).body, [
    '-INFO@e.test bob@e.test',
    '+info@e.test anna@e.test',
    '+new@e.test bob@e.test',
  ]);
  const was = await rowsEdit.capture(system, change, context);
  const after = await rowsEdit.apply(system, change, was, context);
  t.deepEqual(await rowsEdit.verify(system, change, after), []);
  // A row that says the same in its own spacing keeps its bytes.
  t.is(text(), '# theirs\nold@e.test   anna@e.test\ninfo@e.test anna@e.test\nnew@e.test bob@e.test\n');
  t.is((await preview()).action, 'none');
  t.is((await rowsEdit.revert(system, change, was, after, context)).kind, 'reverted');
  t.is(text(), theirs);
  t.is(stat().mtimeNs, before.mtimeNs);
  end();
});

test('taken back as a section, the rows go back as many rows, and what others changed stays', async t => {
  const {change, blobs, system, context, text, end} = scene([
    '+info@e.test anna@e.test',
    '+new@e.test bob@e.test',
  ]);
  const was = await rowsEdit.capture(system, change, context);
  const after = await rowsEdit.apply(system, change, was, context);
  const stays: string[] = [];
  const changed = text().replace('new@e.test bob@e.test', 'new@e.test carl@e.test');
  const [inverse] = rowsEdit.inverse(change, was, after, {
    section: 'domains',
    alone: true,
    blobs,
    put: bytes => blobs.put(bytes),
    read: () => changed,
    without: () => undefined,
    stays: what => void stays.push(what),
    id: id => id,
  });
  t.deepEqual(stays, [`${path}: new@e.test`]);
  t.is(inverse?.kind, 'rows.edit');
  if (inverse?.kind === 'rows.edit') {
    const [bulk] = inverse.bulk ?? [];
    t.is(blobs.get(bulk?.digest ?? '').toString(), '+INFO@e.test bob@e.test\n');
  }

  end();
});

test('a row on several lines is replaced and named as a whole, and comes back so, whoever wrote since', async t => {
  const folded = '# theirs\nteam@e.test anna@e.test,\n  # since May\n  bob@e.test\nlast@e.test anna@e.test\n';
  const rows = ['+team@e.test anna@e.test,', '+new@e.test bob@e.test'];
  const {change, blobs, system, context, text, preview, end} = scene(rows, folded);
  t.deepEqual((await preview()).body, [
    '-team@e.test anna@e.test,',
    '-  bob@e.test',
    '+team@e.test anna@e.test,',
    '+new@e.test bob@e.test',
  ]);
  const was = await rowsEdit.capture(system, change, context);
  const after = await rowsEdit.apply(system, change, was, context);
  t.is(
    text(),
    '# theirs\nteam@e.test anna@e.test,\n  # since May\nlast@e.test anna@e.test\nnew@e.test bob@e.test\n',
  );
  const [inverse] = rowsEdit.inverse(change, was, after, {
    section: 'domains',
    alone: true,
    blobs,
    put: bytes => blobs.put(bytes),
    read: () => text(),
    without: () => undefined,
    stays: () => undefined,
    id: id => id,
  });
  const bulk = inverse?.kind === 'rows.edit' ? (inverse.bulk ?? []) : [];
  t.deepEqual(
    bulk.map(({digest}) => blobs.get(digest).toString()),
    ['-new@e.test\n'],
  );
  const [content] = inverse?.kind === 'rows.edit' ? (inverse.rows[0]?.content ?? []) : [];
  t.is(
    content !== undefined && 'blob' in content ? blobs.get(content.blob).toString() : '',
    'team@e.test anna@e.test,\n  bob@e.test',
  );
  system.files.overwrite(path, Buffer.from(`${text()}late@e.test anna@e.test\n`));
  t.is((await rowsEdit.revert(system, change, was, after, context)).kind, 'conflict');
  t.is(
    text(),
    '# theirs\nteam@e.test anna@e.test,\n  bob@e.test\n  # since May\nlast@e.test anna@e.test\nlate@e.test anna@e.test\n',
  );
  end();
});

test('a file that others wrote to since keeps their rows', async t => {
  const {change, system, context, text, end} = scene(['+info@e.test anna@e.test', '+new@e.test bob@e.test']);
  const was = await rowsEdit.capture(system, change, context);
  const after = await rowsEdit.apply(system, change, was, context);
  system.files.overwrite(path, Buffer.from(`${text()}late@e.test anna@e.test\n`));
  t.is((await rowsEdit.revert(system, change, was, after, context)).kind, 'conflict');
  t.is(text(), `${theirs}late@e.test anna@e.test\n`);
  end();
});

test('one changed alias in a table of 100,000 is two lines of a diff', async t => {
  const rows = Array.from({length: 100_000}, (_, at) => `u${at}@e.test anna@e.test`);
  const {preview, end} = scene(
    rows.map((row, at) => `+${at === 70_000 ? 'u70000@e.test bob@e.test' : row}`),
    rows.map(row => `${row}\n`).join(''),
  );
  t.deepEqual((await preview()).body, ['-u70000@e.test anna@e.test', '+u70000@e.test bob@e.test']);
  end();
});
