import test from 'ava';
import fc from 'fast-check';
import {locate} from '../../src/config/dovecot/parse.js';
import {splitLines} from '../../src/config/lines.js';
import {editMain} from '../../src/config/main-cf/edit.js';
import {settingsOf} from '../../src/config/main-cf/parse.js';
import {editMaster} from '../../src/config/master-cf/edit.js';
import {editRows, rowsOf} from '../../src/config/rows/edit.js';
import {rowFrom} from '../../src/config/rows/places.js';
import {goesOn, goesOnIn, wholeRowIn} from '../../src/config/rows/whole.js';

const main = `# comment
smtpd_banner = $myhostname ESMTP # not a comment
mydestination = $myhostname,
# in between
  localhost
\tlocalhost.$mydomain
#relayhost = 
smtpd_tls_cert_file=/etc/ssl/a.pem\r
mynetworks = 127.0.0.0/8
mynetworks = 10.0.0.0/8
`;

test('any text is given back byte for byte', t => {
  fc.assert(fc.property(fc.string(), text => splitLines(text).join('') === text));
  t.pass();
});

test('a value with continuation lines is replaced, its comment and all other lines stay', t => {
  const {text} = editMain(main, {op: 'set', key: 'mydestination', value: 'localhost'});
  t.is(
    text,
    main.replace(
      '$myhostname,\n# in between\n  localhost\n\tlocalhost.$mydomain\n',
      'localhost\n# in between\n',
    ),
  );
});

test('the last of several definitions is edited, since it is the one that counts', t => {
  const {text} = editMain(main, {op: 'set', key: 'mynetworks', value: '127.0.0.1/32'});
  t.is(text, main.replace('10.0.0.0/8', '127.0.0.1/32'));
});

test('a commented default is switched on in its place', t => {
  const {text, how} = editMain(main, {op: 'set', key: 'relayhost', value: '[relay.example.net]:587'});
  t.is(how, 'uncommented');
  t.is(text, main.replace('#relayhost = ', 'relayhost = [relay.example.net]:587'));
});

test('a new setting goes beside its kin and keeps the line ending of the file', t => {
  const {text} = editMain(main, {op: 'set', key: 'smtpd_tls_key_file', value: '/k'});
  t.regex(text, /a\.pem\r\nsmtpd_tls_key_file = \/k\n/);
});

test('setting a value that is there changes nothing', t => {
  for (const [key, value] of Object.entries(settingsOf(main))) {
    t.is(editMain(main, {op: 'set', key, value}).text, main, key);
  }
});

test('what was put is what is read, whatever the key and whatever stands around it', t => {
  const word = fc.stringMatching(/^[a-z][a-z_]{0,12}$/);
  const value = fc.stringMatching(/^[A-Za-z0-9$:/.,]{1,20}$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(word, value), {maxLength: 8}), word, value, (pairs, key, put) => {
      const before = pairs.map(([name, text]) => `${name} = ${text}\n# about ${name}\n`).join('');
      const {text} = editMain(before, {op: 'set', key, value: put});
      return (
        settingsOf(text)[key] === put &&
        text.split('\n').filter(line => line.startsWith('#')).length === pairs.length
      );
    }),
  );
  t.pass();
});

const master = `smtp      inet  n       -       y       -       -       smtpd
#submission inet n       -       y       -       -       smtpd
#  -o syslog_name=postfix/submission
#  -o smtpd_tls_security_level=encrypt
#628       inet  n       -       y       -       -       qmqpd
pickup    unix  n       -       y       60      1       pickup
`;

