import test from 'ava';
import type {Finding} from '../../src/core/finding.js';
import {literal} from '../../src/core/text.js';
import {compareFindings, watchLetter} from '../../src/engine/watch-report.js';

const finding = (id: string, severity: Finding['severity'], words = `${id} is so`): Finding => ({
  id,
  severity,
  summary: literal(words),
  remedy: literal(`mend ${id}`),
});
const none: ReadonlySet<string> = new Set();
const to = {to: 'anna@example.com', host: 'mail.example.com', lang: 'en'} as const;
const bodyOf = (letter: string | undefined) => letter?.slice(letter.indexOf('\n\n')) ?? '';

test('while all is well, or all is as it was, there is nothing to say', t => {
  const well = compareFindings({}, [finding('tls', 'pass'), finding('dns', 'unchecked')], none);
  t.is(watchLetter(well, to), undefined);
  const first = compareFindings({}, [finding('tls', 'fail')], none);
  const again = compareFindings(first.next, [finding('tls', 'fail', 'tls is so for 3 days')], none);
  t.is(watchLetter(again, to), undefined);
});

test('a problem is told once with its remedy, beside what was told before, and once more when it is over', t => {
  const first = compareFindings({}, [finding('tls', 'fail')], none);
  t.regex(bodyOf(watchLetter(first, to)), /New:\n\n\* tls is so\n {2}mend tls\n/);
  const second = compareFindings(first.next, [finding('tls', 'fail'), finding('queue', 'warning')], none);
  t.regex(
    bodyOf(watchLetter(second, to)),
    /New:\n\n\* queue is so\n[\s\S]*Still as reported:\n\n\* tls is so\n/,
  );
  const third = compareFindings(second.next, [finding('tls', 'pass'), finding('queue', 'warning')], none);
  t.regex(bodyOf(watchLetter(third, to)), /No longer so:\n\n\* tls is so\n/);
  t.deepEqual(Object.keys(third.next), ['queue']);
});

test('what could not be checked is neither new nor over', t => {
  const first = compareFindings({}, [finding('relay', 'fail')], none);
  const blind = compareFindings(first.next, [finding('relay', 'unchecked')], none);
  t.is(watchLetter(blind, to), undefined);
  const back = compareFindings(blind.next, [finding('relay', 'pass')], none);
  t.is(back.gone.length, 1);
});

test('what happens is told each time, and is never said to be over', t => {
  const events = new Set(['log']);
  const first = compareFindings({}, [finding('log', 'fail')], events);
  const second = compareFindings(first.next, [finding('log', 'fail')], events);
  t.is(second.fresh.length, 1);
  const third = compareFindings(second.next, [finding('log', 'pass')], events);
  t.is(watchLetter(third, to), undefined);
});

test('several findings of one check count as one, and the worst is not hidden by a good one', t => {
  const compared = compareFindings({}, [finding('role', 'fail'), finding('role', 'pass')], none);
  t.is(compared.fresh.length, 1);
});

test('words from outside make no header and no line of their own', t => {
  const evil = compareFindings({}, [finding('x', 'fail', 'a\nBcc: eve@example.net\u202e\u0007')], none);
  const letter = watchLetter(evil, to) ?? '';
  t.notRegex(letter, /^Bcc:/m);
  t.notRegex(letter, /[\u202e\u0007]/);
  t.regex(letter, /^To: anna@example\.com$/m);
  t.regex(letter, /^Auto-Submitted: auto-generated$/m);
  const japanese = watchLetter(evil, {...to, lang: 'ja'}) ?? '';
  t.regex(japanese, /^Subject: =\?UTF-8\?B\?[A-Za-z0-9+/=]+\?=$/m);
});
