import test from 'ava';
import type {Facts} from '../../src/core/facts.js';
import {
  completeAnswers,
  debian12Facts,
  debian12Platform,
  debian12Postfix,
  el9Platform,
} from '../helpers/facts.js';
import {mainSettings, probesOf, refusal, stepOf, wantsOf} from '../helpers/sections.js';

const answers = (own: Readonly<Record<string, unknown>>, networks: readonly string[] = []) =>
  completeAnswers({smtp: {admin: 'anna@example.com', networks}, 'brute-force': own});
const jailFile = '/etc/fail2ban/jail.d/dovetail.conf';
const textOf = (
  own: Readonly<Record<string, unknown>>,
  facts = debian12Facts(),
  networks: readonly string[] = [],
) => {
  const want = wantsOf('brute-force', {answers: answers(own, networks), facts}).find(
    entry => entry.kind === 'file' && entry.path === jailFile,
  );
  const [part] = want?.kind === 'file' && want.state === 'present' ? want.content : [];
  return part !== undefined && 'text' in part ? part.text : '';
};
const session = {user: 'admin', ssh: {client: '192.0.2.7', serverPort: 22}};
const configured = {dovecot: true, postfix: true};

test('whoever is logged in, the machine and the networks that send without a password are never banned', t => {
  const text = textOf({how: 'fail2ban'}, debian12Facts({session}), ['10.1.2.0/24', '[2001:db8::]/64']);
  t.is(text.match(/^never = 192\.0\.2\.7$/gm)?.length, 3);
  t.is(text.match(/^networks = 10\.1\.2\.0\/24 2001:db8::\/64$/gm)?.length, 3);
  t.is(text.match(/^ignoreip = 127\.0\.0\.0\/8 ::1 %\(networks\)s %\(never\)s$/gm)?.length, 3);
  t.is(text.match(/^ignoreself = true$/gm)?.length, 3);
});

test('what was written is read back as the same answers, so that a second run plans nothing', t => {
  const own = {how: 'fail2ban', never: ['198.51.100.9', '2001:db8::1'], attempts: 7, minutes: 90};
  const files: Facts['files'] = {[jailFile]: textOf(own)};
  const facts = debian12Facts({configured, files, session});
  t.deepEqual(stepOf('brute-force').adopt(facts, debian12Platform), own as never);
  t.is(textOf(own, facts), files[jailFile] ?? '');
});

test('jails of others are theirs: SSH is left alone, and fail2ban goes on when ours go', t => {
  const files = {'/etc/fail2ban/jail.local': '[sshd]\nenabled = true\n'};
  const facts = debian12Facts({configured, files});
  t.notRegex(textOf({how: 'fail2ban'}, facts), /sshd/);
  t.deepEqual(stepOf('brute-force').adopt(facts, debian12Platform), {});
  const gone = wantsOf('brute-force', {
    answers: answers({how: 'off'}),
    facts: {...facts, files: {...files, [jailFile]: textOf({how: 'fail2ban'}, facts)}},
  });
  t.deepEqual(
    gone.map(want => want.kind),
    ['file', 'file'],
  );
  const alone = debian12Facts({configured, files: {[jailFile]: textOf({how: 'fail2ban'})}});
  t.true(
    wantsOf('brute-force', {answers: answers({how: 'off'}), facts: alone}).some(
      want => want.kind === 'service' && want.state === 'absent',
    ),
  );
});

test('Debian’s jail for SSH reads the journal, since fail2ban does not start without a log file for it', t => {
  const files = {'/etc/fail2ban/jail.d/defaults-debian.conf': '[sshd]\nenabled = true\n'};
  t.regex(textOf({how: 'fail2ban'}, debian12Facts({files})), /^\[sshd\]\nbackend = systemd$/m);
});

test('the servers’ own limit is for where there is no fail2ban, and goes again', t => {
  const limits = wantsOf('brute-force', {answers: answers({how: 'limits', rate: 30}), platform: el9Platform});
  t.is(mainSettings(limits)['smtpd_client_auth_rate_limit'], '30');
  const postfix = debian12Postfix({smtpd_client_auth_rate_limit: '30'});
  t.deepEqual(stepOf('brute-force').adopt(debian12Facts({configured, postfix}), debian12Platform), {
    how: 'limits',
    rate: 30,
  });
  const off = wantsOf('brute-force', {answers: answers({how: 'off'}), facts: debian12Facts({postfix})});
  t.true('smtpd_client_auth_rate_limit' in mainSettings(off));
  t.is(mainSettings(off)['smtpd_client_auth_rate_limit'], undefined);
  t.regex(refusal('brute-force', 'how', 'fail2ban', {platform: el9Platform}) ?? '', /no fail2ban/);
});

test('what is no address is not written into ignoreip', t => {
  const scene = {answers: answers({how: 'fail2ban'})};
  for (const item of ['nonsense', '10.0.0.1; rm', '300.1.1.1', '0.0.0.0/0']) {
    t.truthy(refusal('brute-force', 'never', [item], scene), item);
  }

  t.is(refusal('brute-force', 'never', ['192.0.2.7', '2001:db8::/64'], scene), undefined);
});

