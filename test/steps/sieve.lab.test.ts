import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import test from 'ava';
import {play} from '../../src/probes/dialogue.js';
import {arrived, submit} from '../hosts/clients.js';
import {bootHost, type LabHost, labReason, releases} from '../hosts/host.js';
import {differences, snapshot} from '../hosts/tree.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const auth = {user: 'anna@example.test', pass: 'correct-horse-battery'};
const script = 'require "fileinto";\r\nif header :contains "Subject" "invoice" { fileinto "Drafts"; }\r\n';
const base = readFileSync(new URL('../../../examples/first-server.yaml', import.meta.url), 'utf8');

for (const release of releases) {
  let host: LabHost;
  let before: ReadonlyMap<string, string>;
  // EL9 has a firewall by itself, which answers for a port that is closed.
  const closed = release === 'el9' ? 'unreachable' : 'connection-refused';
  const title = (words: string) => `${release}: ${words}`;
  const etc = () => new Map([...snapshot(host.tree)].filter(([path]) => path.startsWith('/etc/')));

  /** One ManageSieve session of anna's, from another network namespace; the answers to its commands. */
  const managesieve = async (...lines: readonly string[]) => {
    const login = Buffer.from(`\0${auth.user}\0${auth.pass}`).toString('base64');
    const result = await play({
      address: host.address,
      port: 4190,
      protocol: 'sieve',
      tls: 'starttls',
      lines: [`AUTHENTICATE "PLAIN" "${login}"`, ...lines],
    });
    return result.kind === 'played' ? result.replies.slice(2) : [result.reason];
  };

  lab(title('a server without Sieve has no port for it'), async t => {
    t.timeout(300_000);
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootHost({release});
    host.write('/root/anna.password', `${auth.pass}\n`, 0o600);
    host.write('/root/plain.yaml', base);
    host.write('/root/sieve.yaml', `${base}sieve:\n  filter: true\n`);
    const {exitCode, stdout, stderr} = await host.run(dovetail, [
      'apply',
      '--answers',
      '/root/plain.yaml',
      '--yes',
    ]);
    t.is(exitCode, 0, stdout + stderr);
    t.deepEqual(await managesieve('LISTSCRIPTS'), [closed]);
    before = etc();
  });

  lab(title('switched on, a script sorts mail and tagged mail goes into Junk, as proof'), async t => {
    t.timeout(300_000);
    const {exitCode, stdout, stderr} = await host.run(dovetail, [
      'apply',
      '--answers',
      '/root/sieve.yaml',
      '--yes',
    ]);
    t.is(exitCode, 0, stdout + stderr);
    t.regex(stdout, /put up by ManageSieve sorted a message into a folder/);
    t.regex(stdout, /tagged as spam came into the folder Junk/);
    t.regex(stdout, /Port 4190 takes no password without TLS/);
    for (const args of [['--answers', '/root/sieve.yaml'], []]) {
      const again = await host.run(dovetail, ['plan', ...args]);
      t.is(again.exitCode, 0, again.stdout + again.stderr);
    }
  });

  lab(title('the port of old stays closed, and who delivers reads the compiled script'), async t => {
    const {stdout: listening} = await host.run('ss', ['-H', '-tln']);
    t.regex(listening, /:4190\s/);
    t.notRegex(listening, /:2000\s/);
    const {stdout: log} = await host.run('journalctl', ['-u', 'dovecot', '-o', 'cat']);
    t.regex(log, /lmtp.*stored mail into mailbox 'Junk'/);
    t.notRegex(log, /lmtp.*(?:Error|Warning)/);
  });

  lab(title('rules of a user’s own hold, before, during and after a check'), async t => {
    t.timeout(120_000);
    t.deepEqual(
      (await managesieve(`PUTSCRIPT "mine" {${script.length}+}\r\n${script}`, 'SETACTIVE "mine"')).map(
        reply => reply.slice(0, 2),
      ),
      ['OK', 'OK'],
    );
    const {exitCode, stdout} = await host.run(dovetail, [
      'check',
      '--account',
      auth.user,
      '--password-from',
      'file:/root/anna.password',
    ]);
    t.is(exitCode, 0, stdout);
    const [listed = '', text = ''] = await managesieve('LISTSCRIPTS', 'GETSCRIPT "mine"');
    t.deepEqual(listed.match(/^".*$/gm), ['"mine" ACTIVE']);
    t.true(text.includes(script));
    t.is(await submit(host.address, auth, {from: auth.user, to: auth.user, subject: 'invoice 7'}), 'sent');
    t.true(await arrived(host.address, auth, 'invoice 7', 'Drafts'));
    t.false((await managesieve('PUTSCRIPT "bad" {9+}\r\nnonsense!')).join('').startsWith('OK'));
  });

  lab(title('undone, the configuration is what it was and the port is closed'), async t => {
    t.timeout(300_000);
    const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback']);
    t.is(exitCode, 0, stdout + stderr);
    t.deepEqual(differences(before, etc()), []);
    t.deepEqual(await managesieve('LISTSCRIPTS'), [closed]);
    await host.stop();
  });
}
