import test from 'ava';
import type {AllAnswers} from '../../src/core/question.js';
import {debian12Facts, debian12Platform, debian12Postfix, el9Platform, smtpd} from '../helpers/facts.js';
import type {Scene} from '../../src/session/engine.js';
import {reduce} from '../../src/session/reduce.js';
import {initialState} from '../../src/session/state.js';
import {steps} from '../../steps/index.js';
import {
  allWants,
  cautionOf,
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

/** Login names that may send as an address, by the first pattern that fits, as regexp_table(5) has it. */
const ownersBy = (submission: Readonly<Record<string, unknown>>, over: AllAnswers = {}) => {
  const wants = wantsOf('submission', {
    answers: gateway({...over, submission: {login: 'tcp', login_in_clear: true, ...submission}}),
  });
  const file = wants.find(want => want.kind === 'file' && want.path === '/etc/postfix/sender_login');
  const text =
    file?.kind === 'file' && file.state === 'present'
      ? file.content.map(part => ('text' in part ? part.text : '')).join('')
      : '';
  const rules = text.split('\n').flatMap(line => {
    const [, pattern, owners] = /^\/(.*)\/ (.*)$/.exec(line) ?? [];
    return pattern === undefined || owners === undefined ? [] : [{pattern: new RegExp(pattern, 'i'), owners}];
  });
  const owners = (sender: string): readonly string[] => {
    const rule = rules.find(({pattern}) => pattern.test(sender));
    const found = rule?.pattern.exec(sender);
    return (rule?.owners ?? '')
      .replaceAll(/\$\{(\d)\}/g, (_all, at: string) => found?.[Number(at)] ?? '')
      .split(', ')
      .filter(Boolean);
  };
  return {owners, text, maps: mainSettings(wants)['smtpd_sender_login_maps']};
};

test('people of the other machine, who log in by a bare name, own that name here, and nobody else’s', t => {
  const {owners, maps} = ownersBy(
    {login_names: 'name'},
    {domains: {aliases: ['sales@example.com=carl@example.com', 'far@example.com=x@elsewhere.net']}},
  );
  t.is(maps, 'regexp:/etc/postfix/sender_login');
  t.deepEqual(owners('karl@example.com'), ['karl']);
  t.deepEqual(owners('karl+lists@example.org'), ['karl']);
  t.deepEqual(owners('postmaster@example.org'), ['anna']);
  t.deepEqual(owners('sales@example.com'), ['carl']);
  for (const foreign of ['karl@elsewhere.net', 'karl@example.com.evil.net', 'karl', 'karl@notexample.com']) {
    t.deepEqual(owners(foreign), [], foreign);
  }
});

test('by default a bare name owns nothing: beside a list it may be another person than the address', t => {
  const {owners} = ownersBy({});
  t.deepEqual(owners('karl@example.com'), ['karl@example.com']);
  const either = ownersBy({login_names: 'either'}).owners;
  t.deepEqual(either('karl@example.org'), ['karl', 'karl@example.org']);
  t.deepEqual(either('abuse@example.org'), ['anna', 'anna@example.com']);
});

test('by which name people log in is adopted from the patterns, and said where one name is in several domains', t => {
  for (const names of ['address', 'name', 'either'] as const) {
    const facts = {
      ...withoutDovecot,
      configured: {dovecot: false, postfix: true},
      postfix: debian12Postfix({}, [
        smtpd('submissions', 'y', {
          smtpd_sasl_auth_enable: 'yes',
          smtpd_sasl_path: 'inet:imap.example.com:12345',
        }),
      ]),
      files: {'/etc/postfix/sender_login': ownersBy({login_names: names}).text},
    };
    t.is(stepOf('submission').adopt(facts, debian12Platform)['login_names'], names);
    const said = cautionOf('submission', 'login_names', names, {answers: gateway()});
    t.is(said === undefined, names === 'address');
  }
});

test('by a list of recipients the names of logins count too', t => {
  const {owners, maps} = ownersBy(
    {login_names: 'name'},
    {delivery: {recipients_by: 'list', recipients: ['karl@example.com']}},
  );
  t.is(maps, 'regexp:/etc/postfix/sender_login');
  t.deepEqual(owners('karl@example.com'), ['karl']);
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

const byUsers = gateway({
  submission: {login: 'cyrus'},
  domains: {aliases: ['sales@example.com=carl@example.com', 'far@example.com=x@elsewhere.net']},
});

test('without any Dovecot saslauthd is asked, inside of Postfix’s chroot, and PAM keeps system accounts out', t => {
  const wants = wantsOf('submission', {answers: byUsers, facts: withoutDovecot});
  t.deepEqual(rowsWanted(wants, '/etc/postfix/sasl/smtpd.conf'), [
    'pwcheck_method: saslauthd',
    'mech_list: PLAIN LOGIN',
    'saslauthd_path: /var/run/saslauthd/mux',
  ]);
  const entries = wants.flatMap(want => (want.kind === 'master' && want.state === 'present' ? [want] : []));
  t.deepEqual(
    entries.map(({name}) => name),
    ['submission', 'submissions'],
  );
  for (const {options} of entries) {
    t.like(options, {
      smtpd_sasl_type: 'cyrus',
      smtpd_sasl_path: 'smtpd',
      smtpd_tls_auth_only: 'yes',
      smtpd_sasl_security_options: 'noanonymous',
    });
  }

  t.like(
    wants.find(want => want.kind === 'directory' && want.mode === 0o710),
    {path: '/var/spool/postfix/var/run/saslauthd', group: 'postfix'},
  );
  const stack = wants.find(want => want.kind === 'file' && want.path === '/etc/pam.d/smtp');
  t.regex(
    JSON.stringify(stack),
    /auth requisite pam_succeed_if\.so uid >= 1000 uid <= 60000 quiet_success.n@include/,
  );
  const unit = wants.find(want => want.kind === 'file' && want.path.endsWith('/postfix-saslauthd.service'));
  t.regex(JSON.stringify(unit), /saslauthd -a pam -m \/var\/spool\/postfix\/var\/run\/saslauthd/);
  t.notRegex(JSON.stringify(unit), / -c\b/);
  t.deepEqual(
    wants.flatMap(want => (want.kind === 'service' ? [`${want.state} ${want.unit}`] : [])),
    ['present postfix-saslauthd.service'],
  );
});

test('on EL9, which has no chroot, it is the distribution’s own saslauthd, and its stack gets the rule', t => {
  const stack = '#%PAM-1.0\nauth       include\tpassword-auth\naccount    include\tpassword-auth\n';
  const facts = {
    ...withoutDovecot,
    postfix: debian12Postfix({}, [smtpd('smtp', 'n')]),
    files: {'/etc/pam.d/smtp.postfix': stack},
  };
  const wants = wantsOf('submission', {answers: byUsers, facts, platform: el9Platform});
  t.deepEqual(rowsWanted(wants, '/etc/sasl2/smtpd.conf'), [
    'pwcheck_method: saslauthd',
    'mech_list: PLAIN LOGIN',
  ]);
  t.deepEqual(
    wants.flatMap(want => (want.kind === 'service' ? [want.unit] : [])),
    ['saslauthd.service'],
  );
  const file = wants.find(want => want.kind === 'file' && want.path === '/etc/pam.d/smtp.postfix');
  t.regex(JSON.stringify(file), /#%PAM-1\.0.nauth requisite pam_succeed_if\.so .*.nauth {7}include/);
  t.false(wants.some(want => want.kind === 'file' && want.path.includes('systemd')));
});

test('users of the machine own their name at each domain, and the aliases that lead to it', t => {
  const wants = wantsOf('submission', {answers: byUsers, facts: withoutDovecot});
  t.is(mainSettings(wants)['smtpd_sender_login_maps'], 'regexp:/etc/postfix/sender_login');
  const file = wants.find(want => want.kind === 'file' && want.path === '/etc/postfix/sender_login');
  const text = file?.kind === 'file' && file.state === 'present' ? JSON.stringify(file.content) : '';
  t.regex(text, /\^\(root\|postmaster\|abuse\)@\S+ anna/);
  t.regex(text, /\^sales@example\S+com\$\/ carl/);
  t.notRegex(text, /far@/);
  t.regex(text, /@\(example\S+com\|example\S+org\|mx\S+\)\$\/ \$\{1\}/);
});

test('a user of the machine proves by a login that people can send; nobody else is asked, and none is needed', t => {
  const people = debian12Facts({
    users: [
      {name: 'root', uid: 0, gid: 0, home: '/root', shell: '/bin/bash'},
      {name: 'carl', uid: 1000, gid: 1000, home: '/home/carl', shell: '/bin/bash'},
    ],
  });
  const password = {held: 's'};
  const tried = (own: Readonly<Record<string, unknown>>) => ({
    ...byUsers,
    submission: {login: 'cyrus', sample: 'carl', sample_password: password, ...own},
  });
  const scene = {answers: tried({}), facts: people};
  for (const [name, refused] of [
    ['', false],
    ['carl', false],
    ['root', true],
    ['carl@example.com', true],
    ['nobody', true],
  ] as const) {
    t.is(refusal('submission', 'sample', name, scene) !== undefined, refused, name);
  }

  const accounts = (answers: AllAnswers) =>
    probesOf('submission', {answers, facts: people}).flatMap(probe =>
      'account' in probe && probe.account !== undefined ? [probe.kind] : [],
    );
  t.deepEqual(accounts(tried({})).toSorted(), [
    'foreign-sender-refused',
    'foreign-sender-refused',
    'submission-login',
    'submission-login',
  ]);
  t.deepEqual(accounts(tried({sample: ''})), []);
  t.deepEqual(accounts(tried({login: 'tcp', login_host: 'imap.example.com'})), []);
  const question = stepOf('submission').questions['sample_password'];
  const context = {facts: people, platform: debian12Platform, answers: tried({})};
  t.deepEqual(question?.kind === 'secret' ? question.live?.(password, context) : undefined, {
    kind: 'saslauthd',
    socket: '/var/spool/postfix/var/run/saslauthd/mux',
    user: 'carl',
    password,
  });
  const open = {...people, postfix: debian12Postfix({}, [smtpd('smtp', 'n')])};
  t.like(
    question?.kind === 'secret'
      ? question.live?.(password, {...context, facts: open, platform: el9Platform})
      : undefined,
    {socket: '/run/saslauthd/mux'},
  );
  t.false(question?.when?.({...context, answers: tried({sample: ''})}));
});

test('saslauthd is adopted where Postfix asks it; another way of Cyrus SASL is the machine’s own', t => {
  const option = {smtpd_sasl_auth_enable: 'yes', smtpd_sasl_type: 'cyrus', smtpd_sasl_path: 'smtpd'};
  const adopted = (conf: string) =>
    stepOf('submission').adopt(
      {
        ...withoutDovecot,
        configured: {dovecot: false, postfix: true},
        postfix: debian12Postfix({}, [smtpd('smtp', 'y'), smtpd('submission', 'y', option)]),
        files: {'/etc/postfix/sasl/smtpd.conf': conf},
      },
      debian12Platform,
    );
  t.like(adopted('pwcheck_method: saslauthd\n'), {login: 'cyrus', ports: ['587']});
  t.deepEqual(adopted('pwcheck_method: auxprop\n')['custom'], ['login']);
});

test('a list instead of asking takes away how long answers held, unless somebody set them otherwise', t => {
  const facts = {
    ...withoutDovecot,
    postfix: debian12Postfix({
      smtpd_recipient_restrictions: 'permit_mynetworks, reject_unverified_recipient',
      unverified_recipient_reject_code: '550',
      address_verify_positive_expire_time: '3d',
      address_verify_negative_refresh_time: '5m',
    }),
  };
  t.deepEqual(
    wantsOf('delivery', {answers: listed, facts}).flatMap(want =>
      want.kind === 'setting' && want.op === 'unset' ? [want.at] : [],
    ),
    ['unverified_recipient_reject_code', 'address_verify_negative_refresh_time'],
  );
});
