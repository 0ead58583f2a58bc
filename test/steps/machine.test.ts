import test from 'ava';
import {firewallChanges} from '../../src/planner/ports.js';
import type {FirewallFacts} from '../../src/core/facts.js';
import {clientSettings, dnsRecords} from '../../steps/clients.js';
import {completeAnswers, debian12Facts, debian12Platform, debian12Postfix} from '../helpers/facts.js';
import {
  allWants,
  answersOf,
  mainSettings,
  portsWanted,
  probesOf,
  stepOf,
  wantsOf,
} from '../helpers/sections.js';

const none = {services: [], ports: [], richRules: []};
const firewalld: FirewallFacts = {
  backend: 'firewalld',
  active: true,
  zone: 'public',
  permanent: none,
  runtime: none,
};
const nullClient = {
  role: {kind: 'null-client', hostname: 'web.example.com'},
  smtp: {admin: 'anna@example.com'},
  relay: {how: 'smarthost', host: 'relay.example.net'},
};
const sorted = (answers = completeAnswers()) =>
  portsWanted(
    allWants({answers, facts: debian12Facts({firewall: firewalld})}).map(({want}) => want),
  ).toSorted();

test('exactly the ports that the answers need are wanted, each by one section', t => {
  t.deepEqual(sorted(), ['+25', '+465', '+587', '+993', '-110', '-143', '-4190', '-995']);
  t.deepEqual(sorted(completeAnswers({protocols: {services: ['imap', 'pop3'], ports: 'tls-and-starttls'}})), [
    '+110',
    '+143',
    '+25',
    '+465',
    '+587',
    '+993',
    '+995',
    '-4190',
  ]);
});

test('a machine that becomes a null client closes every port of mail', t => {
  t.deepEqual(sorted(nullClient), ['-110', '-143', '-25', '-4190', '-465', '-587', '-993', '-995']);
});

test('a firewall that is somebody else’s is not touched, and the ports to open are named', t => {
  t.deepEqual(sorted(completeAnswers({firewall: {manage: false}})), []);
  const chain = {family: 'inet', table: 'mine', name: 'input', by: 'nft' as const, accepts: [993]};
  const facts = debian12Facts({firewall: {...firewalld, backend: 'nftables', chains: [chain]}});
  const notes = stepOf('firewall').notes?.({
    answers: {},
    all: answersOf({facts}),
    facts,
    platform: debian12Platform,
    materials: {},
  });
  t.deepEqual(
    notes?.map(({id, severity}) => `${id} ${severity}`),
    ['firewall:by-hand warning', 'firewall:in-front warning'],
  );
  t.regex(notes?.[0]?.remedy?.en ?? '', /25, 465, 587, 993/);
  const rule = 'nft insert rule inet mine input tcp dport { 25, 465, 587 } accept';
  t.true(notes?.[0]?.remedy?.en.endsWith(rule));
  t.deepEqual(probesOf('firewall', {facts}), [
    {
      id: 'firewall',
      section: 'firewall',
      kind: 'firewall',
      open: [25, 465, 587, 993],
      closed: [],
      add: [rule],
    },
  ]);
});

test('with ufw, rules of our own come and go, and those of others stay', t => {
  const side = {services: [], ports: ['22/tcp', '993/tcp', '143/tcp', '110/tcp'], richRules: []};
  const facts = debian12Facts({
    firewall: {backend: 'ufw', active: true, permanent: side, runtime: side, ours: ['143'], shut: [587]},
  });
  t.deepEqual(
    firewallChanges(allWants({facts}), facts).map(({backend, zone, item, state}) => {
      t.is(`${backend}${zone}`, 'ufw');
      return `${state} ${item.type === 'port' ? item.port : item.type}`;
    }),
    // 993 is open by a rule of somebody else, 587 is kept shut by one, and 110 is not ours to close.
    ['absent 143', 'present 25', 'present 465'],
  );
  const notes = stepOf('firewall').notes?.({
    answers: {},
    all: answersOf({facts}),
    facts,
    platform: debian12Platform,
    materials: {},
  });
  t.true(notes?.some(({id, summary}) => id === 'firewall:shut' && summary.en.includes('587')));
});

