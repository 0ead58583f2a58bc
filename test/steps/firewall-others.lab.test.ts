import {execFileSync} from 'node:child_process';
import {connect} from 'node:net';
import {readFileSync, statSync, utimesSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {bootHost, install, type LabHost, labReason} from '../hosts/host.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const answers = '/root/answers.yaml';
const mtime = 1_700_000_000;
// As an admin writes it who knows nft(8): SSH is in, and nothing else.
const rules = `table inet mine {
	chain input {
		type filter hook input priority 0; policy drop;
		ct state established,related accept
		iif lo accept
		tcp dport 22 accept
		icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
	}
}
`;
let host: LabHost;
let kernel: string;

test.before(async () => {
  if (reason !== undefined) {
    return;
  }

  execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
  host = await bootHost();
  host.write('/root/anna.password', 'correct-horse-battery\n', 0o600);
  host.write(answers, answersFor('[imap, pop3]'));
  host.write('/root/imap.yaml', answersFor('[imap]'));
  host.write('/root/rules.nft', rules);
  await install(host, 'ufw', 'nftables');
  for (const rule of ['allow 22/tcp', 'deny 143/tcp', 'allow from 10.99.0.0/16 to any port 8730 proto tcp']) {
    await must('ufw', ...rule.split(' '));
  }

  await must('ufw', '--force', 'enable');
  // What a person notes in it, ufw would not keep.
  for (const name of ['user.rules', 'user6.rules']) {
    const path = join(host.tree, 'etc/ufw', name);
    host.write(`/etc/ufw/${name}`, `# backups come in by 8730\n${readFileSync(path, 'utf8')}`, 0o640);
    utimesSync(path, mtime, mtime);
  }

  kernel = await chains();
});

test.after.always(async () => host?.stop());

const answersFor = (services: string) =>
  readFileSync(new URL('../../../examples/first-server.yaml', import.meta.url), 'utf8').replace(
    'services: [imap, pop3]',
    `services: ${services}\n  ports: tls-only`,
  );

const must = async (file: string, ...args: readonly string[]) => {
  const {exitCode, stdout, stderr} = await host.run(file, args);
  if (exitCode !== 0) {
    throw new Error(`${file} ${args.join(' ')}: ${stdout}${stderr}`);
  }

  return stdout.trim();
};

/** The kernel's rules that people made, IPv4 and IPv6. */
const chains = async () =>
  `${await must('iptables', '-S', 'ufw-user-input')}\n${await must('ip6tables', '-S', 'ufw6-user-input')}`;

/** How a connection from another network namespace (this one) ends. */
const knock = async (port: number) =>
  new Promise<string>(resolve => {
    const socket = connect({host: host.address, port, timeout: 4000});
    const end = (how: string) => {
      socket.destroy();
      resolve(how);
    };
    socket.on('connect', () => end('open'));
    socket.on('timeout', () => end('silent'));
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? 'error'));
  });

const files = () =>
  ['user.rules', 'user6.rules'].map(name => {
    const path = join(host.tree, 'etc/ufw', name);
    const {mode, uid, gid, mtimeMs} = statSync(path);
    return [name, readFileSync(path, 'utf8'), mode, uid, gid, mtimeMs];
  });
let before: ReturnType<typeof files>;

lab('with ufw, a first server opens what it serves by rules that say whose they are', async t => {
  before = files();
  t.is(await knock(993), 'silent');
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['apply', '--answers', answers, '--yes']);
  t.is(exitCode, 0, stdout + stderr);
  t.regex(stdout, /\[ok\] +From outside, the firewall \(ufw\) lets 25, 465, 587, 993, 995 in/);
  for (const port of [25, 465, 587, 993, 995]) {
    t.is(await knock(port), 'open', String(port));
  }

  const status = await must('ufw', 'status');
  for (const family of ['', ' (v6)']) {
    t.true(
      [25, 465, 587, 993, 995].every(port =>
        status
          .split('\n')
          .some(line => line.startsWith(`${port}/tcp${family} `) && line.trim().endsWith('# dovetail')),
      ),
      status,
    );
  }

  t.regex(status, /^22\/tcp +ALLOW +Anywhere *$/m);
  t.regex(status, /^143\/tcp +DENY +Anywhere *$/m);
  t.regex(status, /^8730\/tcp +ALLOW +10\.99\.0\.0\/16 *$/m);
});