test('a sample entry of master.cf is switched on where it stands, the neighbours stay', t => {
  const columns = {private: 'n', unpriv: '-', chroot: 'y', wakeup: '-', maxproc: '-', command: 'smtpd'};
  const edit = {
    op: 'service',
    name: 'submission',
    type: 'inet',
    state: 'present',
    columns,
    options: {smtpd_x: 'a b', smtpd_y: 'c'},
  } as const;
  const {text} = editMaster(master, edit);
  t.regex(text, /^submission inet {2}n .*smtpd\n {2}-o \{ smtpd_x = a b \}\n {2}-o smtpd_y=c\n#628/m);
  t.is(editMaster(text, edit).text, text);
  t.true(text.startsWith(master.slice(0, 10)) && text.endsWith(master.slice(-60)));
});

test('rows are found by key, replaced with their continuation lines, and appended', t => {
  const table = '# people\nAnna@example.com anna\n  more\nbert bert\n';
  t.is(
    editRows(table, 'table', [
      {op: 'row', key: 'anna@example.com', state: 'present', text: 'anna@example.com x'},
    ]),
    '# people\nanna@example.com x\nbert bert\n',
  );
  t.is(
    editRows(table, 'table', [{op: 'row', key: 'carl', state: 'present', text: 'carl c'}]),
    `${table}carl c\n`,
  );
  t.is(
    editRows(table, 'table', [{op: 'row', key: 'bert', state: 'absent'}]),
    '# people\nAnna@example.com anna\n  more\n',
  );
  t.deepEqual([...rowsOf('root: a\nPostmaster: b\n', 'aliases').keys()], ['root', 'postmaster']);
});

test('a row goes with its continuation lines past comments and blank lines: the row above does not get its people', t => {
  const table = 'first one\nall anna\n  # since 2018\n\n    bert\nlast two\n';
  t.is(
    editRows(table, 'table', [{op: 'row', key: 'all', state: 'absent'}]),
    'first one\n  # since 2018\n\nlast two\n',
  );
  t.is(
    editRows(table, 'table', [{op: 'row', key: 'all', state: 'present', text: 'all carl'}]),
    'first one\nall carl\n  # since 2018\n\nlast two\n',
  );
});

test('a row is read with all its lines, however it is looked for; where a blank in front means nothing, it is a line of its own', t => {
  const rest = ['# since 2018', '', '  bert', '#', '\tcarl'];
  const lines = ['first one', 'all anna,', ...rest, 'last two', ''];
  for (const end of ['\n', '\r\n']) {
    const text = lines.join(end);
    const row = ['all anna,', '  bert', '\tcarl'].join(end);
    t.is(rowsOf(text, 'table').get('all'), row);
    t.is(rowsOf(text, 'table', new Set(['all'])).get('all'), row);
    t.is(rowFrom(text, 'table', text.indexOf('all')), row);
    t.true(goesOn(text, 'table', text.indexOf('all')));
    t.false(goesOn(text, 'table', 0));
    t.false(goesOn(text, 'table', text.indexOf('last')));
    const bytes = Buffer.from(text);
    t.is(wholeRowIn(bytes, 'table', text.indexOf('all')), row);
    t.deepEqual(
      [0, text.indexOf('all'), text.indexOf('last')].map(at => goesOnIn(bytes, 'table', at)),
      [false, true, false],
    );
  }

  t.is(rowsOf('root: a,\n b\n', 'aliases').get('root'), 'root: a,\n b');
  t.is(rowsOf('query = a\n  b\n', 'settings').get('query'), 'query = a\n  b');
  const file = 'hosts = a\n  base = b\n';
  t.is(rowsOf(file, 'ext').get('hosts'), 'hosts = a');
  t.is(
    editRows(file, 'ext', [{op: 'row', key: 'hosts', state: 'present', text: 'hosts = c'}]),
    'hosts = c\n  base = b\n',
  );
});

test('what is no blank to the daemons parts no words: half of an “à”', t => {
  const latin = (text: string) => Buffer.from(text).toString('latin1');
  const table = latin('voilà@example.test anna\nvoil@example.test bert\n');
  t.deepEqual(
    [...rowsOf(table, 'table').keys()],
    [latin('voilà@example.test').toLowerCase(), 'voil@example.test'],
  );
  t.is(
    editRows(table, 'table', [{op: 'row', key: latin('voilà@example.test'), state: 'absent'}]),
    'voil@example.test bert\n',
  );
  t.is(rowsOf(latin('à: anna\n'), 'aliases').get(latin('à').toLowerCase()), latin('à: anna'));
});

test('a pattern goes with the lines that go on with it (regexp_table(5))', t => {
  const patterns = '/^Subject: a/ REJECT\n  not here\n/^Subject: b/ HOLD\n';
  t.deepEqual([...rowsOf(patterns, 'lines').keys()], ['/^Subject: a/ REJECT', '/^Subject: b/ HOLD']);
  t.is(
    editRows(patterns, 'lines', [{op: 'row', key: '/^Subject: a/ REJECT', state: 'absent'}]),
    '/^Subject: b/ HOLD\n',
  );
});

test('a row that says more in its next line is not the one that was asked for', t => {
  const table = 'all anna\n  bert\nlast two\n';
  t.is(
    editRows(table, 'table', [{op: 'row', key: 'all', state: 'present', text: 'all anna'}]),
    'all anna\nlast two\n',
  );
  t.is(
    editRows(table, 'table', [{op: 'row', key: 'all', state: 'present', text: 'all anna\n  bert'}]),
    table,
  );
});

test('every line of a Dovecot file knows the blocks around it, unknown syntax is kept as it is', t => {
  const lines = splitLines(
    'service lmtp {\n  unix_listener "a b" {\n    mode = 0600 # why\n  }\n}\nwhat is this?\n',
  );
  const all = locate(lines);
  t.deepEqual(all[2]?.line, {kind: 'setting', key: 'mode', value: '0600', lines: 1});
  t.deepEqual(
    all[2]?.within.map(({type, name}) => [type, name]),
    [
      ['service', 'lmtp'],
      ['unix_listener', 'a b'],
    ],
  );
  t.is(all.at(-1)?.line.kind, 'other');
});

test('a comment behind a value of a file of Dovecot 2.3’s stays, whether the value does or not', t => {
  const text = 'dn = cn=reader   # not the admin\ndnpass = "a #b" # from Kim\nbase = dc=a#b\n';
  const put = (key: string, value: string, format: 'ext' | 'settings' = 'ext') =>
    editRows(text, format, [{op: 'row', key, state: 'present', text: `${key} = ${value}`}]);
  t.is(put('dn', 'cn=reader'), text);
  t.is(put('dnpass', '"a #b"'), text);
  t.is(put('dn', 'cn=other'), text.replace('cn=reader', 'cn=other'));
  t.is(put('dnpass', 'c'), text.replace('"a #b"', 'c'));
  t.is(put('base', 'dc=c'), text.replace('dc=a#b', 'dc=c'));
  // What goes back is the row as it was.
  t.is(put('dn', 'cn=first # of May'), text.replace('cn=reader   # not the admin', 'cn=first # of May'));
  // Postfix knows no such comments: they are part of the value (postconf(5)).
  t.is(put('dn', 'cn=reader', 'settings'), text.replace('   # not the admin', ''));
  t.is(editRows(text, 'ext', [{op: 'row', key: 'dn', state: 'absent'}]), text.replace(/^dn = .*\n/, ''));
});
