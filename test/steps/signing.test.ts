import test from 'ava';
import {foldMain} from '../../src/planner/fold-postfix.js';
import type {Facts} from '../../src/core/facts.js';
import {completeAnswers, debian12Facts, debian12Postfix, el9Platform} from '../helpers/facts.js';
import {mainItems, probesOf, refusal, rowsWanted, stepOf, wantsOf} from '../helpers/sections.js';
import {debian12Platform} from '../helpers/facts.js';

const answers = (over: Readonly<Record<string, unknown>> = {}, domains = ['example.com']) =>
  completeAnswers({
    role: {kind: 'complete', hostname: 'mail.example.com', domains},
    signing: {sign: true, ...over},
  });
const entry = '{ unix:opendkim/opendkim.sock, default_action=accept }';
const tables = (selector: string, signer = selector): Facts['files'] => ({
  '/etc/opendkim.conf': 'KeyTable /etc/opendkim/dovetail.keys\nSigningTable /etc/opendkim/dovetail.signers\n',
  '/etc/opendkim/dovetail.keys': [...new Set([selector, signer])]
    .map(name => `${name}._domainkey.example.com example.com:${name}:/etc/opendkim/${name}.private\n`)
    .join(''),
  '/etc/opendkim/dovetail.signers': `example.com ${signer}._domainkey.example.com\n`,
});
const there = (files: Facts['files'], over: Partial<Facts> = {}) =>
  debian12Facts({
    configured: {dovecot: true, postfix: true},
    postfix: debian12Postfix({smtpd_milters: entry, non_smtpd_milters: entry}),
    files,
    ...over,
  });

test('every domain has a row for its key, and one that says which key signs', t => {
  const wants = wantsOf('signing', {answers: answers({}, ['example.com', 'example.net'])});
  t.deepEqual(rowsWanted(wants, '/etc/opendkim/dovetail.keys'), [
    'mail._domainkey.example.com example.com:mail:/etc/opendkim/mail.private',
    'mail._domainkey.example.net example.net:mail:/etc/opendkim/mail.private',
  ]);
  t.deepEqual(rowsWanted(wants, '/etc/opendkim/dovetail.signers'), [
    'example.com mail._domainkey.example.com',
    'example.net mail._domainkey.example.net',
  ]);
  t.deepEqual(mainItems(wants, 'smtpd_milters'), [`+${entry}`]);
  t.deepEqual(mainItems(wants, 'non_smtpd_milters'), [`+${entry}`]);
});

test('the key is OpenDKIM’s alone, and Postfix reaches the socket by the directory’s group', t => {
  const wants = wantsOf('signing', {answers: answers()});
  const key = wants.find(want => want.kind === 'file' && want.path.endsWith('.private'));
  t.like(key, {owner: 'opendkim', mode: 0o600, secret: true, content: [{material: 'dkim.key'}]});
  const socket = wants.find(want => want.kind === 'directory' && want.path.startsWith('/var/spool/'));
  t.like(socket, {owner: 'opendkim', group: 'postfix', mode: 0o2750});
});

test('machines that send without a password have their mail signed, in the way that OpenDKIM reads networks', t => {
  const wants = wantsOf('signing', {
    answers: {...answers(), smtp: {admin: 'anna@example.com', networks: ['10.1.2.0/24', '[2001:db8::]/64']}},
  });
  const hosts = wants.find(want => want.kind === 'file' && want.path.endsWith('.hosts'));
  t.deepEqual(
    hosts?.kind === 'file' && hosts.state === 'present' && 'text' in (hosts.content[0] ?? {})
      ? (hosts.content[0] as {text: string}).text.split('\n').slice(1)
      : [],
    ['127.0.0.1', '::1', '10.1.2.0/24', '2001:db8::/64', ''],
  );
});

