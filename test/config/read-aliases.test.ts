import test from 'ava';
import fc from 'fast-check';
import {readAliases} from '../../src/config/aliases/read.js';
import {isUsual, parseLine} from '../../src/config/aliases/line.js';
import type {AliasFile} from '../../src/core/material.js';

const world: Omit<AliasFile, 'path' | 'table' | 'record'> = {
  domains: ['e.test'],
  mailboxes: ['anna@e.test', 'bob@e.test'],
  roles: ['postmaster@e.test', 'abuse@e.test', 'root@e.test'],
  admin: 'anna@e.test',
  typed: {'typed@e.test': 'anna@e.test'},
};
const read = (text: string, over: Partial<typeof world> = {}, table: readonly string[] = []) =>
  readAliases(
    Buffer.from(text, 'latin1'),
    {...world, ...over},
    keys => new Set(table.filter(key => keys.has(key))),
  );
const problems = (text: string, over: Partial<typeof world> = {}) => {
  const result = read(text, over);
  return result.ok ? [] : result.problems.map(({problem}) => problem.en);
};
const rowsOf = (text: string) => {
  const result = read(text);
  return result.ok ? result.rows.bytes().toString('latin1').trimEnd().split('\n') : [];
};

test('lines in either way of writing become rows, in order; comments and blank lines are passed over', t => {
  t.deepEqual(
    rowsOf(
      '# people\n\ninfo@e.test anna@e.test\nSales@E.test = bob@e.test, me@far.example\n  \nx@e.test\tanna@e.test',
    ),
    ['+info@e.test anna@e.test', '+sales@e.test bob@e.test, me@far.example', '+x@e.test anna@e.test'],
  );
});

test('a bare domain declares it, with who reads its roles', t => {
  t.deepEqual(rowsOf('more.test anything\ninfo@more.test bob@e.test\nabuse@more.test bob@e.test\n'), [
    '+more.test -',
    '+postmaster@more.test anna@e.test',
    '+root@more.test anna@e.test',
    '+info@more.test bob@e.test',
    '+abuse@more.test bob@e.test',
  ]);
});

for (const [name, text, expected] of [
  [
    'angle brackets, as document 000 writes them (defect 7)',
    '<info@e.test> <anna@e.test>\n',
    /^Line 1 .*angle brackets.*never matches/,
  ],
  ['lines of Windows', 'a@e.test anna@e.test\n\nb@e.test anna@e.test\r\n', /^Line 3 ends as Windows/],
  ['a byte order mark', '\xef\xbb\xbfa@e.test anna@e.test\n', /^Line 1 begins with a byte order mark/],
  [
    'a control character',
    'a@e.test anna@e.test\nb@e.test anna@e.test\u001b[31m\n',
    /^Line 2 has control characters/,
  ],
  ['a NUL', 'a@e.test anna@e.test\nb@e.test \0\n', /^Line 2 has control characters/],
  ['a letter that no address has', 'ä@e.test anna@e.test\n', /^Line 1 has characters that no mail address/],
  [
    'an address that is there twice',
    'a@e.test anna@e.test\nb@e.test anna@e.test\nA@e.test bob@e.test\n',
    /^Line 3: a@e\.test is in line 1 already/,
  ],
  ['an address that is its own only target', 'a@e.test a@e.test\n', /^Line 1: .*circle/],
  ['a circle of three', 'a@e.test b@e.test\nb@e.test c@e.test\nc@e.test a@e.test\n', /^Line 1: .*circle/],
  [
    'a target that nobody has',
    'a@e.test anna@e.test\nb@e.test nobody@e.test\n',
    /^Line 2: there is no nobody@e\.test/,
  ],
  ['a domain of others', 'a@other.test anna@e.test\n', /^Line 1: .*not in a domain/],
  ['an address that a role has', 'postmaster@e.test anna@e.test\n', /^Line 1: .*Receiving mail/],
  ['a whole domain', '@e.test anna@e.test\n', /^Line 1 .*forged senders/],
  ['a program', 'a@e.test |/bin/sh\n', /^Line 1 .*is no alias/],
  ['no target', 'a@e.test\n', /^Line 1 .*is no alias/],
  ['a line that goes on', 'a@e.test anna@e.test,\n  bob@e.test\n', /^Line 1 .*is no alias/],
  ['other targets than were typed in', 'typed@e.test bob@e.test\n', /^Line 1: .*domains\.aliases/],
  ['a line without an end', `a@e.test ${'x'.repeat(10_000)}`, /^Line 1 is longer/],
] as const) {
  test(`${name}: refused with the line`, t => {
    t.regex(problems(text)[0] ?? '', expected);
  });
}

