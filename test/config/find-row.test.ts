import test from 'ava';
import {editRows, rowKey, rowsOf} from '../../src/config/rows/edit.js';
import {findBytes, findIn, findPlace, findRow, withRow} from '../../src/config/rows/find.js';
import {rowsInFile} from '../../src/config/rows/in-file.js';
import type {RowsFormat} from '../../src/core/edit.js';

// Small numbers by a fixed rule: the same texts in every run.
const numbers = (seed: number) => {
  let state = seed;
  return (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
};
const keys = ['anna@e.test', 'Anna@E.test', 'a+b@e.test', 'a.b', 'ab', 'axb', '@e.test', '#anna', ''];
const textFor = (pick: (below: number) => number, sign: string) =>
  Array.from({length: pick(9)}, () => {
    const key = keys[pick(keys.length)] ?? '';
    const end = ['\n', '\r\n', '\n', '\r'][pick(4)] ?? '';
    const forms = [
      `${key}${sign}x`,
      key,
      `# ${key}${sign}x`,
      '',
      `  more ${key}`,
      `\t# note`,
      ` ${key}${sign}y`,
      `${key}${sign}`,
    ];
    return `${forms[pick(forms.length)]}${end}`;
  })
    .join('')
    .replace(pick(3) === 0 ? /\r?\n$/ : /$^/, '');

test('a row that is searched for is the one that reading line by line finds', t => {
  for (const [format, sign] of [
    ['passwd', ':'],
    ['table', ' '],
  ] as const satisfies readonly (readonly [RowsFormat, string])[]) {
    for (let seed = 1; seed < 3000; seed += 1) {
      const pick = numbers(seed);
      const text = textFor(pick, sign);
      const asked = (keys[pick(keys.length - 1)] ?? '').toLowerCase();
      const searched = rowsOf(text, format, new Set([asked]));
      const read = rowsOf(text, format, {size: 9, has: key => key === asked});
      t.deepEqual([...searched], [...read], JSON.stringify({format, text, asked}));
      if (format === 'passwd') {
        t.is(findBytes(Buffer.from(text, 'latin1'), asked), read.get(asked), text);
      }
    }
  }
});

test('a key that is a comment or blank is no key', t => {
  t.is(rowKey('#anna:x', 'passwd'), undefined);
  t.is(rowsOf('#anna:x\n', 'passwd', new Set(['#anna'])).size, 0);
});

test('one account put in, changed or taken out of the bytes is what editing line by line makes', t => {
  for (const [format, sign, least] of [
    ['passwd', ':', 2000],
    ['table', ' ', 1500],
  ] as const satisfies readonly (readonly [RowsFormat, string, number])[]) {
    let done = 0;
    for (let seed = 1; seed < 3000; seed += 1) {
      const pick = numbers(seed);
      const text = textFor(pick, sign);
      const name = keys[pick(keys.length - 2)] ?? '';
      const key = format === 'table' ? name.toLowerCase() : name;
      const row = pick(3) === 0 ? undefined : `${key}${sign}new:::`;
      const keep = pick(3) === 0;
      const made = withRow(Buffer.from(text, 'latin1'), format, key, row, keep);
      const edit = row === undefined ? {state: 'absent'} : {state: 'present', text: row};
      if (made !== undefined) {
        done += 1;
        t.is(
          made.toString('latin1'),
          keep && rowsOf(text, format).has(key)
            ? text
            : editRows(text, format, [{op: 'row', key, ...edit} as Parameters<typeof editRows>[2][number]]),
          JSON.stringify({format, text, key, row, keep}),
        );
      }
    }

    t.true(done > least, `${format} ${done}`);
  }
});

test('rows are found in a file that is read in parts as in all of its text', t => {
  for (const [format, sign] of [
    ['passwd', ':'],
    ['table', ' '],
  ] as const satisfies readonly (readonly [RowsFormat, string])[]) {
    for (let seed = 1; seed < 1000; seed += 1) {
      const pick = numbers(seed);
      const text = textFor(pick, sign);
      const bytes = Buffer.from(text, 'latin1');
      const asked = new Set([0, 1].map(() => (keys[pick(keys.length - 2)] ?? '').toLowerCase()));
      const parts = (_path: string, use: (part: Buffer) => boolean) => {
        for (let at = 0; at < bytes.length; ) {
          const end = bytes.indexOf(10, at + pick(20)) + 1;
          const stop = end === 0 ? bytes.length : end;
          if (use(bytes.subarray(at, stop))) {
            return;
          }

          at = stop;
        }
      };
      const found = rowsInFile({read: () => bytes, parts}, '/list', asked, format);
      const read = rowsOf(text, format, {size: 9, has: key => asked.has(key)});
      t.deepEqual(Object.fromEntries(found), Object.fromEntries(read), JSON.stringify({format, text}));
    }
  }
});

test('a row of a table is found in its bytes wherever it stands, also where lines are longer than what is looked at at once', t => {
  const filler = Array.from({length: 9000}, (_, at) => `user${at}@e.test x\n`);
  const long = `long@e.test ${'y'.repeat(200_000)}\n`;
  for (const [text, place] of [
    [`${filler.join('')}Anna@E.test z`, filler.join('').length],
    [`${long}anna@e.test z\r\n${filler.join('')}`, long.length],
    [
      `${filler.join('')}${long}${long}anna@e.test z\nanna@e.test second\n`,
      filler.join('').length + 2 * long.length,
    ],
  ] as const) {
    const bytes = Buffer.from(text, 'latin1');
    t.is(findIn(bytes, 'table', 'anna@e.test')?.toLowerCase(), 'anna@e.test z');
    t.is(findIn(bytes, 'table', 'nobody@e.test'), undefined);
    t.is(findIn(bytes, 'table', 'anna@e.test'), findRow(text, 'table', 'anna@e.test'));
    t.is(findPlace(text, 'table', 'anna@e.test'), place);
    t.deepEqual(withRow(bytes, 'table', 'anna@e.test', 'anna@e.test z', true), bytes);
    const added = withRow(bytes, 'table', 'new@e.test', 'new@e.test z', true)?.toString('latin1');
    t.is(
      added,
      editRows(text, 'table', [{op: 'row', key: 'new@e.test', state: 'present', text: 'new@e.test z'}]),
    );
  }
});
