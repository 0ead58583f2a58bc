import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import test from 'ava';
import {parse, stringify} from 'yaml';
import {bounces, nobodysRelay} from '../hosts/abuses.js';
import {arrived, inbox, rcpt, submit} from '../hosts/clients.js';
import {
  authorities,
  bootWithDatabases,
  letCertificateExpire,
  tellServer,
  type WithDatabases,
} from '../hosts/databases.js';
import {type LabHost, labReason, type Release} from '../hosts/host.js';
import {differences, snapshot} from '../hosts/tree.js';
import {oddPasswords, typedTwice} from './odd-passwords.js';

type Sections = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
const dovetail = '/opt/dovetail/dovetail';
const anna = {user: 'anna@example.test', pass: 'correct-horse-battery'};
/** Every character that can be typed but the blank: what the dialects, Postfix and the servers treat in ways of their own. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: it must not be taken for anybody’s own syntax.
const serverPassword = 'aA0!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~%{env:HOME}$ENV:x${x}$mydomain%u%%é日';
const example = parse(
  readFileSync(new URL('../../../examples/database.yaml', import.meta.url), 'utf8'),
) as Sections;

const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

/** Schemes of hashes, each of which some of the people with odd passwords have. */
const schemes = ['ARGON2ID', 'BLF-CRYPT', 'SHA512-CRYPT', 'SSHA512'] as const;
const odd = oddPasswords.map((pass, at) => ({
  user: `odd${at}@example.test`,
  pass,
  scheme: schemes[at % schemes.length] ?? 'ARGON2ID',
}));

/** What is wrong with a database, and how it is said. */
const wrong = [
  [{host: 'nowhere.example.test'}, /name of the database server is unknown/],
  [{port: 3307}, /No database server answers/],
  [{ca: authorities.other}, /not from the authority/],
  [{host: 'wrong.example.test'}, /is for another name: db\.example\.test/],
  [{password: {from: 'file:/root/anna.password'}}, /does not let dovecot in/],
  [{database: 'mial'}, /no database mial/],
  [{table: 'people'}, /(?:no table people|may not read the table people)/],
  [{user_column: 'email'}, /does not have all of these columns: email[\s\S]*users \(username, password\)/],
  [{sample: 'nobody@example.test'}, /has no account nobody@example\.test/],
  [{sample_password: {from: 'file:/root/database.password'}}, /not the password of anna@example\.test/],
  [{host: 'h user=root'}, /answer to auth-sql\.host/],
  [{table: 'users; DROP TABLE users'}, /answer to auth-sql\.table/],
  [{table: 'secrets'}, /dovecot may not read the table secrets[\s\S]*GRANT SELECT ON secrets TO dovecot/],
  [{database: 'closed'}, /no database closed that dovecot may read/],
] as const;

/** The same of PostgreSQL, which has codes and words of its own. */
const wrongPgsql = [
  [{port: 5433}, /No database server answers/],
  [{ca: authorities.other}, /not from the authority/],
  [{host: 'wrong.example.test'}, /is for another name: db\.example\.test/],
  [{password: {from: 'file:/root/anna.password'}}, /does not let dovecot in/],
  [{user: 'nobody_at_all'}, /does not let nobody_at_all in/],
  [{database: 'mial'}, /no database mial/],
  [{database: 'closed'}, /no database closed that dovecot may read/],
  [{table: 'people'}, /no table people in the database[\s\S]*users \(username, password\)/],
  [{user_column: 'email'}, /does not have all of these columns: email[\s\S]*users \(username, password\)/],
  [{table: 'secrets'}, /dovecot may not read the table secrets[\s\S]*GRANT SELECT ON secrets TO dovecot/],
  [{sample: 'nobody@example.test'}, /has no account nobody@example\.test/],
  [{sample_password: {from: 'file:/root/database.password'}}, /not the password of anna@example\.test/],
] as const;

