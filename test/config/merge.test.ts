import test from 'ava';
import fc from 'fast-check';
import {merge3} from '../../src/config/merge.js';

const lines = fc.array(fc.constantFrom('a\n', 'b\n', 'c\n', 'd = 1\n', '# x\n', '\n'), {maxLength: 12});
const text = lines.map(all => all.join(''));

test('what only one side changed is taken', t => {
  t.deepEqual(merge3('a\nb\nc\n', 'a\nB\nc\n', 'a\nb\nc\nd\n'), {text: 'a\nB\nc\nd\n', conflicts: []});
  t.deepEqual(merge3('a\nb\n', 'b\n', 'a\nb\nz\n'), {text: 'b\nz\n', conflicts: []});
});

test('what both changed alike is taken once', t => {
  t.deepEqual(merge3('a\nb\nc\n', 'a\nX\nc\n', 'a\nX\nc\n'), {text: 'a\nX\nc\n', conflicts: []});
});

test('what both changed differently stays as they have it, with its line', t => {
  t.deepEqual(merge3('a\nb\nc\n', 'a\nours\nc\n', 'a\ntheirs\nc\n'), {
    text: 'a\ntheirs\nc\n',
    conflicts: [2],
  });
  t.deepEqual(merge3('a\n', 'a\nours\n', 'a\ntheirs\n').text, 'a\ntheirs\n');
});

test('a line of theirs beside one that goes away stays', t => {
  t.deepEqual(merge3('a\nours\nb\n', 'a\nb\n', 'a\nours\ntheirs\nb\n'), {
    text: 'a\ntheirs\nb\n',
    conflicts: [],
  });
});

test('a side that changed nothing decides nothing', t => {
  fc.assert(
    fc.property(text, text, (base, other) => {
      t.is(merge3(base, base, other).text, other);
      t.is(merge3(base, other, base).text, other);
      t.is(merge3(base, other, other).text, other);
    }),
  );
});

test('no line that they added is ever missing', t => {
  fc.assert(
    fc.property(
      text,
      text,
      fc.array(fc.constantFrom('theirs 1\n', 'theirs 2\n'), {maxLength: 3}),
      fc.nat(12),
      (base, ours, added, at) => {
        const from = base.split(/(?<=\n)/);
        const theirs = [...from.slice(0, at), ...added, ...from.slice(at)].join('');
        const merged = merge3(base, ours, theirs).text.split(/(?<=\n)/);
        t.deepEqual(
          merged.filter(line => line.startsWith('theirs')),
          added,
        );
      },
    ),
  );
});
