import test from 'ava';
import {renderDovecot} from '../../src/planner/dialects/index.js';
import {firewallChanges} from '../../src/planner/ports.js';
import {firewalldText} from '../../src/system/firewalld.js';
import type {Facts} from '../../src/core/facts.js';
import {completeAnswers, debian12Facts, debian12Platform} from '../helpers/facts.js';
import {allWants, refusal, stepOf, wantsOf} from '../helpers/sections.js';

const side = (richRules: readonly string[]) => ({services: ['ssh'], ports: [], richRules});
const firewalled = (richRules: readonly string[] = [], over: Partial<Facts> = {}) =>
  debian12Facts({
    firewall: {
      backend: 'firewalld',
      active: true,
      zone: 'public',
      permanent: side(richRules),
      runtime: side(richRules),
    },
    ...over,
  });
const listening = {
  files: {
    '/etc/dovecot/dovecot.conf':
      'service lmtp {\n  inet_listener lmtps {\n    port = 24\n    ssl = yes\n  }\n}\n',
  },
  configured: {dovecot: true, postfix: true},
  listeners: [{address: '*', port: 24, protocol: 'tcp' as const, process: 'dovecot'}],
};
const rule = (family: string, source: string) =>
  `rule family="${family}" source address="${source}" port port="24" protocol="tcp" accept`;
const answers = completeAnswers({lmtp: {network: true, hosts: ['192.0.2.5', '2001:db8::5']}});
const rules = (facts: Facts, given = answers) =>
  firewallChanges(allWants({answers: given, facts}), facts)
    .filter(({sections}) => sections.includes('lmtp'))
    .map(({item, state}) => `${state} ${firewalldText(item)}`);
const listener = (facts: Facts, given = answers) =>
  wantsOf('lmtp', {answers: given, facts}).flatMap(want =>
    want.kind === 'block' && want.at === 'listener.inet'
      ? renderDovecot(want, '2.3').map(edit => (edit.op === 'set' ? `${edit.key} = ${edit.value}` : edit.op))
      : [],
  );

test('by default nobody hands over but this machine’s own Postfix', t => {
  t.deepEqual(listener(firewalled(), completeAnswers()), []);
  t.deepEqual(rules(firewalled(), completeAnswers()), []);
});

test('over the network there is TLS from the first byte, and a rule for each host', t => {
  t.deepEqual(listener(firewalled()), ['port = 24', 'ssl = yes']);
  t.deepEqual(rules(firewalled()), [
    `present rich:${rule('ipv4', '192.0.2.5/32')}`,
    `present rich:${rule('ipv6', '2001:db8::5/128')}`,
  ]);
});

test('a host that is taken off the list loses its rule, and rules for other ports stay', t => {
  const facts = firewalled(
    [
      rule('ipv4', '192.0.2.5/32'),
      rule('ipv4', '192.0.2.9/32'),
      rule('ipv4', '192.0.2.9/32').replace('24', '8024'),
    ],
    listening,
  );
  const one = completeAnswers({lmtp: {network: true, hosts: ['192.0.2.5']}});
  t.deepEqual(rules(facts, one), [
    `present rich:${rule('ipv4', '192.0.2.5/32')}`,
    `absent rich:${rule('ipv4', '192.0.2.9/32')}`,
  ]);
});

test('what is there is adopted, and switched off it is closed with all its rules', t => {
  const facts = firewalled([rule('ipv4', '192.0.2.5/32')], listening);
  t.deepEqual(stepOf('lmtp').adopt(facts, debian12Platform), {
    network: true,
    port: 24,
    hosts: ['192.0.2.5/32'],
  });
  t.deepEqual(listener(facts, completeAnswers({lmtp: {network: false}})), ['port = 0']);
  t.deepEqual(rules(facts, completeAnswers({lmtp: {network: false}})), [
    `absent rich:${rule('ipv4', '192.0.2.5/32')}`,
  ]);
});

test('a port without passwords is not opened where nothing would close it to strangers', t => {
  t.truthy(refusal('lmtp', 'network', true, {facts: debian12Facts()}));
  t.is(refusal('lmtp', 'network', true, {facts: firewalled()}), undefined);
  const mine = completeAnswers({firewall: {manage: false}});
  t.truthy(refusal('lmtp', 'network', true, {facts: firewalled(), answers: mine}));
});

test('hosts are addresses or networks, and never everybody', t => {
  for (const hosts of [
    [],
    ['0.0.0.0/0'],
    ['::/0'],
    ['mail.example.com'],
    ['192.0.2.5"/'],
    ['192.0.2.5/33'],
  ]) {
    t.truthy(refusal('lmtp', 'hosts', hosts, {answers, facts: firewalled()}), JSON.stringify(hosts));
  }

  t.is(refusal('lmtp', 'hosts', ['192.0.2.0/28', '2001:db8::5'], {answers, facts: firewalled()}), undefined);
});

test('mailboxes alone take mail from another host, by the port and without a socket', t => {
  const alone = completeAnswers({
    role: {kind: 'dovecot-only', hostname: 'mail.example.com', domains: ['example.com']},
    lmtp: {network: true, hosts: ['192.0.2.5']},
  });
  const wants = wantsOf('lmtp', {answers: alone, facts: firewalled()});
  t.true(wants.some(want => want.kind === 'item' && want.at === 'protocols' && want.value === 'lmtp'));
  t.false(wants.some(want => want.kind === 'block' && want.at === 'listener.unix'));
  t.deepEqual(listener(firewalled(), alone), ['port = 24', 'ssl = yes']);
});
