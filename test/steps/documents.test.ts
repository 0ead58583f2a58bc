import test from 'ava';
import type {AllAnswers} from '../../src/core/question.js';
import {completeAnswers, debian12Facts, debian12Platform, debian12Postfix, smtpd} from '../helpers/facts.js';
import {
  cautionOf,
  mainItems,
  mainSettings,
  refusal,
  rowsWanted,
  stepOf,
  wantsOf,
} from '../helpers/sections.js';

// What widely read instructions (Red Hat's for RHEL 9, and older ones) tell to write into Postfix, and what comes of it here.
// Each of these keeps Postfix from starting, from taking mail, or from refusing strangers. Elsewhere: angle brackets and domains
// that nobody declared (domains.test.ts), dead block lists and old names of restrictions (spam.test.ts), and a removal that would
// take the queue with it (helpers/first-server.ts).

const local = completeAnswers({auth: {backends: ['pam']}, smtp: {admin: 'anna@example.com'}});
const nullClient: AllAnswers = {
  role: {kind: 'null-client', hostname: 'web.example.com'},
  smtp: {admin: 'anna@example.com'},
  relay: {how: 'smarthost', host: 'relay.example.net', port: 25},
};
const wrote = (settings: Readonly<Record<string, string>>) =>
  debian12Facts({configured: {dovecot: true, postfix: true}, postfix: debian12Postfix(settings)});

test('inet_interfaces = 127.0.0.1/32, [::1]/128: refused, since Postfix does not start; without masks it is written', t => {
  const listed = completeAnswers({smtp: {interfaces: 'list', addresses: ['127.0.0.1', '[::1]', '10.7.0.2']}});
  t.regex(refusal('smtp', 'addresses', ['127.0.0.1/32', '[::1]/128'], {answers: listed}) ?? '', /no mask/);
  t.regex(
    refusal('smtp', 'addresses', ['192.0.2.1'], {answers: listed}) ?? '',
    /not an address of this machine/,
  );
  t.truthy(refusal('smtp', 'addresses', ['mail.example.com'], {answers: listed}));
  const four = completeAnswers({smtp: {interfaces: 'list', addresses: ['[::1]'], protocols: 'ipv4'}});
  t.truthy(refusal('smtp', 'addresses', ['[::1]'], {answers: four}));
  t.is(mainSettings(wantsOf('smtp', {answers: listed}))['inet_interfaces'], '127.0.0.1, [::1], 10.7.0.2');
});

test('mynetworks = 192.0.2.1/24, [2001:db8:1::1]/64: written as networks, since Postfix answers 451 to everybody', t => {
  const answers = completeAnswers({smtp: {networks: ['192.0.2.1/24', '2001:db8:1::1/64']}});
  t.regex(
    mainSettings(wantsOf('smtp', {answers}))['mynetworks'] ?? '',
    / 192\.0\.2\.0\/24 \[2001:db8:1::\]\/64$/,
  );
  t.regex(cautionOf('smtp', 'networks', ['10.7.0.9/24'], {answers}) ?? '', /written as 10\.7\.0\.0\/24/);
  for (const all of ['0.0.0.0/0', '::/0', '0.0.0.0/1', '2000::/3', '192.0.2.0/33', '192.0.2']) {
    t.truthy(refusal('smtp', 'networks', [all], {answers}), all);
  }
});

test('a machine that has both of them is adopted, and writing its answers again puts them right', t => {
  const there = wrote({mynetworks: '127.0.0.1/32, [::1]/128, 192.0.2.1/24'});
  const adopted = stepOf('smtp').adopt(there, debian12Platform) as {readonly networks: readonly string[]};
  t.deepEqual(adopted.networks, ['192.0.2.0/24']);
});

