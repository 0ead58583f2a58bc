import test from 'ava';
import {complete} from '../../src/answers/complete.js';
import type {AllAnswers} from '../../src/core/question.js';
import type {Scope} from '../../src/core/scope.js';
import {adoptAll, onTop} from '../../src/engine/adopt.js';
import {freshOf, settled} from '../../src/engine/fresh-start.js';
import {packagedDovecot} from '../../src/system/packaged-dovecot.js';
import {steps} from '../../steps/index.js';
import {openDisk, emptyImage} from '../helpers/disk.js';
import {debian12Facts, debian12Platform, el9Platform} from '../helpers/facts.js';
import {handWritten} from '../helpers/hand-written.js';

const conf = `ssl = required
ssl_cert = </etc/ssl/mail.crt
ssl_key = </etc/ssl/mail.key
mail_location = maildir:~/Maildir
passdb {
  driver = passwd-file
  args = scheme=BLF-CRYPT username_format=%u /etc/dovecot/users
}
userdb {
  driver = passwd-file
  args = username_format=%u /etc/dovecot/users
  override_fields = uid=vmail gid=vmail home=/srv/mail/%d/%n
}
`;
const facts = (text: string) =>
  debian12Facts({
    configured: {dovecot: true, postfix: false},
    files: {
      '/etc/dovecot/dovecot.conf': text,
      '/etc/dovecot/users': 'anna@example.com:{BLF-CRYPT}x::::::\n',
    },
  });
const said: AllAnswers = {packages: {fresh_dovecot: true}};
const whole: Scope = {named: [], leftOut: []};

const asked = (text: string, more: AllAnswers = {}, scope = whole) => {
  const scene = {facts: facts(text), platform: debian12Platform};
  const given = onTop(adoptAll(steps, scene.facts, scene.platform), {...said, ...more}, steps);
  return settled(steps, given, scene, scope);
};
const places = (text: string, more: AllAnswers = {}) =>
  asked(text, more).problems.map(({id}) => id.replace('packages:fresh:', ''));

test('where mail lies and who logs in is taken over, whatever else was there', t => {
  const {answers, fresh, problems} = asked(`${conf}mail_max_userip_connections = 99\nbroken\n`);
  t.deepEqual(problems, []);
  t.true(fresh);
  t.false(asked(conf, {}, {named: ['smtp'], leftOut: []}).fresh);
  t.like(answers, {
    storage: {format: 'maildir', path: '~/Maildir'},
    vmail: {user: 'vmail', root: '/srv/mail'},
    tls: {source: 'own-files', certificate: '/etc/ssl/mail.crt'},
    'auth-passwdfile': {custom: ['accounts'], scheme: 'BLF-CRYPT'},
  });
});

test('what only the present configuration knows of mail and accounts refuses, until it is answered', t => {
  const own = conf.replace('maildir:~/Maildir', 'maildir:/srv/%u/:INBOX=/var/in/%u');
  t.deepEqual(places(own), ['storage.format', 'storage.path']);
  t.deepEqual(places(own, {storage: {format: 'maildir', path: '~/Maildir'}}), []);
  t.deepEqual(places(conf.replaceAll('passwd-file', 'checkpassword')), ['auth.backends']);
  t.deepEqual(places(conf.replaceAll('/etc/dovecot/users', '/etc/mail/people')), ['/etc/mail/people']);
  t.deepEqual(places(conf.replace(/^ssl_cert.*\n/m, '')), ['tls.source']);
});

test('a password that stands in a file that goes has to be said again; in a file of its own it stays', t => {
  const open = Object.fromEntries(
    handWritten.map(({name, stock: {facts: there, platform}}) => {
      const given = onTop(adoptAll(steps, there, platform), said, steps);
      const {problems} = settled(steps, given, {facts: there, platform: debian12Platform}, whole);
      return [name, problems.map(({id}) => id).filter(id => id.includes('password'))];
    }),
  );
  t.deepEqual(open, {
    'a directory, 2.3': [],
    'a directory by names that are built, 2.3': [],
    'a directory, 2.4': ['packages:fresh:auth-ldap.bind_password'],
    'a database, 2.3': [],
    'a database, 2.4': ['packages:fresh:auth-sql.password'],
  });
});

test('it is asked where there is something to start again from, and is no until somebody says yes', t => {
  const at = (over: Parameters<typeof debian12Facts>[0], platform = debian12Platform) => {
    const scene = {facts: debian12Facts(over), platform};
    return complete(steps, {}, scene)['packages']?.['fresh_dovecot'];
  };
  const configured = {dovecot: true, postfix: false};
  const files = {'/etc/dovecot/dovecot.conf': ''};
  t.is(at({configured, files}), false);
  t.is(at({files: {}}), false);
  t.is(at({files}), undefined);
  t.is(at({configured, files}, el9Platform), undefined);
  t.is(adoptAll(steps, facts(conf), debian12Platform)['packages']?.['fresh_dovecot'], false);
});

const registry = `dovecot-core \t /etc/dovecot/dovecot.conf
dovecot-core \t /etc/dovecot/conf.d/10-mail.conf
dovecot-ldap \t /etc/dovecot/conf.d/auth-ldap.conf.ext
openssh-server \t /etc/ssh/sshd_config
`;

test('the packages’ own files are found by ucf’s record, those of removed packages not', t => {
  const {files} = openDisk(emptyImage());
  for (const folder of ['/usr', '/usr/share', '/usr/share/dovecot', '/usr/share/dovecot/conf.d', '/etc']) {
    files.makeDirectory(folder, 0o755);
  }

  for (const folder of ['/var', '/var/lib', '/var/lib/ucf', '/etc/dovecot', '/etc/dovecot/conf.d']) {
    files.lstat(folder) ?? files.makeDirectory(folder, 0o755);
  }

  const put = (path: string, text: string) => files.create(path, Buffer.from(text), 0o644);
  t.is(packagedDovecot(files), undefined);
  put('/var/lib/ucf/registry', registry);
  t.is(packagedDovecot(files), undefined);
  put('/usr/share/dovecot/dovecot.conf', 'one\n');
  put('/usr/share/dovecot/conf.d/10-mail.conf', 'two\n');
  t.deepEqual(packagedDovecot(files), {
    '/etc/dovecot/dovecot.conf': 'one\n',
    '/etc/dovecot/conf.d/10-mail.conf': 'two\n',
  });
  t.like(freshOf(files, facts(conf)), {folders: []});
  files.symlink('/etc/elsewhere', '/etc/dovecot/conf.d/50-linked.conf');
  const refused = freshOf(files, facts(conf));
  t.deepEqual('stock' in refused ? [] : refused.map(({id}) => id), [
    'packages:fresh:/etc/dovecot/conf.d/50-linked.conf',
  ]);
});
