import test from 'ava';
import {completeAnswers, debian12Facts, debian12Platform, debian12Postfix} from '../helpers/facts.js';
import {
  answersOf,
  cautionOf,
  mainItems,
  mainSettings,
  probesOf,
  refusal,
  rowsWanted,
  stepOf,
  wantsOf,
} from '../helpers/sections.js';

const smarthost = (relay: Readonly<Record<string, unknown>> = {}) =>
  completeAnswers({
    relay: {how: 'smarthost', host: 'relay.example.net', user: 'me', password: {held: 'r'}, ...relay},
  });
const nullClient = {
  role: {kind: 'null-client', hostname: 'web.example.com'},
  smtp: {admin: 'anna@example.com'},
  relay: {host: '10.7.0.9', port: 25},
};

test('mail leaves directly without a word in main.cf', t => {
  t.deepEqual(wantsOf('relay'), []);
});

test('a relay is named in brackets, and its password is in a file of root alone', t => {
  const wants = wantsOf('relay', {answers: smarthost()});
  t.like(mainSettings(wants), {
    relayhost: '[relay.example.net]:587',
    smtp_sasl_auth_enable: 'yes',
    smtp_sasl_security_options: 'noanonymous',
  });
  t.deepEqual(mainItems(wants, 'smtp_sasl_password_maps'), ['+hash:/etc/postfix/sasl_passwd']);
  t.deepEqual(rowsWanted(wants, '/etc/postfix/sasl_passwd'), ['[relay.example.net]:587 me:•']);
  t.like(
    wants.find(want => want.kind === 'rows'),
    {secret: true, compile: 'hash', ownership: {owner: 'root', group: 'root', mode: 0o600}},
  );
});

test('a relay that only hosts(5) knows is found: by itself Postfix asks DNS alone, and bounces', t => {
  t.is(mainSettings(wantsOf('relay', {answers: smarthost()}))['smtp_host_lookup'], 'dns, native');
  t.false('smtp_host_lookup' in mainSettings(wantsOf('relay', {answers: nullClient})));
});

test('mail for some domains, and from some senders, goes another way than all other', t => {
  const answers = smarthost({
    port: 465,
    tls: 'wrapper',
    exceptions: ['partner.example=direct', 'lab.example=10.7.0.30:25'],
    senders: ['@isp.example=relay.isp.example:587'],
    logins: [{name: 'me@isp.example@relay.isp.example:587', password: {held: 'x'}}],
  });
  const wants = wantsOf('relay', {answers});
  t.deepEqual(rowsWanted(wants, '/etc/postfix/transport'), [
    'partner.example exception:',
    'lab.example exception:[10.7.0.30]:25',
  ]);
  t.deepEqual(rowsWanted(wants, '/etc/postfix/sender_relay'), [
    '@isp.example exception:[relay.isp.example]:587',
  ]);
  t.deepEqual(rowsWanted(wants, '/etc/postfix/tls_policy'), ['[relay.isp.example]:587 encrypt']);
  t.deepEqual(rowsWanted(wants, '/etc/postfix/sasl_passwd'), [
    '[relay.example.net]:465 me:•',
    '[relay.isp.example]:587 me@isp.example:•',
  ]);
  // The relay is spoken to with TLS from the first byte; the others must not be.
  t.like(
    wants.find(want => want.kind === 'master'),
    {name: 'exception', columns: {command: 'smtp', chroot: 'y'}, options: {smtp_tls_wrappermode: 'no'}},
  );
  t.deepEqual(mainItems(wants, 'transport_maps'), ['+hash:/etc/postfix/transport']);
  t.deepEqual(
    probesOf('relay', {answers}).map(probe =>
      probe.kind === 'relay-host'
        ? `${probe.host}:${probe.port} ${probe.tls} ${probe.user ?? '-'}`
        : probe.kind,
    ),
    [
      'relay.example.net:465 wrapper me',
      '10.7.0.30:25 none -',
      'relay.isp.example:587 starttls me@isp.example',
    ],
  );
});

