import test from 'ava';
import {editMain} from '../../src/config/main-cf/edit.js';
import {settingsOf} from '../../src/config/main-cf/parse.js';
import {splitLines} from '../../src/config/lines.js';
import {replyCodes} from '../../src/core/reply-codes.js';
import type {MainEdit} from '../../src/core/edit.js';
import type {Facts} from '../../src/core/facts.js';
import type {AllAnswers} from '../../src/core/question.js';
import {judgeList, judgeNew, type Lookup} from '../../src/probes/block-lists.js';
import {withoutAdopted} from '../../src/planner/adoption.js';
import {
  completeAnswers,
  debian12Facts,
  debian12Platform,
  debian12Postfix,
  el9Facts,
  el9Platform,
} from '../helpers/facts.js';
import {
  allWants,
  cautionOf,
  mainItems,
  mainSettings,
  probesOf,
  refusal,
  rowsWanted,
  stepOf,
  wantsOf,
} from '../helpers/sections.js';

// What document 001 has in its chapter 2.4.
const document: Readonly<Record<string, string>> = {
  virtual_mailbox_domains: 'example.com',
  smtpd_client_restrictions:
    'permit_mynetworks, reject_non_fqdn_sender, reject_unknown_client, reject_rbl_client all.rbl.jp, reject_rbl_client zen.spamhaus.org, check_client_access hash:/etc/postfix/access, permit',
  smtpd_helo_restrictions:
    'permit_mynetworks, check_helo_access hash:/etc/postfix/access, reject_invalid_hostname, reject_non_fqdn_hostname, reject_unknown_hostname, permit',
  smtpd_sender_restrictions:
    'permit_mynetworks, check_sender_access hash:/etc/postfix/access, reject_unknown_sender_domain, reject_non_fqdn_sender',
  smtpd_recipient_restrictions:
    'permit_mynetworks, permit_sasl_authenticated, permit_auth_destination, reject',
};
const configured = (settings: Readonly<Record<string, string>>, files: Facts['files'] = {}) =>
  debian12Facts({
    configured: {dovecot: false, postfix: true},
    postfix: debian12Postfix({myhostname: 'mail.example.com', ...settings}),
    files,
  });
const adopt = (facts: Facts) => stepOf('spam').adopt(facts, debian12Platform);
const said = (spam: AllAnswers[string]) => completeAnswers({spam});

/** What main.cf says once the wants of the section are in it. */
const applied = (facts: Facts, answers: AllAnswers) => {
  const before = Object.entries(facts.postfix?.settings ?? {})
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');
  let text = before;
  for (const want of wantsOf('spam', {facts, answers})) {
    if ('in' in want && want.in === 'main.cf') {
      const {kind, in: _in, at, ...rest} = want;
      text = editMain(text, {...(kind === 'item' ? {op: 'item'} : {}), key: at, ...rest} as MainEdit).text;
    }
  }

  return {settings: settingsOf(text), changed: splitLines(text).filter(line => !before.includes(line))};
};

/** The same, where what the machine has was adopted. */
const changedOn = (facts: Facts, spam: AllAnswers[string]) => {
  const adopted = adopt(facts) as AllAnswers[string];
  const left = withoutAdopted(
    allWants({facts, answers: said({...adopted, ...spam})}).filter(({section}) => section === 'spam'),
    allWants({facts, answers: said(adopted)}).filter(({section}) => section === 'spam'),
    facts,
  );
  return left.map(({want}) => want);
};

test('by default nobody who is trusted is asked anything, and only nonsense is refused', t => {
  const {settings} = applied(debian12Facts(), completeAnswers());
  t.like(settings, {
    smtpd_helo_restrictions:
      'permit_mynetworks permit_sasl_authenticated reject_invalid_helo_hostname reject_non_fqdn_helo_hostname',
    smtpd_sender_restrictions: 'permit_mynetworks permit_sasl_authenticated reject_non_fqdn_sender',
    smtpd_recipient_restrictions: 'permit_mynetworks permit_sasl_authenticated reject_non_fqdn_recipient',
  });
  t.is(settings['smtpd_client_restrictions'], undefined);
});

