import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import test from 'ava';
import {arrived, fromStranger, inbox, submit} from '../hosts/clients.js';
import {type LabHost, labReason, releases} from '../hosts/host.js';
import {changesSince, stateOf} from '../hosts/oracle.js';
import {bootServer} from '../hosts/server.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const auth = {user: 'anna@example.test', pass: 'correct-horse-battery'};
const base = readFileSync(new URL('../../../examples/first-server.yaml', import.meta.url), 'utf8');
const filters = 'sieve: {filter: true}\nfilter: {attachments: true, spam: rspamd}\n';

for (const release of releases) {
  let host: LabHost;
  let before: ReadonlyMap<string, string>;
  const title = (words: string) => `${release}: ${words}`;
  const apply = async (more: string) => {
    host.write('/root/filters.yaml', base + more);
    return host.run(dovetail, ['apply', '--answers', '/root/filters.yaml', '--yes'], {timeout: 900_000});
  };

  const rspamdAnswers = async () => {
    for (let tries = 0; tries < 360; tries += 1) {
      if (/:11332\s/.test((await host.run('ss', ['-H', '-tln'])).stdout)) {
        return true;
      }

      await new Promise(resolve => setTimeout(resolve, 500));
    }

    return false;
  };

  lab(title('a server comes to refuse programs and spam, proved by messages that are refused'), async t => {
    t.timeout(900_000);
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootServer(release);
    before = await stateOf(host);
    const {exitCode, stdout, stderr} = await apply(filters);
    t.is(exitCode, 0, stdout + stderr);
    t.regex(stdout, /\[ok\] +The test message dovetail-test\.exe is refused/);
    t.regex(stdout, /\[ok\] +The test message GTUBE is refused/);
    t.regex(stdout, /\[ok\] +A message that is tagged as spam came into the folder Junk/);
    const again = await host.run(dovetail, ['plan', '--answers', '/root/filters.yaml']);
    t.is(again.exitCode, 0, again.stdout);
  });

  lab(
    title(
      'a stranger’s program and spam are refused with the reason, other mail arrives, and what is tagged ends in Junk',
    ),
    async t => {
      t.timeout(600_000);
      const program = await fromStranger(host.address, auth.user, {
        subject: 'a game',
        attachments: [{filename: 'Game.JS', content: 'x'}],
      });
      t.regex(program, /550 5\.7\.1 Attachments whose name ends in \.JS are not accepted here/);
      const text = await fromStranger(host.address, auth.user, {
        subject: 'a text',
        attachments: [{filename: 'about.js-files.txt', content: 'x'}],
      });
      t.is(text, 'sent');
      t.true(await arrived(host.address, auth, 'a text'), 'a text');
      const gtube = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\n';
      t.regex(await fromStranger(host.address, auth.user, {subject: 'spam', text: gtube}), /554 5\.7\.1/);
      // Everything is suspicious and nothing certain (metrics of rspamd): what is tagged then is tagged by its own hand.
      host.write('/etc/rspamd/local.d/actions.conf', 'reject = 999;\nadd_header = -99;\ngreylist = null;\n');
      await host.run('systemctl', ['restart', 'rspamd']);
      t.true(await rspamdAnswers(), 'rspamd does not answer');
      t.is(await fromStranger(host.address, auth.user, {subject: 'perhaps spam'}), 'sent');
      t.true(await arrived(host.address, auth, 'perhaps spam', 'Junk'), 'perhaps spam');
      await host.run('rm', ['/etc/rspamd/local.d/actions.conf']);
    },
  );

  lab(title('while the filter is down mail goes on without it, and rules for attachments hold'), async t => {
    t.timeout(600_000);
    await host.run('systemctl', ['stop', 'rspamd']);
    t.is(await submit(host.address, auth, {from: auth.user, to: auth.user, subject: 'unfiltered'}), 'sent');
    t.true(await arrived(host.address, auth, 'unfiltered'));
    t.regex(
      await fromStranger(host.address, auth.user, {
        subject: 'b',
        attachments: [{filename: 'b.exe', content: 'x'}],
      }),
      /550 5\.7\.1/,
    );
    await host.run('systemctl', ['start', 'rspamd']);
  });

  lab(title('where it is asked to wait, nothing is taken until the filter is back'), async t => {
    t.timeout(900_000);
    const {exitCode, stdout, stderr} = await apply(filters.replace('rspamd', 'rspamd, when_down: tempfail'));
    t.is(exitCode, 0, stdout + stderr);
    await host.run('systemctl', ['stop', 'rspamd']);
    t.regex(await fromStranger(host.address, auth.user, {subject: 'put off'}), /451 4\.7\.1/);
    const own = {from: auth.user, to: auth.user, subject: 'put off too'};
    t.regex(await submit(host.address, auth, own), /451 4\.7\.1/);
    t.regex((await host.run('postqueue', ['-p'])).stdout, /queue is empty/);
    await host.run('systemctl', ['start', 'rspamd']);
    t.true(await rspamdAnswers(), 'rspamd does not answer');
    // The sender comes again.
    t.is(await fromStranger(host.address, auth.user, {subject: 'put off'}), 'sent');
    t.is(await submit(host.address, auth, own), 'sent');
    t.true(await arrived(host.address, auth, 'put off'));
    t.true(await arrived(host.address, auth, 'put off too'));
    const found = await inbox(host.address, auth);
    t.is(found?.filter(subject => subject.startsWith('put off')).length, 2);
    const back = await host.run(dovetail, ['rollback']);
    t.is(back.exitCode, 0, back.stdout + back.stderr);
    t.regex(
      (await host.run('postconf', ['-h', 'smtpd_milters'])).stdout,
      /inet:localhost:11332, default_action=accept/,
    );
  });

  lab(title('undone, the server is what it was, and so are its users'), async t => {
    t.timeout(900_000);
    await host.run('doveadm', ['expunge', '-u', auth.user, 'mailbox', '*', 'all']);
    const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback'], {timeout: 600_000});
    t.true(exitCode === 0 || exitCode === 7, stdout + stderr);
    t.deepEqual(
      (await changesSince(host, before)).filter(
        // When Dovecot was last started is its own.
        line => !/^\/(?:var\/vmail|root|var\/lib\/dovecot\/instances:)/.test(line),
      ),
      [],
    );
  });

  test.serial.after.always(async () => host?.stop());
}
