import test from 'ava';
import fc from 'fast-check';
import {packRows} from '../../src/config/rows/packed.js';
import {editRows, rewriteRows, rowsOf} from '../../src/config/rows/edit.js';
import {findPlace} from '../../src/config/rows/find.js';

test('each of many rows is found by its key, in upper or lower case, and none is found that is not there', t => {
  const rows = packRows();
  for (let at = 0; at < 5000; at += 1) {
    rows.add(`+User${at}@e.test anna@e.test`);
  }

  t.is(rows.size(), 5000);
  for (let at = 0; at < 5000; at += 1) {
    t.is(rows.find(`uSer${at}@E.test`), at);
  }

  t.is(rows.find('user5000@e.test'), -1);
  t.is(rows.find('user1@e.tes'), -1);
  t.is(rows.row(7), 'User7@e.test anna@e.test');
});

test('read back from their bytes they are the same, and of a key that is there twice the last one is found', t => {
  const rows = packRows(Buffer.from('+a@e.test one\n-b@e.test\n+A@e.test\ttwo'));
  t.deepEqual(
    [0, 1, 2].map(at => [rows.row(at), rows.goes(at)]),
    [
      ['a@e.test one', false],
      ['b@e.test', true],
      ['A@e.test\ttwo', false],
    ],
  );
  t.is(rows.find('a@e.test'), 2);
  t.is(rows.find('b@e.test'), 1);
});

test('packed, rows are found as in a map, whatever their letters are', t => {
  const word = fc.string({
    unit: fc.constantFrom(...'abAB09._@-\u00c0\u00e0\u00d7\u00df'),
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(fc.array(word), word, (words, other) => {
      const rows = packRows();
      const map = new Map<string, number>();
      words.forEach((each, at) => {
        rows.add(`+${each} x`);
        map.set(each.toLowerCase(), at);
      });
      for (const each of [...words, other]) {
        t.is(rows.find(each), map.get(each.toLowerCase()) ?? -1);
      }
    }),
  );
});

test('packed in one step, a key that is there already is told by its row’s number, and its row stays', t => {
  const word = fc.string({unit: fc.constantFrom(...'ab1@'), minLength: 1, maxLength: 4});
  fc.assert(
    fc.property(fc.array(word), words => {
      const rows = packRows();
      const map = new Map<string, number>();
      for (const [at, each] of words.entries()) {
        t.is(rows.addNew(each, `+${each} ${at}`), map.get(each) ?? -1);
        map.has(each) || map.set(each, map.size);
      }

      t.is(rows.size(), map.size);
      // In their order and against it: the one asks for the next row each time.
      for (const each of [...map.keys(), ...[...map.keys()].reverse()]) {
        t.is(rows.find(each), map.get(each) ?? -1);
      }
    }),
  );
});

test('a row is told from a line of a text by every byte, and by where the line ends', t => {
  const rows = packRows(Buffer.from('+a@e.test one\n-b@e.test\n'));
  for (const [text, offset, same] of [
    ['a@e.test one\n', 0, true],
    ['x y\na@e.test one', 4, true],
    ['a@e.test one two\n', 0, false],
    ['a@e.test on\n', 0, false],
    ['a@e.test  one\n', 0, false],
    ['a@e.test one\r\n', 0, false],
  ] as const) {
    t.is(rows.isAt(0, text, offset), same, text);
  }
});

test('rows that are there keep their place, whatever is put, replaced or taken out beside them', t => {
  const key = fc.constantFrom('a', 'B', 'c', 'd');
  const line = fc.oneof(
    fc.tuple(key, fc.constantFrom(' 1', '\t2', ' 3, 4')).map(parts => parts.join('')),
    fc.constantFrom('# words', '', '   goes on', ' # aside'),
  );
  fc.assert(
    fc.property(fc.array(line), fc.boolean(), key, fc.boolean(), (lines, closed, name, present) => {
      const text = lines.join('\n') + (closed && lines.length > 0 ? '\n' : '');
      const edited = editRows(text, 'table', [
        present
          ? {op: 'row', key: name, state: 'present', text: `${name} new`}
          : {op: 'row', key: name, state: 'absent'},
      ]);
      const rows = rowsOf(edited, 'table');
      present && t.is(rows.get(name.toLowerCase()), `${name} new`);
      for (const [other, row] of rowsOf(text, 'table')) {
        other === name.toLowerCase() || t.is(rows.get(other), row);
      }
    }),
  );
});

test('in bytes rows are found, put and compared as in texts', t => {
  const word = fc.string({unit: fc.constantFrom(...'abAB1._@-\u00c0\u00e0'), minLength: 1, maxLength: 4});
  fc.assert(
    fc.property(fc.array(fc.tuple(word, word)), word, (lines, other) => {
      const [texts, bytes] = [packRows(), packRows()];
      for (const [key, value] of lines) {
        const small = key.toLowerCase();
        const from = Buffer.from(`${small} ${value}`, 'latin1');
        t.is(
          bytes.addFrom(from, 0, small.length, small.length + 1, from.length),
          texts.addNew(small, `+${small} ${value}`),
        );
      }

      t.deepEqual(bytes.bytes(), texts.bytes());
      t.deepEqual(bytes.part(0, bytes.size()), bytes.bytes());
      for (const key of [...lines.map(([each]) => each), other]) {
        t.is(bytes.findIn(Buffer.from(`x\n${key} y`, 'latin1'), 2), texts.find(key));
      }

      for (let at = 0; at < bytes.size(); at += 1) {
        const row = bytes.row(at);
        t.true(bytes.isIn(at, Buffer.from(`x\n${row}`, 'latin1'), 2));
        t.true(bytes.isIn(at, Buffer.from(`${row}\n${row}`, 'latin1'), 0));
        t.false(bytes.isIn(at, Buffer.from(`${row}z`, 'latin1'), 0));
        t.is(bytes.hasSameValue(at, 0), row.split(' ')[1] === bytes.row(0).split(' ')[1]);
      }
    }),
  );
});

test('a few rows that are searched for are changed as in a pass over all lines', t => {
  const key = fc.constantFrom('a', 'B', 'b', 'c');
  const line = fc.oneof(
    fc.tuple(key, fc.constantFrom(' 1', '\t2', ' 3, 4')).map(parts => parts.join('')),
    fc.constantFrom('# words', '', '   goes on', ' # aside'),
  );
  const ending = fc.constantFrom('\n', '\r\n');
  const wanted = fc.uniqueArray(fc.constantFrom('a', 'b', 'd'));
  fc.assert(
    fc.property(
      fc.array(line),
      ending,
      fc.boolean(),
      wanted,
      fc.boolean(),
      (lines, end, closed, keys, present) => {
        const text = lines.join(end) + (closed && lines.length > 0 ? end : '');
        const edits = () => {
          const left = new Set<string>(keys);
          const edit = (name: string) =>
            present
              ? ({op: 'row', key: name, state: 'present', text: `${name} new`} as const)
              : ({op: 'row', key: name, state: 'absent'} as const);
          return {
            edit: (name: string) => (left.delete(name) ? edit(name) : undefined),
            fresh: () =>
              [...left].flatMap(name => {
                const each = edit(name);
                return each.state === 'present' ? [each] : [];
              }),
          };
        };
        const places = keys
          .map(name => findPlace(text, 'table', name))
          .filter(at => at >= 0)
          .sort((one, other) => one - other);
        t.is(rewriteRows(text, 'table', edits(), places), rewriteRows(text, 'table', edits()));
      },
    ),
  );
});