test('whatever is chosen, who is trusted comes first in every list', t => {
  const answers = said({
    helo: ['unknown', 'short', 'invalid'],
    client: ['no-name', 'mismatch'],
    sender: ['unknown'],
    recipient: ['unknown'],
    rbls: ['zen.spamhaus.org'],
    access: ['client:192.0.2=REJECT', 'helo:pc.example.net=REJECT', 'sender:a@example.org=OK'],
  });
  const {settings} = applied(debian12Facts(), answers);
  const lists = Object.entries(settings).filter(([name]) =>
    /^smtpd_(?:client|helo|sender|recipient)_restrictions$/.test(name),
  );
  t.is(lists.length, 4);
  for (const [name, value] of lists) {
    t.regex(value, /^permit_mynetworks permit_sasl_authenticated /, name);
  }

  t.is(
    settings['smtpd_client_restrictions'],
    'permit_mynetworks permit_sasl_authenticated check_client_access hash:/etc/postfix/access_client reject_unknown_reverse_client_hostname reject_unknown_client_hostname reject_rbl_client zen.spamhaus.org=127.0.0.[2..11]',
  );
});

test('a list of the machine without those who are trusted gets them, first, together with a new rule', t => {
  const facts = configured({smtpd_helo_restrictions: 'reject_invalid_hostname, permit'});
  const {settings} = applied(facts, said({helo: ['invalid', 'short'], present_names: false}));
  t.is(
    settings['smtpd_helo_restrictions'],
    'permit_mynetworks, permit_sasl_authenticated, reject_invalid_hostname, reject_non_fqdn_helo_hostname, permit',
  );
});

test('defect 27: relay control stays in its own list, and nothing of it goes into the list of recipients', t => {
  const wants = allWants({answers: said({recipient: ['short', 'unknown']})}).map(({want}) => want);
  t.deepEqual(mainItems(wants, 'smtpd_relay_restrictions'), [
    '+reject_unauth_destination',
    '-defer_unauth_destination',
  ]);
  t.false(
    mainItems(wants, 'smtpd_recipient_restrictions').some(item => /auth_destination|\+reject$/.test(item)),
  );
});

test('defect 25: no block list by default, each dead one of the document is refused with its reason', t => {
  t.deepEqual(mainItems(wantsOf('spam'), 'smtpd_client_restrictions'), []);
  for (const [zone, reason] of [
    ['all.rbl.jp', /shut down/],
    ['virus.rbl.jp', /shut down/],
    ['short.rbl.jp', /shut down/],
    ['cbl.abuseat.org', /zen\.spamhaus\.org/],
    ['dnsbl-1.uceprotect.net', /is sold/],
    ['dnsbl-2.uceprotect.net', /whole providers/],
    ['dnsbl-3.uceprotect.net', /whole providers/],
    ['korea.services.net', /whole country/],
    ['dnsbl.sorbs.net', /2024/],
    ['relays.ordb.org', /whole world/],
  ] as const) {
    t.regex(refusal('spam', 'rbls', [zone]) ?? '', reason, zone);
    t.regex(refusal('spam', 'rbls', [`${zone}=127.0.0.2`]) ?? '', reason, zone);
  }
});

test('defect 25: a rule names the answers that are listings; errors of a list never count', t => {
  const {settings} = applied(
    debian12Facts(),
    said({rbls: ['zen.spamhaus.org', 'bl.example.net=127.0.0.[2;4..6]']}),
  );
  t.regex(
    settings['smtpd_client_restrictions'] ?? '',
    /reject_rbl_client zen\.spamhaus\.org=127\.0\.0\.\[2\.\.11\] reject_rbl_client bl\.example\.net=127\.0\.0\.\[2;4\.\.6\]$/,
  );
  t.regex(refusal('spam', 'rbls', ['bl.example.net']) ?? '', /Write the answers/);
  t.regex(refusal('spam', 'rbls', ['bl.example.net=127.[0..255].[0..255].[0..255]']) ?? '', /all mail/);
  t.regex(refusal('spam', 'rbls', ['bl.example.net=10.0.0.1']) ?? '', /RFC 5782/);
});

