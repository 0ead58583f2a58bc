import test from 'ava';
import xterm from '@xterm/headless';
import {paint, type Picture} from '../../src/ui/paint.js';

const columns = 40;
const rows = 12;

// The same numbers in each run (a linear congruential generator).
const dice = (seed: number) => {
  let state = seed;
  return (sides: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * sides);
  };
};

const look = async (terminal: xterm.Terminal, written: string) => {
  await new Promise<void>(resolve => terminal.write(written, resolve));
  const {active} = terminal.buffer;
  return {
    lines: Array.from({length: rows}, (_, row) => active.getLine(row)?.translateToString(true) ?? ''),
    colours: Array.from({length: rows}, (_, row) =>
      Array.from({length: columns}, (_, column) => {
        const cell = active.getLine(row)?.getCell(column);
        return cell?.getChars() === '' ? undefined : `${cell?.getFgColor()} ${cell?.isBold()}`;
      }),
    ),
    cursor: {row: active.cursorY, column: active.cursorX},
  };
};

const open = () => {
  const terminal = new xterm.Terminal({cols: columns, rows, allowProposedApi: true, convertEol: true});
  terminal.write('\u001b[?1049h');
  return terminal;
};

const someLine = (roll: (sides: number) => number) => {
  const words = ['mail', '日本語', 'e\u0301', 'smtp', '❯', '─'.repeat(columns), 'x'.repeat(columns), ''];
  const word = words[roll(words.length)] ?? '';
  const colour = [31, 32, 1, 0][roll(4)] ?? 0;
  const text = word.length >= columns ? word : `${roll(50)} ${word} ${roll(9)}`;
  return colour === 0 ? text : `\u001b[${colour}m${text}\u001b[${colour === 1 ? 22 : 39}m`;
};

const nextLines = (lines: readonly string[], roll: (sides: number) => number) => {
  const from = roll(rows);
  const some = Array.from({length: 1 + roll(3)}, () => someLine(roll));
  switch (roll(4)) {
    case 0:
      return [...lines.slice(0, from), ...lines.slice(from + some.length), ...some].slice(0, rows);
    case 1:
      return [...lines.slice(0, from), ...some, ...lines.slice(from)].slice(0, rows);
    case 2:
      return lines.map((line, row) =>
        row === from ? `${line.replaceAll(/\u001b\[\d+m/g, '').slice(0, 3)}${roll(9)}` : line,
      );
    default:
      return Array.from({length: 1 + roll(rows)}, () => someLine(roll));
  }
};

test('whatever the picture before, what is painted is the picture after, colours and cursor too', async t => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const roll = dice(seed);
    const terminal = open();
    let before: Picture | undefined;
    let lines: readonly string[] = [];
    for (let step = 0; step < 25; step += 1) {
      lines = nextLines(lines, roll);
      const after: Picture = {
        lines,
        rows,
        columns,
        ...(roll(2) === 0 ? {} : {cursor: {row: roll(rows), column: roll(columns)}}),
      };
      const seen = await look(terminal, paint(before, after));
      const fresh = await look(open(), paint(undefined, after));
      t.deepEqual(seen.lines, fresh.lines, `seed ${seed}, step ${step}`);
      t.deepEqual(seen.colours, fresh.colours, `seed ${seed}, step ${step}`);
      t.deepEqual(after.cursor ?? seen.cursor, seen.cursor);
      before = after;
    }
  }
});

test('lines that only moved are not written again', t => {
  const text = Array.from({length: 30}, (_, n) => `  line ${n} ${'of a long diff '.repeat(2)}`);
  const at = (top: number): Picture => ({
    lines: ['header', ...text.slice(top, top + 10), `line ${top} of 30`],
    rows,
    columns,
  });
  for (const [from, to] of [
    [0, 1],
    [1, 0],
    [4, 7],
  ] as const) {
    const written = paint(at(from), at(to));
    t.true(written.length < 60 + Math.abs(to - from) * 50, written);
    t.false(written.includes('line 5 '), written);
  }
});

test('nothing that differs is nothing written', t => {
  const picture: Picture = {lines: ['a', 'b'], rows, columns};
  t.is(paint(picture, picture), '');
});
