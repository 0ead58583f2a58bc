import test from 'ava';
import stringWidth from 'string-width';
import {isPlain, plainWidth} from '../../src/ui/text/plain.js';
import {PlainSegmenter} from '../../src/ui/text/segmenter.js';
import widthOf from '../../src/ui/text/string-width.js';

const every = Array.from({length: 0x1_0000}, (_, code) => String.fromCharCode(code)).filter(isPlain);
const real = new Intl.Segmenter(undefined, {granularity: 'grapheme'});

test('plain characters are as wide as the library says', t => {
  t.true(every.length > 20_000);
  t.deepEqual(
    every.filter(character => plainWidth(character) !== stringWidth(character)),
    [],
  );
});

test('plain characters stand for themselves, whatever stands before and after', t => {
  const pairs = every.filter(
    character => [...real.segment(`a${character}${character}か${character}`)].length !== 5,
  );
  t.deepEqual(pairs, []);
});

test('texts that are not plain are the library’s', t => {
  for (const text of [
    'か\u3099',
    'e\u0301',
    '👩‍👩‍👧',
    '1\ufe0f\u20e3',
    '\u200b',
    '한',
    '\r\n',
    'ﾊﾞ',
    '✔\ufe0f',
  ]) {
    t.false(isPlain(text));
    t.is(widthOf(`a${text}`), stringWidth(`a${text}`));
    t.deepEqual([...new PlainSegmenter(undefined).segment(text)], [...real.segment(text)]);
  }
});

test('colours take no columns, and are cut as the library cuts them', t => {
  const text = '\u001b[36m❯ 次へ\u001b[39m … \u001b[1mok\u001b[22m';
  t.is(widthOf(text), 11);
  t.is(widthOf(text), stringWidth(text));
  t.is(widthOf(text, {countAnsiEscapeCodes: true}), stringWidth(text, {countAnsiEscapeCodes: true}));
  const [ours, theirs] = [new PlainSegmenter(undefined).segment(text), real.segment(text)];
  t.deepEqual([...ours], [...theirs]);
  for (const at of [undefined, 0, 6, text.length - 1, text.length]) {
    t.deepEqual(ours.containing(at), theirs.containing(at));
  }
});
