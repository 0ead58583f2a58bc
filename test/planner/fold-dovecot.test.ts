import test from 'ava';
import type {DovecotEdit} from '../../src/core/edit.js';
import {renderDovecot} from '../../src/planner/dialects/index.js';
import {foldDovecot} from '../../src/planner/fold-dovecot.js';
import {plainTree} from '../helpers/tree.js';

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
    plainTree(files),
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
  const again = foldDovecot(plainTree({...files, ...Object.fromEntries(once)}), [{section: 's', edit}], {
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
      ['mail_inbox_path', '/m/%{user | domain}/%{user | username}'],
    ],
  );
});

const foldOn = (tree: Readonly<Record<string, string>>, ...edits: readonly DovecotEdit[]) =>
  foldDovecot(
    plainTree(tree),
    edits.map(edit => ({section: 's', edit})),
    {dialect: '2.4'},
  );

// As Fedora ships it: one main file, and conf.d for add-ons only.
const flat = {
  '/etc/dovecot/dovecot.conf':
    'dovecot_config_version = 2.4.2\npassdb pam {\n}\nuserdb passwd {\n}\n!include_try conf.d/*.conf\n',
  '/etc/dovecot/conf.d/90-sieve.conf': 'sieve_script personal {\n  path = ~/sieve\n}\n',
};

test('where conf.d is not split, settings without a home go into a file of our own, which is then found again', t => {
  const {files: out, refused} = foldOn(
    flat,
    {op: 'set', at: [], key: 'mail_driver', value: 'maildir', home: '10-mail.conf'},
    {op: 'set', at: [{type: 'protocols'}], key: 'imap', value: 'yes', home: 'local.conf'},
    {op: 'set', at: [], key: 'mail_driver', value: 'sdbox', home: '10-mail.conf'},
  );
  t.deepEqual(refused, []);
  t.is(out.get('/etc/dovecot/conf.d/99-dovetail.conf'), 'mail_driver = sdbox\n');
  t.regex(out.get('/etc/dovecot/dovecot.conf') ?? '', /protocols \{\n {2}imap = yes\n\}\n$/);
});

