import test from 'ava';
import {recordOf, sinceLast} from '../../src/config/aliases/since.js';

const rowsOf = (...lines: readonly string[]) => Buffer.from(lines.map(line => `+${line}\n`).join(''));
const last = recordOf(
  rowsOf('a@e.test anna@e.test', 'b@e.test bob@e.test', 'c@e.test anna@e.test'),
).toString();
const table = (...lines: readonly string[]) => lines.map(line => `${line}\n`).join('');
const compare = (file: Buffer, there: string, theirs: readonly string[] = []) => {
  const {rows, gone, kept} = sinceLast(file, last, there, new Set(theirs));
  return {rows: rows.toString().split('\n').slice(0, -1), gone, kept};
};
const all = ['a@e.test anna@e.test', 'b@e.test bob@e.test', 'c@e.test anna@e.test'];

test('taken in for the first time, a file brings its rows and takes nothing away', t => {
  const {rows, gone, kept} = sinceLast(rowsOf(...all), '', table('a@e.test bob@e.test'), new Set());
  t.deepEqual(rows, rowsOf(...all));
  t.deepEqual([gone, kept], [[], []]);
});

test('a line that left the file leaves the table; rows of others stay', t => {
  t.deepEqual(compare(rowsOf(...all.slice(1)), table(...all, 'own@e.test anna@e.test')), {
    rows: ['+b@e.test bob@e.test', '+c@e.test anna@e.test', '-a@e.test'],
    gone: ['a@e.test'],
    kept: [],
  });
});

test('a row that somebody changed or took out since stays so, whatever the file says of it now', t => {
  const there = table('a@e.test   carl@e.test', 'c@e.test\tanna@e.test');
  t.deepEqual(compare(rowsOf(...all), there), {
    rows: ['+c@e.test anna@e.test'],
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
      rows: ['+a@e.test carl@e.test', '+b@e.test bob@e.test', '+c@e.test anna@e.test'],
      gone: [],
      kept: [],
    },
  );
});

test('what is typed in, or answered elsewhere, does not leave with the file', t => {
  t.deepEqual(compare(rowsOf(...all.slice(1)), table(...all), ['a@e.test']).gone, []);
});

test('what is kept of a file is its rows, and a line that says what it is', t => {
  t.regex(last, /^#.*\na@e\.test anna@e\.test\n/);
});