test('reject_sender_login_mismatch without smtpd_sender_login_maps: the maps come with it, for submission alone', t => {
  const wants = wantsOf('submission');
  t.truthy(mainSettings(wants)['smtpd_sender_login_maps']);
  t.false('smtpd_sender_restrictions' in mainSettings(wants));
  const entries = wants.filter(want => want.kind === 'master' && want.state === 'present');
  t.is(entries.length, 2);
  for (const entry of entries) {
    t.like(entry, {
      options: {
        smtpd_sender_restrictions: 'reject_sender_login_mismatch',
        // Without a type it stays Cyrus; in main.cf AUTH would be offered on port 25 too; `noplaintext` kills the daemon.
        smtpd_sasl_type: 'dovecot',
        smtpd_sasl_path: 'private/auth',
        smtpd_sasl_auth_enable: 'yes',
        smtpd_sasl_security_options: 'noanonymous',
        smtpd_tls_auth_only: 'yes',
      },
    });
  }
});

test('smtpd_sasl_auth_enable in main.cf is never written, and named where it is', t => {
  for (const id of ['smtp', 'submission', 'relay', 'hardening']) {
    t.false('smtpd_sasl_auth_enable' in mainSettings(wantsOf(id)), id);
  }

  const there = wrote({smtpd_sasl_auth_enable: 'yes'});
  const notes = stepOf('submission').notes?.({
    answers: {},
    all: completeAnswers(),
    facts: there,
    platform: debian12Platform,
    materials: {},
  });
  t.regex(notes?.[0]?.summary.en ?? '', /takes passwords on port 25/);
});

test('virtual_transport = lmtp:unix:/var/run/dovecot/lmtp: the socket is inside the queue directory, where a chroot finds it', t => {
  t.is(mainSettings(wantsOf('delivery'))['virtual_transport'], 'lmtp:unix:private/dovecot-lmtp');
  t.is(
    mainSettings(wantsOf('delivery', {answers: local}))['mailbox_transport'],
    'lmtp:unix:private/dovecot-lmtp',
  );
});

test('mailbox_transport = lmtp:inet:HOST: a gateway has virtual domains, TLS that is verified, and knows who is there', t => {
  const answers: AllAnswers = {
    role: {kind: 'postfix-only', hostname: 'mx.example.com', domains: ['example.com']},
    smtp: {admin: 'anna@example.com'},
    delivery: {host: 'imap.example.com'},
  };
  const settings = mainSettings(wantsOf('delivery', {answers}));
  t.false('mailbox_transport' in settings);
  t.false('local_recipient_maps' in settings);
  t.is(settings['lmtp_tls_security_level'], 'verify');
  t.true(
    mainItems(wantsOf('delivery', {answers}), 'smtpd_recipient_restrictions').includes(
      '+reject_unverified_recipient',
    ),
  );
});

test('relay control stands in smtpd_relay_restrictions, and strangers are refused there for good', t => {
  t.deepEqual(mainItems(wantsOf('smtp'), 'smtpd_relay_restrictions'), [
    '+reject_unauth_destination',
    '-defer_unauth_destination',
  ]);
  const old = wrote({smtpd_recipient_restrictions: 'permit_mynetworks, permit_auth_destination, reject'});
  t.true(
    mainItems(wantsOf('smtp', {facts: old}), 'smtpd_relay_restrictions').includes(
      '+reject_unauth_destination',
    ),
  );
});

test('myorigin = relay.example.com on a null client: senders keep their own domain', t => {
  const file = wantsOf('smtp', {answers: nullClient}).find(
    want => want.kind === 'file' && want.path === '/etc/mailname',
  );
  t.like(file, {content: [{text: 'example.com\n'}]});
  t.is(mainSettings(wantsOf('relay', {answers: nullClient}))['relayhost'], '[relay.example.net]:25');
  t.is(mainSettings(wantsOf('smtp', {answers: nullClient}))['mydestination'], '');
});

test('nologin for every shell: never root, nor who runs the machine', t => {
  const facts = debian12Facts({
    users: [
      {name: 'root', uid: 0, gid: 0, home: '/root', shell: '/bin/bash'},
      {name: 'boss', uid: 1000, gid: 1000, home: '/home/boss', shell: '/bin/bash'},
      {name: 'berta', uid: 1001, gid: 1001, home: '/home/berta', shell: '/bin/bash'},
    ],
    groups: [{name: 'sudo', gid: 27, members: ['boss']}],
  });
  t.truthy(refusal('hardening', 'nologin_accounts', ['root'], {facts}));
  t.truthy(refusal('hardening', 'nologin_accounts', ['boss'], {facts}));
  t.is(refusal('hardening', 'nologin_accounts', ['berta'], {facts}), undefined);
});

