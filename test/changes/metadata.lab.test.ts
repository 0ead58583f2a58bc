import {relative} from 'node:path';
import test from 'ava';
import {bootHost, install, type LabHost, labReason} from '../hosts/host.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
const root = new URL('../../../', import.meta.url).pathname;
const program = `/opt/dovetail/${relative(root, new URL('../helpers/edit-run.js', import.meta.url).pathname)}`;
const node = `/opt/dovetail/${relative(root, process.execPath)}`;
let host: LabHost;
let count = 0;

const must = async (file: string, ...args: readonly string[]) => {
  const {exitCode, stdout, stderr} = await host.run(file, args);
  if (exitCode !== 0) {
    throw new Error(`${file} ${args.join(' ')}: ${stderr}`);
  }

  return stdout;
};

/** What the field's own tools say of files. */
const told = async (...paths: readonly string[]) =>
  [
    await must('stat', '-c', '%n %F %a %u:%g %y %h links inode %i', ...paths),
    await must('getfacl', '-n', '--absolute-names', ...paths),
    await must('getfattr', '-d', '-m', '-', '-e', 'hex', '--absolute-names', ...paths),
    await must('cat', ...paths),
  ].join('\n');
/** The same, without what a file that was written anew cannot have again. */
const withoutInode = (text: string) => text.replace(/ inode \d+/g, '');

const newId = () => {
  count += 1;
  return `20260101T0000${String(count).padStart(2, '0')}Z-000000`;
};

const does = async (id: string, act: string, ...paths: readonly string[]) =>
  (await host.run(node, [program, id, act, ...paths])).stdout;

const beside = async () => (await must('find', '/etc/meta', '-name', '*dovetail*')).trim();

test.before(async () => {
  if (reason === undefined) {
    host = await bootHost();
    await install(host, 'acl', 'attr');
    await must('mkdir', '/etc/meta');
  }
});

test.after.always(async () => host?.stop());

const write = async (path: string) => {
  host.write(path, 'key = old\n', 0o644);
  await must('chown', '12:34', path);
  await must('chmod', '4750', path);
  await must('setfacl', '-m', 'u:1234:r,g:99:rw', path);
  await must('setfattr', '-n', 'user.note', '-v', 'keep', path);
  await must('setfattr', '-n', 'trusted.note', '-v', 'keep', path);
  await must('touch', '-m', '-d', '2020-02-03 04:05:06.123456789', path);
};

lab(
  'taken back before the commit: content, owner, mode, ACL, attributes, nanoseconds and inode are as before',
  async t => {
    await write('/etc/meta/plain');
    const before = await told('/etc/meta/plain');
    t.regex(before, /4770|4750/);
    t.is(await does(newId(), 'fail', '/etc/meta/plain'), 'rolled-back');
    t.is(await told('/etc/meta/plain'), before);
    t.is(await beside(), '');
  },
);

lab(
  'applied: owner, mode, ACL and attributes stay; undone later all of it is back, in a new inode',
  async t => {
    const before = await told('/etc/meta/plain');
    const id = newId();
    t.is(await does(id, 'apply', '/etc/meta/plain'), 'committed');
    const settings = (text: string) =>
      text.replace(/ \d{4}-\d\d-\d\d \S+ \S+/g, '').replace('edited = yes', '');
    t.is(settings(withoutInode(await told('/etc/meta/plain'))).trim(), settings(withoutInode(before)).trim());
    t.is(await does(id, 'undo'), 'rolled-back');
    t.is(withoutInode(await told('/etc/meta/plain')), withoutInode(before));
    t.is(await beside(), '');
  },
);

lab('also where somebody took the ACL and the attributes away in between', async t => {
  const before = await told('/etc/meta/plain');
  const id = newId();
  t.is(await does(id, 'apply', '/etc/meta/plain'), 'committed');
  await must('setfacl', '-b', '/etc/meta/plain');
  await must('setfattr', '-x', 'user.note', '/etc/meta/plain');
  t.is(await does(id, 'undo'), 'rolled-back');
  t.is(withoutInode(await told('/etc/meta/plain')), withoutInode(before));
});

