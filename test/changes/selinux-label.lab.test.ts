import {relative} from 'node:path';
import test from 'ava';
import {bootHost, type LabHost, labReason} from '../hosts/host.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
const root = new URL('../../../', import.meta.url).pathname;
const program = `/opt/dovetail/${relative(root, new URL('../helpers/edit-run.js', import.meta.url).pathname)}`;
const node = `/opt/dovetail/${relative(root, process.execPath)}`;
let host: LabHost;

const must = async (file: string, ...args: readonly string[]) => {
  const {exitCode, stdout, stderr} = await host.run(file, args);
  if (exitCode !== 0) {
    throw new Error(`${file} ${args.join(' ')}: ${stderr}`);
  }

  return stdout;
};
const does = async (id: string, act: string, ...what: readonly string[]) =>
  (await host.run(node, [program, `20260101T0000${id}Z-000000`, act, ...what])).stdout;
/** The machine's own rules, as semanage(8) gives them for another machine to take over. */
const rules = async () => must('semanage', 'fcontext', '--extract');
const expected = async (path: string) => must('matchpathcon', '-n', path);

// The hosts' kernel has no SELinux: rules are those of a real policy store, labels of files cannot be seen.
test.before(async () => {
  if (reason === undefined) {
    host = await bootHost();
    await must('apt-get', 'update', '-q');
    await must(
      'apt-get',
      'install',
      '-y',
      '-q',
      '--no-install-recommends',
      'policycoreutils-python-utils',
      'selinux-policy-default',
      'selinux-utils',
    );
  }
});

test.after.always(async () => host?.stop());

lab('a mail root is labelled for mail with all below it, and undone the policy is as it was', async t => {
  const before = await rules();
  t.is(await expected('/srv/my.post/a'), 'system_u:object_r:var_t:s0');
  t.is(await does('01', 'apply', 'label:/srv/my.post'), 'committed');
  t.is(await expected('/srv/my.post/a/b'), 'system_u:object_r:mail_spool_t:s0');
  t.is(await expected('/srv/my-post'), 'system_u:object_r:var_t:s0');
  t.is(await does('01', 'undo'), 'rolled-back');
  t.is(await expected('/srv/my.post/a'), 'system_u:object_r:var_t:s0');
  t.is(await rules(), before);
});

lab('a rule of somebody else for the same path is changed, and comes back', async t => {
  await must('semanage', 'fcontext', '--noreload', '--add', '--type', 'etc_t', '/srv/theirs(/.*)?');
  const before = await rules();
  t.is(await does('02', 'fail', 'label:/srv/theirs'), 'rolled-back');
  t.is(await rules(), before);
  t.is(await does('03', 'apply', 'label:/srv/theirs'), 'committed');
  t.regex(await rules(), /mail_spool_t/);
  t.is(await does('03', 'undo'), 'rolled-back');
  t.is(await rules(), before);
});

lab('a rule that somebody changed since is kept', async t => {
  t.is(await does('04', 'apply', 'label:/srv/since'), 'committed');
  await must('semanage', 'fcontext', '--noreload', '--modify', '--type', 'usr_t', '/srv/since(/.*)?');
  const before = await rules();
  t.is(await does('04', 'undo'), 'conflicts-kept');
  t.is(await rules(), before);
});

lab('where the policy has the label by itself, no rule is made and none is taken away', async t => {
  const before = await rules();
  t.is(await does('05', 'apply', 'label:/var/mail/people'), 'committed');
  t.is(await rules(), before);
  t.is(await does('05', 'undo'), 'rolled-back');
  t.is(await rules(), before);
});

lab('without the tools of the policy it is refused in words that name them', async t => {
  await must('mv', '/usr/sbin/semanage', '/usr/sbin/semanage.away');
  t.regex(await does('06', 'apply', 'label:/srv/never'), /^refused: SELinux is on, .*semanage/);
  await must('mv', '/usr/sbin/semanage.away', '/usr/sbin/semanage');
});