test('exceptions that cannot be meant are refused', t => {
  const answers = smarthost({exceptions: ['a.example=b.example:587']});
  for (const [question, value] of [
    ['exceptions', ['partner.example']],
    ['exceptions', ['example.com=direct']],
    ['exceptions', ['partner=direct']],
    ['exceptions', ['partner.example=mx.partner.example']],
    ['exceptions', ['partner.example=mx.partner.example:465']],
    ['exceptions', ['partner.example=mail.example.com:25']],
    ['exceptions', ['a.example=direct', 'a.example=b.example:25']],
    ['senders', ['@isp.example=direct']],
    ['senders', ['isp.example=relay.isp.example:587']],
    ['logins', [{name: 'me@elsewhere.example:587', password: {held: 'x'}}]],
    ['logins', [{name: 'me', password: {held: 'x'}}]],
    ['logins', [{name: 'me@b.example:587', password: 'keep'}]],
  ] as const) {
    t.truthy(refusal('relay', question, value, {answers}), `${question} ${JSON.stringify(value)}`);
  }

  t.is(refusal('relay', 'logins', [{name: 'me@b.example:587', password: {held: 'x'}}], {answers}), undefined);
});

test('exceptions are adopted; one that is taken away loses its row, and rows of others stay', t => {
  const facts = debian12Facts({
    configured: {dovecot: true, postfix: true},
    postfix: debian12Postfix({
      transport_maps: 'hash:/etc/postfix/transport',
      sender_dependent_default_transport_maps: 'hash:/etc/postfix/sender_relay',
      smtp_tls_policy_maps: 'hash:/etc/postfix/tls_policy',
    }),
    files: {
      '/etc/postfix/transport': 'partner.example exception:\nother.example smtp:[10.0.0.1]\n',
      '/etc/postfix/sender_relay': '@isp.example exception:[relay.isp.example]:587\n',
      '/etc/postfix/tls_policy': '[relay.isp.example]:587 encrypt\n',
      '/etc/postfix/sasl_passwd': '[relay.isp.example]:587 me:secret\n',
    },
  });
  const there = stepOf('relay').adopt(facts, debian12Platform);
  t.like(there, {
    how: 'direct',
    exceptions: ['partner.example=direct'],
    senders: ['@isp.example=relay.isp.example:587'],
    logins: [{name: 'me@relay.isp.example:587', password: 'keep'}],
  });
  const none = wantsOf('relay', {answers: completeAnswers({relay: {how: 'direct'}}), facts});
  t.deepEqual(rowsWanted(none, '/etc/postfix/transport'), ['- partner.example']);
  t.deepEqual(rowsWanted(none, '/etc/postfix/tls_policy'), ['- [relay.isp.example]:587']);
});

test('an IPv6 relay is written as Postfix reads it', t => {
  const answers = smarthost({host: '2001:db8::25', user: ''});
  t.is(mainSettings(wantsOf('relay', {answers}))['relayhost'], '[IPv6:2001:db8::25]:587');
});

test('a null client always has a relay and delivers nothing by itself', t => {
  const settings = mainSettings(wantsOf('relay', {answers: nullClient}));
  t.is(settings['relayhost'], '[10.7.0.9]:25');
  t.regex(settings['local_transport'] ?? '', /^error:5\.1\.1 /);
  t.truthy(refusal('relay', 'how', 'direct', {answers: nullClient}));
});

test('a machine that becomes a server delivers locally again', t => {
  const facts = debian12Facts({
    postfix: debian12Postfix({
      local_transport: 'error:5.1.1 local delivery is disabled',
      relayhost: '[old]:25',
    }),
  });
  const settings = mainSettings(wantsOf('relay', {facts}));
  t.true('local_transport' in settings);
  t.is(settings['local_transport'], undefined);
  t.is(settings['relayhost'], '');
});

test('a password is never sent in clear, and TLS fits the port', t => {
  t.truthy(refusal('relay', 'tls', 'none', {answers: smarthost()}));
  t.is(refusal('relay', 'tls', 'none', {answers: smarthost({user: ''})}), undefined);
  t.truthy(refusal('relay', 'tls', 'wrapper', {answers: smarthost({port: 587})}));
  t.truthy(refusal('relay', 'tls', 'starttls', {answers: smarthost({port: 465})}));
});

