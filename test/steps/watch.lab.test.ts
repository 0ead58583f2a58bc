import {execFileSync} from 'node:child_process';
import {appendFileSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {inbox} from '../hosts/clients.js';
import {type LabHost, labReason, releases} from '../hosts/host.js';
import {bootServer} from '../hosts/server.js';
import {differences, snapshot} from '../hosts/tree.js';

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
  let main: string;
  const title = (words: string) => `${release}: ${words}`;
  const etc = () => new Map([...snapshot(host.tree)].filter(([path]) => path.startsWith('/etc/')));
  const apply = async (more: string) => {
    host.write('/root/watch.yaml', base + more);
    return host.run(dovetail, ['apply', '--answers', '/root/watch.yaml', '--yes'], {timeout: 900_000});
  };

  /** One look, as the timer starts it; how many messages anna has then. */
  const look = async () => {
    const {exitCode, stderr} = await host.run('systemctl', ['start', 'dovetail-watch.service'], {
      timeout: 600_000,
    });
    await new Promise(resolve => setTimeout(resolve, 5000));
    return exitCode === 0 ? ((await inbox(host.address, auth))?.length ?? -1) : stderr;
  };
  const newest = async () =>
    (await host.run('doveadm', ['fetch', '-u', auth.user, 'body', 'mailbox', 'INBOX', 'all'])).stdout
      .split(/^body:$/m)
      .at(-1) ?? '';

  lab(title('a server gets a timer, and planning again finds nothing to do'), async t => {
    t.timeout(1_200_000);
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootServer(release);
    before = etc();
    const {exitCode, stdout, stderr} = await apply('watch: {on: true}\n');
    t.is(exitCode, 0, stdout + stderr);
    t.regex(stdout, /\[ok\] +The server is checked by dovetail-watch\.timer; next: /);
    const again = await host.run(dovetail, ['plan', '--answers', '/root/watch.yaml']);
    t.is(again.exitCode, 0, again.stdout);
    const {stdout: timers} = await host.run('systemctl', [
      'list-timers',
      '--no-legend',
      'dovetail-watch.timer',
    ]);
    t.regex(timers, /dovetail-watch\.timer/);
  });

  lab(
    title('while all is well it is silent, also when the folder that it was started from is gone'),
    async t => {
      t.timeout(1_200_000);
      const {exitCode} = await host.run('umount', ['/opt/dovetail']);
      t.is(exitCode, 0);
      t.is(await look(), 0, await newest());
    },
  );

  lab(title('what changed is mailed once, and once more when it is put right'), async t => {
    t.timeout(1_200_000);
    const path = join(host.tree, 'etc/postfix/main.cf');
    main = readFileSync(path, 'utf8');
    appendFileSync(path, '# somebody was here\n');
    t.is(await look(), 1);
    t.regex(await newest(), /New:[\s\S]*\/etc\/postfix\/main\.cf was changed since/);
    t.is(await look(), 1);
    writeFileSync(path, main);
    t.is(await look(), 2);
    t.regex(await newest(), /No longer so:[\s\S]*\/etc\/postfix\/main\.cf/);
  });

  lab(title('undone, the units are gone and the configuration is what it was'), async t => {
    t.timeout(1_200_000);
    const runtime = '/var/lib/dovetail/runtime/current';
    const {exitCode, stdout, stderr} = await host.run(
      `${runtime}/node`,
      [`${runtime}/dovetail.mjs`, 'rollback'],
      {
        timeout: 600_000,
      },
    );
    t.is(exitCode, 0, stdout + stderr);
    t.deepEqual(
      differences(before, etc()).filter(line => !line.startsWith('/etc/postfix/main.cf:')),
      [],
    );
    const {stdout: state} = await host.run('systemctl', ['is-active', 'dovetail-watch.timer']);
    t.is(state, 'inactive');
  });

  test.serial.after.always(async () => host?.stop());
}
