import test from 'ava';
import type {AllAnswers} from '../../src/core/question.js';
import {debian12Facts, debian12Platform, debian12Postfix, smtpd} from '../helpers/facts.js';
import type {Scene} from '../../src/session/engine.js';
import {reduce} from '../../src/session/reduce.js';
import {initialState} from '../../src/session/state.js';
import {steps} from '../../steps/index.js';
import {
  allWants,
  mainItems,
  mainSettings,
  portsWanted,
  probesOf,
  refusal,
  rowsWanted,
  stepOf,
  wantsOf,
} from '../helpers/sections.js';

const gateway = (over: AllAnswers = {}): AllAnswers => ({
  role: {kind: 'postfix-only', hostname: 'mx.example.com', domains: ['example.com', 'example.org']},
  tls: {source: 'self-signed'},
  smtp: {admin: 'anna@example.com'},
  relay: {how: 'direct'},
  ...over,
  delivery: {host: 'imap.example.com', ...over['delivery']},
});
const alone = debian12Facts();
const {dovecot: _none, ...withoutDovecot} = alone;
const listed = gateway({
  delivery: {recipients_by: 'list', recipients: ['anna@example.com', 'berta@example.org']},
});

test('a gateway has nothing of Dovecot’s, and all of Postfix’s', t => {
  const wants = allWants({answers: gateway(), facts: withoutDovecot});
  t.deepEqual(
    wants.filter(({want}) => 'in' in want && want.in === 'dovecot'),
    [],
  );
  t.deepEqual(
    wants.flatMap(({want}) => (want.kind === 'service' ? [want.unit] : [])),
    ['postfix.service'],
  );
  t.deepEqual([...new Set(portsWanted(wants.map(({want}) => want)))].sort(), [
    '+25',
    '-110',
    '-143',
    '-4190',
    '-465',
    '-587',
    '-993',
    '-995',
  ]);
});

test('in the wizard a gateway is asked where the mailboxes are, and tried once it is known whom to believe', t => {
  const scene: Scene = {facts: withoutDovecot, platform: debian12Platform, steps, adopted: {}};
  let state = reduce(initialState({sections: [], dryRun: false, outlives: false}), {
    type: 'detected',
    scene,
  }).state;
  const asked: string[] = [];
  const effects: string[] = [];
  for (const value of [
    undefined,
    'postfix-only',
    'mx.example.com',
    ['example.com'],
    'anna@example.com',
    'self-signed',
    'direct',
    'imap.example.com',
    '/etc/ssl/imap.pem',
  ]) {
    const {state: next, effects: more} = reduce(
      state,
      value === undefined ? {type: 'begin', resume: false} : {type: 'answer', value},
    );
    // A name is looked up while it is asked for; nobody is here to do it.
    state =
      next.live === undefined ? next : reduce(next, {type: 'live', id: next.live.id, findings: []}).state;
    effects.push(...more.flatMap(effect => (effect.type === 'live' ? [effect.check.kind] : [])));
    asked.push(
      state.screen.at === 'question'
        ? `${state.screen.place.section}.${state.screen.place.question}`
        : state.screen.at,
    );
  }

  t.deepEqual(asked, [
    'role.kind',
    'role.hostname',
    'role.domains',
    'smtp.admin',
    'tls.source',
    'relay.how',
    'delivery.host',
    'delivery.ca',
    'decided',
  ]);
  t.is(effects.at(-1), 'lmtp-reachable');
});

test('mail is handed over by TLS to the host whose certificate it is, never in clear', t => {
  t.like(mainSettings(wantsOf('delivery', {answers: gateway()})), {
    virtual_mailbox_domains: 'example.com, example.org',
    virtual_transport: 'lmtp:inet:imap.example.com:24',
    lmtp_tls_security_level: 'verify',
    lmtp_tls_verify_cert_match: 'hostname',
    lmtp_tls_wrappermode: 'yes',
    lmtp_tls_CAfile: '/etc/ssl/certs/ca-certificates.crt',
    lmtp_host_lookup: 'dns, native',
  });
  const six = gateway({delivery: {host: '2001:db8::9', port: 2400}});
  t.is(
    mainSettings(wantsOf('delivery', {answers: six}))['virtual_transport'],
    'lmtp:inet:[2001:db8::9]:2400',
  );
});

test('the other host is asked who has a mailbox, after those who may relay, and the refusal is for good', t => {
  const wants = wantsOf('delivery', {answers: gateway()});
  t.deepEqual(mainItems(wants, 'smtpd_recipient_restrictions'), [
    '+permit_mynetworks',
    '+permit_sasl_authenticated',
    '+reject_unauth_destination',
    '+reject_unverified_recipient',
  ]);
  t.is(mainSettings(wants)['unverified_recipient_reject_code'], '550');
});

