import test from 'ava';
import {
  completeAnswers,
  debian12Facts,
  debian12Platform,
  debian12Postfix,
  el9Facts,
  el9Platform,
  smtpd,
} from '../helpers/facts.js';
import {mainSettings, portsWanted, probesOf, refusal, stepOf, wantsOf} from '../helpers/sections.js';

const masters = (wants: ReturnType<typeof wantsOf>) =>
  wants.flatMap(want => (want.kind === 'master' ? [want] : []));
const states = (wants: ReturnType<typeof wantsOf>) =>
  masters(wants).map(({name, state}) => `${name} ${state}`);

test('people send by 587 and 465 after a login over TLS, and every restriction list is set', t => {
  const [submission, submissions] = masters(wantsOf('submission'));
  t.like(submission, {
    name: 'submission',
    columns: {chroot: 'y', command: 'smtpd'},
    options: {
      smtpd_tls_security_level: 'encrypt',
      smtpd_sasl_auth_enable: 'yes',
      smtpd_sasl_type: 'dovecot',
      smtpd_sasl_path: 'private/auth',
      smtpd_relay_restrictions: 'permit_sasl_authenticated,reject',
      smtpd_recipient_restrictions: '',
      smtpd_sender_restrictions: 'reject_sender_login_mismatch',
    },
  });
  t.like(submissions, {name: 'submissions', options: {smtpd_tls_wrappermode: 'yes'}});
  t.deepEqual(portsWanted(wantsOf('submission')), ['+587', '+465']);
});

test('where Postfix listens to the machine alone nobody outside sends by it, so the firewall has no port for it', t => {
  const answers = completeAnswers({smtp: {interfaces: 'loopback'}});
  t.deepEqual(portsWanted(wantsOf('submission', {answers})), ['-587', '-465']);
  const [firewall] = probesOf('firewall', {
    answers,
    facts: debian12Facts({firewall: {...debian12Facts().firewall, backend: 'firewalld', active: true}}),
  });
  t.deepEqual(
    firewall?.kind === 'firewall' ? firewall.open.filter(open => [25, 465, 587].includes(open)) : undefined,
    [],
  );
});

test('AUTH is never switched on for port 25', t => {
  t.false('smtpd_sasl_auth_enable' in mainSettings(wantsOf('submission')));
});

test('no option of master.cf has a blank, which would end it', t => {
  for (const want of masters(wantsOf('submission'))) {
    if (want.state === 'present') {
      t.true(Object.values(want.options).every(value => !/\s/.test(value)));
    }
  }
});

test('who may send as whom is written wherever a mismatch is rejected', t => {
  t.is(
    mainSettings(wantsOf('submission'))['smtpd_sender_login_maps'],
    'hash:/etc/postfix/vmailbox, hash:/etc/postfix/virtual',
  );
  const answers = completeAnswers({submission: {sender_must_match: false}});
  t.false('smtpd_sender_login_maps' in mainSettings(wantsOf('submission', {answers})));
  t.like(masters(wantsOf('submission', {answers}))[0], {options: {smtpd_sender_restrictions: ''}});
});

test('users of the machine own their name at each domain, and the roles belong to who reads them', t => {
  const answers = completeAnswers({auth: {backends: ['pam']}, smtp: {admin: 'anna@example.com'}});
  const wants = wantsOf('submission', {answers});
  t.is(mainSettings(wants)['smtpd_sender_login_maps'], 'regexp:/etc/postfix/sender_login');
  const file = wants.find(want => want.kind === 'file');
  const text = file?.kind === 'file' && file.state === 'present' ? JSON.stringify(file.content) : '';
  const pattern = /\/\^\(\[\^@\+\]\+\)\S+ \$\{1\}/.exec(text)?.[0];
  t.truthy(pattern);
  t.regex(text, /\(root\|postmaster\|abuse\)@\(example\\\\\.com\)\$\/ anna/);
});

test('port 465 has the name that the machine knows, never two', t => {
  const el9 = {facts: el9Facts(), platform: el9Platform};
  t.deepEqual(states(wantsOf('submission', el9)), ['submission present', 'smtps present']);
  t.like(masters(wantsOf('submission', el9))[1], {columns: {chroot: 'n'}});
  const sample = debian12Facts({
    files: {'/etc/postfix/master.cf': '#smtps     inet  n  -  y  -  -  smtpd\n'},
  });
  t.deepEqual(states(wantsOf('submission', {facts: sample})), ['submission present', 'smtps present']);
  const active = debian12Facts({
    postfix: debian12Postfix({}, [smtpd('smtp', '-'), smtpd('587', '-'), smtpd('465', '-')]),
  });
  t.deepEqual(states(wantsOf('submission', {facts: active})), ['587 present', '465 present']);
});

test('a port that is not asked for is closed in Postfix and in the firewall', t => {
  const answers = completeAnswers({submission: {ports: ['465']}});
  t.deepEqual(states(wantsOf('submission', {answers})), ['submission absent', 'submissions present']);
  t.deepEqual(portsWanted(wantsOf('submission', {answers})), ['-587', '+465']);
  t.truthy(refusal('submission', 'ports', []));
});

test('the socket for passwords is Postfix’s alone', t => {
  t.like(
    wantsOf('submission').find(want => want.kind === 'block'),
    {value: {service: 'auth', path: '/var/spool/postfix/private/auth', mode: '0660', user: 'postfix'}},
  );
});

test('logins are proved with the account of this run; without a known password they are not tried', t => {
  const accounts = (answers = completeAnswers()) =>
    probesOf('submission', {answers}).flatMap(probe => ('account' in probe ? [probe.account?.user] : []));
  // Login and foreign sender on each port, and the message that goes round.
  t.deepEqual(
    accounts(),
    Array.from({length: 5}, () => 'anna@example.com'),
  );
  const kept = completeAnswers({
    'auth-passwdfile': {accounts: [{name: 'anna@example.com', password: 'keep'}]},
  });
  t.deepEqual(accounts(kept), []);
});

test('on each port for sending: no relay for who does not log in, with TLS or without, and no foreign sender', t => {
  const kinds = (over: Readonly<Record<string, unknown>> = {}) =>
    probesOf('submission', {answers: completeAnswers({submission: over})}).map(probe =>
      'tls' in probe && probe.kind === 'relay-refused' ? `${probe.kind} ${probe.tls}` : probe.kind,
    );
  t.is(kinds().filter(kind => kind === 'foreign-sender-refused').length, 2);
  for (const kind of [
    'relay-refused starttls',
    'relay-refused wrapper',
    'relay-refused',
    'no-plaintext-login',
  ]) {
    t.true(kinds().includes(kind as 'tls'), kind);
  }

  t.false(kinds({sender_must_match: false}).includes('foreign-sender-refused'));
});

test('entries of a configured master.cf are adopted, and AUTH on port 25 is named', t => {
  const facts = debian12Facts({
    configured: {dovecot: true, postfix: true},
    postfix: debian12Postfix({smtpd_sasl_auth_enable: 'yes'}, [
      smtpd('smtp', 'y'),
      smtpd('smtps', 'y', {smtpd_sender_restrictions: 'reject_authenticated_sender_login_mismatch'}),
    ]),
  });
  t.deepEqual(stepOf('submission').adopt(facts, debian12Platform), {ports: ['465'], sender_must_match: true});
  const notes = stepOf('submission').notes?.({
    answers: {},
    all: {},
    facts,
    platform: debian12Platform,
    materials: {},
  });
  t.deepEqual(
    notes?.map(({id}) => id),
    ['submission:auth-on-25'],
  );
});
