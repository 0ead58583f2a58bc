import test from 'ava';
import type {DovecotDialect} from '../../src/core/edit.js';
import {compile} from '../../src/planner/compile.js';
import {renderDovecot} from '../../src/planner/dialects/index.js';
import {debian13} from '../../src/platforms/debian13.js';
import {firewallChanges} from '../../src/planner/ports.js';
import {firewalldText} from '../../src/system/firewalld.js';
import type {Facts} from '../../src/core/facts.js';
import {completeAnswers, debian12Facts, debian12Platform} from '../helpers/facts.js';
import {allWants, probesOf, refusal, stepOf, wantsOf} from '../helpers/sections.js';

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

const stock: Readonly<Record<DovecotDialect, Facts['files']>> = {
  '2.3': {
    '/etc/dovecot/dovecot.conf':
      '!include conf.d/*.conf\npassdb {\n  driver = pam\n}\nuserdb {\n  driver = passwd\n}\n',
    '/etc/dovecot/conf.d/20-lmtp.conf': 'protocol lmtp {\n  mail_plugins = $mail_plugins\n}\n',
  },
  '2.4': {
    '/etc/dovecot/dovecot.conf':
      'dovecot_config_version = 2.4.0\n!include conf.d/*.conf\npassdb pam {\n}\nuserdb passwd {\n}\n',
    '/etc/dovecot/conf.d/20-lmtp.conf':
      'protocol lmtp {\n  auth_username_format = %{user | username | lower}\n}\n',
  },
};
const keeper = (over: Parameters<typeof completeAnswers>[0] = {}) => ({
  role: {kind: 'dovecot-only', hostname: 'imap.example.com', domains: ['example.com']},
  auth: {backends: ['pam']},
  tls: {source: 'self-signed'},
  lmtp: {network: true, hosts: ['192.0.2.5']},
  ...over,
});

/** The files of Dovecot's that a host of a dialect has once its wants are in; what was there by a plan before counts. */
const written = (dialect: DovecotDialect, answers: ReturnType<typeof keeper>, files = stock[dialect]) => {
  const facts = firewalled([], {
    files,
    dovecot: {version: `${dialect}.1`, dialect, root: '/etc/dovecot/dovecot.conf'},
  });
  const texts = new Map<string, string>();
  const platform = dialect === '2.4' ? debian13 : debian12Platform;
  const {changes} = compile({
    wants: allWants({answers, facts, platform}).filter(({section}) => section === 'lmtp'),
    facts,
    platform,
    put: text => {
      texts.set(String(texts.size), text);
      return String(texts.size - 1);
    },
  });
  const now: Record<string, string> = {...files};
  for (const change of changes) {
    if (change.kind === 'config.edit' && change.family === 'dovecot') {
      now[change.path] = texts.get(change.after) ?? '';
    } else if (change.kind === 'file.write') {
      now[change.path] = change.content.map(part => ('text' in part ? part.text : '')).join('');
    } else if (change.kind === 'file.delete') {
      delete now[change.path];
    }
  }

  return now;
};

const looked: Readonly<Record<DovecotDialect, readonly string[]>> = {
  '2.3': [
    'userdb {',
    'name = lmtp-passwd',
    'driver = passwd',
    'result_success = continue-ok',
    '}',
    'userdb {',
    'name = no-people',
    'driver = passwd-file',
    'args = username_format=%{if;%{userdb:uid:1000};<;1000;below;in}-%{if;%{userdb:uid:1000};>;60000;above;in} /etc/dovecot/no-people',
    'skip = notfound',
    'result_success = return-fail',
    '}',
  ],
  '2.4': [
    'userdb lmtp-passwd {',
    'driver = passwd',
    'result_success = continue-ok',
    '}',
    'userdb no-people {',
    'driver = passwd-file',
    'passwd_file_path = /etc/dovecot/no-people',
    "auth_username_format = %{userdb:uid | default(1000) | if('<', 1000, 'below', 'in')}-%{userdb:uid | default(1000) | if('>', 60000, 'above', 'in')}",
    'skip = notfound',
    'result_success = return-fail',
    '}',
  ],
};
const activeLines = (text: string) =>
  text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'));

for (const dialect of ['2.3', '2.4'] as const) {
  test(`${dialect}: handed over from another host, mail for users who are no people is refused at RCPT`, t => {
    const files = written(dialect, keeper());
    const lmtp = activeLines(files['/etc/dovecot/conf.d/20-lmtp.conf'] ?? '').join('\n');
    t.true(lmtp.includes(looked[dialect].join('\n')), lmtp);
    t.is(lmtp.match(/protocol lmtp \{/g)?.length, 1);
    // The databases of all, which logins ask too, stay as they are.
    t.notRegex(files['/etc/dovecot/dovecot.conf'] ?? '', /result_success/);
    t.deepEqual(
      activeLines(files['/etc/dovecot/no-people'] ?? '').map(line => line.split(':', 1)[0]),
      ['below-in', 'in-above'],
    );
    t.deepEqual(written(dialect, keeper(), files), files, 'a second run plans nothing');
  });

  test(`${dialect}: the port closed again, whoever passwd(5) has is found again`, t => {
    const files = written(dialect, keeper({lmtp: {network: false}}), written(dialect, keeper()));
    t.notRegex(activeLines(Object.values(files).join('')).join('\n'), /result_success|no-people|lmtp-passwd/);
    t.is(files['/etc/dovecot/no-people'], undefined);
  });
}

test('only where LMTP finds users of the machine by their bare name alone are they looked up twice', t => {
  const twice = (over: Parameters<typeof completeAnswers>[0]) => {
    const scene = {answers: keeper(over), facts: firewalled()};
    const wanted = wantsOf('lmtp', scene).some(want => want.kind === 'block' && want.at === 'lmtp.people');
    // And it is proved there, and there alone.
    t.is(
      probesOf('lmtp', scene).some(({kind}) => kind === 'services-refused'),
      wanted,
    );
    return wanted;
  };
  t.true(twice({}));
  t.false(twice({lmtp: {network: false}}));
  t.false(twice({auth: {backends: ['passwd-file', 'pam']}}));
  t.false(twice({auth: {backends: ['passwd-file']}}));
  t.false(twice({'auth-pam': {homes: 'virtual'}}));
});
