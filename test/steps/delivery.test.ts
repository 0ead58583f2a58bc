import test from 'ava';
import {completeAnswers, debian12Facts, debian12Platform, debian12Postfix} from '../helpers/facts.js';
import {
  mainItems,
  mainSettings,
  probesOf,
  refusal,
  rowsWanted,
  stepOf,
  wantsOf,
} from '../helpers/sections.js';

const two = completeAnswers({
  role: {kind: 'complete', hostname: 'mail.example.com', domains: ['example.com', 'example.org']},
  'auth-passwdfile': {
    accounts: [
      {name: 'anna@example.com', password: {held: 'a'}},
      {name: 'anna@example.org', password: {held: 'b'}},
    ],
  },
});
const local = completeAnswers({auth: {backends: ['pam']}, smtp: {admin: 'anna@example.com'}});

test('mail goes to Dovecot by a socket inside the queue directory, which a chroot can reach', t => {
  const settings = mainSettings(wantsOf('delivery', {answers: two}));
  t.is(settings['virtual_transport'], 'lmtp:unix:private/dovecot-lmtp');
  t.is(settings['virtual_mailbox_domains'], 'example.com, example.org');
});

test('every account has its row, those that are there already too, and nobody else', t => {
  const facts = debian12Facts({
    files: {'/etc/dovecot/users': '# people\nold@example.com:{BLF-CRYPT}x::::::\neve@elsewhere.net:{X}y\n'},
  });
  const wants = wantsOf('delivery', {facts, answers: two});
  t.deepEqual(rowsWanted(wants, '/etc/postfix/vmailbox'), [
    'old@example.com old@example.com',
    'anna@example.com anna@example.com',
    'anna@example.org anna@example.org',
  ]);
  t.deepEqual(mainItems(wants, 'virtual_mailbox_maps'), ['+hash:/etc/postfix/vmailbox']);
});

test('a domain leaves the other classes that the machine had it in', t => {
  const facts = debian12Facts({
    postfix: debian12Postfix({virtual_alias_domains: 'example.com, other.net', relay_domains: 'Example.com'}),
  });
  const wants = wantsOf('delivery', {facts, answers: two});
  t.deepEqual(mainItems(wants, 'virtual_alias_domains'), ['-example.com']);
  t.deepEqual(mainItems(wants, 'relay_domains'), ['-Example.com']);
});

test('users of the machine get their mail by the same socket, and unknown ones are refused', t => {
  const facts = debian12Facts({postfix: debian12Postfix({local_recipient_maps: ''})});
  const settings = mainSettings(wantsOf('delivery', {facts, answers: local}));
  t.is(settings['mailbox_transport'], 'lmtp:unix:private/dovecot-lmtp');
  t.true('local_recipient_maps' in settings);
  t.is(settings['local_recipient_maps'], undefined);
  t.false('virtual_mailbox_domains' in settings);
});

test('Postfix’s own delivery is refused for accounts of a list', t => {
  t.truthy(refusal('delivery', 'to', 'none'));
  t.is(refusal('delivery', 'to', 'none', {answers: local}), undefined);
});

test('an unknown recipient of each domain is tried, and that nobody is taken who has no account', t => {
  t.deepEqual(
    probesOf('delivery', {answers: two}).map(probe => ('domain' in probe ? probe.domain : probe.kind)),
    ['example.com', 'example.org', 'recipients-known'],
  );
  t.notRegex(JSON.stringify(probesOf('delivery', {answers: local})), /recipients-known/);
});

test('who delivers is adopted from the transports', t => {
  const adopt = (settings: Readonly<Record<string, string>>) =>
    stepOf('delivery').adopt(
      debian12Facts({configured: {dovecot: true, postfix: true}, postfix: debian12Postfix(settings)}),
      debian12Platform,
    );
  t.deepEqual(adopt({virtual_transport: 'lmtp:unix:private/dovecot-lmtp'}), {to: 'dovecot'});
  t.deepEqual(adopt({home_mailbox: 'Maildir/'}), {to: 'none'});
});
