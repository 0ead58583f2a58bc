import {execFileSync} from 'node:child_process';
import {existsSync, readdirSync} from 'node:fs';
import test from 'ava';
import {bootOldServer, type OldServer, people, written} from './helpers/old-server.js';
import {rows} from './helpers/old-server-rows.js';
import {inbox, rcpt, sendOut} from './hosts/clients.js';
import {install, type LabHost, labReason} from './hosts/host.js';
import {changesSince, stateOf} from './hosts/oracle.js';
import {differences, snapshot} from './hosts/tree.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const karl = 'karl@old.example.test';
let server: OldServer;
let host: LabHost;
let first: readonly string[];

const linesOf = (text: string) =>
  text
    .split('\n')
    .map(line => line.replaceAll(/\s+/g, ' ').trim())
    .filter(line => line !== '');
const comments = () =>
  written.flatMap(path => linesOf(server.read(path)).filter(line => line.startsWith('#')));
const gone = (before: readonly string[], after: readonly string[]) =>
  before.filter(line => !after.includes(line));

/** What is in force, as Postfix itself reads it: settings, services, their options; the rows of tables; and people's shells. */
const effective = async (): Promise<readonly string[]> => {
  const postconf = async (flag: string) => linesOf((await host.run('postconf', [flag])).stdout);
  const tables = readdirSync(`${host.tree}/etc/postfix`).filter(name => /^(?!sasl$)[a-z_]+$/.test(name));
  const rows = (name: string, path: string) =>
    linesOf(server.read(path)).flatMap(line => (line.startsWith('#') ? [] : [`${name}: ${line}`]));
  return [
    ...(await postconf('-n')),
    // Options are told one by one by -P.
    ...(await postconf('-M')).map(line => line.replaceAll(/ -o (?:\{[^}]*\}|\S+)/g, '')),
    ...(await postconf('-P')),
    ...tables.flatMap(name => rows(name, `/etc/postfix/${name}`)),
    ...rows('aliases', '/etc/aliases'),
    ...server.users().map(({name, shell}) => `passwd: ${name} ${shell}`),
  ];
};

/** What “postfix check” has to say. Since 3.9 that is the dead setting that this server was given. */
const complaints = async () => {
  const {exitCode, stdout, stderr} = await host.run('postfix', ['check']);
  return [`${exitCode}`, ...linesOf(stdout + stderr).filter(line => !/smtpd_use_tls/.test(line))];
};

/** Files of the mail servers; packages that a section brings have others. */
const mailFiles = () =>
  new Map(
    [...snapshot(host.tree)].filter(([path]) => /^\/etc\/(?:postfix|dovecot|aliases|mailname)/.test(path)),
  );
/**
 * What an undo leaves: mail that came, when Dovecot last started, locks of Postfix's processes (master(8)), and, where Postfix was
 * restarted, the same files copied into its chroot anew.
 */
const isKept = (line: string) =>
  /^\/(?:home\/\w+\/Maildir|var\/lib\/(?:dovecot\/instances|postfix\/master\.lock):|var\/spool\/postfix\/pid\/)/.test(
    line,
  ) || /^\/var\/spool\/postfix\/etc\/[^:]+: (file \S+ \S+) \d+ (\w+) -> \1 \d+ \2$/.test(line);

test.before(async () => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../scripts/bundle.mjs', import.meta.url).pathname]);
    server = await bootOldServer();
    host = server.host;
    first = await effective();
  }
});

test.after.always(async () => server?.stop());

lab('nothing is planned for a Postfix that somebody wrote by hand, nor by its own answers', async t => {
  t.true(await server.arrives('an old letter'));
  t.deepEqual(await complaints(), ['0']);
  const before = mailFiles();
  const bare = await host.run(dovetail, ['plan']);
  t.is(bare.exitCode, 0, bare.stdout + bare.stderr);
  t.regex(bare.stdout, /Nothing to change/);
  const {stdout} = await host.run(dovetail, ['answers']);
  host.write('/root/adopted.yaml', stdout);
  const again = await host.run(dovetail, ['plan', '--answers', '/root/adopted.yaml']);
  t.is(again.exitCode, 0, again.stdout + again.stderr);
  t.deepEqual(differences(before, mailFiles()), []);
});

for (const {section, title, said, lines, files, proof} of rows) {
  lab(`${section}: ${title}; undone, it is the old server`, async t => {
    t.timeout(900_000);
    host.write('/root/said.yaml', `version: 1\n${section}: {${said}}\n`);
    const expected = lines(server);
    const [state, before, tree, words] = [await stateOf(host), await effective(), mailFiles(), comments()];
    const args = ['--answers', '/root/said.yaml', section];
    // A section that fails leaves nothing to the next one.
    t.teardown(async () => void (await host.run(dovetail, ['rollback'])));
    const {exitCode, stdout, stderr} = await host.run(dovetail, ['apply', ...args, '--yes']);
    t.is(exitCode, 0, stdout + stderr);
    const after = await effective();
    t.deepEqual(
      [
        ...gone(before, after).map(line => `- ${line}`),
        ...gone(after, before).map(line => `+ ${line}`),
      ].sort(),
      expected.toSorted(),
    );
    t.deepEqual(
      differences(tree, mailFiles()).map(line =>
        line.slice(0, line.indexOf(':')).replace(/^\/etc\/(?:postfix\/)?/, ''),
      ),
      files,
    );
    t.deepEqual(gone(words, comments()), []);
    t.deepEqual(await complaints(), ['0']);
    const again = await host.run(dovetail, ['plan', ...args]);
    t.is(again.exitCode, 0, again.stdout + again.stderr);
    await proof?.(t, server);
    const back = await host.run(dovetail, ['rollback']);
    t.is(back.exitCode, 0, back.stdout + back.stderr);
    t.deepEqual(
      (await changesSince(host, state)).filter(line => !isKept(line)),
      [],
    );
  });
}

lab(
  'after all that its mail is read, its filter saw what came, and its settings are those of the first day',
  async t => {
    t.deepEqual(await effective(), first);
    t.true((await inbox(host.address, people.karl))?.includes('an old letter'));
    const seen = server.milter.seen();
    t.is(await sendOut(host.address, {to: karl, subject: 'the last one'}), '250');
    t.true(await server.arrives('the last one'));
    t.is(server.milter.seen(), seen + 1);
  },
);

lab('a new table has the type of tables that this machine was given', async t => {
  t.timeout(900_000);
  await install(host, 'postfix-lmdb');
  await host.run('postconf', ['-e', 'default_database_type = lmdb']);
  await host.run('systemctl', ['restart', 'postfix']);
  t.is(await rcpt(host.address, karl), '250');
  host.write('/root/said.yaml', `version: 1\nspam: {access: ['client:${server.beside}=REJECT']}\n`);
  const args = ['--answers', '/root/said.yaml', 'spam'];
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['apply', ...args, '--yes']);
  t.is(exitCode, 0, stdout + stderr);
  t.regex(
    (await host.run('postconf', ['-h', 'smtpd_client_restrictions'])).stdout,
    /check_client_access lmdb:\/etc\/postfix\/access_client,.*check_client_access hash:\/etc\/postfix\/access,/,
  );
  t.true(existsSync(`${host.tree}/etc/postfix/access_client.lmdb`));
  t.is(await rcpt(host.address, karl), '554');
  t.is((await host.run(dovetail, ['rollback'])).exitCode, 0);
  t.is(await rcpt(host.address, karl), '250');
  t.false(existsSync(`${host.tree}/etc/postfix/access_client.lmdb`));
});
