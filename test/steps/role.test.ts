import test from 'ava';
import {debian12Facts, debian12Platform, debian12Postfix} from '../helpers/facts.js';
import {cautionOf, refusal, stepOf} from '../helpers/sections.js';

test('a host name is a whole name on the Internet, and nothing else gets through', t => {
  for (const name of [
    'mail.example.com\nmynetworks = 0.0.0.0/0',
    'localhost',
    'mail',
    '-a.b',
    'a..b',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(127)}example`,
    '192.0.2.1',
    '$mydestination',
    'mail.example.com/x',
    'a b.example',
    'user@example.com',
    'mail%2eexample.com',
    '[::1]',
    '',
  ]) {
    t.truthy(refusal('role', 'hostname', name), JSON.stringify(name));
  }

  t.is(refusal('role', 'hostname', 'mail.example.com'), undefined);
});

test('another spelling of a good name is shown as it will be written', t => {
  t.regex(refusal('role', 'hostname', 'Mail.Example.COM.') ?? '', / mail\.example\.com\./);
  t.regex(refusal('role', 'hostname', 'bücher.example') ?? '', /xn--bcher-kva\.example/);
  t.regex(cautionOf('role', 'hostname', 'xn--bcher-kva.example') ?? '', /look alike/);
});

test('domains are plain names, each once', t => {
  for (const domains of [
    ['*.example.com'],
    ['example.com,evil.com'],
    ['$mydestination'],
    ['hash:/etc/x'],
    [],
  ]) {
    t.truthy(refusal('role', 'domains', domains), domains.join());
  }

  t.truthy(refusal('role', 'domains', ['example.com', 'example.com']));
  t.is(refusal('role', 'domains', ['example.com', 'example.org']), undefined);
});

test('a name that the address does not point back to is said', t => {
  const host = {...debian12Facts().host, reverse: {'10.7.0.2': 'pool-2.isp.example'}};
  t.regex(cautionOf('role', 'hostname', 'mail.example.com', {facts: debian12Facts({host})}) ?? '', /pool-2/);
  t.is(cautionOf('role', 'hostname', 'mail.example.com'), undefined);
});

test('an address that points back to a short name says nothing about the name on the Internet', t => {
  const facts = debian12Facts({host: {...debian12Facts().host, reverse: {'10.7.0.2': 'mail'}}});
  const context = {facts, platform: debian12Platform, answers: {}};
  t.is(stepOf('role').questions['hostname']?.initial(context), 'mail.example.com');
  t.is(cautionOf('role', 'hostname', 'mail.example.com', {facts}), undefined);
});

test('mail that goes elsewhere at present, and a domain that is the host itself, are said', t => {
  const facts = debian12Facts({dns: {works: true, mx: {'example.com': ['mx.other.net.']}, forward: {}}});
  t.regex(cautionOf('role', 'domains', ['example.com'], {facts}) ?? '', /mx\.other\.net/);
  t.regex(cautionOf('role', 'domains', ['mail.example.com']) ?? '', /also the name of this machine/);
  t.is(cautionOf('role', 'domains', ['example.com']), undefined);
});

test('the role of a configured machine is read from Postfix; what questions cannot say stays unsaid', t => {
  const adopt = (settings: Readonly<Record<string, string>>, dovecot = true) =>
    stepOf('role').adopt(
      debian12Facts({configured: {dovecot, postfix: true}, postfix: debian12Postfix(settings)}),
      debian12Platform,
    );
  const nowhere = {mydestination: '', inet_interfaces: 'loopback-only', myhostname: 'web.example.com'};
  t.deepEqual(adopt({myhostname: 'mail.example.com', virtual_mailbox_domains: 'example.com, example.org'}), {
    hostname: 'mail.example.com',
    kind: 'complete',
    domains: ['example.com', 'example.org'],
  });
  t.deepEqual(adopt(nowhere, false), {hostname: 'web.example.com', kind: 'null-client'});
  t.deepEqual(adopt(nowhere), {kind: 'dovecot-only', hostname: 'mail.example.com'});
  t.deepEqual(adopt({mydestination: '$myhostname, localhost, example.net', myhostname: '$foo'}), {
    kind: 'complete',
    domains: ['example.net'],
  });
  t.deepEqual(adopt({virtual_mailbox_domains: 'hash:/etc/postfix/domains', mydestination: 'localhost'}), {});
  t.deepEqual(stepOf('role').adopt(debian12Facts(), debian12Platform), {});
});