/** A mail server of a release whose accounts live in a database: set up, proved, moved to another engine, and undone. */
export const databaseServer = (release: Release) => {
  const reason = labReason();
  const lab = reason === undefined ? test.serial : test.serial.skip;
  if (reason !== undefined) {
    console.warn(`skipped: ${reason}`);
  }

  let both: WithDatabases;
  let host: LabHost;
  let databases: LabHost;
  let bare: ReadonlyMap<string, string>;
  // What a database server writes while it runs is its own.
  const tree = () =>
    new Map([...snapshot(host.tree)].filter(([path]) => !/^\/var\/lib\/(?:mysql|postgresql)/.test(path)));
  /** The example's answers with others of `auth-sql`. */
  const write = (own: Readonly<Record<string, unknown>>, rest: Sections = {}) =>
    host.write(
      '/root/answers.yaml',
      stringify({...example, ...rest, 'auth-sql': {...example['auth-sql'], ...own}}),
      0o600,
    );
  const act = async (command: 'plan' | 'apply') =>
    host.run(dovetail, [
      command,
      '--answers',
      '/root/answers.yaml',
      ...(command === 'apply' ? ['--yes'] : []),
    ]);

  test.before(async () => {
    if (reason !== undefined) {
      return;
    }

    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    both = await bootWithDatabases(release);
    ({host, databases} = both);
    host.write('/root/database.password', `${serverPassword}\n`, 0o600);
    host.write('/root/anna.password', `${anna.pass}\n`, 0o600);
    host.write('/root/answers.yaml', '', 0o600);
    const {stdout: hash} = await databases.run('perl', [
      '-e',
      'print crypt($ARGV[0], q($6$saltsaltsalt$))',
      anna.pass,
    ]);
    const rows = ['anna', 'berta']
      .map(name => `('${name}@example.test', '{SHA512-CRYPT}${hash}')`)
      .join(', ');
    await tellServer(
      databases,
      'mysql',
      `CREATE DATABASE mail; CREATE TABLE mail.users (username VARCHAR(190) PRIMARY KEY, password VARCHAR(255)); INSERT INTO mail.users VALUES ${rows}; CREATE USER dovecot@'%' IDENTIFIED BY ${quoted(serverPassword)}; GRANT SELECT ON mail.users TO dovecot@'%'; CREATE TABLE mail.secrets (username INT, password INT); CREATE DATABASE closed;`,
    );
    await tellServer(databases, 'pgsql', 'CREATE DATABASE mail');
    await tellServer(
      databases,
      'pgsql',
      'CREATE DATABASE closed; REVOKE CONNECT ON DATABASE closed FROM PUBLIC;',
    );
    await tellServer(
      databases,
      'pgsql',
      `CREATE TABLE users (username text PRIMARY KEY, password text); INSERT INTO users VALUES ${rows}; CREATE ROLE dovecot LOGIN PASSWORD '${serverPassword.replaceAll("'", "''")}'; GRANT SELECT ON users TO dovecot; CREATE TABLE secrets (username int, password int);`,
      'mail',
    );
    bare = tree();
  });

  test.after.always(async () => both?.stop());

  lab('what is wrong with a database is said in plain words and in time, and nothing is written', async t => {
    t.timeout(900_000);
    const asPgsql = wrongPgsql.map(([own, said]) => [{engine: 'pgsql', port: 5432, ...own}, said] as const);
    for (const [own, said] of [...wrong, ...asPgsql]) {
      write(own);
      const started = Date.now();
      const {exitCode, stdout, stderr} = await act('apply');
      t.is(exitCode, 4, JSON.stringify(own) + stdout + stderr);
      t.regex(stdout + stderr, said);
      t.true(Date.now() - started < 30_000);
    }

    write({});
    t.deepEqual(
      differences(bare, tree()).filter(line => !line.startsWith('/root/answers.yaml')),
      [],
    );
  });

  lab('a certificate whose time is over is called that, of either server', async t => {
    const before = tree();
    const renew = await letCertificateExpire(host);
    for (const own of [{}, {engine: 'pgsql', port: 5432}]) {
      write(own);
      const {exitCode, stdout, stderr} = await act('apply');
      t.is(exitCode, 4, stdout + stderr);
      t.regex(stdout + stderr, /The certificate of db\.example\.test:\d+ is not valid today/);
      t.regex(stdout + stderr, /has to be renewed/);
    }

    await renew();
    t.deepEqual(
      differences(before, tree()).filter(line => !line.startsWith('/root/answers.yaml')),
      [],
    );
  });

  lab('with MariaDB, over TLS and with every character in its password, people log in and write', async t => {
    write({});
    const {exitCode, stdout, stderr} = await act('apply');
    t.is(exitCode, 0, stdout + stderr);
    t.notRegex(stdout, /\[FAIL\]|\[\?\](?! +(?:Whether port 25|No name server))/);
    t.regex(stdout, /A message sent by anna@example\.test arrived/);
    t.false(stdout.includes(serverPassword));
    t.truthy(await inbox(host.address, anna));
    t.is(
      await submit(host.address, anna, {from: anna.user, to: 'berta@example.test', subject: 'hello'}),
      'sent',
    );
    t.is(await rcpt(host.address, 'berta@example.test'), '250');
    t.is(await rcpt(host.address, 'nobody-at-all@example.test'), '550');
    t.regex(
      await submit(host.address, anna, {from: 'berta@example.test', to: anna.user, subject: 'forged'}),
      /553/,
    );
    for (const user of ["anna@example.test' OR '1'='1", 'anna@example.test\\', '%']) {
      t.is(await inbox(host.address, {user, pass: anna.pass}), undefined, user);
    }
  });

  lab('hashes of every scheme let people with odd passwords in, to read and to send', async t => {
    t.timeout(900_000);
    for (const {user, pass, scheme} of odd) {
      const {stdout} = await host.run('doveadm', ['pw', '-s', scheme], {input: typedTwice(pass)});
      t.true(stdout.trim().startsWith(`{${scheme}}`), stdout);
      const values = `(${quoted(user)}, ${quoted(stdout.trim())})`;
      await tellServer(host, 'mysql', `INSERT INTO mail.users VALUES ${values};`);
      await tellServer(host, 'pgsql', `INSERT INTO users VALUES ${values};`, 'mail');
      t.truthy(await inbox(host.address, {user, pass}), `${scheme} ${pass}`);
    }

    const [first = anna] = odd;
    const mail = {from: first.user, to: anna.user, subject: 'from an odd one'};
    t.is(await submit(host.address, first, mail), 'sent');
    t.true(await arrived(host.address, anna, mail.subject));
    t.is(await inbox(host.address, {...first, pass: anna.pass}), undefined);
  });

  lab('it is nobody’s relay, whichever way it is tried from outside, and sends nobody notices', async t => {
    t.timeout(300_000);
    await nobodysRelay(t, host, {domain: 'example.test', login: anna, ports: [25, 465, 587]});
    t.deepEqual(await bounces(host), []);
  });

  lab('nobody but root and Postfix reads the server’s password, and it stands nowhere else', async t => {
    const secret =
      release === 'trixie'
        ? '/etc/dovecot/dovecot-sql-password.conf.ext'
        : '/etc/dovecot/dovecot-sql.conf.ext';
    // Dovecot 2.4 keeps what it has read of its whole configuration beside its sockets, for itself.
    const own = release === 'trixie' ? ['/run/dovecot/dovecot.conf.binary'] : [];
    const table = '/etc/postfix/sql-accounts.cf';
    const {stdout} = await host.run('stat', ['-c', '%a %U', secret, ...own]);
    t.is(stdout, ['600 root', ...own.map(() => '600 root')].join('\n'));
    t.is((await host.run('stat', ['-c', '%a %U:%G', table])).stdout, '640 root:postfix');
    const found = await host.run('grep', ['-rlF', 'aA0!', '/etc', '/var', '/run', '/tmp']);
    t.deepEqual(
      found.stdout
        .split('\n')
        .filter(path => !/^\/var\/lib\/dovetail\/.*\/blobs\//.test(path))
        .sort(),
      [secret, ...own, table].sort(),
    );
  });

  lab('the same answers, no answers and its own answers plan nothing', async t => {
    t.is((await act('plan')).exitCode, 0);
    const said = await host.run(dovetail, ['answers']);
    host.write('/root/own.yaml', said.stdout, 0o600);
    for (const args of [[], ['--answers', '/root/own.yaml']]) {
      const {exitCode, stdout, stderr} = await host.run(dovetail, ['plan', ...args]);
      t.is(exitCode, 0, said.stdout + stdout + stderr);
    }

    await host.run('rm', ['/root/own.yaml']);
  });

  lab('a list takes its place: no password of the server is left, and an undo gives it back', async t => {
    const before = tree();
    // Mail of who is in the new place too, and of who is not.
    t.true((await inbox(host.address, anna))?.includes('from an odd one'));
    t.true(await arrived(host.address, {...anna, user: 'berta@example.test'}, 'hello'));
    const {'auth-sql': _database, ...rest} = example;
    host.write(
      '/root/answers.yaml',
      stringify({
        ...rest,
        auth: {...rest['auth'], backends: ['passwd-file']},
        'auth-passwdfile': {accounts: [{name: anna.user, password: {from: 'file:/root/anna.password'}}]},
      }),
      0o600,
    );
    const {exitCode, stdout, stderr} = await act('apply');
    t.is(exitCode, 0, stdout + stderr);
    t.notRegex(stdout, /\[FAIL\]/);
    t.regex(
      stdout.replaceAll(/\s+/g, ' '),
      /mail of the others stays in \/var\/vmail, and nobody reaches it/,
    );
    const found = await host.run('grep', ['-rlF', 'aA0!', '/etc', '/run', '/tmp']);
    t.is(found.stdout, '');
    t.true((await inbox(host.address, anna))?.includes('from an odd one'));
    t.is(await rcpt(host.address, 'berta@example.test'), '550');
    t.regex(
      (await host.run('find', ['/var/vmail/example.test/berta/mail', '-type', 'f', '-name', '*S=*'])).stdout,
      /S=/,
    );
    const undo = await host.run(dovetail, ['rollback']);
    t.is(undo.exitCode, 0, undo.stdout + undo.stderr);
    t.true((await inbox(host.address, anna))?.includes('from an odd one'));
    t.true((await inbox(host.address, {...anna, user: 'berta@example.test'}))?.includes('hello'));
    t.is(await rcpt(host.address, 'berta@example.test'), '250');
    t.deepEqual(
      differences(before, tree()).filter(line => /^\/(?:etc|usr)\//.test(line)),
      [],
    );
  });

  lab('a server that is dead fails the check in time, and changes nothing', async t => {
    const before = tree();
    // Debian 12's socket would start it again for whoever asks.
    await databases.run('systemctl', ['stop', 'mariadb.socket', 'mariadb.service']);
    write({port: 3306, active_column: ''}, {limits: {processes: 90}});
    const {exitCode, stdout, stderr} = await act('plan');
    t.is(exitCode, 4, stdout + stderr);
    t.regex(stdout + stderr, /No database server answers/);
    t.is(await rcpt(host.address, 'berta@example.test'), '451');
    await databases.run('systemctl', ['start', 'mariadb']);
    t.deepEqual(
      differences(before, tree()).filter(line => /^\/etc\//.test(line)),
      [],
    );
  });

  lab('PostgreSQL takes its place, and mail of before is still there', async t => {
    write({engine: 'pgsql', port: 5432});
    const {exitCode, stdout, stderr} = await act('apply');
    t.is(exitCode, 0, stdout + stderr);
    t.notRegex(stdout, /\[FAIL\]/);
    t.true(await arrived(host.address, {...anna, user: 'berta@example.test'}, 'hello'));
    for (const {user, pass, scheme} of odd) {
      t.truthy(await inbox(host.address, {user, pass}), `${scheme} ${pass}`);
    }

    t.is(await rcpt(host.address, 'nobody-at-all@example.test'), '550');
    t.is((await act('plan')).exitCode, 0);
    t.is((await host.run(dovetail, ['plan'])).exitCode, 0);
  });

  lab('undone twice, the machine is as it was', async t => {
    const first = await host.run(dovetail, ['rollback']);
    t.is(first.exitCode, 0, first.stdout + first.stderr);
    t.truthy(await inbox(host.address, anna));
    await host.run('rm', ['-r', '/var/vmail/example.test']);
    const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback']);
    t.is(exitCode, 0, stdout + stderr);
    t.deepEqual(
      differences(bare, tree()).filter(line => !line.startsWith('/root/answers.yaml')),
      [],
    );
  });
};