test('what leads on to who keeps a copy is no circle; a copy for oneself, and what was typed alike, are right', t => {
  t.deepEqual(
    problems('anna@e.test anna@e.test, b@far.example\nb@e.test anna@e.test\ntyped@e.test anna@e.test\n'),
    [],
  );
});

test('what was typed in may lead to an alias of the file, and not to nobody, nor round in a circle with it', t => {
  const typed = {'typed@e.test': 'sales@e.test'};
  t.deepEqual(problems('sales@e.test anna@e.test\n', {typed}), []);
  t.regex(
    problems('other@e.test anna@e.test\n', {typed})[0] ?? '',
    /domains\.aliases: there is no sales@e\.test/,
  );
  t.regex(problems('sales@e.test typed@e.test\n', {typed})[0] ?? '', /^Line 1: .*circle/);
});

test('a target that the table has already is known', t => {
  t.true(read('a@e.test old@e.test\n', {}, ['old@e.test']).ok);
  t.false(read('a@e.test old@e.test\n').ok);
});

test('mailboxes that get no more mail are named with their line, and mail that leaves with its count', t => {
  const result = read(
    'a@e.test me@far.example\nanna@e.test b@far.example\nbob@e.test bob@e.test, c@far.example\n',
  );
  t.true(result.ok);
  if (result.ok) {
    t.deepEqual(result.found.shadowed, [{line: 2, address: 'anna@e.test'}]);
    t.like(result.found.outside, {count: 3, line: 1, from: 'a@e.test', to: 'me@far.example'});
  }
});

test('many wrong lines are told by the first twenty, and the rest is counted', t => {
  const result = read('x y\n'.repeat(1000));
  t.like(result, {ok: false, more: 980});
  t.is(result.ok ? 0 : result.problems.length, 20);
});

test('100,000 lines are judged in one go, and the last wrong one is found', t => {
  const lines = Array.from(
    {length: 100_000},
    (_, at) => `u${at}@e.test ${at === 0 ? 'anna' : `u${at - 1}`}@e.test\n`,
  );
  t.true(read(lines.join('')).ok);
  t.regex(
    problems(`${lines.join('')}last@e.test nobody@e.test\n`)[0] ?? '',
    /^Line 100001: there is no nobody/,
  );
});

test('a usual line is told by its bytes alone, and only where reading it closely finds the same', t => {
  const part = (letters: string, maxLength = 3) =>
    fc.string({unit: fc.constantFrom(...letters), minLength: 1, maxLength});
  const local = fc.oneof(
    {weight: 8, arbitrary: part('ab1')},
    {weight: 4, arbitrary: part('ab1._+-')},
    part('aB@ é'),
    part('a', 70),
  );
  const domain = fc.oneof(
    {weight: 8, arbitrary: fc.constantFrom('e.test', 'far.example')},
    fc.constantFrom('e.test.', '-e.test', 'e..test', '127.0.0.1'),
    part('ab.-'),
  );
  const address = fc.tuple(local, domain).map(([name, at]) => `${name}@${at}`);
  const line = fc.tuple(
    address,
    fc.constantFrom(' ', ' ', '\t ', '=', ''),
    address,
    fc.oneof({weight: 4, arbitrary: fc.constant('')}, fc.constantFrom(' ', '\r', ', x@e.test')),
  );
  const found = {from: 0, fromEnd: 0, to: 0, toEnd: 0, domain: ''};
  let usual = 0;
  fc.assert(
    fc.property(line, parts => {
      const text = parts.join('');
      const bytes = Buffer.from(`before\n${text}\nbehind`, 'latin1');
      const parsed = parseLine(text, 1);
      if (isUsual(bytes, 7, 7 + text.length, found)) {
        usual += 1;
        const [from, to] = [
          bytes.toString('latin1', found.from, found.fromEnd),
          bytes.toString('latin1', found.to, found.toEnd),
        ];
        t.deepEqual(parsed, {from, to});
        t.is(from.split('@')[1], found.domain);
      } else if (parsed !== undefined && 'from' in parsed && parsed.to !== '-') {
        t.true(text !== text.toLowerCase() || /=|, |\s$/.test(text), text);
      }
    }),
    {numRuns: 2000},
  );
  t.true(usual > 50, `${usual}`);
});
