import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import test from 'ava';
import {parse, stringify} from 'yaml';
import {arrived, inbox, rcpt, submit} from '../hosts/clients.js';
import {bootHost, type LabHost, labReason} from '../hosts/host.js';
import {differences, snapshot} from '../hosts/tree.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

type Sections = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
const dovetail = '/opt/dovetail/dovetail';
const anna = {user: 'anna@example.test', pass: 'correct-horse-battery'};
/** Every character that can be typed but the blank: what the dialects, Postfix and the servers treat in ways of their own. */
const serverPassword = 'aA0!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~%{env:HOME}$ENV:x${x}$mydomain%u%%é日';
const example = parse(
  readFileSync(new URL('../../../examples/database.yaml', import.meta.url), 'utf8'),
) as Sections;

// tzdata is configured anew, and nspawn has bound a file in its way.
const servers = `set -e
umount /etc/localtime 2>/dev/null || true; ln -sf /usr/share/zoneinfo/Etc/UTC /etc/localtime; echo Etc/UTC > /etc/timezone
export DEBIAN_FRONTEND=noninteractive
apt-get -q update; apt-get -q install -y --no-install-recommends mariadb-server postgresql openssl perl
cd /etc/ssl
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout labca.key -out labca.crt -days 9 -subj /CN=Lab -addext keyUsage=critical,keyCertSign,cRLSign
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout other.key -out otherca.crt -days 9 -subj /CN=Other
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout db.key -out db.csr -subj /CN=db.example.test
printf 'subjectAltName=DNS:db.example.test\\n' > ext
openssl x509 -req -in db.csr -CA labca.crt -CAkey labca.key -CAcreateserial -out db.crt -days 9 -extfile ext
echo "$(hostname -I | cut -d' ' -f1) db.example.test wrong.example.test" >> /etc/hosts
install -d -o mysql -m 0700 /etc/mysql/tls; install -o mysql -m 0600 db.crt db.key /etc/mysql/tls
printf '[mysqld]\\nssl_cert=/etc/mysql/tls/db.crt\\nssl_key=/etc/mysql/tls/db.key\\nbind-address=0.0.0.0\\n' > /etc/mysql/mariadb.conf.d/99-lab.cnf
systemctl restart mariadb
d=$(echo /etc/postgresql/*/main); install -o postgres -m 0600 db.crt db.key $d
printf "ssl_cert_file='%s/db.crt'\\nssl_key_file='%s/db.key'\\nlisten_addresses='*'\\n" $d $d >> $d/postgresql.conf
echo 'hostssl all all 0.0.0.0/0 scram-sha-256' >> $d/pg_hba.conf
systemctl restart postgresql
`;

const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

