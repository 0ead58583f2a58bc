import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import test from 'ava';
import {inbox} from '../hosts/clients.js';
import {type LabHost, labReason, releases} from '../hosts/host.js';
import {bootServer, password} from '../hosts/server.js';
import {differences, snapshot} from '../hosts/tree.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const anna = {user: 'anna@example.test', pass: password};
const base = readFileSync(new URL('../../../examples/first-server.yaml', import.meta.url), 'utf8');
let host: LabHost;

const shell = async (line: string) => {
  const {exitCode, stdout, stderr} = await host.run('/bin/sh', ['-c', line]);
  if (exitCode !== 0) {
    throw new Error(`${line}: ${exitCode}\n${stdout}${stderr}`);
  }

  return stdout;
};

const save = (folder: string, subject: string) =>
  host.run('doveadm', ['save', '-u', anna.user, '-m', folder], {
    input: `From: a@b.invalid\nDate: Fri, 27 Nov 2026 06:00:00 +0000\nSubject: ${subject}\n\nWords of ${subject}.\nFrom here on.\n`,
  });

/** Every message of every folder as a reader sees it: folder, subject, day and flags. */
const messages = async () =>
  (
    await shell(
      `doveadm -f tab fetch -u ${anna.user} 'mailbox date.received flags hdr.subject size.physical' mailbox '*' all`,
    )
  )
    .split('\n')
    .slice(1)
    .map(line =>
      line
        .replace('\\Recent', '')
        .replaceAll(/ +/g, ' ')
        .replaceAll(/ (?=\t)/g, '')
        // Each format has its own sign between folders.
        .replace('Work.Old', 'Work/Old'),
    )
    .sort();

/** Counts by folder, in whatever order a format lists them; each has its own sign between folders. */
const counts = (said: string) => said.replaceAll('Work.Old', 'Work/Old').split('\n').sort();

test.before(() => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
  }
});

test.afterEach.always(async () => host?.stop());

for (const release of releases) {
  lab(
    `${release}: after a change of format the commands that the review names bring every message over, and nothing is lost`,
    async t => {
      host = await bootServer(release);
      // A file of mbox cannot be a folder of folders too: mail is in one of the two only.
      await shell(`doveadm mailbox create -s -u ${anna.user} Plans Work.Old`);
      for (const [folder, subject] of [
        ['INBOX', 'one'],
        ['INBOX', 'two'],
        ['Sent', 'three'],
        ['Plans', 'four'],
        ['Work.Old', 'five'],
      ] as const) {
        t.is((await save(folder, subject)).exitCode, 0);
      }

      await shell(`doveadm flags add -u ${anna.user} '\\Seen \\Flagged kept' mailbox INBOX subject one`);
      const all = await messages();
      t.is(all.length, 5);

      const before = new Map([...snapshot(host.tree)].filter(([path]) => path.startsWith('/etc/')));
      for (const [format, path] of [
        ['mdbox', '~/mdbox'],
        ['sdbox', '~/sdbox'],
        ['mbox', '~/mbox'],
      ] as const) {
        host.write('/root/answers.yaml', `${base}storage:\n  format: ${format}\n  path: ${path}\n`);
        const planned = await host.run(dovetail, ['plan', '--answers', '/root/answers.yaml']);
        t.is(planned.exitCode, 2, planned.stderr);
        const words = planned.stdout.replaceAll(/\s+/g, ' ');
        const count = /doveadm mailbox status -A messages "\*"/.exec(words)?.[0] ?? '';
        const convert = /doveadm import [^—]*? "" all/.exec(words)?.[0] ?? '';
        t.regex(count, /status/);
        t.regex(convert, /USER/);
        const counted = await shell(count);
        const applied = await host.run(dovetail, ['apply', '--answers', '/root/answers.yaml', '--yes']);
        t.is(applied.exitCode, 0, applied.stdout + applied.stderr);
        // What is not taken over yet is not seen, and lies where it was.
        t.false((await inbox(host.address, anna))?.includes('one'));
        await shell(convert.replaceAll('USER', anna.user));
        t.deepEqual(await messages(), all, format);
        t.deepEqual(counts(await shell(count)), counts(counted), format);
        for (const args of [['--answers', '/root/answers.yaml'], []]) {
          t.is((await host.run(dovetail, ['plan', ...args])).exitCode, 0, `${format} ${args.join(' ')}`);
        }
      }

      t.true((await inbox(host.address, anna))?.includes('one'));
      t.is(await shell('find /var/vmail/example.test/anna/mail -type f -name "*S=*" | wc -l'), '5');

      for (let n = 0; n < 3; n += 1) {
        t.is((await host.run(dovetail, ['rollback'])).exitCode, 0);
      }

      const etc = new Map([...snapshot(host.tree)].filter(([path]) => path.startsWith('/etc/')));
      t.deepEqual(differences(before, etc), []);
      t.deepEqual(await messages(), all);
    },
  );
}
