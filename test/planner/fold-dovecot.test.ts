import test from 'ava';
import type {ConfigTree, DovecotEdit} from '../../src/core/edit.js';
import {renderDovecot} from '../../src/planner/dialects/index.js';
import {foldDovecot} from '../../src/planner/fold-dovecot.js';
import {globMatcher} from '../../src/planner/tree.js';

const treeOf = (files: Readonly<Record<string, string>>): ConfigTree => ({
  root: '/etc/dovecot/dovecot.conf',
  read: path => files[path],
  glob: pattern => Object.keys(files).filter(globMatcher(pattern)).sort(),
  editable: path => path.startsWith('/etc/'),
});

const files = {
  '/etc/dovecot/dovecot.conf':
    '!include_try /usr/share/dovecot/protocols.d/*.protocol\n!include conf.d/*.conf\n!include_try local.conf\n',
  '/usr/share/dovecot/protocols.d/imapd.protocol': 'protocols = $protocols imap\n',
  '/usr/share/dovecot/protocols.d/pop3d.protocol': 'protocols = $protocols pop3\n',
  '/etc/dovecot/conf.d/10-ssl.conf': '# SSL\nssl = yes # why\n#ssl_ca = \n',
  '/etc/dovecot/conf.d/10-auth.conf': '!include auth-system.conf.ext\n#!include auth-passwdfile.conf.ext\n',
  '/etc/dovecot/conf.d/auth-passwdfile.conf.ext':
    'passdb {\n  driver = passwd-file\n  args = scheme=CRYPT /x\n}\n',
  '/etc/dovecot/conf.d/10-master.conf': 'service lmtp {\n  unix_listener lmtp {\n    #mode = 0666\n  }\n}\n',
};

const fold = (...edits: readonly DovecotEdit[]) =>
  foldDovecot(
    treeOf(files),
    edits.map(edit => ({section: 's', edit})),
    {dialect: '2.3'},
  );

test('an active setting is edited in place and keeps its comment', t => {
  const {files: out} = fold({op: 'set', at: [], key: 'ssl', value: 'required', home: '10-ssl.conf'});
  t.deepEqual([...out], [['/etc/dovecot/conf.d/10-ssl.conf', '# SSL\nssl = required # why\n#ssl_ca = \n']]);
});

test('a commented default is switched on', t => {
  const {files: out} = fold({op: 'set', at: [], key: 'ssl_ca', value: '</ca', home: '10-ssl.conf'});
  t.is(out.get('/etc/dovecot/conf.d/10-ssl.conf'), '# SSL\nssl = yes # why\nssl_ca = </ca\n');
});

test('a list that packaged files build is changed in the file that is read last, and the review says so', t => {
  const {files: out, placed} = fold({op: 'item', at: [], key: 'protocols', value: 'pop3', state: 'absent'});
  t.deepEqual([...out], [['/etc/dovecot/local.conf', 'protocols = imap\n']]);
  t.regex(placed[0]?.note?.en ?? '', /protocols\.d\/pop3d\.protocol/);
});

test('an item that is there changes nothing', t => {
  t.is(fold({op: 'item', at: [], key: 'protocols', value: 'imap', state: 'present'}).files.size, 0);
});

test('includes are switched on and off', t => {
  const {files: out} = fold(
    {op: 'include', file: 'auth-system.conf.ext', state: 'absent'},
    {op: 'include', file: 'auth-passwdfile.conf.ext', state: 'present'},
  );
  t.is(
    out.get('/etc/dovecot/conf.d/10-auth.conf'),
    '#!include auth-system.conf.ext\n!include auth-passwdfile.conf.ext\n',
  );
});

test('a block without a name is found by what it sets, once its include is on', t => {
  const edits = renderDovecot(
    {
      kind: 'block',
      in: 'dovecot',
      at: 'passdb',
      state: 'present',
      value: {driver: 'passwd-file', file: '/etc/dovecot/users', scheme: 'BLF-CRYPT'},
    },
    '2.3',
  );
  const out = fold(...edits).files.get('/etc/dovecot/conf.d/auth-passwdfile.conf.ext');
  t.is(
    out,
    'passdb {\n  driver = passwd-file\n  args = scheme=BLF-CRYPT username_format=%u /etc/dovecot/users\n}\n',
  );
});

test('a new listener goes into its service', t => {
  const at = [
    {type: 'service', name: 'lmtp'},
    {type: 'unix_listener', name: '/var/spool/postfix/private/dovecot-lmtp'},
  ];
  const out = fold(
    {op: 'set', at, key: 'mode', value: '0600'},
    {op: 'set', at, key: 'user', value: 'postfix'},
  ).files.get('/etc/dovecot/conf.d/10-master.conf');
  t.is(
    out,
    'service lmtp {\n  unix_listener lmtp {\n    #mode = 0666\n  }\n  unix_listener /var/spool/postfix/private/dovecot-lmtp {\n    mode = 0600\n    user = postfix\n  }\n}\n',
  );
});

test('folding the same edits again changes nothing', t => {
  const edit: DovecotEdit = {op: 'set', at: [], key: 'ssl', value: 'required', home: '10-ssl.conf'};
  const once = fold(edit).files;
  const again = foldDovecot(treeOf({...files, ...Object.fromEntries(once)}), [{section: 's', edit}], {
    dialect: '2.3',
  });
  t.is(again.files.size, 0);
});

test('one meaning is written for each dialect in its own words', t => {
  const tls = (dialect: '2.3' | '2.4') =>
    renderDovecot(
      {kind: 'setting', in: 'dovecot', at: 'tls.certificate', op: 'set', value: '/c.pem'},
      dialect,
    )[0];
  t.like(tls('2.3'), {key: 'ssl_cert', value: '</c.pem'});
  t.like(tls('2.4'), {key: 'ssl_server_cert_file', value: '/c.pem'});
  const store = renderDovecot(
    {
      kind: 'setting',
      in: 'dovecot',
      at: 'mail.store',
      op: 'set',
      value: {format: 'maildir', path: '/m/{domain}/{name}'},
    },
    '2.4',
  );
  t.deepEqual(
    store.map(edit => edit.op === 'set' && [edit.key, edit.value]),
    [
      ['mail_driver', 'maildir'],
      ['mail_path', '/m/%{user | domain}/%{user | username}'],
      ['mail_inbox_path', ''],
    ],
  );
});