test('the filter’s words match failed logins of both Dovecots, and no address out of a user’s name', t => {
  const want = wantsOf('brute-force', {answers: answers({how: 'fail2ban'})}).find(
    entry => entry.kind === 'file' && entry.path.endsWith('filter.d/dovetail-dovecot.conf'),
  );
  const [part] = want?.kind === 'file' && want.state === 'present' ? want.content : [];
  const text = part !== undefined && 'text' in part ? part.text : '';
  const line = /^failregex = (.*)$/m.exec(text)?.[1] ?? '';
  const pattern = new RegExp(
    line.replace('<F-USER>', '(?:').replace('</F-USER>', ')').replace('<HOST>', '(?<host>[0-9a-f.:]+)'),
  );
  const host = (said: string) => pattern.exec(said)?.groups?.['host'];
  const tail = 'method=PLAIN, rip=198.51.100.2, lip=198.51.100.1, TLS, session=<zAXsETphduLGM2QC>';
  t.is(
    host(
      `Disconnected: Aborted login by logging out (auth failed, 1 attempts in 2 secs): user=<a@b>, ${tail}`,
    ),
    '198.51.100.2',
  );
  t.is(
    host(`Login aborted: Logged out (auth failed, 1 attempts in 2 secs) (auth_failed): user=<a@b>, ${tail}`),
    '198.51.100.2',
  );
  t.is(host(`Login: user=<a@b>, ${tail}`), undefined);
  t.is(
    host(
      `Login aborted: Logged out (auth failed, 1 attempts) (x): user=<a>, method=PLAIN, rip=203.0.113.9, >, ${tail}`,
    ),
    undefined,
  );
});

const sent = (submission: Readonly<Record<string, unknown>>) => ({
  role: {kind: 'postfix-only', hostname: 'mx.example.com', domains: ['example.com']},
  tls: {source: 'self-signed'},
  smtp: {admin: 'anna@example.com'},
  relay: {how: 'direct'},
  delivery: {host: 'imap.example.com'},
  submission,
  'brute-force': {how: 'fail2ban'},
});
const readOnly = {
  role: {kind: 'dovecot-only', hostname: 'imap.example.com', domains: ['example.com']},
  auth: {backends: ['passwd-file']},
  'auth-passwdfile': {accounts: [{name: 'anna@example.com', password: {held: 'a1'}}]},
  tls: {source: 'self-signed'},
  'brute-force': {how: 'fail2ban'},
};
const {dovecot: _none, ...withoutDovecot} = debian12Facts();

test('wherever people log in there is a jail for who takes the logins, and none for a server that is not there', t => {
  for (const [name, scene, wanted] of [
    ['complete', {answers: answers({how: 'fail2ban'})}, ['dovetail-dovecot', 'dovetail-sasl']],
    ['dovecot-only', {answers: readOnly}, ['dovetail-dovecot']],
    [
      'by the Dovecot of another host',
      {answers: sent({login: 'tcp', login_in_clear: true}), facts: withoutDovecot},
      ['dovetail-sasl'],
    ],
    ['by saslauthd', {answers: sent({login: 'cyrus'}), facts: withoutDovecot}, ['dovetail-sasl']],
  ] as const) {
    const files = wantsOf('brute-force', scene).flatMap(want =>
      want.kind === 'file' && want.state === 'present' ? [want] : [],
    );
    const text = files
      .filter(({path}) => path === jailFile)
      .flatMap(({content}) => content)
      .map(part => ('text' in part ? part.text : ''))
      .join('');
    t.deepEqual(
      [...text.matchAll(/^\[(dovetail-\w+)\]$/gm)].map(([, jail]) => jail),
      [...wanted],
      name,
    );
    t.is(
      files.some(({path}) => path.endsWith('filter.d/dovetail-dovecot.conf')),
      text.includes('filter = dovetail-dovecot'),
      name,
    );
    t.deepEqual(
      probesOf('brute-force', scene).flatMap(probe => (probe.kind === 'bans' ? probe.jails : [])),
      [...wanted],
      name,
    );
  }
});

test('where nobody logs in, nothing is asked', t => {
  const {applies} = stepOf('brute-force');
  t.false(applies?.(withoutDovecot, sent({login: 'none'})));
  t.true(applies?.(withoutDovecot, sent({login: 'cyrus'})));
  t.false(applies?.(withoutDovecot, {role: {kind: 'null-client'}}));
});

test('a gateway that kept mailboxes before has no filter for Dovecot any more, and its logins can be slowed down too', t => {
  const facts = {...withoutDovecot, files: {'/etc/fail2ban/filter.d/dovetail-dovecot.conf': 'old'}};
  t.true(
    wantsOf('brute-force', {answers: sent({login: 'cyrus'}), facts}).some(
      want => want.kind === 'file' && want.path.endsWith('dovetail-dovecot.conf') && want.state === 'absent',
    ),
  );
  const slow = {...sent({login: 'cyrus'}), 'brute-force': {how: 'limits', rate: 7}};
  t.is(
    mainSettings(wantsOf('brute-force', {answers: slow, facts: withoutDovecot}))[
      'smtpd_client_auth_rate_limit'
    ],
    '7',
  );
});