test('a new key signs only when its record is in DNS; then the old one is no longer offered', t => {
  const asked = answers({selector: 'next'});
  const waits = there(tables('mail'));
  t.deepEqual(
    rowsWanted(wantsOf('signing', {answers: asked, facts: waits}), '/etc/opendkim/dovetail.signers'),
    ['example.com mail._domainkey.example.com'],
  );
  const seen = there(tables('next', 'mail'), {signing: {published: {'next._domainkey.example.com': true}}});
  const wants = wantsOf('signing', {answers: asked, facts: seen});
  t.deepEqual(rowsWanted(wants, '/etc/opendkim/dovetail.signers'), [
    'example.com next._domainkey.example.com',
  ]);
  t.deepEqual(rowsWanted(wants, '/etc/opendkim/dovetail.keys'), [
    'next._domainkey.example.com example.com:next:/etc/opendkim/next.private',
    '- mail._domainkey.example.com',
  ]);
});

test('a check prints the record of a key that waits too', t => {
  const facts = there(tables('next', 'mail'));
  const kinds = probesOf('signing', {
    answers: answers(stepOf('signing').adopt(facts, debian12Platform)),
    facts,
  });
  t.deepEqual(
    kinds.flatMap(probe => (probe.kind === 'dkim-record' ? [probe.selector] : [])),
    ['mail', 'next'],
  );
});

test('what is there is adopted, also what happens while the signer is down', t => {
  t.deepEqual(stepOf('signing').adopt(there(tables('mail')), debian12Platform), {
    sign: true,
    selector: 'mail',
    when_down: 'accept',
  });
  const waiting = debian12Postfix({
    smtpd_milters: '{ unix:opendkim/opendkim.sock, default_action=tempfail }',
  });
  t.like(stepOf('signing').adopt(there(tables('mail'), {postfix: waiting}), debian12Platform), {
    when_down: 'tempfail',
  });
  t.deepEqual(stepOf('signing').adopt(there({}, {postfix: debian12Postfix()}), debian12Platform), {
    sign: false,
  });
});

test('an OpenDKIM of somebody else’s is left alone, and a platform without it says so', t => {
  const others = there({'/etc/opendkim.conf': 'Domain example.com\nKeyFile /etc/dkimkeys/a.private\n'});
  t.deepEqual(stepOf('signing').adopt(others, debian12Platform), {});
  t.regex(refusal('signing', 'sign', true, {facts: others}) ?? '', /set up here in another way/);
  t.regex(refusal('signing', 'sign', true, {platform: el9Platform}) ?? '', /no OpenDKIM/);
  t.is(refusal('signing', 'sign', true), undefined);
});

test('switched off, it leaves Postfix alone again and the keys stay', t => {
  const wants = wantsOf('signing', {answers: answers({sign: false}), facts: there(tables('mail'))});
  t.deepEqual(mainItems(wants, 'smtpd_milters'), [`-${entry}`]);
  t.false(wants.some(want => want.kind === 'file'));
  t.deepEqual(wantsOf('signing', {answers: answers({sign: false})}), []);
});

test('a changed answer to what happens when it is down replaces the entry, beside the filters of others', t => {
  const facts = there(tables('mail'), {
    postfix: debian12Postfix({smtpd_milters: `inet:localhost:9999, ${entry}`}),
  });
  const edits = wantsOf('signing', {answers: answers({when_down: 'tempfail'}), facts}).flatMap(want =>
    want.kind === 'item' && want.in === 'main.cf' && want.at === 'smtpd_milters'
      ? [
          {
            section: 'signing',
            edit: {op: 'item' as const, key: want.at, value: want.value, state: want.state},
          },
        ]
      : [],
  );
  const {files} = foldMain('/main.cf', `smtpd_milters = inet:localhost:9999, ${entry}\n`, edits);
  t.is(
    files.get('/main.cf'),
    'smtpd_milters = inet:localhost:9999 { unix:opendkim/opendkim.sock, default_action=tempfail }\n',
  );
});

test('names that DNS or a file could not hold are no selectors', t => {
  const scene = {answers: answers()};
  for (const name of ['', 'Mail', 'a.b', '-a', 'a_b', '../x', 'ü', 'x'.repeat(64)]) {
    t.truthy(refusal('signing', 'selector', name, scene), name);
  }

  t.is(refusal('signing', 'selector', 'mail2027', scene), undefined);
});
