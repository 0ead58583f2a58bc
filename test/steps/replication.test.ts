import test from 'ava';
import type {Facts} from '../../src/core/facts.js';
import type {AllAnswers} from '../../src/core/question.js';
import {replicationPaths} from '../../templates/replication.js';
import {completeAnswers, debian12Facts, debian12Platform, debian13Platform} from '../helpers/facts.js';
import {allWants, cautionOf, probesOf, refusal, stepOf, wantsOf} from '../helpers/sections.js';

const side = (richRules: readonly string[]) => ({services: ['ssh'], ports: [], richRules});
const main = '/etc/dovecot/dovecot.conf';
const facts = (files: Readonly<Record<string, string>> = {}, richRules: readonly string[] = []) =>
  debian12Facts({
    configured: {dovecot: true, postfix: true},
    files: {[main]: '!include conf.d/*.conf\n!include_try local.conf\n', ...files},
    firewall: {
      backend: 'firewalld',
      active: true,
      zone: 'public',
      permanent: side(richRules),
      runtime: side(richRules),
    },
  });
const pair = (over: Readonly<Record<string, unknown>> = {}): AllAnswers =>
  completeAnswers({
    replication: {
      mode: 'pair',
      partner: 'mail2.example.com',
      addresses: ['192.0.2.6', '2001:db8::6'],
      password: {held: 'p'},
      ...over,
    },
  });
const rule = (family: string, source: string, port = 12_345) =>
  `rule family="${family}" source address="${source}" port port="${port}" protocol="tcp" accept`;
const written = (answers: AllAnswers, seen: Facts) =>
  Object.fromEntries(
    wantsOf('replication', {answers, facts: seen}).flatMap(want =>
      want.kind === 'file'
        ? [
            [
              want.path,
              want.state === 'present'
                ? want.content.map(part => ('text' in part ? part.text : '•')).join('')
                : 'gone',
            ],
          ]
        : [],
    ),
  );
const ports = (answers: AllAnswers, seen: Facts) =>
  wantsOf('replication', {answers, facts: seen}).flatMap(want =>
    want.kind === 'port' ? [`${want.state} ${want.port} ${want.from?.join(' ')}`] : [],
  );
// The machine as an apply leaves it.
const applied = (over: Readonly<Record<string, unknown>> = {}) =>
  facts(written(pair(over), facts()), [rule('ipv4', '192.0.2.6/32'), rule('ipv6', '2001:db8::6/128')]);

test('by default there is one server', t => {
  t.deepEqual(wantsOf('replication', {answers: completeAnswers(), facts: facts()}), []);
  t.deepEqual(probesOf('replication', {answers: completeAnswers(), facts: facts()}), []);
});

test('a pair has plug-ins, services, the partner over TLS, and a port for the partner alone', t => {
  const files = written(pair(), facts());
  const settings = files[replicationPaths.settings] ?? '';
  for (const line of [
    'mail_plugins = $mail_plugins notify replication',
    '  mail_replica = tcps:mail2.example.com:12345',
    '    port = 12345\n    ssl = yes',
    '    user = vmail',
    'replication_max_conns = 10',
    '!include_try /etc/dovecot/replication-password.conf',
  ]) {
    t.true(settings.includes(line), line);
  }

  t.is(files[replicationPaths.password], 'doveadm_password = •\n');
  t.deepEqual(ports(pair(), facts()), ['present 12345 192.0.2.6/32 2001:db8::6/128']);
});

test('only the secrets are closed to others: Dovecot’s programs read the rest as any user', t => {
  const modes = Object.fromEntries(
    wantsOf('replication', {answers: pair(), facts: facts()}).flatMap(want =>
      want.kind === 'file' && want.state === 'present'
        ? [[want.path, [want.mode, want.secret === true]]]
        : [],
    ),
  );
  t.deepEqual(modes, {
    [replicationPaths.settings]: [0o644, false],
    [replicationPaths.tls]: [0o644, false],
    [replicationPaths.password]: [0o600, true],
    [replicationPaths.key]: [0o600, true],
    [replicationPaths.certificate]: [0o644, false],
  });
});

test('the certificate of the pair is read after 10-ssl.conf, and the plug-ins before the protocols', t => {
  const names = [replicationPaths.settings, replicationPaths.tls].map(path => path.split('/').at(-1) ?? '');
  t.deepEqual([...names, '10-ssl.conf', '10-mail.conf', '15-lda.conf', '20-lmtp.conf'].toSorted(), [
    '10-mail.conf',
    names[0],
    '10-ssl.conf',
    names[1],
    '15-lda.conf',
    '20-lmtp.conf',
  ]);
});

test('what is there is adopted, and the same answers want nothing else', t => {
  const seen = applied();
  t.deepEqual(stepOf('replication').adopt(seen, debian12Platform), {
    mode: 'pair',
    partner: 'mail2.example.com',
    port: 12_345,
    connections: 10,
    tls: 'pair',
    addresses: ['192.0.2.6/32', '2001:db8::6/128'],
    password: 'keep',
    certificate: 'keep',
    key: 'keep',
  });
  const {[replicationPaths.settings]: settings} = written(
    pair({password: 'keep', certificate: 'keep', key: 'keep'}),
    seen,
  );
  t.is(settings, seen.files[replicationPaths.settings]);
});

