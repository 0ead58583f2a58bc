import test from 'ava';
import {completeAnswers, debian12Facts, debian12Platform} from '../helpers/facts.js';
import {cautionOf, portsWanted, probesOf, refusal, stepOf, wantsOf} from '../helpers/sections.js';

const bare = debian12Facts();
const facts = debian12Facts({host: {...bare.host, addresses: ['192.0.2.10', '10.0.0.5', '2001:db8::10']}});
const listening = (listen: readonly string[], more: Readonly<Record<string, unknown>> = {}) =>
  completeAnswers({protocols: {services: ['imap', 'pop3'], ports: 'tls-and-starttls', listen, ...more}});
const listenWants = (listen: readonly string[], there = facts) =>
  wantsOf('protocols', {answers: listening(listen), facts: there}).filter(
    want => want.kind === 'setting' && want.at === 'listen',
  );
const adopt = (text: string) =>
  stepOf('protocols').adopt(
    {
      ...facts,
      configured: {dovecot: true, postfix: false},
      files: {'/etc/dovecot/dovecot.conf': `protocols = imap\n${text}`},
    },
    debian12Platform,
  ) as {readonly listen?: readonly string[]};

test('on all addresses nothing is written; on some, or where the machine says otherwise, they are', t => {
  t.deepEqual(listenWants(['*', '::']), []);
  t.like(listenWants(['192.0.2.10', '2001:db8::10']), [{op: 'set', value: ['192.0.2.10', '2001:db8::10']}]);
  const narrow = {...facts, files: {'/etc/dovecot/dovecot.conf': 'listen = 10.0.0.5\n'}};
  t.like(listenWants(['*', '::'], narrow), [{op: 'set', value: ['*', '::']}]);
});

test('what the machine listens on is adopted; a name, or addresses of one port, is its own way', t => {
  t.deepEqual(adopt('').listen, ['*', '::']);
  t.deepEqual(adopt('listen = 192.0.2.10, 2001:db8::10\n').listen, ['192.0.2.10', '2001:db8::10']);
  t.is(adopt('listen = mail.example.com\n').listen, undefined);
  t.is(
    adopt('service imap-login {\n  inet_listener imaps {\n    address = 10.0.0.5\n  }\n}\n').listen,
    undefined,
  );
});

test('an address that is not the machine’s, or is listened on twice, is refused; loopback alone is warned of', t => {
  const scene = {answers: listening(['*', '::']), facts};
  for (const listen of [
    ['198.51.100.1'],
    ['*', '192.0.2.10'],
    ['2001:db8::10', '2001:DB8:0::10'],
    ['[::1]'],
    [],
  ]) {
    t.truthy(refusal('protocols', 'listen', listen, scene), listen.join());
  }

  for (const listen of [['*'], ['::'], ['*', '2001:db8::10'], ['127.0.0.1', '192.0.2.10'], ['*', '::']]) {
    t.is(refusal('protocols', 'listen', listen, scene), undefined, listen.join());
    t.is(cautionOf('protocols', 'listen', listen, scene), undefined, listen.join());
  }

  t.regex(cautionOf('protocols', 'listen', ['127.0.0.1', '::1'], scene) ?? '', /Only this machine itself/);
});

test('the firewall is opened only where others are listened to', t => {
  const ports = (listen: readonly string[]) =>
    portsWanted(wantsOf('protocols', {answers: listening(listen), facts})).filter(port =>
      port.startsWith('+'),
    );
  t.deepEqual(ports(['192.0.2.10']), ['+993', '+143', '+995', '+110']);
  t.deepEqual(ports(['127.0.0.1', '::1']), []);
});

test('IMAP is off where POP3 alone is ticked: closed in Dovecot and in the firewall, and no check reads by it', t => {
  const answers = completeAnswers({protocols: {services: ['pop3'], ports: 'tls-and-starttls'}});
  const wants = wantsOf('protocols', {answers});
  t.deepEqual(portsWanted(wants), ['-993', '-143', '+995', '+110']);
  t.like(
    wants.find(want => want.kind === 'item' && want.value === 'imap'),
    {at: 'protocols', state: 'absent'},
  );
  t.like(
    probesOf('protocols', {answers}).find(({id}) => id === 'ports'),
    {open: [995, 110], closed: [143, 993]},
  );
  const all = ['protocols', 'submission', 'sieve', 'mailboxes'].flatMap(section =>
    probesOf(section, {answers}),
  );
  t.false(all.some(probe => probe.kind === 'imap-login' || ('imap' in probe && probe.imap !== undefined)));
  t.true(all.some(({kind}) => kind === 'round-trip'));
  t.truthy(refusal('protocols', 'services', []));
  t.is(refusal('protocols', 'services', ['pop3']), undefined);
});

test('checks ask at the addresses that are listened on, and others are proved to be closed', t => {
  const probes = probesOf('protocols', {answers: listening(['10.0.0.5', '::']), facts});
  const at = ['10.0.0.5', '2001:db8::10'];
  t.true(probes.length > 8);
  for (const probe of probes) {
    t.like(probe, probe.kind === 'ports' ? {on: ['10.0.0.5', '::']} : {at}, probe.id);
  }

  const usual = probesOf('protocols', {answers: listening(['*', '::']), facts});
  t.false(usual.some(probe => 'at' in probe || 'listen' in probe));
  const trip = probesOf('submission', {answers: listening(['10.0.0.5']), facts}).find(
    ({kind}) => kind === 'round-trip',
  );
  t.like(trip, {imap: {port: 993, address: '10.0.0.5'}});
});