test('defect 26: the document’s server is adopted as it is, old names and all, and what is wrong is said', t => {
  const facts = configured(document);
  const adopted = adopt(facts);
  t.like(adopted, {
    helo: ['invalid', 'short', 'unknown'],
    client: ['mismatch'],
    sender: ['short', 'unknown'],
    recipient: [],
    rbls: ['all.rbl.jp', 'zen.spamhaus.org'],
    access: [],
  });
  t.deepEqual(changedOn(facts, {}), []);
  const notes =
    stepOf('spam').notes?.({
      answers: adopted,
      all: {},
      facts,
      platform: debian12Platform,
      materials: {},
    }) ?? [];
  const words = notes.map(({summary, cause}) => `${summary.en} ${cause?.en ?? ''}`).join('\n');
  t.regex(words, /all\.rbl\.jp.*shut down/);
  t.regex(words, /zen\.spamhaus\.org about.*errors/);
  t.regex(words, /reject_unknown_client, reject_invalid_hostname, reject_non_fqdn_hostname/);
  t.regex(words, /hash:\/etc\/postfix\/access is asked about several things/);
});

test('defect 26: old names are written by their present ones only when that is asked for', t => {
  const facts = configured(document);
  const {settings} = applied(facts, said({...(adopt(facts) as object), present_names: true}));
  t.is(
    settings['smtpd_helo_restrictions'],
    'permit_mynetworks, check_helo_access hash:/etc/postfix/access, reject_invalid_helo_hostname, reject_non_fqdn_helo_hostname, reject_unknown_helo_hostname, permit',
  );
  t.is(
    settings['smtpd_client_restrictions'],
    document['smtpd_client_restrictions']?.replace('reject_unknown_client', '$&_hostname'),
  );
});

test('a present name takes the very place of the old one: what was asked before it still is, what was asked after it too', t => {
  const list = {
    mixed:
      'check_helo_access hash:/etc/postfix/friends, reject_unknown_hostname, permit_mynetworks, check_helo_access hash:/etc/postfix/foes, reject_invalid_hostname, warn_if_reject reject_non_fqdn_hostname, permit',
    blanks: 'reject_non_fqdn_hostname reject_invalid_hostname permit',
    first: 'reject_invalid_hostname, check_helo_access hash:/etc/postfix/friends',
  };
  const renamed = (text: string) => {
    const facts = configured({smtpd_helo_restrictions: text});
    return applied(facts, said({...(adopt(facts) as object), present_names: true})).settings[
      'smtpd_helo_restrictions'
    ];
  };
  t.is(
    renamed(list.mixed),
    'check_helo_access hash:/etc/postfix/friends, reject_unknown_helo_hostname, permit_mynetworks, check_helo_access hash:/etc/postfix/foes, reject_invalid_helo_hostname, warn_if_reject reject_non_fqdn_hostname, permit',
  );
  t.is(renamed(list.blanks), 'reject_non_fqdn_helo_hostname reject_invalid_helo_hostname permit');
  t.is(renamed(list.first), 'reject_invalid_helo_hostname, check_helo_access hash:/etc/postfix/friends');
});

test('a new rule beside renamed ones comes after them, and those who are trusted come first then', t => {
  const facts = configured({
    smtpd_helo_restrictions: 'check_helo_access hash:/etc/postfix/friends, reject_invalid_hostname, permit',
  });
  const {settings} = applied(facts, said({helo: ['invalid', 'short'], present_names: true}));
  t.is(
    settings['smtpd_helo_restrictions'],
    'permit_mynetworks, permit_sasl_authenticated, check_helo_access hash:/etc/postfix/friends, reject_invalid_helo_hostname, reject_non_fqdn_helo_hostname, permit',
  );
});

