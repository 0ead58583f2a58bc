import test from 'ava';
import {firstChoice, nextChoice, windowAround} from '../../src/ui/components/menu/state.js';
import {scrolled} from '../../src/ui/components/scroll/state.js';
import {fitted} from '../../src/session/fitted.js';
import {startTyping, textOf, type, visiblePart} from '../../src/ui/components/text-input/state.js';
import {toAscii} from '../../src/ui/text/ascii.js';
import {cut, widthOf, wrap} from '../../src/core/width.js';

test('text goes in at the cursor and comes out by what people see as characters', t => {
  let typed = startTyping('日本語');
  typed = type(typed, {type: 'left'});
  typed = type(typed, {type: 'insert', text: 'x'});
  t.is(textOf(typed), '日本x語');
  t.is(textOf(type(typed, {type: 'backspace'})), '日本語');
  t.is(textOf(type(startTyping('e\u0301'), {type: 'backspace'})), '');
  t.is(textOf(type(startTyping('mail example com'), {type: 'delete-word'})), 'mail example ');
  t.is(textOf(type(startTyping('abc'), {type: 'clear'})), '');
  t.is(textOf(type(type(startTyping('abc'), {type: 'home'}), {type: 'delete'})), 'bc');
});

test('a line longer than its room shows the part with the cursor', t => {
  const {shown, column} = visiblePart(startTyping(`${'a'.repeat(50)}END`), 20);
  t.true(shown.endsWith('END'));
  t.true(column <= 20);
});

test('wide characters take two columns when text is cut and wrapped', t => {
  t.is(widthOf('日本x'), 5);
  t.is(cut('日本語です', 6, '…'), '日本…');
  t.deepEqual(wrap('日本語です', 4), ['日本', '語で', 'す']);
  t.deepEqual(wrap('設定は Postfix は変更します。', 16), ['設定は Postfix', 'は変更します。']);
  t.deepEqual(wrap('変えません。', 10), ['変えませ', 'ん。']);
  t.deepEqual(wrap('the whole name', 9), ['the', 'whole', 'name']);
});

test('every wrapped line fits and no word is lost', t => {
  for (const text of ['a b c d e f g h', 'x'.repeat(40), `${'語'.repeat(30)} tail`]) {
    const lines = wrap(text, 7);
    t.true(lines.every(line => widthOf(line) <= 7));
    t.is(lines.join('').replaceAll(' ', ''), text.replaceAll(' ', ''));
    t.true(fitted([{tone: 'plain', text}], 9).every(line => widthOf(line.text) <= 9));
  }
});

test('what cannot be chosen is passed over', t => {
  const options = [
    {value: 1, label: 'a', unavailable: 'no'},
    {value: 2, label: 'b'},
    {value: 3, label: 'c', unavailable: 'no'},
  ];
  t.is(firstChoice(options, 0), 1);
  t.is(nextChoice(options, 1, 1), 1);
  t.is(nextChoice(options, 1, -1), 1);
  t.deepEqual(windowAround(9, 10, 4), {from: 6, to: 10});
});

test('scrolling stays within the lines', t => {
  const none = {upArrow: false, downArrow: false, pageUp: false, pageDown: false, home: false, end: false};
  t.is(scrolled({top: 0, all: 10, rows: 4}, {...none, upArrow: true}), 0);
  t.is(scrolled({top: 5, all: 10, rows: 4}, {...none, pageDown: true}), 6);
  t.is(scrolled({top: 0, all: 3, rows: 4}, {...none, end: true}), 0);
  t.is(scrolled({top: 0, all: 3, rows: 4}, none), undefined);
});

test('a terminal without UTF-8 gets ASCII alone', t => {
  t.regex(toAscii('❯ “name” … 60×15 日本'), /^[\x20-\x7e]+$/);
});

test('what is shown of a line fits as it is shown, whatever was pasted, and soon', t => {
  const start = Date.now();
  for (const text of [
    '\u202e'.repeat(4000),
    '語'.repeat(4000),
    'e\u0301\u0302'.repeat(4000),
    '\u001b[2J'.repeat(900),
  ]) {
    const {shown, column} = visiblePart(startTyping(text), 40);
    t.true(widthOf(shown) <= 40 && column < 40, `${widthOf(shown)} ${column}`);
    t.notRegex(shown, /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
  }

  t.true(Date.now() - start < 5000);
});

test('too much at once is refused whole and said, until something else is typed', t => {
  const typed = type(startTyping('mail'), {type: 'insert', text: 'x'.repeat(10_000)});
  t.is(textOf(typed), 'mail');
  t.true(typed.refused);
  t.is(type(typed, {type: 'insert', text: '.'}).refused, undefined);
});
