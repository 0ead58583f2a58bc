import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {setTimeout as wait} from 'node:timers/promises';
import test from 'ava';
import {parse, stringify} from 'yaml';
import {guestReason} from './hosts/guest.js';
import {labReason} from './hosts/host.js';
import {toldBy} from './hosts/oracle.js';
import {differences, isPublished} from './hosts/tree.js';
import {bootSelinuxGuest, type SelinuxGuest} from './hosts/selinux-guest.js';

// A first set-up on a kernel that has SELinux, with a mail root and a port that the policy does not know: everything is emulated,
// so it takes a long time.
const reason = labReason() ?? guestReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const answers = '/root/answers.yaml';
const example = new URL('../../examples/first-server.yaml', import.meta.url);
let guest: SelinuxGuest;
let before: ReadonlyMap<string, string>;
let content: ReadonlyMap<string, string>;
let told: ReadonlyMap<string, string>;
let policy: string;
let earlier: readonly string[];

const must = async (file: string, ...args: readonly string[]) => {
  const {exitCode, stdout, stderr} = await guest.run(file, args);
  if (exitCode !== 0) {
    throw new Error(`${file} ${args.join(' ')}: ${stdout}${stderr}`);
  }

  return stdout;
};
const write = async (path: string, text: string) =>
  guest.run('sh', ['-c', 'umask 077; cat > "$0"', path], {input: text});

/**
 * What a running system writes by itself: Postfix copies into its chroot at each start, and locks there and in its own folder; and the
 * store of the policy, which semanage(8) makes anew with each rule: what it holds is compared as it tells it.
 */
const living = [
  ...['/var/lib/selinux/*', '/etc/selinux/default/*'],
  ...['/var/log/*', '/var/cache/*', '/var/lib/dovetail*', '/var/spool/postfix/etc/*'],
  ...['/var/spool/postfix/pid/*', '/var/lib/postfix/*', '/var/lib/dovecot/instances'],
];
const spared = living.flatMap(path => ['-not', '-path', path]);
/** What a line of find(1) or sha256sum(1) says of each path; without what an undo does not give back. */
const byPath = (lines: readonly (readonly [path: string, said: string])[]) =>
  new Map(lines.filter(([path]) => !isPublished(path)));

/** Every file with its kind, mode, owner and label (find(1), %Z); of plain files size and time of change too. */
const labels = async () => {
  const found = await must(
    'find',
    ...['/etc', '/usr', '/var', '/srv', '/root', '/boot', '-xdev', ...spared],
    ...['-type', 'f', '-printf', '%p\\t%y %m %U:%G %Z %s %T@\\n'],
    ...['-o', ...spared, '-printf', '%p\\t%y %m %U:%G %l %Z\\n'],
  );
  return byPath(found.split('\n').map(line => line.split('\t') as [string, string]));
};
/** Bytes of every file that a set-up could touch. What packages brought to /usr is told by size and time: emulated, it takes too long. */
const bytes = async () => {
  const found = await must(
    'find',
    ...['/etc', '/var', '/srv', '/root', '-xdev', '-type', 'f', ...spared],
    ...['-exec', 'sha256sum', '{}', '+'],
  );
  return byPath(found.split('\n').map(line => [line.slice(66), line.slice(0, 64)] as const));
};
/** The machine's own rules and all booleans of the policy. */
const rules = async () => `${await must('semanage', 'export')}\n${await must('getsebool', '-a')}`;
/** What was denied or would have been, since the machine was booted: domain, act, kind and label. */
const denials = async () =>
  (await guest.run('ausearch', ['--input-logs', '-m', 'avc,user_avc', '--raw'])).stdout
    .split('\n')
    .filter(line => line.includes('denied'));

/** What a denial is about, without its time and numbers. */
const kindOf = (line: string) =>
  /\{ [^}]+ \}|(?:comm|name|path|scontext|tcontext|tclass)=\S+/g[Symbol.match](line)?.join(' ') ?? line;

