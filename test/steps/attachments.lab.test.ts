import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import test from 'ava';
import {arrived, fromStranger, submit} from '../hosts/clients.js';
import {type LabHost, labReason, releases} from '../hosts/host.js';
import {changesSince, stateOf} from '../hosts/oracle.js';
import {bootServer} from '../hosts/server.js';

// Programs in attachments, refused by Postfix itself: what of the filters needs no package of another source.
const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const auth = {user: 'anna@example.test', pass: 'correct-horse-battery'};
const base = readFileSync(new URL('../../../examples/first-server.yaml', import.meta.url), 'utf8');

for (const release of releases) {
  let host: LabHost;
  let before: ReadonlyMap<string, string>;
  const title = (words: string) => `${release}: ${words}`;
  const withFile = (filename: string) =>
    fromStranger(host.address, auth.user, {subject: filename, attachments: [{filename, content: 'x'}]});

  lab(
    title('a server comes to refuse programs, proved by a message, and nothing is left to plan'),
    async t => {
      t.timeout(900_000);
      execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
      host = await bootServer(release);
      host.write('/root/filters.yaml', `${base}filter: {attachments: true}\n`);
      before = await stateOf(host);
      t.is(await withFile('before.exe'), 'sent');
      const args = ['--answers', '/root/filters.yaml'];
      const {exitCode, stdout, stderr} = await host.run(dovetail, ['apply', ...args, '--yes']);
      t.is(exitCode, 0, stdout + stderr);
      t.regex(stdout, /\[ok\] +The test message dovetail-test\.exe is refused/);
      for (const more of [args, []]) {
        const again = await host.run(dovetail, ['plan', ...more]);
        t.is(again.exitCode, 0, again.stdout + again.stderr);
      }
    },
  );

  lab(
    title('a program is refused with the reason, and what only has its name in its words arrives'),
    async t => {
      t.timeout(300_000);
      t.regex(
        await withFile('Game.JS'),
        /550 5\.7\.1 Attachments whose name ends in \.JS are not accepted here/,
      );
      t.regex(await withFile('a b.exe'), /550 5\.7\.1/);
      t.is(await withFile('about.js-files.txt'), 'sent');
      t.true(await arrived(host.address, auth, 'about.js-files.txt'));
      const own = {from: auth.user, to: auth.user, subject: 'game.exe, in words'};
      t.is(await submit(host.address, auth, own), 'sent');
      t.true(await arrived(host.address, auth, own.subject));
    },
  );

  lab(title('undone, the server is what it was, and takes them again'), async t => {
    t.timeout(600_000);
    const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback']);
    t.is(exitCode, 0, stdout + stderr);
    t.is(await withFile('after.exe'), 'sent');
    t.deepEqual(
      // Mail that came, on its way too, and when Dovecot was last started.
      (await changesSince(host, before)).filter(
        line => !/^\/(?:var\/vmail|root|var\/lib\/dovecot\/instances:|var\/spool\/postfix)/.test(line),
      ),
      [],
    );
  });

  test.serial.after.always(async () => host?.stop());
}
