import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {connect} from 'node:tls';
import test from 'ava';
import {play} from '../../src/probes/dialogue.js';
import {arrived} from '../hosts/clients.js';
import {bootHost, install, type LabHost, labReason} from '../hosts/host.js';
import {differences, snapshot} from '../hosts/tree.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const auth = {user: 'anna@example.test', pass: 'correct-horse-battery'};
const base = readFileSync(new URL('../../../examples/dovecot-only.yaml', import.meta.url), 'utf8');
let host: LabHost;
let before: ReadonlyMap<string, string>;

const must = async (file: string, ...args: readonly string[]) => {
  const {exitCode, stdout, stderr} = await host.run(file, args);
  if (exitCode !== 0) {
    throw new Error(`${file} ${args.join(' ')}: ${stdout}${stderr}`);
  }

  return stdout;
};

const apply = async (hosts: string, more = '') => {
  host.write('/root/answers.yaml', `${base}lmtp:\n  network: true\n  hosts: [${hosts}]\n${more}`);
  const {exitCode, stdout, stderr} = await host.run(dovetail, [
    'apply',
    '--answers',
    '/root/answers.yaml',
    '--yes',
  ]);
  return {exitCode, text: stdout + stderr};
};

/** Hands a message over by LMTP with TLS from the first byte (RFC 2033); replies to RCPT and to the message, or why not. */
const handOver = (recipient: string, subject: string, at = host.address) =>
  new Promise<readonly string[]>(resolve => {
    const socket = connect({host: at, port: 24, rejectUnauthorized: false});
    const lines = [
      'LHLO gateway.example.test',
      'MAIL FROM:<friend@elsewhere.invalid>',
      `RCPT TO:<${recipient}>`,
      'DATA',
      `From: friend@elsewhere.invalid\r\nSubject: ${subject}\r\n\r\nHello.\r\n.`,
    ];
    const replies: string[] = [];
    let heard = '';
    const end = (more: readonly string[] = []) => {
      socket.destroy();
      resolve([...replies, ...more]);
    };
    socket.setEncoding('latin1');
    socket.setTimeout(20_000, () => end(['timeout']));
    socket.on('error', (error: NodeJS.ErrnoException) => end([error.code ?? 'error']));
    socket.on('data', chunk => {
      heard += chunk;
      if (!/(?:^|\n)\d{3} [^\n]*\r\n$/.test(heard)) {
        return;
      }

      replies.push(heard.slice(0, 3));
      heard = '';
      const next = lines.shift();
      if (next === undefined || replies.at(-1)?.startsWith('5')) {
        end();
      } else {
        socket.write(`${next}\r\n`);
      }
    });
  });

test.before(async () => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootHost();
    host.write('/root/anna.password', `${auth.pass}\n`, 0o600);
    await install(host, 'firewalld');
    before = snapshot(host.tree);
  }
});

test.after.always(async () => host?.stop());

lab('a host that is named hands mail over by TLS, and strangers do not reach the port', async t => {
  // This end of the wire, by both protocols.
  const here = [host.address, host.address6].map(address => address.replace(/\d+$/, '1'));
  const {exitCode, text} = await apply([...here, '2001:db8:77::5'].join(', '));
  t.true(exitCode === 0 || exitCode === 11, text);
  t.regex(text, /Port 24 serves the certificate/);
  t.regex(text, /Port 24 does not answer who is not named \(IPv4\)/);
  t.regex(text, /Port 24 does not answer who is not named \(IPv6\)/);
  t.regex(text, /lmtp:inet:mail\.example\.test:24/);
  for (const where of [[], ['--permanent']]) {
    t.regex(
      await must('firewall-cmd', ...where, '--zone=public', '--list-rich-rules'),
      /source address="2001:db8:77::5\/128" port port="24" protocol="tcp" accept/,
    );
  }

  t.deepEqual(await handOver(auth.user, 'over the network'), ['220', '250', '250', '250', '354', '250']);
  t.true(await arrived(host.address, auth, 'over the network'));
  t.deepEqual(await handOver(auth.user, 'by IPv6', host.address6), [
    '220',
    '250',
    '250',
    '250',
    '354',
    '250',
  ]);
  t.true(await arrived(host.address, auth, 'by IPv6'));
  t.deepEqual((await handOver('nobody@example.test', 'x')).slice(0, 4), ['220', '250', '250', '550']);
  for (const args of [['--answers', '/root/answers.yaml'], []]) {
    const again = await host.run(dovetail, ['plan', ...args]);
    t.is(again.exitCode, 0, again.stdout + again.stderr);
  }
});

lab('who does not begin with TLS is told nothing there, not even a greeting', async t => {
  const lines = ['LHLO gateway.example.test'];
  const said = await play({address: host.address, port: 24, protocol: 'lmtp', tls: 'none', lines});
  t.like(said, {kind: 'refused', connected: true});
  t.deepEqual(said.replies, []);
});

lab('a host that is taken off the list is a stranger', async t => {
  const {exitCode, text} = await apply('2001:db8:77::5');
  t.true(exitCode === 0 || exitCode === 11, text);
  t.deepEqual(await handOver(auth.user, 'again'), ['EHOSTUNREACH']);
  // “Administratively prohibited” has another number there (ICMPv6, code 1).
  t.regex((await handOver(auth.user, 'again', host.address6)).join(), /^E(?:ACCES|HOSTUNREACH)$/);
  const rules = await must('firewall-cmd', '--permanent', '--zone=public', '--list-rich-rules');
  t.notRegex(rules, /ipv4|fd00:/);
});

lab(
  'mail is taken over into another format by the command that the review names, and stays where it was',
  async t => {
    const count = async () => must('doveadm', 'mailbox', 'status', '-u', auth.user, 'messages', 'INBOX');
    const old = await count();
    t.is(old.trim(), 'INBOX messages=2');
    const {exitCode, text} = await apply('2001:db8:77::5', 'storage:\n  format: sdbox\n  path: ~/sdbox\n');
    t.true(exitCode === 0 || exitCode === 11, text);
    // 2.4 has to be told where the inbox is.
    const command = /doveadm import -s -u USER (?:-p '([^']+)' )?maildir:~\/mail "" all/.exec(text);
    t.truthy(command, text);
    const inbox = command?.[1] === undefined ? [] : ['-p', command[1]];
    t.not(await count(), old);
    await must('doveadm', 'import', '-s', '-u', auth.user, ...inbox, 'maildir:~/mail', '', 'all');
    t.is(await count(), old);
    t.true(await arrived(host.address, auth, 'over the network'));
    t.is((await host.run(dovetail, ['plan'])).exitCode, 0);
    t.regex(
      await must('find', '/var/vmail/example.test/anna/mail', '-path', '*/cur/*', '-o', '-path', '*/new/*'),
      /\/mail\//,
    );
  },
);

lab('undone, one after the other, the machine is what it was', async t => {
  await must('rm', '-r', '/var/vmail/example.test', '/root/answers.yaml');
  for (const _ of ['format', 'list', 'all']) {
    const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback']);
    t.is(exitCode, 0, stdout + stderr);
  }

  t.deepEqual(differences(before, snapshot(host.tree)), []);
  t.is((await must('firewall-cmd', '--zone=public', '--list-rich-rules')).trim(), '');
});
