import test from 'ava';
import type {Facts} from '../../src/core/facts.js';
import {attachmentRules, endingsIn} from '../../templates/attachments.js';
import {
  completeAnswers,
  debian12Facts,
  debian12Platform,
  debian12Postfix,
  el9Platform,
} from '../helpers/facts.js';
import {allWants, cautionOf, mainItems, refusal, stepOf, wantsOf} from '../helpers/sections.js';

const answers = (own: Readonly<Record<string, unknown>>, more = {}) =>
  completeAnswers({filter: own, ...more});
const configured = {dovecot: true, postfix: true};
const rules = '/etc/postfix/dovetail_attachments';
const rspamd = '{ inet:localhost:11332, default_action=accept }';
const there = (settings: Readonly<Record<string, string>>, files: Facts['files'] = {}) =>
  debian12Facts({configured, postfix: debian12Postfix(settings), files});

// POSIX classes as JavaScript has them; the table is case-insensitive.
const refuses = (header: string, endings = ['exe', 'js']) => {
  const source = /^\/(.*)\/ REJECT/m.exec(attachmentRules(endings))?.[1] ?? '';
  return new RegExp(source.replaceAll('[[:space:].]', '[\\s.]').replaceAll('[[:space:]]', '\\s'), 'is').test(
    header,
  );
};

test('a name is refused by its ending, quoted, numbered, encoded, folded or with something behind it', t => {
  for (const header of [
    'Content-Disposition: attachment; filename="a.exe"',
    'Content-Disposition: attachment; filename=a.EXE',
    'Content-Disposition: attachment;\n\tfilename="a b.js"; size=3',
    'Content-Type: application/x; name="x.exe. "',
    "Content-Disposition: attachment; filename*=utf-8''a%2Eexe",
    'Content-Disposition: attachment; filename*0="a.exe"',
  ]) {
    t.true(refuses(header), header);
  }
});

test('endings elsewhere in a name, other headers and other endings pass', t => {
  for (const header of [
    'Content-Disposition: attachment; filename="a.exe.txt"',
    'Content-Type: application/javascript; name="a.json"',
    'Content-Type: text/html; charset=x.js',
    'Subject: name=a.exe',
  ]) {
    t.false(refuses(header), header);
  }
});

test('the rules are added behind those that are there, and behind what Postfix would have used without', t => {
  const wants = wantsOf('filter', {answers: answers({attachments: true})});
  t.deepEqual(mainItems(wants, 'mime_header_checks'), [`+regexp:${rules}`]);
  t.like(
    wants.find(want => want.kind === 'item' && want.at === 'mime_header_checks'),
    {base: ['$header_checks']},
  );
});

test('what is there is adopted: endings, the filter, and what happens while it is down', t => {
  const own = ['exe', 'js'];
  const settings = {
    mime_header_checks: `$header_checks regexp:${rules}`,
    smtpd_milters: '{ inet:localhost:11332, default_action=tempfail }',
  };
  const facts = there(settings, {[rules]: attachmentRules(own)});
  t.deepEqual(stepOf('filter').adopt(facts, debian12Platform), {
    attachments: true,
    endings: own,
    spam: 'rspamd',
    when_down: 'tempfail',
  });
  t.deepEqual(stepOf('filter').adopt(there({}), debian12Platform), {attachments: false, spam: 'off'});
  t.is(endingsIn('/name=.*exe/ REJECT\n'), undefined);
});

test('a spam filter of somebody else’s is no answer, and nothing is taken from it', t => {
  const facts = there({smtpd_milters: 'inet:127.0.0.1:11332'});
  t.deepEqual(stepOf('filter').adopt(facts, debian12Platform), {attachments: false});
  t.deepEqual(wantsOf('filter', {answers: answers({spam: 'off', attachments: false}), facts}), []);
});

test('mail is looked at before it is signed, in whatever order the two were asked for', t => {
  const wants = allWants({answers: answers({spam: 'rspamd'}, {signing: {sign: true}})});
  const [first, second] = wants.flatMap(({want}) =>
    want.kind === 'item' && want.in === 'main.cf' && want.at === 'smtpd_milters' ? [want] : [],
  );
  t.is(first?.value, rspamd);
  t.true(first?.before?.includes('{ unix:opendkim/opendkim.sock, default_action=accept }'));
  t.true(second?.after?.includes(rspamd));
});

test('the memory that it takes is said where there is little, and a platform without it says so', t => {
  t.regex(cautionOf('filter', 'spam', 'rspamd', {facts: debian12Facts({memoryMiB: 512})}) ?? '', /512 MB/);
  t.is(cautionOf('filter', 'spam', 'rspamd', {facts: debian12Facts({memoryMiB: 4096})}), undefined);
  t.regex(refusal('filter', 'spam', 'rspamd', {platform: el9Platform}) ?? '', /no rspamd/);
});

test('nothing but small letters and digits gets into the rules', t => {
  const scene = {answers: answers({attachments: true})};
  for (const ending of ['.exe', 'a b', 'a|b', 'EXE', ')', '', 'x/ OK', 'ü']) {
    t.truthy(refusal('filter', 'endings', [ending], scene), ending);
  }

  t.truthy(refusal('filter', 'endings', [], scene));
  t.is(refusal('filter', 'endings', ['exe', 'ps1', '7z'], scene), undefined);
});

test('switched off, rules and filter leave Postfix again', t => {
  const facts = there(
    {mime_header_checks: `regexp:${rules}`, smtpd_milters: rspamd, non_smtpd_milters: rspamd},
    {[rules]: attachmentRules(['exe'])},
  );
  const wants = wantsOf('filter', {answers: answers({attachments: false, spam: 'off'}), facts});
  t.deepEqual(mainItems(wants, 'mime_header_checks'), [`-regexp:${rules}`]);
  t.deepEqual(mainItems(wants, 'smtpd_milters'), [`-${rspamd}`]);
  t.true(wants.some(want => want.kind === 'file' && want.path === rules && want.state === 'absent'));
  t.true(wants.some(want => want.kind === 'service' && want.state === 'absent'));
});