test('by a list, exactly those named have a row; who is no longer named loses it, and others stay', t => {
  const facts = {
    ...withoutDovecot,
    postfix: debian12Postfix({
      virtual_mailbox_maps: 'hash:/etc/postfix/vmailbox',
      smtpd_recipient_restrictions: 'permit_mynetworks, reject_unverified_recipient',
    }),
    files: {'/etc/postfix/vmailbox': 'old@example.com old@example.com\nx@elsewhere.net x@elsewhere.net\n'},
  };
  const wants = wantsOf('delivery', {answers: listed, facts});
  t.deepEqual(rowsWanted(wants, '/etc/postfix/vmailbox'), [
    'anna@example.com anna@example.com',
    'berta@example.org berta@example.org',
    '- old@example.com',
  ]);
  t.deepEqual(mainItems(wants, 'smtpd_recipient_restrictions'), ['-reject_unverified_recipient']);
});

test('hosts, ports, files and recipients that cannot be meant are refused', t => {
  for (const [question, value] of [
    ['host', 'mx.example.com'],
    ['host', 'imap'],
    ['host', '127.0.0.1'],
    ['port', 25],
    ['ca', 'ca.pem'],
    ['ca', '/etc/../tmp/ca.pem'],
    ['recipients', []],
    ['recipients', ['anna@elsewhere.net']],
    ['recipients', ['anna@example.com', 'anna@example.com']],
    ['recipients', ['anna']],
    ['to', 'dovecot'],
    ['to', 'none'],
  ] as const) {
    t.truthy(refusal('delivery', question, value, {answers: listed}), `${question} ${value}`);
  }

  t.is(refusal('delivery', 'ca', '/etc/ssl/imap.pem', {answers: listed}), undefined);
});

test('nobody sends by a gateway until somebody checks passwords, over a link that is said to be private', t => {
  const closed = wantsOf('submission', {answers: gateway()});
  t.true(closed.every(want => !('state' in want) || want.state === 'absent'));
  const open = gateway({submission: {login: 'tcp', login_in_clear: true}});
  const entry = wantsOf('submission', {answers: open}).find(
    want => want.kind === 'master' && want.name === 'submissions',
  );
  t.like(entry, {
    options: {
      smtpd_sasl_type: 'dovecot',
      smtpd_sasl_path: 'inet:imap.example.com:12345',
      smtpd_tls_auth_only: 'yes',
    },
  });
  t.truthy(refusal('submission', 'login_in_clear', false, {answers: open}));
  t.truthy(
    refusal('submission', 'login_in_clear', undefined, {answers: gateway({submission: {login: 'tcp'}})}),
  );
});

test('who sends by a gateway owns the address that is the login name, and the aliases that lead there', t => {
  const wants = wantsOf('submission', {answers: gateway({submission: {login: 'tcp', login_in_clear: true}})});
  t.is(
    mainSettings(wants)['smtpd_sender_login_maps'],
    'hash:/etc/postfix/virtual, regexp:/etc/postfix/sender_login',
  );
  const file = wants.find(want => want.kind === 'file' && want.path === '/etc/postfix/sender_login');
  t.regex(JSON.stringify(file), /@\(example\S+com\|example\S+org\)\$\/ \$\{1\}@\$\{3\}/);
});

test('all of it is adopted from a machine without Dovecot', t => {
  const facts = {
    ...withoutDovecot,
    configured: {dovecot: false, postfix: true},
    postfix: debian12Postfix(
      {
        myhostname: 'mx.example.com',
        mydestination: '$myhostname, localhost',
        virtual_mailbox_domains: 'example.com',
        virtual_transport: 'lmtp:inet:imap.example.com:24',
        lmtp_tls_wrappermode: 'yes',
        lmtp_tls_CAfile: '/etc/ssl/imap.pem',
        smtpd_recipient_restrictions:
          'permit_mynetworks reject_unauth_destination reject_unverified_recipient',
      },
      [
        smtpd('smtp', 'y'),
        smtpd('submissions', 'y', {
          smtpd_sasl_auth_enable: 'yes',
          smtpd_sasl_path: 'inet:imap.example.com:12345',
        }),
      ],
    ),
  };
  const adopt = (id: string) => stepOf(id).adopt(facts, debian12Platform);
  t.like(adopt('role'), {kind: 'postfix-only', domains: ['example.com']});
  t.deepEqual(adopt('delivery'), {
    to: 'remote',
    host: 'imap.example.com',
    port: 24,
    tls: 'wrapper',
    ca: '/etc/ssl/imap.pem',
    recipients_by: 'ask',
  });
  t.like(adopt('submission'), {
    login: 'tcp',
    login_host: 'imap.example.com',
    login_port: 12_345,
    login_in_clear: true,
    ports: ['465'],
  });
});

test('the other host is proved: its certificate, that it refuses who is not there, and that it answers for logins', t => {
  const open = gateway({submission: {login: 'tcp', login_in_clear: true}});
  t.deepEqual(
    probesOf('delivery', {answers: open}).map(({kind}) => kind),
    ['unknown-recipient-refused', 'unknown-recipient-refused', 'lmtp-host'],
  );
  t.true(probesOf('submission', {answers: open}).some(({kind}) => kind === 'sasl-host'));
});