test('where the file of a database is missing it is not included, and an inline database is switched off', t => {
  const edits = [
    ...renderDovecot(
      {kind: 'block', in: 'dovecot', at: 'passdb', state: 'absent', value: {driver: 'pam', bareNames: false}},
      '2.4',
    ),
    ...renderDovecot(
      {
        kind: 'block',
        in: 'dovecot',
        at: 'passdb',
        state: 'present',
        value: {driver: 'passwd-file', file: '/etc/dovecot/users', scheme: 'BLF-CRYPT'},
      },
      '2.4',
    ),
  ];
  const {files: out} = foldOn(flat, ...edits);
  t.regex(out.get('/etc/dovecot/dovecot.conf') ?? '', /\n#passdb pam \{\n#\}\nuserdb passwd/);
  t.is(
    out.get('/etc/dovecot/conf.d/99-dovetail.conf'),
    'passdb passwd-file {\n  default_password_scheme = BLF-CRYPT\n  passwd_file_path = /etc/dovecot/users\n}\n',
  );
});

test('what the main file says after its includes is what Dovecot takes, and what is edited', t => {
  const tree = {
    '/etc/dovecot/dovecot.conf': '!include conf.d/*.conf\nssl = no\n',
    '/etc/dovecot/conf.d/10-ssl.conf': 'ssl = yes\n',
  };
  const {files: out} = foldOn(tree, {op: 'set', at: [], key: 'ssl', value: 'required', home: '10-ssl.conf'});
  t.deepEqual([...out], [['/etc/dovecot/dovecot.conf', '!include conf.d/*.conf\nssl = required\n']]);
});

test('a value that a package sets after everything of ours is refused, not pretended', t => {
  const tree = {
    '/etc/dovecot/dovecot.conf': '!include_try local.conf\n!include /usr/share/late.conf\n',
    '/usr/share/late.conf': 'ssl = no\n',
  };
  const {refused} = foldOn(tree, {op: 'set', at: [], key: 'ssl', value: 'required', home: '10-ssl.conf'});
  t.is(refused.length, 1);
});

const inOrder = (drivers: readonly ('pam' | 'passwd-file')[], dialect: '2.3' | '2.4') =>
  renderDovecot({kind: 'setting', in: 'dovecot', at: 'auth.order', op: 'set', value: drivers}, dialect);
const foldIn = (text: string, dialect: '2.3' | '2.4', drivers: readonly ('pam' | 'passwd-file')[]) =>
  foldDovecot(
    plainTree({'/etc/dovecot/dovecot.conf': text}),
    inOrder(drivers, dialect).map(edit => ({section: 's', edit})),
    {dialect},
  ).files.get('/etc/dovecot/dovecot.conf');

test('includes of places for accounts come in the order that was chosen, also where they are switched on after it was asked for', t => {
  const asked = [
    ...inOrder(['passwd-file', 'pam'], '2.3'),
    {op: 'include', file: 'auth-passwdfile.conf.ext', state: 'present'} as const,
  ];
  const tree = {...files, '/etc/dovecot/conf.d/auth-system.conf.ext': 'passdb {\n  driver = pam\n}\n'};
  const out = foldDovecot(
    plainTree(tree),
    asked.map(edit => ({section: 's', edit})),
    {dialect: '2.3'},
  ).files;
  t.deepEqual(
    [...out],
    [
      [
        '/etc/dovecot/conf.d/10-auth.conf',
        '!include auth-passwdfile.conf.ext\n!include auth-system.conf.ext\n',
      ],
    ],
  );
});

test('blocks of one file change places, comments stay, and who is kept out is still asked first', t => {
  const deny = 'passdb {\n  driver = passwd-file\n  deny = yes\n  args = /etc/deny\n}\n';
  const pam = 'passdb {\n  driver = pam # system\n}\n';
  const list = 'passdb {\n  args = /etc/users\n  driver = passwd-file\n}\n';
  t.is(
    foldIn(`${deny}${pam}# then the list\n${list}`, '2.3', ['passwd-file', 'pam']),
    `${deny}${list}# then the list\n${pam}`,
  );
  t.is(foldIn(`${deny}${list}${pam}`, '2.3', ['passwd-file', 'pam']), undefined);
  t.is(foldIn(`${deny}${list}${pam}`, '2.3', ['pam', 'passwd-file']), `${deny}${pam}${list}`);
  const now =
    'passdb pam {\n}\nuserdb passwd {\n}\npassdb passwd-file {\n  passwd_file_path = /x\n}\nuserdb passwd-file {\n}\n';
  t.is(
    foldIn(now, '2.4', ['passwd-file', 'pam']),
    'passdb passwd-file {\n  passwd_file_path = /x\n}\nuserdb passwd-file {\n}\npassdb pam {\n}\nuserdb passwd {\n}\n',
  );
});

test('places that stand in several files are not put in order by guessing', t => {
  const {refused, files: out} = foldDovecot(
    plainTree({
      '/etc/dovecot/dovecot.conf': '!include conf.d/*.conf\n',
      '/etc/dovecot/conf.d/10.conf': 'passdb {\n  driver = pam\n}\n',
      '/etc/dovecot/conf.d/20.conf': 'passdb {\n  driver = passwd-file\n}\n',
    }),
    inOrder(['passwd-file', 'pam'], '2.3').map(edit => ({section: 's', edit})),
    {dialect: '2.3'},
  );
  t.is(out.size, 0);
  t.regex(refused[0]?.reason.en ?? '', /several files/);
});

test('a setting of 2.4 that stands in the block of its prefix is found there, and changed there', t => {
  const path = '/etc/dovecot/dovecot.conf';
  const text = 'ssl_server {\n\tcert_file = /old.pem # ours\n}\n';
  const edit = {op: 'set', at: [], key: 'ssl_server_cert_file', value: '/new.pem'} as const;
  const {files: out} = foldDovecot(plainTree({[path]: text}), [{section: 's', edit}], {dialect: '2.4'});
  t.deepEqual([...out], [[path, text.replace('/old.pem', '/new.pem')]]);
});