test('one more list on such a server changes its own line only', t => {
  const facts = configured(document);
  const {changed} = applied(
    facts,
    said({...(adopt(facts) as object), rbls: ['zen.spamhaus.org', 'psbl.surriel.com']}),
  );
  t.is(changed.length, 1);
  t.regex(
    changed[0] ?? '',
    /reject_rbl_client zen\.spamhaus\.org, reject_rbl_client psbl\.surriel\.com=127\.0\.0\.2/,
  );
  t.notRegex(changed[0] ?? '', /all\.rbl\.jp/);
});

test('defect 26: a rule about Return-Path is named as what it is', t => {
  t.regex(cautionOf('spam', 'headers', ['/^Return-Path:.*<#.*@.*>/ REJECT']) ?? '', /no Return-Path/);
  t.is(cautionOf('spam', 'headers', ['/^From:.*<#.*@.*>/ REJECT']), undefined);
  t.regex(cautionOf('spam', 'headers', ['/^Subject:.*casino/i REJECT']) ?? '', /switches that off/);
});

test('exceptions have a table for each thing that they are about', t => {
  const wants = wantsOf('spam', {
    answers: said({
      access: [
        'client:192.0.2=REJECT',
        'client:192.0.2.7=OK',
        'helo:friend.example.net=OK',
        'sender:spam.example.org=REJECT',
      ],
    }),
  });
  t.deepEqual(rowsWanted(wants, '/etc/postfix/access_client'), ['192.0.2 REJECT', '192.0.2.7 OK']);
  t.deepEqual(rowsWanted(wants, '/etc/postfix/access_helo'), ['friend.example.net OK']);
  t.deepEqual(rowsWanted(wants, '/etc/postfix/access_sender'), ['spam.example.org REJECT']);
  t.deepEqual(mainItems(wants, 'smtpd_helo_restrictions').slice(0, 3), [
    '+permit_mynetworks',
    '+permit_sasl_authenticated',
    '+check_helo_access hash:/etc/postfix/access_helo',
  ]);
});

test('exceptions are adopted from their tables; one that is taken out of the answers leaves its table', t => {
  const facts = configured(
    {
      smtpd_client_restrictions:
        'permit_mynetworks, permit_sasl_authenticated, check_client_access hash:/etc/postfix/access_client',
    },
    {'/etc/postfix/access_client': '# friends\n192.0.2.7\tOK\n198.51.100 REJECT go away\n'},
  );
  t.like(adopt(facts), {access: ['client:192.0.2.7=OK']});
  t.deepEqual(changedOn(facts, {}), []);
  const wants = changedOn(facts, {access: []});
  t.deepEqual(rowsWanted(wants, '/etc/postfix/access_client'), ['- 192.0.2.7']);
});

for (const [name, items] of [
  ['a network that a table cannot hold', ['client:192.0.2.0/25=REJECT']],
  ['a part of an address that is no number', ['client:192.0.256=REJECT']],
  ['an action that is none', ['client:192.0.2.7=PERMIT']],
  ['no action', ['client:192.0.2.7']],
  ['a thing that is not looked up', ['server:192.0.2.7=OK']],
  ['two entries for one', ['client:192.0.2.7=OK', 'client:192.0.2.7=REJECT']],
  ['a control character', ['client:192.0.2.7=OK\n']],
] as const) {
  test(`${name} is refused`, t => {
    t.truthy(refusal('spam', 'access', items));
  });
}

test('patterns are lines of a file of their own, beside those of others', t => {
  const rule = '/^Subject:.*casino/ REJECT no thanks';
  const wants = wantsOf('spam', {answers: said({headers: [rule]})});
  t.deepEqual(mainItems(wants, 'header_checks'), ['+regexp:/etc/postfix/header_checks']);
  t.deepEqual(rowsWanted(wants, '/etc/postfix/header_checks'), [rule]);
  for (const bad of [
    'casino REJECT',
    '/casino/',
    '/casino/ REJECTED',
    '/casino/q REJECT',
    '/ca\tsino/ REJECT',
    '/日本/ REJECT',
  ]) {
    t.truthy(refusal('spam', 'headers', [bad]), bad);
  }
});