test('what is open and what is closed is proved where the firewall is ours', t => {
  const facts = debian12Facts({firewall: firewalld});
  t.like(probesOf('firewall', {facts})[0], {open: [25, 465, 587, 993], closed: [143, 110, 995]});
  t.deepEqual(probesOf('firewall'), []);
});

test('port 25 is closed where only the machine itself can reach it', t => {
  const answers = completeAnswers({smtp: {interfaces: 'list', addresses: ['127.0.0.1', '::1']}});
  t.true(sorted(answers).includes('-25'));
  t.true(sorted(completeAnswers({smtp: {interfaces: 'list', addresses: ['10.7.0.2']}})).includes('+25'));
});

test('no section ever names the port of SSH', t => {
  t.false(sorted().some(port => port.endsWith('22')));
});

test('VRFY and silent clients are refused unless the answers say otherwise', t => {
  t.deepEqual(mainSettings(wantsOf('hardening')), {disable_vrfy_command: 'yes', smtpd_helo_required: 'yes'});
  const answers = completeAnswers({hardening: {disable_vrfy: false}});
  t.is(mainSettings(wantsOf('hardening', {answers}))['disable_vrfy_command'], 'no');
  const facts = debian12Facts({
    configured: {dovecot: false, postfix: true},
    postfix: debian12Postfix({disable_vrfy_command: 'yes'}),
  });
  t.deepEqual(stepOf('hardening').adopt(facts, debian12Platform), {disable_vrfy: true, helo_required: false});
});

test('services come last, Dovecot only where mail is kept', t => {
  const units = (answers = completeAnswers()) =>
    wantsOf('services', {answers}).flatMap(want => (want.kind === 'service' ? [want.unit] : []));
  t.deepEqual(units(), ['postfix.service', 'dovecot.service']);
  t.deepEqual(units(nullClient), ['postfix.service']);
});

test('the table for users has the ports that are open, TLS first', t => {
  const answers = answersOf({
    answers: completeAnswers({protocols: {services: ['imap', 'pop3'], ports: 'tls-and-starttls'}}),
  });
  t.deepEqual(
    clientSettings(answers).map(({protocol, server, port, security, preferred}) =>
      [protocol, server, port, security, preferred ? '*' : ''].join(' ').trim(),
    ),
    [
      'IMAP mail.example.com 993 SSL/TLS *',
      'IMAP mail.example.com 143 STARTTLS',
      'POP3 mail.example.com 995 SSL/TLS',
      'POP3 mail.example.com 110 STARTTLS',
      'SMTP mail.example.com 465 SSL/TLS *',
      'SMTP mail.example.com 587 STARTTLS',
    ],
  );
  t.deepEqual(clientSettings(answersOf({answers: nullClient})), []);
});

test('the records to publish name the server, its mail and its services', t => {
  const answers = answersOf({answers: completeAnswers({smtp: {admin: 'anna@example.com'}})});
  const lines = dnsRecords(answers, debian12Facts(), 'ab12').map(
    ({name, type, value}) => `${name} ${type} ${value}`,
  );
  t.deepEqual(lines, [
    'mail.example.com. A 10.7.0.2',
    '10.7.0.2 PTR mail.example.com.',
    'example.com. MX 10 mail.example.com.',
    'example.com. TXT "v=spf1 mx -all"',
    '_dmarc.example.com. TXT "v=DMARC1; p=none; rua=mailto:anna@example.com"',
    '_imaps._tcp.example.com. SRV 0 1 993 mail.example.com.',
    '_submission._tcp.example.com. SRV 0 1 587 mail.example.com.',
    '_submissions._tcp.example.com. SRV 0 1 465 mail.example.com.',
    '_25._tcp.mail.example.com. TLSA 3 1 1 ab12',
  ]);
  const relayed = completeAnswers({relay: {how: 'smarthost', host: 'relay.example.net'}});
  t.true(
    dnsRecords(answersOf({answers: relayed}), debian12Facts()).some(
      ({value}) => value === '"v=spf1 mx ~all"',
    ),
  );
});
