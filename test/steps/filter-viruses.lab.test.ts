import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {gzipSync} from 'node:zlib';
import test from 'ava';
import {arrived, fromStranger, submit} from '../hosts/clients.js';
import {type LabHost, labReason, releases} from '../hosts/host.js';
import {changesSince, stateOf} from '../hosts/oracle.js';
import {bootServer} from '../hosts/server.js';
import {until} from '../hosts/until.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const auth = {user: 'anna@example.test', pass: 'correct-horse-battery'};
const base = readFileSync(new URL('../../../examples/first-server.yaml', import.meta.url), 'utf8');
const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');
/** Mail, what the test wrote, and what Dovecot and Postfix write at each start of the machine. */
const others =
  /^\/(?:var\/vmail|root|var\/lib\/dovecot\/instances:|var\/lib\/postfix\/master\.lock:|var\/spool\/postfix\/pid\/)/;
const socket = '/var/spool/postfix/clamav/clamav-milter.sock';

for (const release of releases) {
  let host: LabHost;
  let before: ReadonlyMap<string, string>;
  const title = (words: string) => `${release}: ${words}`;
  const apply = async (filter: string) => {
    host.write('/root/viruses.yaml', `${base}filter: {${filter}}\n`);
    return host.run(dovetail, ['apply', '--answers', '/root/viruses.yaml', '--yes'], {timeout: 600_000});
  };
  const check = async () =>
    host.run(dovetail, ['check', '--account', auth.user, '--password-from', 'file:/root/anna.password']);
  const own = {from: auth.user, to: auth.user};

  /** A stranger's message with a file, by port 25. */
  const withFile = (filename: string, content: string | Buffer) =>
    fromStranger(host.address, auth.user, {subject: filename, attachments: [{filename, content}]});

  /** No database can be loaded here: one of this test's own, and the two names without which Debian's unit does not start. */
  const giveSignatures = async () => {
    const hex = Buffer.from(eicar, 'latin1').toString('hex');
    await host.run('mkdir', ['/var/lib/clamav/main.inc']);
    await host.run('tee', ['/var/lib/clamav/own.ndb'], {input: `Own.Eicar:0:*:${hex}\n`});
    await host.run('mkdir', ['/var/lib/clamav/daily.inc']);
  };
  lab(
    title('without signatures nothing is called good, mail goes on, and the daemon waits for them'),
    async t => {
      t.timeout(900_000);
      execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
      host = await bootServer(release);
      before = await stateOf(host);
      const {exitCode, stdout, stderr} = await apply('viruses: clamav');
      t.is(exitCode, 0, stdout + stderr);
      t.regex(stdout, /There are no signatures of viruses on this machine yet/);
      t.regex(stdout, /\[\?\] +Whether viruses are refused: ClamAV has no signatures yet/);
      t.is(await submit(host.address, auth, {...own, subject: 'unseen'}), 'sent');
      t.true(await arrived(host.address, auth, 'unseen'));
      const sick = await check();
      t.is(sick.exitCode, 2, sick.stdout);
      t.regex(sick.stdout, /\[FAIL\] No virus is seen: ClamAV has no signatures/);
      const again = await host.run(dovetail, ['plan', '--answers', '/root/viruses.yaml']);
      t.is(again.exitCode, 0, again.stdout);
    },
  );

  lab(title('once they come it starts, and the test virus is refused, in an archive too'), async t => {
    t.timeout(600_000);
    await giveSignatures();
    t.true(
      await until(
        async () => (await host.run('systemctl', ['is-active', 'clamav-daemon'])).stdout === 'active',
      ),
    );
    const {stdout} = await check();
    t.regex(stdout, /\[ok\] +The test message EICAR is refused/);
    for (const [name, content] of [
      ['letter', eicar],
      ['letter.gz', gzipSync(eicar)],
    ] as const) {
      t.regex(await withFile(name, content), /550 5\.7\.1 This message carries a virus: Own\.Eicar/, name);
    }

    t.is(await withFile('harmless', 'A disk is full.\n'), 'sent');
    t.true(await arrived(host.address, auth, 'harmless'));
    const {stdout: modes} = await host.run('stat', [
      '-c',
      '%a %U:%G',
      socket.replace(/\/[^/]*$/, ''),
      socket,
    ]);
    t.deepEqual(modes.trim().split('\n'), ['2750 clamav:postfix', '660 clamav:postfix']);
    await host.reboot();
    t.true(await until(async () => /550 5\.7\.1/.test(await withFile('after a reboot', eicar))));
    const failed = await host.run('systemctl', ['list-units', '--state=failed', '--no-legend', '--plain']);
    t.is(failed.stdout, '');
    host.write('/root/empty.yaml', 'version: 1\n');
    for (const answers of ['viruses', 'empty']) {
      const again = await host.run(dovetail, ['plan', '--answers', `/root/${answers}.yaml`]);
      t.is(again.exitCode, 0, again.stdout);
    }
  });

  lab(
    title('what is down lets mail pass, or holds it, as it was asked: the filter, and its daemon'),
    async t => {
      t.timeout(600_000);
      const stop = async (...units: readonly string[]) => host.run('systemctl', ['stop', ...units]);
      const start = async (...units: readonly string[]) => host.run('systemctl', ['start', ...units]);
      const daemon = ['clamav-daemon.socket', 'clamav-daemon.service'];
      await stop(...daemon);
      t.is(await submit(host.address, auth, {...own, subject: 'without a daemon'}), 'sent');
      await stop('clamav-milter');
      t.is(await submit(host.address, auth, {...own, subject: 'without a filter'}), 'sent');
      await start(...daemon, 'clamav-milter');
      const {exitCode, stdout, stderr} = await apply('viruses: clamav, viruses_down: tempfail');
      t.is(exitCode, 0, stdout + stderr);
      t.regex(stdout, /\[ok\] +The test message EICAR is refused/);
      await stop(...daemon);
      t.regex(await submit(host.address, auth, {...own, subject: 'held'}), /45[14]/);
      await start(...daemon);
      await stop('clamav-milter');
      t.regex(await submit(host.address, auth, {...own, subject: 'held too'}), /45[14]/);
      await start('clamav-milter');
    },
  );

  lab(title('switched off it leaves Postfix and stops; undone, the server is what it was'), async t => {
    t.timeout(900_000);
    const off = await apply('viruses: off');
    t.is(off.exitCode, 0, off.stdout + off.stderr);
    for (const unit of [
      'clamav-daemon.service',
      'clamav-daemon.socket',
      'clamav-milter',
      'clamav-freshclam',
    ]) {
      t.not((await host.run('systemctl', ['is-active', unit])).stdout, 'active', unit);
    }

    t.is(await withFile('now it passes', eicar), 'sent');
    // This test's own, as the person who put them there would.
    await host.run('rm', ['-r', '/var/lib/clamav/main.inc', '/var/lib/clamav/daily.inc']);
    await host.run('rm', ['/var/lib/clamav/own.ndb']);
    await host.run('doveadm', ['expunge', '-u', auth.user, 'mailbox', '*', 'all']);
    for (let times = 0; times < 3; times += 1) {
      const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback'], {timeout: 600_000});
      t.is(exitCode, 0, stdout + stderr);
    }

    t.deepEqual(
      (await changesSince(host, before)).filter(line => !others.test(line)),
      [],
    );
  });

  test.serial.after.always(async () => host?.stop());
}
