import {execFileSync} from 'node:child_process';
import {appendFileSync, cpSync} from 'node:fs';
import test from 'ava';
import {authority, bootDirectory, directoryName, people, service} from '../helpers/directory.js';
import {openTerminal, terminalReason} from '../helpers/terminal.js';
import {accept, type Typed, walk} from '../helpers/walk.js';
import {arrived, submit} from '../hosts/clients.js';
import {bootWithDatabases, tellServer} from '../hosts/databases.js';
import {bootHost, type LabHost, labReason, usualRelease} from '../hosts/host.js';
import {changesSince, stateOf} from '../hosts/oracle.js';
import {bootServer, password} from '../hosts/server.js';

const reason = labReason() ?? terminalReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
/** Milliseconds that staging, applying and proving may take. */
const long = 480_000;
const domain = 'example.test';
const admin: Typed[number] = ['Who reads mail for root', ['C-u', `=anna@${domain}`, 'Enter']];
/** Ticks one way to keep accounts in place of the list on this server. */
const backend = (down: number): Typed[number] => [
  'Where do accounts live?',
  ['Space', ...Array.from({length: down}, () => 'Down'), 'Space', 'Enter'],
];
const inForce = (secret: string) => [`=${secret}`, 'Enter'];

test.before(() => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
  }
});

/**
 * Sets a machine up by keys alone, in a terminal of 80 columns and 24 rows, and gives the end of what was shown; `secrets` must not
 * have been.
 */
const byKeys = async (host: LabHost, typed: Typed, secrets: readonly string[]) => {
  const terminal = openTerminal([...host.enter, 'TERM=screen-256color', dovetail]);
  try {
    await terminal.until(/Begin|Start over/);
    await terminal.press('Enter');
    const asked = await walk(terminal, typed);
    const unasked = typed.filter(([words]) => !asked.some(question => question.includes(words)));
    if (unasked.length > 0) {
      throw new Error(`never asked: ${unasked.map(([words]) => words).join(' ')}\n${asked.join('\n')}`);
    }

    const shown = await accept(terminal, long);
    await terminal.exit();
    const all = terminal.history();
    return {shown, all, leaked: secrets.filter(secret => all.includes(secret))};
  } finally {
    terminal.close();
  }
};

/** Mail of the set-up goes, then the undo must give the bare machine back. */
const backTo = async (host: LabHost, bare: ReadonlyMap<string, string>) => {
  await host.run('rm', ['-rf', `/var/vmail/${domain}`]);
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback']);
  return {exitCode, said: stdout + stderr, changes: await changesSince(host, bare)};
};

lab('accounts in a directory', async t => {
  const directory = await bootDirectory(usualRelease);
  const host = await bootHost();
  try {
    appendFileSync(`${host.tree}/etc/hosts`, `${directory.address} ${directoryName}\n`);
    cpSync(`${directory.tree}${authority}`, `${host.tree}/etc/ssl/certs/directory-ca.pem`);
    const bare = await stateOf(host);
    const {shown, leaked} = await byKeys(
      host,
      [
        backend(2),
        admin,
        ['Where is the directory?', [`=ldaps://${directoryName}`, 'Enter']],
        ['Which file has the authority', ['C-u', '=/etc/ssl/certs/directory-ca.pem', 'Enter']],
        ['As whom does the server ask', [`=${service.dn}`, 'Enter']],
        ['With which password?', inForce(service.password)],
        ['Whose account shall prove', [`=${people.anna.user}`, 'Enter']],
        ['What is the password of that account?', inForce(people.anna.pass)],
      ],
      [service.password, people.anna.pass],
    );
    t.regex(shown, /Done and proved/);
    t.deepEqual(leaked, []);
    const {anna, berta} = people;
    const message = {from: anna.user, to: berta.user, subject: 'by keys'};
    t.is(await submit(host.address, anna, message), 'sent');
    t.true(await arrived(host.address, berta, 'by keys'));
    const {exitCode, said, changes} = await backTo(host, bare);
    t.is(exitCode, 0, said);
    t.deepEqual(changes, []);
  } finally {
    await host.stop();
    await directory.stop();
  }
});

