import test from 'ava';
import type {Facts} from '../../src/core/facts.js';
import {renderDovecot} from '../../src/planner/dialects/index.js';
import {foldDovecot} from '../../src/planner/fold-dovecot.js';
import {firewallChanges, itemName} from '../../src/planner/ports.js';
import {treeOf} from '../../src/planner/tree.js';
import {contextOf} from '../../src/planner/wants.js';
import {steps} from '../../steps/index.js';
import {completeAnswers, debian12Facts, debian12Platform} from '../helpers/facts.js';
import {allWants, answersOf, portsWanted, probesOf, stepOf, wantsOf} from '../helpers/sections.js';

const on = completeAnswers({sieve: {filter: true}});
const dovecot24 = (files: Facts['files']) =>
  debian12Facts({
    dovecot: {version: '2.4.1', dialect: '2.4', root: '/etc/dovecot/dovecot.conf'},
    files,
  });
const main = '/etc/dovecot/dovecot.conf';

/** The main file once the section's wants are folded on it. */
const configured = (facts: Facts, answers = on) => {
  const dialect = facts.dovecot?.dialect ?? '2.3';
  const edits = wantsOf('sieve', {answers, facts}).flatMap(want =>
    'in' in want && want.in === 'dovecot'
      ? renderDovecot(want, dialect).map(edit => ({section: 'sieve', edit}))
      : [],
  );
  const {files, refused} = foldDovecot(treeOf(facts), edits, {dialect});
  return refused.length > 0 ? String(refused.length) : (files.get(main) ?? facts.files[main] ?? '');
};

const settingsIn = (text: string) =>
  text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && line !== '}' && !line.startsWith('#'));

const noted = (facts: Facts, answers = on) => {
  const step = stepOf('sieve');
  const all = answersOf({answers, facts});
  return step
    .notes?.(contextOf({steps, answers: all, facts, platform: debian12Platform}, step, {}))
    .map(({id}) => id);
};

test('by default nothing is sorted, and nothing of it is touched', t => {
  t.deepEqual(wantsOf('sieve'), [{kind: 'port', port: 4190, protocol: 'tcp', state: 'absent'}]);
});

test('2.3: the plug-in of LMTP builds on the list of everybody, scripts have numbered settings', t => {
  const text = configured(debian12Facts({files: {[main]: 'mail_plugins = quota\n'}}));
  t.deepEqual(
    settingsIn(text),
    [
      'mail_plugins = quota',
      'protocol lmtp {',
      'mail_plugins = $mail_plugins sieve',
      'plugin {',
      'sieve = file:~/sieve;active=~/.dovecot.sieve',
      'sieve_before = /etc/dovecot/sieve/spam-to-junk.sieve',
      'protocols = sieve',
      'service managesieve-login {',
      'inet_listener sieve {',
      'port = 4190',
    ].sort((one, other) => settingsIn(text).indexOf(one) - settingsIn(text).indexOf(other)),
  );
  t.is(settingsIn(text).length, 10);
});

test('2.3: what LMTP has beside the list of everybody stays', t => {
  const there = 'protocol lmtp {\n  mail_plugins = $mail_plugins acl\n}\n';
  t.true(
    configured(debian12Facts({files: {[main]: there}})).includes('mail_plugins = $mail_plugins acl sieve\n'),
  );
});

test('2.3: a script of somebody else keeps its number, and ours comes after it', t => {
  const there = 'plugin {\n  sieve = file:~/s;active=~/.s\n  sieve_before = /srv/first.sieve\n}\n';
  const text = configured(debian12Facts({files: {[main]: there}}));
  t.true(text.includes('sieve = file:~/s;active=~/.s\n  sieve_before = /srv/first.sieve\n'));
  t.true(text.includes('sieve_before2 = /etc/dovecot/sieve/spam-to-junk.sieve\n'));
});