test('/etc/aliases is never read for a virtual domain: the roles stand in virtual_alias_maps', t => {
  const answers = completeAnswers({smtp: {admin: 'anna@example.com'}});
  const wants = wantsOf('smtp', {answers});
  t.true(rowsWanted(wants, '/etc/postfix/virtual').includes('postmaster@example.com anna@example.com'));
  t.true(rowsWanted(wantsOf('smtp', {answers: local}), '/etc/aliases').includes('root: anna@example.com'));
});

test('local_recipient_maps left empty takes mail for anybody: it is commented out', t => {
  const there = debian12Facts({postfix: debian12Postfix({local_recipient_maps: ''})});
  const settings = mainSettings(wantsOf('delivery', {answers: local, facts: there}));
  t.true('local_recipient_maps' in settings && settings['local_recipient_maps'] === undefined);
});

test('mailbox_size_limit below message_size_limit: refused, since no local mail would be delivered; room in the queue follows', t => {
  const answers = completeAnswers({smtp: {message_size_limit: 20_480_000}});
  t.truthy(refusal('smtp', 'mailbox_size_limit', 10_240_000, {answers}));
  t.is(refusal('smtp', 'mailbox_size_limit', 0, {answers}), undefined);
  t.is(refusal('smtp', 'mailbox_size_limit', 20_480_000, {answers}), undefined);
  const facts = debian12Facts({postfix: debian12Postfix({queue_minfree: '1000'})});
  t.is(mainSettings(wantsOf('limits', {answers, facts}))['queue_minfree'], '30720000');
});

test('Postfix’s own delivery goes where Dovecot reads: ~/Maildir as Maildir, the spool as mbox, and nowhere else', t => {
  const none = (storage: Readonly<Record<string, unknown>>) =>
    completeAnswers({auth: {backends: ['pam']}, storage, delivery: {to: 'none'}});
  t.is(mainSettings(wantsOf('delivery', {answers: none({})}))['home_mailbox'], 'Maildir/');
  const facts = debian12Facts({
    postfix: debian12Postfix({
      home_mailbox: 'Maildir/',
      mailbox_command: 'procmail',
      mailbox_transport: 'x:',
    }),
  });
  const mbox = mainSettings(wantsOf('delivery', {answers: none({format: 'mbox'}), facts}));
  for (const name of ['home_mailbox', 'mailbox_command', 'mailbox_transport']) {
    t.true(name in mbox && mbox[name] === undefined, name);
  }

  t.truthy(refusal('delivery', 'to', 'none', {answers: none({format: 'sdbox'})}));
  t.truthy(
    refusal('delivery', 'to', 'none', {
      answers: {...none({}), 'auth-pam': {homes: 'virtual'}},
    }),
  );
});

test('the name of port 465, the chroot column and the type of tables are the machine’s', t => {
  const facts = debian12Facts({
    postfix: {...debian12Postfix({}, [smtpd('smtp', 'n'), smtpd('smtps', 'n')]), mapType: 'lmdb'},
  });
  t.like(
    wantsOf('submission', {facts}).find(want => want.kind === 'master' && want.name === 'smtps'),
    {columns: {chroot: 'n'}},
  );
  t.deepEqual(mainItems(wantsOf('delivery', {facts}), 'virtual_mailbox_maps'), [
    '+lmdb:/etc/postfix/vmailbox',
  ]);
});

test('aliases of a domain that nobody declared are refused by Postfix: the domain is declared with them, or they are refused here', t => {
  const aliases = ['info@example.net=anna@example.com'];
  t.regex(
    refusal('domains', 'aliases', aliases, {answers: completeAnswers({domains: {also: [], aliases}})}) ?? '',
    /not in a domain of this server/,
  );
  const declared = completeAnswers({
    smtp: {admin: 'anna@example.com'},
    domains: {also: ['example.net'], aliases},
  });
  t.is(refusal('domains', 'aliases', aliases, {answers: declared}), undefined);
  t.deepEqual(mainItems(wantsOf('domains', {answers: declared}), 'virtual_alias_domains'), ['+example.net']);
});