lab('accounts in a database', async t => {
  const secret = 'database"secret"$1';
  const {host, databases, stop} = await bootWithDatabases(usualRelease);
  try {
    const {stdout: hash} = await databases.run('perl', [
      '-e',
      'print crypt($ARGV[0], q($6$salt$))',
      password,
    ]);
    await tellServer(
      databases,
      'mysql',
      `CREATE DATABASE mail; CREATE TABLE mail.users (username VARCHAR(190) PRIMARY KEY, password VARCHAR(255)); INSERT INTO mail.users VALUES ('anna@${domain}', '{SHA512-CRYPT}${hash}'); CREATE USER dovecot@'%' IDENTIFIED BY '${secret}'; GRANT SELECT ON mail.users TO dovecot@'%';`,
    );
    const bare = await stateOf(host);
    const {shown, leaked} = await byKeys(
      host,
      [
        backend(1),
        admin,
        ['Where is the database server?', ['C-u', '=db.example.test', 'Enter']],
        ['Which file holds the authority', ['C-u', '=/etc/ssl/labca.crt', 'Enter']],
        ['What is the database called?', ['C-u', '=mail', 'Enter']],
        ['As which user is it asked?', ['C-u', '=dovecot', 'Enter']],
        ['With which password?', [`=${secret}`, 'Enter', `=${secret}`, 'Enter']],
        ['Which account shall the login be tried with', ['C-u', `=anna@${domain}`, 'Enter']],
        ['What is its password?', inForce(password)],
      ],
      [secret, password],
    );
    t.regex(shown, /Done and proved/);
    t.deepEqual(leaked, []);
    const anna = {user: `anna@${domain}`, pass: password};
    t.is(await submit(host.address, anna, {from: anna.user, to: anna.user, subject: 'by keys'}), 'sent');
    t.true(await arrived(host.address, anna, 'by keys'));
    const {exitCode, said, changes} = await backTo(host, bare);
    t.is(exitCode, 0, said);
    // What a database server writes while it runs is its own.
    t.deepEqual(
      changes.filter(line => !/^\/var\/lib\/(?:mysql|postgresql)/.test(line)),
      [],
    );
  } finally {
    await stop();
  }
});

lab('accounts of this machine’s users', async t => {
  const host = await bootHost();
  try {
    const bare = await stateOf(host);
    const {shown, leaked} = await byKeys(
      host,
      [
        backend(3),
        admin,
        [
          'Which users of this machine get a mailbox?',
          ['=anna', 'Enter', `=${password}`, 'Enter', `=${password}`, 'Enter', 'Enter'],
        ],
      ],
      [password],
    );
    t.regex(shown, /Done and proved/);
    t.deepEqual(leaked, []);
    const anna = {user: 'anna', pass: password};
    const address = `anna@${domain}`;
    t.is(await submit(host.address, anna, {from: address, to: address, subject: 'by keys'}), 'sent');
    t.true(await arrived(host.address, anna, 'by keys'));
    const {stdout} = await host.run('getent', ['passwd', 'anna']);
    t.regex(stdout, /nologin$/m);
    await host.run('sh', ['-c', 'rm -rf /home/anna/mail /home/anna/Maildir /var/mail/anna']);
    const {exitCode, said, changes} = await backTo(host, bare);
    t.is(exitCode, 0, said);
    t.deepEqual(changes, []);
  } finally {
    await host.stop();
  }
});

lab('a machine that only sends, through a relay where it logs in', async t => {
  const server = await bootServer();
  const host = await bootHost({hostname: 'web.example.test'});
  try {
    const bare = await stateOf(host);
    const {shown, leaked} = await byKeys(
      host,
      [
        ['What shall this machine do?', ['Down', 'Down', 'Down', 'Enter']],
        admin,
        ['Which server is the relay?', [`=${server.address}`, 'Enter']],
        ['With which user name', [`=anna@${domain}`, 'Enter']],
        ['With which password?', inForce(password)],
      ],
      [password],
    );
    t.regex(shown, /Done and proved/);
    t.deepEqual(leaked, []);
    await host.run('sendmail', ['root'], {input: 'Subject: from the web host by keys\n\nHello.\n'});
    t.true(
      await arrived(server.address, {user: `anna@${domain}`, pass: password}, 'from the web host by keys'),
    );
    const {exitCode, said, changes} = await backTo(host, bare);
    t.is(exitCode, 0, said);
    t.deepEqual(changes, []);
  } finally {
    await host.stop();
    await server.stop();
  }
});
