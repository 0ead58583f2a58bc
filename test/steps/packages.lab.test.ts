import {execFileSync} from 'node:child_process';
import test from 'ava';
import {type LabHost, labReason} from '../hosts/host.js';
import {bootServer} from '../hosts/server.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

let host: LabHost;

test.after.always(async () => host?.stop());

lab(
  'defect 35: who renamed the folder and installed again is told how its files really come back',
  async t => {
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootServer();
    const shell = async (line: string) => host.run('/bin/sh', ['-c', line]);
    const plan = async () =>
      host.run('/opt/dovetail/dovetail', ['plan', '--answers', '/opt/dovetail/examples/first-server.yaml']);
    // 000, 1.1.1, word for word; on Debian none of the files comes back.
    const installed = await shell(
      'mv /etc/dovecot /etc/dovecot.orig && apt-get update -q && apt-get install -y -q --reinstall dovecot-core dovecot-imapd',
    );
    t.is(installed.exitCode, 0, installed.stderr);
    t.is((await shell('find /etc/dovecot -type f | wc -l')).stdout, '0');
    const {exitCode, stdout, stderr} = await plan();
    t.is(exitCode, 4, stdout + stderr);
    const words = (stdout + stderr).replaceAll(/\s+/g, ' ');
    t.regex(words, /its configuration is gone/);
    const command = /“(UCF_FORCE_CONFFMISS=1 apt-get install --reinstall [^”]+)”/.exec(words)?.[1] ?? '';
    t.regex(command, /dovecot-core/);

    const back = await shell(command.replace('--reinstall', '-y -q --reinstall'));
    t.is(back.exitCode, 0, back.stderr);
    t.is(
      (await shell('find /etc/dovecot -type f -name "*.conf*" | wc -l')).stdout,
      (await shell('find /etc/dovecot.orig -type f -name "*.conf*" | wc -l')).stdout,
    );
    t.is((await plan()).exitCode, 2);
  },
);