test('one that somebody set up by hand is theirs', t => {
  const seen = facts({
    [`${main}.d`]: '',
    '/etc/dovecot/local.conf': 'plugin {\n  mail_replica = tcp:x:1\n}\n',
  });
  t.deepEqual(stepOf('replication').adopt(seen, debian12Platform), {});
  t.regex(refusal('replication', 'mode', 'pair', {answers: pair(), facts: seen}) ?? '', /local\.conf/);
  const edited = applied();
  const {[replicationPaths.settings]: text = ''} = edited.files;
  const changed = facts({...edited.files, [replicationPaths.settings]: `${text}# mine\n`});
  t.deepEqual(stepOf('replication').adopt(changed, debian12Platform), {});
});

test('another partner loses the rules of the old one; switched off, nothing is left', t => {
  t.deepEqual(ports(pair({addresses: ['192.0.2.7']}), applied()), [
    'present 12345 192.0.2.7/32',
    'absent 12345 192.0.2.6/32 2001:db8::6/128',
  ]);
  t.deepEqual(ports(pair({port: 4000}), applied()), [
    'present 4000 192.0.2.6/32 2001:db8::6/128',
    'absent 12345 192.0.2.6/32 2001:db8::6/128',
  ]);
  const off = completeAnswers({replication: {mode: 'off'}});
  t.deepEqual(
    written(off, applied()),
    Object.fromEntries(Object.values(replicationPaths).map(path => [path, 'gone'])),
  );
  t.deepEqual(ports(off, applied()), ['absent 12345 192.0.2.6/32 2001:db8::6/128']);
});

test('without TLS its files go too, and the risk is said', t => {
  const files = written(pair({tls: 'none'}), applied());
  t.true(files[replicationPaths.settings]?.includes('mail_replica = tcp:mail2.example.com:12345'));
  t.is(files[replicationPaths.tls], 'gone');
  t.is(files[replicationPaths.key], 'gone');
  t.truthy(cautionOf('replication', 'tls', 'none', {answers: pair(), facts: facts()}));
});

test('Dovecot 2.4 has no replicator: it is refused, with what there is instead', t => {
  const seen: Facts = {
    ...facts(),
    dovecot: {version: '2.4.1', dialect: '2.4', root: main},
  };
  const scene = {answers: pair(), facts: seen, platform: debian13Platform};
  t.regex(refusal('replication', 'mode', 'pair', scene) ?? '', /2\.4.*doveadm backup/);
});

test('it is refused where mail has many owners, or conf.d is not read', t => {
  const people = completeAnswers({...pair(), auth: {backends: ['pam']}});
  t.truthy(refusal('replication', 'mode', 'pair', {answers: people, facts: facts()}));
  const one = facts({[main]: 'protocols = imap\n'});
  t.truthy(refusal('replication', 'mode', 'pair', {answers: pair(), facts: one}));
});

test('hostile names, addresses and secrets are refused', t => {
  const scene = {answers: pair(), facts: facts()};
  for (const name of [
    '-oProxyCommand=id',
    'mail2',
    'mail2.example.com:22',
    'root@mail2.example.com',
    'mail2.example.com\nplugin {',
    '$(id).example.com',
    'mail.example.com',
    '192.0.2.6',
    '',
  ]) {
    t.truthy(refusal('replication', 'partner', name, scene), name);
  }

  for (const addresses of [[], ['192.0.2.0/24'], ['::/0'], ['mail2'], ['127.0.0.1'], ['::1'], ['10.7.0.2']]) {
    t.truthy(refusal('replication', 'addresses', addresses, scene), addresses.join());
  }

  t.is(refusal('replication', 'addresses', ['192.0.2.6', 'fe80::5/128'], scene), undefined);
  t.truthy(refusal('replication', 'password', 'generate', scene));
  t.truthy(refusal('replication', 'password', 'keep', scene));
  t.truthy(refusal('replication', 'key', 'keep', scene));
  const question = stepOf('replication').questions['password'];
  const problem = (value: string) =>
    question?.kind === 'secret'
      ? question.validateSecret?.(value, {...scene, platform: debian12Platform})
      : undefined;
  for (const value of [
    'short',
    'sixteen-and-$more',
    'with a blank in it',
    '"quoted-password"',
    '<file-of-mine-here',
    'x\ny'.repeat(9),
  ]) {
    t.truthy(problem(value), value);
  }

  t.is(problem('the-password-of-the-pair_0.~+/='), undefined);
});

test('SELinux lets Dovecot listen there by the label of this one port, which goes with the pair', t => {
  const labels = (answers: AllAnswers, seen: Facts) =>
    wantsOf('replication', {answers, facts: seen}).flatMap(want =>
      want.kind === 'selinux.port' ? [`${want.state} ${want.port} ${want.type}`] : [],
    );
  t.deepEqual(labels(pair(), facts()), ['present 12345 mail_port_t']);
  t.deepEqual(labels(pair({port: 4000}), applied()), [
    'present 4000 mail_port_t',
    'absent 12345 mail_port_t',
  ]);
  t.deepEqual(labels(completeAnswers({replication: {mode: 'off'}}), applied()), ['absent 12345 mail_port_t']);
});

test('its wants are of files of its own, so that any other section can go or stay', t => {
  const others = allWants({answers: pair(), facts: facts()}).filter(({section}) => section !== 'replication');
  const paths = new Set<string>(Object.values(replicationPaths));
  t.false(others.some(({want}) => want.kind === 'file' && paths.has(want.path)));
});