test.before(async () => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../scripts/bundle.mjs', import.meta.url).pathname]);
    guest = await bootSelinuxGuest({enforcing: false});
    await write('/root/anna.password', 'correct-horse-battery\n');
    await write('/root/pair.password', 'Pair-of-two-servers-1\n');
    await write(
      answers,
      stringify({
        ...(parse(readFileSync(example, 'utf8')) as object),
        vmail: {root: '/srv/post'},
        replication: {
          mode: 'pair',
          partner: 'mail2.example.test',
          addresses: ['10.0.2.77'],
          password: {from: 'file:/root/pair.password'},
        },
        selinux: {booleans: ['allow_ypbind=on']},
      }),
    );
    before = await labels();
    content = await bytes();
    told = await toldBy(guest);
    policy = await rules();
    earlier = await denials();
  }
});

test.after.always(async () => guest?.stop());

/** Domain of the process that applies, seen while it does. */
const workerDomain = async (done: () => boolean) => {
  while (!done()) {
    const {stdout} = await guest.run('ps', ['-eo', 'label,args']);
    const domain = /^\S+?:\S+?:(\S+?):.* \/var\/lib\/dovetail\/runtime\/\S+ .*worker/m.exec(stdout)?.[1];
    if (domain !== undefined) {
      return domain;
    }

    // Everything is emulated: who looks all the time takes the time of what is looked at.
    await wait(2000);
  }

  return undefined;
};

lab(
  'a first set-up with another mail root and a pair is proved, and the policy allows all of it',
  async t => {
    let done = false;
    const applying = guest.run(dovetail, ['apply', '--answers', answers, '--yes']).finally(() => {
      done = true;
    });
    const domain = await workerDomain(() => done);
    const {exitCode, stdout, stderr} = await applying;
    t.is(exitCode, 0, stdout + stderr);
    t.regex(stdout, /A message sent by anna@example\.test arrived/);
    t.regex(stdout, /\[ok\] +SELinux denied the mail server nothing since the changes/);
    t.regex(stdout, /\[ok\] +SELinux’s policy has the labels of ports and the booleans/);
    // As systemd itself (init_t) it would be refused where the policy is stricter than Debian's.
    t.is(domain, 'initrc_t');
  },
);

lab('labels, ports and booleans are as asked, and nothing that we wrote has a wrong label', async t => {
  t.regex(await must('ls', '-Zd', '/srv/post'), /:mail_spool_t:/);
  const stored = await must('find', '/srv/post', '-type', 'f', '-printf', '%Z\\n');
  t.true(
    stored.split('\n').length > 3 && stored.split('\n').every(label => label.includes(':mail_spool_t:')),
    stored,
  );
  t.regex(await must('semanage', 'port', '-l', '-C', '-n'), /^mail_port_t +tcp +12345$/m);
  t.regex(await must('getsebool', 'allow_ypbind'), /on$/);
  t.regex(await must('ss', '-tlnpZ'), /:12345 .*dovecot_t/);
  t.is(await must('restorecon', '-nRv', '/etc', '/srv', '/var/lib/dovetail'), '');
});

lab('what was denied since is listed, and none of it is about mail or about us', async t => {
  // What Postfix's own script starts may not write to the socket of whoever started the script; nothing is lost but its words.
  const found = (await denials()).filter(
    line => !earlier.includes(line) && !/comm="postsuper".* tclass=unix_stream_socket/.test(line),
  );
  t.log(`${found.length} denials`, ...new Set(found.map(kindOf)));
  t.deepEqual(
    found.filter(line => /(?:dovecot|postfix|mail|dovetail)/.test(line)),
    [],
  );
});

lab('undone, policy, labels and files are as they were', async t => {
  await must('rm', '-r', '/srv/post/example.test');
  const {exitCode, stdout, stderr} = await guest.run(dovetail, ['rollback']);
  t.is(exitCode, 0, stdout + stderr);
  t.is(await rules(), policy);
  t.deepEqual(differences(before, await labels()), []);
  t.deepEqual(differences(content, await bytes()), []);
  t.deepEqual(differences(told, await toldBy(guest)), []);
  t.is(await must('restorecon', '-nRv', '/etc', '/srv', '/var'), '');
});