lab(
  'afterwards nothing is left to plan, and a port that is asked for though somebody shut it is named',
  async t => {
    const {exitCode, stdout} = await host.run(dovetail, ['plan', '--answers', answers]);
    t.is(exitCode, 0, stdout);
    host.write('/root/plain.yaml', answersFor('[imap, pop3]').replace('tls-only', 'tls-and-starttls'));
    const plain = await host.run(dovetail, ['plan', '--answers', '/root/plain.yaml']);
    t.regex(plain.stdout, /A rule that somebody made in ufw keeps these ports shut: 143\./);
    t.regex(plain.stdout, /firewall, ufw: 110\/tcp is opened/);
    t.notRegex(plain.stdout, /143\/tcp is opened/);
  },
);

lab('POP3 off closes our rule; undone it is back, and what somebody added meanwhile stays', async t => {
  const off = await host.run(dovetail, ['apply', '--answers', '/root/imap.yaml', '--yes']);
  t.is(off.exitCode, 0, off.stdout + off.stderr);
  t.is(await knock(995), 'silent');
  await must('ufw', 'allow', '8081/tcp');
  const undone = await host.run(dovetail, ['rollback']);
  t.is(undone.exitCode, 0, undone.stdout + undone.stderr);
  t.is(await knock(995), 'open');
  const status = await must('ufw', 'status');
  t.regex(status, /^995\/tcp +ALLOW +Anywhere +# dovetail$/m);
  t.regex(status, /^8081\/tcp +ALLOW +Anywhere *$/m);
  await must('ufw', 'delete', 'allow', '8081/tcp');
});

lab('rules of nft beside it are named as a second firewall', async t => {
  await must('nft', '-f', '/root/rules.nft');
  const {stdout} = await host.run(dovetail, ['check']);
  t.regex(stdout, /keeps 25, 465, 587, 993, 995 out/);
  const plan = await host.run(dovetail, ['plan', '--answers', '/root/imap.yaml']);
  t.regex(plan.stdout, /More than one firewall is at work here: ufw, nft \(inet mine input\)/);
});

lab(
  'with rules of nft alone, the rule to add is shown, its lack takes nothing back, and it is proved',
  async t => {
    await must('ufw', 'disable');
    const {exitCode, stdout, stderr} = await host.run(dovetail, [
      'apply',
      '--answers',
      '/root/imap.yaml',
      '--yes',
    ]);
    t.is(exitCode, 0, stdout + stderr);
    const shown = /(nft insert rule inet mine input tcp dport \{ 25, 465, 587, 993 \} accept)/.exec(
      stdout,
    )?.[1];
    t.truthy(shown, stdout);
    t.regex(stdout, /\[!\] +From outside, the firewall \(nftables\) keeps 25, 465, 587, 993 out/);
    const checked = await host.run(dovetail, ['check']);
    t.is(checked.exitCode, 2, checked.stdout);
    t.regex(checked.stdout, /\[FAIL\] +From outside, the firewall \(nftables\) keeps 25, 465, 587, 993 out/);
    await must('sh', '-c', shown ?? 'false');
    t.is(await knock(993), 'open');
    const again = await host.run(dovetail, ['check']);
    t.regex(again.stdout, /\[ok\] +From outside, the firewall \(nftables\) lets 25, 465, 587, 993 in/);
    t.notRegex(again.stdout, /\[FAIL\]/);
    const plan = await host.run(dovetail, ['plan', '--answers', '/root/imap.yaml']);
    t.notRegex(plan.stdout, /nft insert rule/);
    await must('nft', 'delete', 'table', 'inet', 'mine');
    await must('ufw', '--force', 'enable');
  },
);

lab('the undo of everything gives ufw’s files back byte for byte, and the kernel’s rules', async t => {
  await must('rm', '-rf', '/var/vmail/example.test');
  for (const what of ['POP3 off', 'all']) {
    const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback']);
    t.is(exitCode, 0, `${what}: ${stdout}${stderr}`);
  }

  t.deepEqual(files(), before);
  t.is(before[0]?.[5], mtime * 1000);
  t.is(await chains(), kernel);
  t.is(await knock(993), 'silent');
});