test('hosts, ports and names that would end elsewhere are refused', t => {
  const scene = {answers: smarthost()};
  for (const host of [
    'mail.example.com',
    '127.0.0.1',
    '::1',
    'localhost',
    'relay',
    'relay.example.net\nmynetworks = 0.0.0.0/0',
    'relay.example.net]:25, [evil.example',
    '$myhostname',
  ]) {
    t.truthy(refusal('relay', 'host', host, scene), host);
  }

  for (const port of [0, 65_536, 22, 2.5, '25']) {
    t.truthy(refusal('relay', 'port', port, scene), String(port));
  }

  for (const user of ['a b', 'a:b', 'x\ty', 'x'.repeat(300)]) {
    t.truthy(refusal('relay', 'user', user, scene), user);
  }
});

test('passwords that Postfix’s table cannot hold are refused while they are typed; odd ones are kept as they are', t => {
  const question = stepOf('relay').questions['password'];
  const check = (value: string) =>
    question?.kind === 'secret'
      ? question.validateSecret?.(value, {facts: debian12Facts(), platform: debian12Platform, answers: {}})
      : undefined;
  for (const value of ['', ' x', 'x ', 'a\nb', 'a\u0000b', 'x'.repeat(2000)]) {
    t.truthy(check(value), JSON.stringify(value));
  }

  for (const value of ['pa"ss\\word', 'pa ss # x', '</etc/shadow', '$mydomain $' + '{x}', '--help', 'a:b']) {
    t.is(check(value), undefined, value);
  }
});

test('a password is kept only where this relay has one, and is then not written again', t => {
  const facts = debian12Facts({files: {'/etc/postfix/sasl_passwd': '[relay.example.net]:587 me:geheim\n'}});
  const answers = smarthost({password: 'keep'});
  t.is(refusal('relay', 'password', 'keep', {answers, facts}), undefined);
  t.truthy(refusal('relay', 'password', 'keep', {answers}));
  t.truthy(refusal('relay', 'password', 'generate', {answers}));
  t.deepEqual(rowsWanted(wantsOf('relay', {answers, facts}), '/etc/postfix/sasl_passwd'), []);
});

test('a closed port 25 makes the relay the default, and direct sending a warned choice', t => {
  const facts = debian12Facts({outboundSmtp: false});
  t.truthy(cautionOf('relay', 'how', 'direct', {facts}));
  t.is(
    stepOf('relay').questions['how']?.initial({facts, platform: debian12Platform, answers: {}}),
    'smarthost',
  );
});

test('a relay that is set is adopted with its login, its password unseen; one found by MX is left alone', t => {
  const adopt = (settings: Readonly<Record<string, string>>) =>
    stepOf('relay').adopt(
      debian12Facts({
        configured: {dovecot: false, postfix: true},
        postfix: debian12Postfix(settings),
        files: {'/etc/postfix/sasl_passwd': '[relay.example.net]:465 me:geheim\n'},
      }),
      debian12Platform,
    );
  const none = {exceptions: [], senders: []};
  t.deepEqual(
    adopt({relayhost: '[relay.example.net]:465', smtp_tls_wrappermode: 'yes', smtp_sasl_auth_enable: 'yes'}),
    {
      how: 'smarthost',
      host: 'relay.example.net',
      port: 465,
      tls: 'wrapper',
      user: 'me',
      password: 'keep',
      ...none,
    },
  );
  t.deepEqual(adopt({relayhost: 'example.net'}), {...none, custom: ['main.cf:relayhost']});
  t.deepEqual(adopt({}), {how: 'direct', ...none});
});

test('the relay is reached and logged in to as a proof', t => {
  t.like(probesOf('relay', {answers: smarthost()})[0], {
    kind: 'relay-host',
    host: 'relay.example.net',
    port: 587,
    tls: 'starttls',
    user: 'me',
  });
});

test('logging in to a relay needs SASL mechanisms, which Postfix’s package does not bring', t => {
  const packages = (answers = completeAnswers()) =>
    stepOf('relay').packages?.({
      answers: (answersOf({answers})['relay'] ?? {}) as never,
      all: answers,
      platform: debian12Platform,
    });
  t.deepEqual(packages(smarthost()), ['sasl-mechanisms']);
  t.deepEqual(packages(smarthost({user: ''})), []);
  t.deepEqual(packages(), []);
});