lab('two names of one file are two names again, before the commit and after it', async t => {
  await write('/etc/meta/one');
  await must('ln', '/etc/meta/one', '/etc/meta/two');
  const before = await told('/etc/meta/one', '/etc/meta/two');
  t.is(await does(newId(), 'fail', '/etc/meta/one'), 'rolled-back');
  t.is(await told('/etc/meta/one', '/etc/meta/two'), before);
  const id = newId();
  t.is(await does(id, 'apply', '/etc/meta/one'), 'committed');
  t.regex(await must('cat', '/etc/meta/two'), /^key = old$/);
  t.is(await does(id, 'undo'), 'rolled-back');
  t.is(await told('/etc/meta/one', '/etc/meta/two'), before);
});

lab('a link stays a link: what it leads to is edited, and given back', async t => {
  await must('mkdir', '/srv/meta');
  await write('/srv/meta/real');
  await must('ln', '-s', '../../srv/meta/real', '/etc/meta/link');
  const before = await told('/srv/meta/real');
  const id = newId();
  t.is(await does(id, 'apply', '/etc/meta/link'), 'committed');
  t.is(await must('readlink', '/etc/meta/link'), '../../srv/meta/real');
  t.regex(await must('cat', '/srv/meta/real'), /edited/);
  t.is(await does(id, 'undo'), 'rolled-back');
  t.is(withoutInode(await told('/srv/meta/real')), withoutInode(before));
  t.is(await must('readlink', '/etc/meta/link'), '../../srv/meta/real');
});

lab('a file that is marked as not to be changed is refused in words, and the mark stays', async t => {
  await write('/etc/meta/fixed');
  await must('chattr', '+i', '/etc/meta/fixed');
  const before = await told('/etc/meta/fixed');
  const id = newId();
  t.is(await does(id, 'apply', '/etc/meta/fixed', '/etc/meta/plain'), 'rolled-back');
  t.regex(
    await must('grep', '-o', 'cannot be replaced: it is marked', `/var/lib/dovetail/tx/${id}/journal.events`),
    /marked/,
  );
  t.is(await told('/etc/meta/fixed'), before);
  t.regex(await must('lsattr', '/etc/meta/fixed'), /^\S*i\S* /);
  await must('chattr', '-i', '/etc/meta/fixed');
  t.is(await beside(), '');
});

lab('a mounted file is written in place and given back in place', async t => {
  await write('/srv/meta/mounted');
  host.write('/etc/meta/mounted', '');
  await must('mount', '--bind', '/srv/meta/mounted', '/etc/meta/mounted');
  const before = await told('/etc/meta/mounted');
  t.is(await does(newId(), 'fail', '/etc/meta/mounted'), 'rolled-back');
  t.is(await told('/etc/meta/mounted'), before);
  const id = newId();
  t.is(await does(id, 'apply', '/etc/meta/mounted'), 'committed');
  t.regex(await must('cat', '/srv/meta/mounted'), /edited/);
  t.is(await does(id, 'undo'), 'rolled-back');
  t.is(await told('/etc/meta/mounted'), before);
  await must('umount', '/etc/meta/mounted');
});

lab('nothing is done in a directory that others can change, nor through a link of theirs', async t => {
  await must('install', '-d', '-o', '1234', '-m', '0755', '/srv/theirs');
  host.write('/srv/theirs/file', 'key = old\n');
  t.regex(await does(newId(), 'apply', '/srv/theirs/file'), /rolled-back|refused/);
  await must('install', '-d', '-m', '1777', '/srv/shared');
  host.write('/srv/shared/file', 'key = old\n');
  t.regex(await does(newId(), 'apply', '/srv/shared/file'), /rolled-back|refused/);
  await must('ln', '-s', '/etc/meta/plain', '/etc/meta/of-theirs');
  await must('chown', '-h', '1234', '/etc/meta/of-theirs');
  const before = await told('/etc/meta/plain');
  t.regex(await does(newId(), 'apply', '/etc/meta/of-theirs'), /rolled-back|refused/);
  t.is(await told('/etc/meta/plain'), before);
  t.is(await must('cat', '/srv/theirs/file', '/srv/shared/file'), 'key = old\nkey = old');
  t.is((await must('find', '/srv', '-name', '*dovetail*')).trim(), '');
});
