import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import test from 'ava';
import {arrived, inbox, submit} from '../hosts/clients.js';
import {type LabHost, labReason, releases} from '../hosts/host.js';
import {bootServer, password} from '../hosts/server.js';
import {differences, snapshot} from '../hosts/tree.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const first = readFileSync(new URL('../../../examples/first-server.yaml', import.meta.url), 'utf8');
const fresh = `${first}packages:\n  fresh_dovecot: true\n`;
// What the broken files do not tell any more has to be said.
const told = `${fresh}auth:\n  backends: [passwd-file]\nvmail:\n  user: vmail\n  root: /var/vmail\n`;
const anna = {user: 'anna@example.test', pass: password};
// Somebody wrote her into the list by hand: no answer names her.
const berta = {user: 'berta@example.test', pass: password};
let host: LabHost;

const shell = async (line: string) => {
  const {exitCode, stdout, stderr} = await host.run('/bin/sh', ['-c', line]);
  if (exitCode !== 0) {
    throw new Error(`${line}: ${exitCode}\n${stdout}${stderr}`);
  }

  return stdout;
};
const run = async (...words: readonly string[]) => {
  const {exitCode, stdout, stderr} = await host.run(dovetail, words);
  return {exitCode, said: stdout + stderr};
};
const withAnswers = async (act: string, text: string, ...more: readonly string[]) => {
  host.write('/root/fresh.yaml', text, 0o600);
  return run(act, '--answers', '/root/fresh.yaml', ...more);
};
const save = (user: string, subject: string) =>
  host.run('doveadm', ['save', '-u', user], {
    input: `From: a@b.invalid\nDate: Fri, 27 Nov 2026 06:00:00 +0000\nSubject: ${subject}\n\nWords.\n`,
  });
// Also times, owners and modes.
const configuration = () =>
  new Map([...snapshot(host.tree)].filter(([path]) => /^\/(?:etc|usr|var\/vmail)\//.test(path)));

test.before(() => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
  }
});

test.afterEach.always(async () => host?.stop());

for (const release of releases) {
  lab(
    `${release}: a configuration that is broken, or gone, starts again with the same people and their mail`,
    async t => {
      host = await bootServer(release);
      await shell(
        `sed -n 's/^anna@/berta@/p' /etc/dovecot/users > /root/row && cat /root/row >> /etc/dovecot/users && rm /root/row`,
      );
      for (const {user} of [anna, berta]) {
        t.is((await save(user, 'from before')).exitCode, 0);
      }

      // By hand, over years: one file cut off, one gone, one too many with a password in it, one that is no configuration.
      await shell(`cd /etc/dovecot
      head -n 20 conf.d/10-auth.conf > half && cat half > conf.d/10-auth.conf && rm half conf.d/20-imap.conf
      printf 'service imap-login {\\n  what\\n' >> dovecot.conf
      printf 'doveadm_password = hunter2-of-old\\nmail_max_userip_connections = 99\\n' > conf.d/98-old.conf
      printf 'ask Kim\\n' > conf.d/notes.txt
      systemctl restart dovecot || true`);
      await t.throwsAsync(inbox(host.address, anna));
      const broken = configuration();

      const unsaid = await withAnswers('plan', fresh);
      t.is(unsaid.exitCode, 4, unsaid.said);
      t.regex(unsaid.said, /auth\.backends/);
      t.regex(unsaid.said, /vmail\.root/);
      const planned = await withAnswers('plan', told);
      t.is(planned.exitCode, 2, planned.said);
      t.regex(planned.said, /98-old\.conf is removed/);
      t.regex(planned.said, /-mail_max_userip_connections = 99/);
      t.regex(planned.said, /mail_max_userip_connections/);
      t.notRegex(planned.said, /hunter2/);
      t.deepEqual(differences(broken, configuration()), []);

      const {exitCode, said} = await withAnswers('apply', told, '--yes');
      t.is(exitCode, 0, said);
      t.notRegex(said, /\[FAIL\]/);
      for (const person of [anna, berta]) {
        t.true((await inbox(host.address, person))?.includes('from before'), person.user);
      }

      t.is(await submit(host.address, anna, {from: anna.user, to: anna.user, subject: 'and on'}), 'sent');
      t.true(await arrived(host.address, anna, 'and on'));
      t.is(await shell('cat /etc/dovecot/conf.d/notes.txt'), 'ask Kim');
      for (const again of [told, first, 'version: 1\n']) {
        const plan = await withAnswers('plan', again);
        t.is(plan.exitCode, 0, plan.said);
      }

      await host.run('doveadm', ['expunge', '-u', anna.user, 'mailbox', 'INBOX', 'subject', 'and on']);
      const undone = await run('rollback');
      t.log(undone.exitCode, undone.said.slice(-600));
      const etc = (tree: ReadonlyMap<string, string>) =>
        new Map([...tree].filter(([path]) => !path.startsWith('/var/vmail/')));
      t.deepEqual(differences(etc(broken), etc(configuration())), []);

      // As an old guide says: the folder gets another name, and nothing brings the files back.
      await shell('mv /etc/dovecot /etc/dovecot.old');
      const away = configuration();
      const refused = await withAnswers('plan', first);
      t.is(refused.exitCode, 4, refused.said);
      t.regex(refused.said, /packages\.fresh_dovecot/);
      const made = await withAnswers('apply', fresh, '--yes');
      t.is(made.exitCode, 0, made.said);
      t.true((await inbox(host.address, anna))?.includes('from before'));
      const plan = await withAnswers('plan', fresh);
      t.is(plan.exitCode, 0, plan.said);
      t.log((await run('rollback')).exitCode);
      t.deepEqual(differences(etc(away), etc(configuration())), []);
    },
  );
}
