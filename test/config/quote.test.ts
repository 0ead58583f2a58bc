import test from 'ava';
import fc from 'fast-check';
import {unquote} from '../../src/config/dovecot/parse.js';
import {dovecotValue} from '../../src/config/quote.js';

test('plain values stay as they are written everywhere', t => {
  for (const value of ['dc=example,dc=com', '(&(a=b)(c=d))', 'ldaps://h:636', 'correct-horse', 'a b']) {
    t.is(dovecotValue(value, '2.3'), value);
    t.is(dovecotValue(value, '2.4'), value);
  }
});

test('what has a meaning of its own is quoted, and read back as it was', t => {
  fc.assert(
    fc.property(fc.string({unit: 'binary-ascii'}), value => unquote(dovecotValue(value, '2.3')) === value),
  );
  for (const value of [' lead', 'trail ', 'a #b', '"a"', '</etc/shadow', '$HOME', 'a\\', '']) {
    t.regex(dovecotValue(value, '2.3'), /^".*"$/, value);
  }
});

test('variables of 2.4 are none in a value', t => {
  t.is(dovecotValue('%u%%{env:HOME}', '2.4'), '"%u%%%{env:HOME}"');
});
