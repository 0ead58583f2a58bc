import {execFileSync} from 'node:child_process';
import test, {type ExecutionContext} from 'ava';
import {stringify} from 'yaml';
import {inbox, rcpt} from '../hosts/clients.js';
import {bootDatabases, contentOf, type Server, tellServer} from '../hosts/databases.js';
import {type DebianRelease, type LabHost, labReason} from '../hosts/host.js';
import {differences, snapshot} from '../hosts/tree.js';

const dovetail = '/opt/dovetail/dovetail';
const anna = {user: 'anna@example.test', pass: 'correct-horse-battery'};
const berta = {user: 'berta@example.test', pass: 'another-horse-battery'};

/** Answers of a complete server whose database is made on the machine itself. */
const answersWith = (own: Readonly<Record<string, unknown>>) => ({
  version: 1,
  role: {kind: 'complete', hostname: 'mail.example.test', domains: ['example.test']},
  auth: {backends: ['sql']},
  'auth-sql': {
    make: true,
    accounts: [anna, berta].map(({user}) => ({
      name: user,
      password: {from: `file:/root/${user.split('@')[0]}.password`},
    })),
    ...own,
  },
  tls: {source: 'self-signed'},
  protocols: {services: ['imap']},
  smtp: {admin: anna.user},
  relay: {how: 'direct'},
});

/** The same of each server: what its administrator does by hand, and what it shows of the user who reads the accounts. */
const servers = {
  mysql: {
    loud: "SET GLOBAL general_log_file = '/var/lib/mysql/lab.log'; SET GLOBAL general_log = 1;",
    quiet: 'SET GLOBAL general_log = 0;',
    rights: "SHOW GRANTS FOR dovecot@'localhost';",
    mayRead: /^GRANT USAGE ON \*\.\*[^\n]*\nGRANT SELECT ON `mail`\.`users` TO [^\n]*$/,
    others: "INSERT INTO mail.users VALUES ('carl@example.test', '{PLAIN}x');",
    accounts: 'SELECT username FROM mail.users ORDER BY 1;',
    drop: 'DROP DATABASE mail;',
  },
  pgsql: {
    loud: "ALTER SYSTEM SET log_statement = 'all'; SELECT pg_reload_conf();",
    quiet: 'ALTER SYSTEM RESET log_statement; SELECT pg_reload_conf();',
    rights:
      "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = 'dovecot';",
    mayRead: /^users\|SELECT$/,
    others: "INSERT INTO users VALUES ('carl@example.test', '{PLAIN}x');",
    accounts: 'SELECT username FROM users ORDER BY 1;',
    drop: 'DROP DATABASE mail WITH (FORCE);',
  },
} as const;

