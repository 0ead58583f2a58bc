import test from 'ava';
import type {AllAnswers} from '../../src/core/question.js';
import type {Facts} from '../../src/core/facts.js';
import {compile} from '../../src/planner/compile.js';
import {readDovecot} from '../../src/planner/dialects/read.js';
import {completeAnswers, debian12Facts} from '../helpers/facts.js';
import {allWants, probesOf, refusal, wantsOf} from '../helpers/sections.js';
import {type Stock, stocks} from '../helpers/stock.js';

// What widely read instructions (Red Hat's for RHEL 9, and others) tell to write into Dovecot, and what comes of it here. The number
// of each is the one under which this project keeps what was seen of it; 13 is in replication.test.ts.

const directory = {
  servers: ['ldaps://ldap.example.com'],
  ca: '/etc/ssl/certs/ca.pem',
  base: 'dc=example,dc=com',
  way: 'template',
  template: 'uid={name},ou=people,dc=example,dc=com',
  bind_dn: '',
};
const pam = completeAnswers({auth: {backends: ['pam']}});
// What a machine's configuration is once all is written.
const written = ({facts, platform}: Stock, answers: AllAnswers = completeAnswers()): Facts => {
  const texts: string[] = [];
  const {changes, findings} = compile({
    wants: allWants({answers, facts, platform}),
    facts,
    platform,
    put: text => String(texts.push(text) - 1),
  });
  const failed = findings.filter(({severity}) => severity === 'fail');
  if (failed.length > 0) {
    throw new Error(failed.map(({summary}) => summary.en).join('\n'));
  }

  const edits = changes.flatMap(change =>
    change.kind === 'config.edit' ? [[change.path, texts[Number(change.after)] ?? ''] as const] : [],
  );
  return {...facts, files: {...facts.files, ...Object.fromEntries(edits)}};
};
const textOf = ({files}: Facts) =>
  Object.entries(files)
    .filter(([path]) => path.startsWith('/etc/dovecot/'))
    .flatMap(([, text]) => text.split('\n'))
    .filter(line => !/^\s*(?:#|$)/.test(line))
    .map(line => line.trim());

for (const stock of stocks().there.filter(({name}) => name.startsWith('own-'))) {
  const {name, platform} = stock;

  test(`10, ${name}: with a DN template the user database does not search a directory that lets nobody search`, t => {
    const facts = written(stock, completeAnswers({auth: {backends: ['ldap']}, 'auth-ldap': directory}));
    const {passdbs, userdbs} = readDovecot(facts);
    t.true(passdbs.some(({driver}) => driver === 'ldap'));
    t.deepEqual(
      userdbs.map(({driver}) => driver),
      ['static'],
    );
  });

  test(`11, ${name}: with Sieve the plug-in is loaded where mail is delivered, and 4190 is no port of TLS alone`, t => {
    const facts = written(stock, completeAnswers({sieve: {filter: true, managesieve: true}}));
    const {lists, listeners} = readDovecot(facts);
    t.true(lists['lmtp.plugins']?.includes('sieve'));
    const listener = listeners.find(({port}) => port === 4190);
    t.truthy(listener);
    t.not(listener?.tls, true);
  });

  test(`14 and 22, ${name}: no CA for clients, no old names of protocols, no parameters that take minutes to make`, t => {
    const text = textOf(written(stock));
    t.false(text.some(line => /^ssl_(?:ca|server_ca_file|protocols|dh_parameters_length)\s*=/.test(line)));
    t.true(text.some(line => /^ssl_min_protocol = TLSv1\.2$/.test(line)));
    t.false(
      wantsOf('tls', {facts: stock.facts, platform}).some(
        want => want.kind === 'file' && /dh/.test(want.path),
      ),
    );
  });

  test(`15, ${name}: the protocols that count are the ones that were asked for`, t => {
    const {lists} = readDovecot(written(stock, completeAnswers({protocols: {services: ['imap']}})));
    t.deepEqual(
      [...(lists.protocols ?? [])].filter(protocol => /^(?:imap|pop3|lmtp)$/.test(protocol)).sort(),
      ['imap', 'lmtp'],
    );
  });

  test(`17, ${name}: no password is taken without TLS, whatever was there`, t => {
    const key =
      stock.facts.dovecot?.dialect === '2.3' ? 'disable_plaintext_auth = no' : 'auth_allow_cleartext = yes';
    const files = {
      ...stock.facts.files,
      [stock.facts.dovecot?.root ?? '']: `${stock.facts.files[stock.facts.dovecot?.root ?? '']}\n${key}\n`,
    };
    const facts = written({...stock, facts: {...stock.facts, files}});
    t.is(readDovecot(facts).settings['auth.cleartext'], false);
  });

  test(`18, ${name}: the socket that Postfix asks is Postfix’s alone, and passwords are hashes`, t => {
    const text = textOf(written(stock));
    const at = text.findIndex(line => /^unix_listener .*private\/auth/.test(line));
    t.true(at >= 0);
    const block = text.slice(at, text.indexOf('}', at));
    t.true(block.includes('mode = 0660'));
    t.true(block.includes('user = postfix'));
    t.false(text.includes('mode = 0666'));
    t.regex(text.join('\n'), /scheme\s*=\s*BLF-CRYPT/);
  });

  test(`19, ${name}: the owner of the mail has a number that Dovecot lets in`, t => {
    const {changes} = compile({
      wants: allWants({facts: stock.facts, platform}),
      facts: stock.facts,
      platform,
      put: () => 'x',
    });
    const user = changes.find(change => change.kind === 'user.create');
    const {settings} = readDovecot(written(stock));
    t.true(user?.kind === 'user.create' && user.uid >= (settings['mail.first_valid_uid'] ?? 500));
    t.true(user?.kind === 'user.create' && user.gid === user.uid);
  });

  test(`20 and 24, ${name}: one user database, and the file that says so is one that Dovecot reads`, t => {
    const {userdbs, passdbs} = readDovecot(written(stock));
    t.deepEqual(
      [...passdbs, ...userdbs].map(({driver}) => driver),
      ['passwd-file', 'passwd-file'],
    );
  });

  test(`34, ${name}: mail lies below the home, and a home has the domain in it`, t => {
    const facts = written(stock);
    const {settings} = readDovecot(facts);
    t.is(settings['mail.store']?.path, '~/mail');
    t.regex(
      textOf(facts).join('\n'),
      /home\s*=\s*"?\/var\/vmail\/(?:%d\/%n|%\{user ?\| ?domain\}\/%\{user ?\| ?username\})/,
    );
  });
}

test('12: mail gets a directory of its own; the one of root and cron keeps owner and mode', t => {
  for (const path of ['/var/mail', '/var/spool/mail', '/var/mail/']) {
    t.truthy(refusal('vmail', 'root', path), path);
  }

  const directories = allWants().flatMap(({want}) => (want.kind === 'directory' ? [want.path] : []));
  t.true(directories.includes('/var/vmail'));
  t.false(directories.some(path => /^\/var\/(?:spool\/)?mail\/?$/.test(path)));
});

test('16 and 23: that no password is taken without TLS, and what listens, is looked at, from where it can be seen', t => {
  const kinds = (id: string) => probesOf(id).map(({kind}) => kind as string);
  t.true(kinds('protocols').includes('ports'));
  t.true(
    ['protocols', 'auth', 'tls', 'smtp', 'submission']
      .flatMap(kinds)
      .some(kind => /plaintext|cleartext/.test(kind)),
    ['protocols', 'auth', 'tls', 'smtp', 'submission'].flatMap(kinds).join(' '),
  );
});

test('30: root does not log in with its system password: the stack refuses, and that is tried', t => {
  const stack = '#%PAM-1.0\n\n@include common-auth\n@include common-account\n@include common-session\n';
  const facts = debian12Facts({files: {'/etc/pam.d/dovecot': stack}});
  const want = wantsOf('auth-pam', {answers: pam, facts}).find(
    each => each.kind === 'file' && each.path === '/etc/pam.d/dovecot',
  );
  t.regex(JSON.stringify(want), /requisite pam_succeed_if\.so uid >= 1000/);
  t.like(
    probesOf('auth', {answers: pam, facts}).find(({kind}) => kind === 'system-account-refused'),
    {user: 'root'},
  );
});