test('2.4: each script is a block, and the port of old is closed', t => {
  const there =
    'service managesieve-login {\n  inet_listener sieve_deprecated {\n    port = 2000\n  }\n}\nprotocols {\n  sieve = yes\n}\n';
  const text = configured(dovecot24({[main]: there}));
  t.regex(text, /inet_listener sieve_deprecated \{\n\s+port = 0\n/);
  t.regex(text, /sieve_script personal \{[^}]*\n\s+path = ~\/sieve\n\s+active_path = ~\/\.dovecot\.sieve\n/);
  t.regex(
    text,
    /sieve_script spam-to-junk \{\n\s+type = before\n\s+driver = file\n\s+path = \/etc\/dovecot\/sieve\/spam-to-junk\.sieve\n/,
  );
  t.regex(text, /protocol lmtp \{\n\s+mail_plugins \{\n\s+sieve = yes\n/);
  t.deepEqual(
    wantsOf('sieve', {answers: on, facts: dovecot24({[main]: text})}).filter(
      want => want.kind === 'block' && want.at === 'listener.inet' && want.value.name === 'sieve_deprecated',
    ),
    [],
  );
});

for (const [version, factsOf] of [
  [
    '2.3',
    (text: string) => debian12Facts({files: {[main]: text}, configured: {dovecot: true, postfix: true}}),
  ],
  ['2.4', (text: string) => ({...dovecot24({[main]: text}), configured: {dovecot: true, postfix: true}})],
] as const) {
  test(`${version}: what it set up is adopted, and taken away when it is switched off`, t => {
    const text = configured(factsOf('listen = *\n'));
    t.deepEqual(stepOf('sieve').adopt(factsOf(text), debian12Platform), {
      filter: true,
      managesieve: true,
      junk: true,
    });
    t.is(configured(factsOf(text)), text);
    const off = completeAnswers({sieve: {filter: false}});
    const without = configured(factsOf(text), off);
    t.deepEqual(stepOf('sieve').adopt(factsOf(without), debian12Platform), {filter: false});
    t.notRegex(without, /^\s*(?:sieve_before|sieve_script spam)/m);
    t.is(configured(factsOf(without), off), without);
  });
}

test('a server whose ManageSieve takes scripts that nobody runs is said to be one', t => {
  const facts = debian12Facts({
    files: {[main]: 'protocols = imap lmtp sieve\n'},
    configured: {dovecot: true, postfix: true},
  });
  t.deepEqual(stepOf('sieve').adopt(facts, debian12Platform), {filter: false});
  t.deepEqual(noted(facts, completeAnswers()), ['sieve:no-plugin']);
  t.deepEqual(noted(facts), []);
});

test('scripts of others that are numbered behind ours go on being read', t => {
  const there =
    'plugin {\n  sieve_before = /etc/dovecot/sieve/spam-to-junk.sieve\n  sieve_before2 = /srv/last.sieve\n}\n';
  const facts = debian12Facts({files: {[main]: there}});
  const answers = completeAnswers({sieve: {filter: true, junk: false}});
  t.regex(configured(facts, answers), /\n {2}sieve_before = .*\n {2}sieve_before2 = /);
  t.deepEqual(noted(facts, answers), ['sieve:behind']);
});

test('without Postfix it is said that rules cannot send mail, and dovecot-lda is the one that runs them', t => {
  const answers = completeAnswers({
    role: {kind: 'dovecot-only', hostname: 'mail.example.com', domains: ['example.com']},
    sieve: {filter: true},
  });
  t.deepEqual(noted(debian12Facts(), answers), ['sieve:way-out']);
  t.deepEqual(
    wantsOf('sieve', {answers}).flatMap(want =>
      want.kind === 'item' && want.value === 'sieve' ? [`${want.at} ${want.state}`] : [],
    ),
    ['lda.plugins present', 'protocols present'],
  );
  t.false(probesOf('sieve', {answers}).some(({kind}) => kind === 'spam-filed'));
});

test('the firewall opens ManageSieve with it, and closes it when people may not put up rules', t => {
  const firewall = {
    backend: 'firewalld' as const,
    active: true,
    permanent: {services: ['ssh', 'managesieve'], ports: [], richRules: []},
    runtime: {services: ['ssh', 'managesieve'], ports: [], richRules: []},
  };
  const closed = completeAnswers({sieve: {filter: true, managesieve: false}});
  t.deepEqual(portsWanted(wantsOf('sieve', {answers: on})), ['+4190']);
  t.deepEqual(portsWanted(wantsOf('sieve', {answers: closed})), ['-4190']);
  const facts = debian12Facts({
    firewall,
    listeners: [{address: '*', port: 4190, protocol: 'tcp', process: 'dovecot'}],
  });
  const changes = firewallChanges(allWants({answers: closed, facts}), facts);
  t.deepEqual(
    changes
      .filter(({sections}) => sections.includes('sieve'))
      .map(({item, state}) => `${itemName(item)} ${state}`),
    ['service:managesieve absent', 'port:4190/tcp absent'],
  );
});