for (const release of ['bookworm', 'trixie'] as const) {
  const title = (words: string) => `${release}: ${words}`;
  let host: LabHost;
  let bare: ReadonlyMap<string, string>;
  const etc = () => new Map([...snapshot(host.tree)].filter(([path]) => path.startsWith('/etc/')));
  const mariadb = async (statements: string) =>
    host.run('mariadb', ['--skip-ssl', '--batch', '--skip-column-names', '--default-character-set=utf8mb4'], {
      input: statements,
    });
  const psql = async (database: string, statements: string) =>
    host.run('runuser', ['-u', 'postgres', '--', 'psql', '-qAt', '-v', 'ON_ERROR_STOP=1', database], {
      input: statements,
    });
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

  lab(title('servers with accounts are there, whose users may only read'), async t => {
    t.timeout(600_000);
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    host = await bootHost({release});
    host.write('/root/servers.sh', servers);
    const made = await host.run('sh', ['/root/servers.sh'], {timeout: 500_000});
    t.is(made.exitCode, 0, made.stderr.slice(-2000));
    host.write('/root/database.password', `${serverPassword}\n`, 0o600);
    host.write('/root/anna.password', `${anna.pass}\n`, 0o600);
    const {stdout: hash} = await host.run('perl', [
      '-e',
      'print crypt($ARGV[0], q($6$saltsaltsalt$))',
      anna.pass,
    ]);
    const rows = ['anna', 'berta']
      .map(name => `('${name}@example.test', '{SHA512-CRYPT}${hash}')`)
      .join(', ');
    const my = await mariadb(
      `CREATE DATABASE mail; CREATE TABLE mail.users (username VARCHAR(190) PRIMARY KEY, password VARCHAR(255)); INSERT INTO mail.users VALUES ${rows}; CREATE USER dovecot@'%' IDENTIFIED BY ${quoted(serverPassword)}; GRANT SELECT ON mail.users TO dovecot@'%';`,
    );
    t.is(my.exitCode, 0, my.stderr);
    await psql('postgres', 'CREATE DATABASE mail');
    const pg = await psql(
      'mail',
      `CREATE TABLE users (username text PRIMARY KEY, password text); INSERT INTO users VALUES ${rows}; CREATE ROLE dovecot LOGIN PASSWORD '${serverPassword.replaceAll("'", "''")}'; GRANT SELECT ON users TO dovecot;`,
    );
    t.is(pg.exitCode, 0, pg.stderr);
    bare = etc();
  });

  for (const [own, said] of [
    [{host: 'nowhere.example.test'}, /name of the database server is unknown/],
    [{port: 3307}, /No database server answers/],
    [{ca: '/etc/ssl/otherca.crt'}, /not from the authority/],
    [{host: 'wrong.example.test'}, /is for another name: db\.example\.test/],
    [{password: {from: 'file:/root/anna.password'}}, /does not let dovecot in/],
    [{database: 'mial'}, /no database mial/],
    [{table: 'people'}, /(?:no table people|may not read the table people)/],
    [{user_column: 'email'}, /does not have all of these columns: email[\s\S]*users \(username, password\)/],
    [{sample: 'nobody@example.test'}, /has no account nobody@example\.test/],
    [{sample_password: {from: 'file:/root/database.password'}}, /not the password of anna@example\.test/],
    [{host: 'h user=root'}, /answer to auth-sql\.host/],
    [{table: 'users; DROP TABLE users'}, /answer to auth-sql\.table/],
  ] as const) {
    lab(title(`before anything is written: ${JSON.stringify(own)}`), async t => {
      write(own);
      const started = Date.now();
      const {exitCode, stdout, stderr} = await act('apply');
      t.is(exitCode, 4, stdout + stderr);
      t.regex(stdout + stderr, said);
      t.true(Date.now() - started < 30_000);
      t.deepEqual(differences(bare, etc()), []);
    });
  }

  lab(
    title('with MariaDB, over TLS and with every character in its password, people log in and write'),
    async t => {
      t.timeout(600_000);
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
    },
  );

  lab(
    title('nobody but root and Postfix reads the server’s password, and it stands nowhere else'),
    async t => {
      const {stdout} = await host.run('find', [
        '/etc',
        '/var/lib/dovetail',
        '-name',
        '*sql*',
        '-printf',
        '%p %m %U:%g\n',
      ]);
      t.regex(
        stdout,
        release === 'bookworm' ? /dovecot-sql\.conf\.ext 600 0:root/ : /99-dovetail-sql\.conf 600 0:root/,
      );
      t.regex(stdout, /sql-accounts\.cf 640 0:postfix/);
      const found = await host.run('grep', [
        '-rlF',
        'aA0!',
        '/etc',
        '/var/log',
        '/run',
        '/tmp',
        '/var/lib/dovetail/transactions',
      ]);
      const files = found.stdout.split('\n').filter(path => !path.includes('/blobs/'));
      t.is(files.length, 2, found.stdout);
      const lost = await host.run('grep', ['-lF', 'aA0!', ...['/etc/passwd', ...files]]);
      t.is(lost.exitCode, 0);
    },
  );

  lab(title('the same answers, no answers and its own answers plan nothing'), async t => {
    t.is((await act('plan')).exitCode, 0);
    const said = await host.run(dovetail, ['answers']);
    host.write('/root/own.yaml', said.stdout, 0o600);
    for (const args of [[], ['--answers', '/root/own.yaml']]) {
      const {exitCode, stdout, stderr} = await host.run(dovetail, ['plan', ...args]);
      t.is(exitCode, 0, said.stdout + stdout + stderr);
    }
  });

  lab(title('a server that is dead fails the check in time, and changes nothing'), async t => {
    t.timeout(300_000);
    const before = etc();
    await host.run('systemctl', ['stop', 'mariadb']);
    write({port: 3306, active_column: ''}, {limits: {processes: 90}});
    const {exitCode, stdout, stderr} = await act('plan');
    t.is(exitCode, 4, stdout + stderr);
    t.regex(stdout + stderr, /No database server answers/);
    t.deepEqual(differences(before, etc()), []);
    t.is(await rcpt(host.address, 'berta@example.test'), '451');
    await host.run('systemctl', ['start', 'mariadb']);
  });

  lab(title('PostgreSQL takes its place, and mail of before is still there'), async t => {
    t.timeout(600_000);
    write({engine: 'pgsql', port: 5432});
    const {exitCode, stdout, stderr} = await act('apply');
    t.is(exitCode, 0, stdout + stderr);
    t.notRegex(stdout, /\[FAIL\]/);
    t.true(await arrived(host.address, {...anna, user: 'berta@example.test'}, 'hello'));
    t.is(await rcpt(host.address, 'nobody-at-all@example.test'), '550');
    t.is((await act('plan')).exitCode, 0);
  });

  lab(title('undone twice, the machine is as it was'), async t => {
    t.timeout(600_000);
    t.is((await host.run(dovetail, ['rollback'])).exitCode, 0);
    t.truthy(await inbox(host.address, anna));
    await host.run('rm', ['-r', '/var/vmail/example.test']);
    const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback']);
    t.is(exitCode, 0, stdout + stderr);
    t.deepEqual(differences(bare, etc()), []);
    await host.stop();
  });
}