test('a file of patterns that has more than plain rules is the machine’s own', t => {
  const at = (text: string) =>
    adopt(
      configured({header_checks: 'regexp:/etc/postfix/header_checks'}, {'/etc/postfix/header_checks': text}),
    );
  t.deepEqual(at('# old\n/^X-Spam/ REJECT\n').headers, ['/^X-Spam/ REJECT']);
  t.false('headers' in at('if /^X-/\n/^X-Spam/ REJECT\nendif\n'));
  t.false('headers' in at('/^X-Spam/ FILTER smtp:[192.0.2.1]\n'));
});

test('line ends and pipelining are said in the way of each version', t => {
  t.is(mainSettings(wantsOf('spam'))['smtpd_forbid_bare_newline'], 'normalize');
  const with_ = (version: string, defaults: Readonly<Record<string, string>>) => ({
    facts: debian12Facts({postfix: {...debian12Postfix(), version, defaults}}),
  });
  const older = with_('3.7.9', {smtpd_forbid_bare_newline: 'no', smtpd_forbid_unauth_pipelining: 'no'});
  t.like(mainSettings(wantsOf('spam', older)), {
    smtpd_forbid_bare_newline: 'yes',
    smtpd_forbid_unauth_pipelining: 'yes',
  });
  const newest = with_('3.10.13', {
    smtpd_forbid_bare_newline: 'normalize',
    smtpd_forbid_unauth_pipelining: 'yes',
  });
  t.deepEqual(mainSettings(wantsOf('spam', newest)), {});
  t.deepEqual(mainItems(wantsOf('spam', newest), 'smtpd_data_restrictions'), []);
  const el9 = wantsOf('spam', {facts: el9Facts(), platform: el9Platform});
  t.false('smtpd_forbid_bare_newline' in mainSettings(el9));
  t.true(mainItems(el9, 'smtpd_data_restrictions').includes('+reject_unauth_pipelining'));
});

const answers =
  (listed: readonly string[] | 'no-answer', free: readonly string[] | 'no-answer'): Lookup =>
  async name =>
    name.startsWith('2.') ? listed : free;

for (const [name, lookup, severity, words] of [
  ['a good list', answers(['127.0.0.2'], []), 'pass', /only for it/],
  ['a dead list', answers([], []), 'fail', /is dead/],
  ['one that lists the world', answers(['127.0.0.2'], ['127.0.0.2']), 'fail', /whole world/],
  ['one that refuses this resolver', answers(['127.255.255.254'], []), 'fail', /public resolvers/],
  ['one that answers as nobody said', answers(['127.0.0.2', '10.0.0.1'], []), 'fail', /not among/],
  ['no name server', answers('no-answer', 'no-answer'), 'unchecked', /no name server/],
] as const) {
  test(`${name}: ${severity}`, async t => {
    const list = {zone: 'bl.example.net', codes: '127.0.0.[2..11]'};
    const finding = await judgeList(list, lookup);
    t.is(finding.severity, severity);
    t.regex(finding.summary.en, words);
    t.is((await judgeNew([list], lookup)).length, severity === 'pass' ? 0 : 1);
    t.true((await judgeNew([list], lookup)).every(found => found.severity === 'fail'));
  });
}

test('answers of a list match as Postfix matches them', t => {
  const matches = replyCodes('127.0.[0..2].[2;4;9..11]');
  t.true(matches?.('127.0.1.10'));
  t.true(matches?.('127.0.0.4'));
  t.false(matches?.('127.0.0.3'));
  t.false(matches?.('127.0.3.2'));
  for (const bad of ['127.0.0', '127.0.0.[9..2]', '127.0.0.[', '127.0.0.300', '127.0.0.2.1', '']) {
    t.is(replyCodes(bad), undefined, bad);
  }
});

test('each list that is asked, each table of patterns and the rules for strangers are proved', t => {
  const probes = probesOf('spam', {
    answers: said({rbls: ['zen.spamhaus.org'], headers: ['/x/ REJECT']}),
  });
  t.deepEqual(
    probes.map(({kind}) => kind),
    ['strangers-judged', 'block-list', 'patterns-read'],
  );
});
