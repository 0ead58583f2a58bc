import test from 'ava';
import {recordOf, sinceLast} from '../../src/config/aliases/since.js';
import {type PackedRows, packRows} from '../../src/config/rows/packed.js';

const bytesOf = (...lines: readonly string[]) => Buffer.from(lines.map(line => `+${line}\n`).join(''));
const rowsOf = (...lines: readonly string[]) => packRows(bytesOf(...lines));
const last = recordOf(bytesOf('a@e.test anna@e.test', 'b@e.test bob@e.test', 'c@e.test anna@e.test'));
const table = (...lines: readonly string[]) => Buffer.from(lines.map(line => `${line}\n`).join(''));
const compare = (file: PackedRows, there: Buffer, theirs: readonly string[] = []) => {
  const {rows, gone, kept} = sinceLast(file, last, there, {stay: new Set(theirs), named: theirs});
  return {rows: rows.toString().split('\n').slice(0, -1), gone, kept};
};
const all = ['a@e.test anna@e.test', 'b@e.test bob@e.test', 'c@e.test anna@e.test'];

test('taken in for the first time, a file brings its rows and takes nothing away', t => {
  const nothing = Buffer.alloc(0);
  const {rows, gone, kept} = sinceLast(rowsOf(...all), nothing, table('a@e.test bob@e.test'), {
    stay: new Set(),
    named: [],
  });
  t.deepEqual(rows, bytesOf(...all));
  t.deepEqual([gone, kept], [[], []]);
});

test('a line that left the file leaves the table; rows that are there already are not named, those of others stay', t => {
  t.deepEqual(compare(rowsOf(...all.slice(1)), table(...all, 'own@e.test anna@e.test')), {
    rows: ['-a@e.test'],
    gone: ['a@e.test'],
    kept: [],
  });
});

test('a row that somebody changed or took out since stays so, whatever the file says of it now', t => {
  const there = table('a@e.test   carl@e.test', 'c@e.test\tanna@e.test');
  t.deepEqual(compare(rowsOf(...all), there), {
    rows: [],
    gone: [],
    kept: ['a@e.test', 'b@e.test'],
  });
  t.deepEqual(compare(rowsOf('c@e.test bob@e.test'), there), {
    rows: ['+c@e.test bob@e.test'],
    gone: [],
    kept: ['a@e.test'],
  });
});

test('somebody who wrote into the table what the file says now has done nothing that is kept', t => {
  t.deepEqual(
    compare(rowsOf('a@e.test carl@e.test', ...all.slice(1)), table('a@e.test carl@e.test', ...all.slice(1))),
    {
      rows: [],
      gone: [],
      kept: [],
    },
  );
});

test('what is typed in, or answered elsewhere, does not leave with the file', t => {
  t.deepEqual(compare(rowsOf(...all.slice(1)), table(...all), ['a@e.test']).gone, []);
});

test('a row that somebody else answers for too is named, though the table has it', t => {
  t.deepEqual(compare(rowsOf(...all), table(...all), ['b@e.test', 'nobody@e.test']).rows, [
    '+b@e.test bob@e.test',
  ]);
});

test('new, changed and unchanged lines: the first two are named, in the order of the file', t => {
  const file = rowsOf(
    'new@e.test anna@e.test',
    'c@e.test carl@e.test',
    'b@e.test bob@e.test',
    'late@e.test bob@e.test',
  );
  t.deepEqual(compare(file, table('# theirs', ...all, 'B@e.test carl@e.test', '  goes on')), {
    rows: ['+new@e.test anna@e.test', '+c@e.test carl@e.test', '+late@e.test bob@e.test', '-a@e.test'],
    gone: ['a@e.test'],
    kept: [],
  });
});

test('a row that somebody else made go on in the next line is one that they changed: it stays', t => {
  const there = table(...all.slice(0, 2), '  carl@e.test', ...all.slice(2));
  t.deepEqual(compare(rowsOf(...all), there), {rows: [], gone: [], kept: ['b@e.test']});
  t.deepEqual(compare(rowsOf(...all.filter((_, at) => at !== 1)), there).gone, []);
});

test('what is kept of a file is its rows, and a line that says what it is', t => {
  t.regex(last.toString(), /^#.*\na@e\.test anna@e\.test\n/);
});
