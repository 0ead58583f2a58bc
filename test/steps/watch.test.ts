import test from 'ava';
import {completeAnswers, debian12Facts, debian12Platform} from '../helpers/facts.js';
import {answersOf, refusal, stepOf, wantsOf} from '../helpers/sections.js';

const answers = (own: Readonly<Record<string, unknown>>) =>
  completeAnswers({smtp: {admin: 'anna@example.com'}, watch: own});
const filesOf = (own: Readonly<Record<string, unknown>>, facts = debian12Facts()) =>
  Object.fromEntries(
    wantsOf('watch', {answers: answers(own), facts}).flatMap(want =>
      want.kind === 'file' && want.state === 'present'
        ? [[want.path, want.content.map(part => ('text' in part ? part.text : '')).join('')]]
        : [],
    ),
  );
const service = '/etc/systemd/system/dovetail-watch.service';

test('the timer starts a copy of the program that only root can change', t => {
  const files = filesOf({on: true});
  t.regex(
    files[service] ?? '',
    /^ExecStart="\/usr\/bin\/env" "\/var\/lib\/dovetail\/runtime\/current\/node" "\/var\/lib\/dovetail\/runtime\/current\/dovetail\.mjs" "watch-now" "anna@example\.com" "--lang" "en"$/m,
  );
  t.regex(files['/etc/systemd/system/dovetail-watch.timer'] ?? '', /^OnCalendar=hourly$/m);
});

test('what was written is read back as the same answers', t => {
  const own = {on: true, to: 'ops+mail@example.net', when: 'daily', language: 'ja'};
  const facts = debian12Facts({configured: {dovecot: true, postfix: true}, files: filesOf(own)});
  t.deepEqual(stepOf('watch').adopt(facts, debian12Platform), own as never);
  t.deepEqual(stepOf('watch').adopt(debian12Facts(), debian12Platform), {on: false});
});

test('on a machine that is taken for another platform, the timer takes it for that one too', t => {
  const own = {on: true, to: 'ops@example.net', when: 'daily', language: 'en'};
  const named = debian12Facts({platformNamed: 'debian12'});
  const files = filesOf(own, named);
  t.regex(files[service] ?? '', / "--lang" "en" "--platform" "debian12"$/m);
  const facts = debian12Facts({configured: {dovecot: true, postfix: true}, files});
  t.deepEqual(stepOf('watch').adopt(facts, debian12Platform), own as never);
});

test('who reads root’s mail is told, unless somebody else is named', t => {
  t.is(answersOf({answers: answers({on: true})})['watch']?.['to'], 'anna@example.com');
  const scene = {answers: answers({on: true})};
  t.truthy(refusal('watch', 'to', 'anna" "x', scene));
  t.truthy(refusal('watch', 'to', '-oQ/tmp@example.com', scene));
  t.is(refusal('watch', 'to', 'ops@example.net', scene), undefined);
});

test('switched off, timer and units go; where they never were, nothing is wanted', t => {
  const facts = debian12Facts({files: filesOf({on: true})});
  t.deepEqual(
    wantsOf('watch', {answers: answers({on: false}), facts}).map(want => ('state' in want ? want.state : '')),
    ['absent', 'absent', 'absent'],
  );
  t.deepEqual(wantsOf('watch', {answers: answers({on: false})}), []);
});
