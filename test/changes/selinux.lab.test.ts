import {relative} from 'node:path';
import test from 'ava';
import {bootHost, install, type LabHost, labReason} from '../hosts/host.js';

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
const rules = async () => must('semanage', 'export');
const expected = async (path: string) => must('matchpathcon', '-n', path);

// The hosts' kernel has no SELinux: rules are those of a real policy store, labels of files cannot be seen.
test.before(async () => {
  if (reason === undefined) {
    host = await bootHost();
    await install(host, 'policycoreutils-python-utils', 'selinux-policy-default', 'selinux-utils', 'netbase');
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

lab('a port is labelled for mail, and not where it is already; undone the policy is as it was', async t => {
  await must('semanage', 'port', '--noreload', '--add', '--type', 'ssh_port_t', '--proto', 'tcp', '12346');
  const before = await rules();
  // 995 is POP's and 2000 is mail's by the policy itself; 8080 is the policy's for others, 12346 the machine's own.
  const asked = ['port:12345', 'port:995', 'port:2000', 'port:8080', 'port:12346'];
  t.is(await does('11', 'apply', ...asked), 'committed');
  // semanage(8) lists the ports of a label in any order.
  const [, ports] =
    /^mail_port_t +tcp +(.+)$/m.exec(
      await must('semanage', 'port', '--list', '--locallist', '--noheading'),
    ) ?? [];
  t.deepEqual(ports?.split(', ').sort(), ['12345', '12346', '8080']);
  t.is(await does('12', 'apply', 'port:12345'), 'committed');
  t.is(await does('12', 'undo'), 'rolled-back');
  t.regex(await rules(), /mail_port_t.* 12345$/m, 'the second run changed nothing, and took nothing back');
  t.is(await does('11', 'undo'), 'rolled-back');
  t.is(await rules(), before);
});

lab(
  'a boolean is set for good by either of its names, and undone those of others are as they were',
  async t => {
    await must('semanage', 'boolean', '--noreload', '--modify', '--on', 'aide_mmap_files');
    await must('semanage', 'boolean', '--noreload', '--modify', '--off', 'allow_cvs_read_shadow');
    const before = await rules();
    t.is(await does('21', 'apply', 'boolean:nis_enabled=on', 'boolean:aide_mmap_files=off'), 'committed');
    t.regex(await rules(), /^boolean -m -1 allow_ypbind$/m);
    t.regex(await rules(), /^boolean -m -0 aide_mmap_files$/m);
    t.is(await does('21', 'undo'), 'rolled-back');
    t.is(await rules(), before);
  },
);

lab('a port that somebody labelled otherwise since is kept, what is ours beside it goes', async t => {
  t.is(await does('22', 'apply', 'port:12347', 'boolean:nis_enabled=on'), 'committed');
  await must(
    'semanage',
    'port',
    '--noreload',
    '--modify',
    '--type',
    'http_port_t',
    '--proto',
    'tcp',
    '12347',
  );
  t.is(await does('22', 'undo'), 'conflicts-kept');
  const left = await rules();
  t.regex(left, /http_port_t.* 12347$/m);
  t.notRegex(left, /allow_ypbind/);
});

lab('a boolean that the policy does not have is refused, with those that are called alike', async t => {
  const before = await rules();
  t.regex(await does('24', 'apply', 'boolean:dovecot_no_such=on'), /^refused: SELinux.*dovecot_no_such/);
  t.is(await rules(), before);
});

lab('killed at any moment, what is recovered is as it was before', async t => {
  const before = await rules();
  let cut = 0;
  for (const [index, milliseconds] of [400, 1200, 2000, 2800, 3600].entries()) {
    const id = `3${index}`;
    const changes = ['port:12348', 'boolean:nis_enabled=on', 'label:/srv/killed'];
    const unit = `killed-${id}`;
    const transaction = `20260101T0000${id}Z-000000`;
    await must('systemd-run', `--unit=${unit}`, node, program, transaction, 'apply', ...changes);
    await new Promise(resolve => {
      setTimeout(resolve, milliseconds);
    });
    // With all that it started, as a power cut or the memory's end would.
    cut += (await host.run('systemctl', ['kill', '--signal=KILL', unit])).exitCode === 0 ? 1 : 0;
    await host.run('systemctl', ['reset-failed', unit]);
    await does(id, 'undo');
    t.is(await rules(), before, `after ${milliseconds} ms`);
  }

  t.true(cut > 2, `${cut} of 5 were cut short`);
});

lab('without the tools of the policy it is refused in words that name them', async t => {
  await must('mv', '/usr/sbin/semanage', '/usr/sbin/semanage.away');
  t.regex(await does('06', 'apply', 'label:/srv/never'), /^refused: SELinux is on, .*semanage/);
  await must('mv', '/usr/sbin/semanage.away', '/usr/sbin/semanage');
});