/** Databases for accounts that the program makes itself on a host of a release: with each engine, proved and undone. */
export const databaseMade = (release: DebianRelease) => {
  const reason = labReason();
  const lab = reason === undefined ? test.serial : test.serial.skip;
  if (reason !== undefined) {
    console.warn(`skipped: ${reason}`);
  }

  let host: LabHost;
  const answers = '/root/answers.yaml';
  /** What was before each of the three: the tree, and what the servers hold. */
  const before: (readonly [tree: ReadonlyMap<string, string>, content: readonly string[]])[] = [];
  // What a server writes while it runs is its own; what it holds is compared as it tells it.
  const tree = () =>
    new Map(
      [...snapshot(host.tree)].filter(
        ([path]) =>
          !/^\/var\/lib\/(?:mysql|postgresql|postfix|dovecot)\/|^\/root\/answers\.yaml$|^\/var\/vmail/.test(
            path,
          ),
      ),
    );
  const write = (own: Readonly<Record<string, unknown>>) =>
    host.write(answers, stringify(answersWith(own)), 0o600);
  const run = async (...args: readonly string[]) => {
    const {exitCode, stdout, stderr} = await host.run(dovetail, args);
    return {exitCode, text: stdout + stderr};
  };
  const made = async (t: ExecutionContext, own: Readonly<Record<string, unknown>>) => {
    before.push([tree(), await contentOf(host)]);
    write(own);
    const dry = await run('plan', '--answers', answers);
    t.is(dry.exitCode, 2, dry.text);
    t.deepEqual(await contentOf(host), before.at(-1)?.[1] ?? []);
    const {exitCode, text} = await run('apply', '--answers', answers, '--yes');
    t.is(exitCode, 0, text);
    t.notRegex(text, /\[FAIL\]|\[\?\](?! +(?:Whether port 25|No name server))/);
    t.regex(text, /A message sent by anna@example\.test arrived/);
    for (const person of [anna, berta]) {
      t.truthy(await inbox(host.address, person), person.user);
      t.is(await rcpt(host.address, person.user), '250');
    }

    t.is(await inbox(host.address, {...anna, pass: berta.pass}), undefined);
    t.is(await rcpt(host.address, 'nobody-at-all@example.test'), '550');
    for (const args of [['--answers', answers], []]) {
      const again = await run('plan', ...args);
      t.is(again.exitCode, 0, again.text);
    }

    return text;
  };
  const undone = async (t: ExecutionContext) => {
    const {exitCode, text} = await run('rollback');
    t.is(exitCode, 0, text);
    const [was, held] = before.pop() ?? [new Map(), []];
    t.deepEqual(differences(was, tree()), []);
    t.deepEqual(await contentOf(host), held);
  };

  test.before(async () => {
    if (reason === undefined) {
      execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
      host = await bootDatabases(release);
      host.write('/root/anna.password', `${anna.pass}\n`, 0o600);
      host.write('/root/berta.password', `${berta.pass}\n`, 0o600);
      // Somebody else's, which no run may touch.
      await tellServer(
        host,
        'mysql',
        "CREATE DATABASE shop; CREATE TABLE shop.users (username INT); CREATE USER shop@'localhost';",
      );
      await tellServer(host, 'pgsql', 'CREATE DATABASE shop; CREATE ROLE shop LOGIN;');
    }
  });

  test.after.always(async () => host?.stop());

  for (const engine of ['mysql', 'pgsql'] as const satisfies readonly Server[]) {
    const own = servers[engine];
    lab(`${engine}: a database is made with its table, reader and accounts, and people log in`, async t => {
      await tellServer(host, engine, own.loud);
      const text = await made(t, {engine});
      t.regex(text, /database mail/);
      await tellServer(host, engine, own.quiet);
      t.regex((await tellServer(host, engine, own.rights, 'mail')).trim(), own.mayRead);
    });

    lab(`${engine}: the password of the reader stands in no log, however much the server writes`, async t => {
      const {stdout: file} = await host.run('sh', [
        '-c',
        "grep -hoP '(?:postgresql://dovecot:\\K[^@]+|^password = \\K.*)' /etc/postfix/sql-accounts.cf",
      ]);
      t.true(file.length >= 16, file);
      const found = await host.run('grep', ['-rlaF', file, '/var', '/etc', '/tmp', '/run']);
      const allowed =
        release === 'bookworm'
          ? ['/etc/dovecot/dovecot-sql.conf.ext']
          : ['/etc/dovecot/dovecot-sql-password.conf.ext', '/run/dovecot/dovecot.conf.binary'];
      t.deepEqual(
        found.stdout
          .split('\n')
          .filter(path => !/^\/var\/lib\/dovetail\/.*\/blobs\//.test(path))
          .sort(),
        [...allowed, '/etc/postfix/sql-accounts.cf'].sort(),
      );
    });
  }

  lab('sqlite: a file takes their place, readable for Dovecot alone', async t => {
    await made(t, {engine: 'sqlite'});
    const {stdout} = await host.run('stat', ['-c', '%a %U:%G', '/var/lib/mail-accounts/users.sqlite']);
    t.is(stdout, '640 root:dovecot');
  });

  lab('undone, each gives back what was before it, and the server before answers again', async t => {
    await undone(t);
    t.truthy(await inbox(host.address, berta));
    // A server that is down cannot give back its part: that is said, nothing is lost, and the same command goes on later.
    await host.run('systemctl', ['stop', 'postgresql']);
    const stuck = await run('rollback');
    t.is(stuck.exitCode, 3, stuck.text);
    t.regex(stuck.text, /pgsql server of this machine does not let its administrator in/);
    await host.run('systemctl', ['start', 'postgresql']);
    await undone(t);
    t.truthy(await inbox(host.address, berta));
  });

  lab('accounts that others have added since are kept, and named', async t => {
    await tellServer(host, 'mysql', servers.mysql.others, 'mail');
    await host.run('rm', ['-r', '/var/vmail/example.test']);
    const {exitCode, text} = await run('rollback');
    t.is(exitCode, 7, text);
    t.regex(text, /stays in the database[^\n]*table users \(1 accounts\)/);
    t.is(await tellServer(host, 'mysql', servers.mysql.accounts), 'carl@example.test');
    await tellServer(host, 'mysql', servers.mysql.drop);
    const [was, held] = before.pop() ?? [new Map(), []];
    t.deepEqual(differences(was, tree()), []);
    t.deepEqual(await contentOf(host), held);
  });

  lab('an account of ours whose password was changed since is somebody’s by now', async t => {
    await made(t, {engine: 'pgsql'});
    await tellServer(
      host,
      'pgsql',
      "UPDATE users SET password = '{PLAIN}new' WHERE username = 'berta@example.test';",
      'mail',
    );
    await host.run('rm', ['-r', '/var/vmail/example.test']);
    const {exitCode, text} = await run('rollback');
    t.is(exitCode, 7, text);
    t.regex(text, /account berta@example\.test/);
    t.is(await tellServer(host, 'pgsql', servers.pgsql.accounts, 'mail'), 'berta@example.test');
  });
};
