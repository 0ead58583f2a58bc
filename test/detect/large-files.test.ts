import test from 'ava';
import {configText} from '../../src/detect/large-files.js';
import {debian12Facts, debian12Platform, debian12Postfix} from '../helpers/facts.js';
import {emptyImage, openDisk} from '../helpers/disk.js';
import {stepOf} from '../helpers/sections.js';

const known = (path: string, text: string, partly = true) => {
  const {files} = openDisk(emptyImage());
  const folders = path.split('/').slice(1, -1);
  folders.forEach((_, at) => void files.makeDirectory(`/${folders.slice(0, at + 1).join('/')}`, 0o755));
  files.create(path, Buffer.from(text, 'latin1'), 0o644);
  return configText({files}, path, files.lstat(path)?.size ?? 0n, () => text, partly);
};
const many = Array.from({length: 150_000}, (_, at) => `user${at}@example.com anna@example.com\n`).join('');
const table = `${many}postmaster@example.com\tboss@example.com\nroot@example.com boss@example.com\n`;

test('a table that is larger than configuration ever is tells who reads mail for the roles, and that is adopted', t => {
  const path = '/etc/postfix/virtual';
  const text = known(path, table) ?? '';
  t.is(text, 'postmaster@example.com\tboss@example.com\nroot@example.com boss@example.com');
  const facts = debian12Facts({
    configured: {dovecot: true, postfix: true},
    postfix: debian12Postfix({virtual_alias_maps: `hash:${path}`}),
    files: {[path]: text},
  });
  t.is(
    (stepOf('smtp').adopt(facts, debian12Platform) as {readonly admin?: string}).admin,
    'boss@example.com',
  );
});

test('a large list of accounts is known by their names, and any other large file not at all', t => {
  const hash = 'x'.repeat(60);
  const users = Array.from({length: 80_000}, (_, at) => `u${at}@example.com:{X}${hash}::::::\n`).join('');
  const text = known('/etc/dovecot/users', users) ?? '';
  t.is(text.split('\n').length, 80_000);
  t.false(text.includes(hash));
  // Whoever reads the list itself has no use for them.
  t.is(known('/etc/dovecot/users', users, false), undefined);
  t.is(known('/etc/dovecot/users', 'a@example.com:{X}y::::::\n', false), 'a@example.com:{X}y::::::\n');
  t.is(known('/etc/postfix/vmailbox', users.slice(0, 300_000), false), undefined);
  t.is(known('/etc/postfix/vmailbox', users.slice(0, 300_000)), users.slice(0, 300_000));
  t.is(known('/etc/postfix/other', users.slice(0, 300_000), false), users.slice(0, 300_000));
  t.is(known('/etc/postfix/other', table), undefined);
  t.is(known('/etc/postfix/other', 'a@example.com b@example.com\n'), 'a@example.com b@example.com\n');
});
