import {execFileSync} from 'node:child_process';
import {appendFileSync, cpSync, readFileSync} from 'node:fs';
import test from 'ava';
import {parse, stringify} from 'yaml';
import {usualFilter} from '../../steps/lib/ldap.js';
import {bounces, nobodysRelay} from '../hosts/abuses.js';
import {arrived, inbox, rcpt, submit} from '../hosts/clients.js';
import {bootHost, type LabHost, labReason, type Release} from '../hosts/host.js';
import {differences, snapshot, untimed} from '../hosts/tree.js';
import {
  authority,
  bootDirectory,
  company,
  configureDirectory,
  directoryName,
  expiredCertificate,
  people,
  readers,
  service,
  staff,
  teachDirectory,
} from './directory.js';
import {driversOf} from './parsed-dovecot.js';

const dovetail = '/opt/dovetail/dovetail';
const example = new URL('../../../examples/directory.yaml', import.meta.url);
const answers = '/opt/dovetail/examples/directory.yaml';
const {anna, berta} = people;

/** A mail server of a release whose accounts live in a directory on another host: set up, proved, and undone. */
export const directoryServer = (release: Release) => {
  const reason = labReason();
  const lab = reason === undefined ? test.serial : test.serial.skip;
  if (reason !== undefined) {
    console.warn(`skipped: ${reason}`);
  }

  let host: LabHost;
  let directory: LabHost;
  /** What the directory's slapd.conf(5) says while nothing else is asked of it. */
  let slapd: string;
  let bare: ReadonlyMap<string, string>;
  test.before(async () => {
    if (reason === undefined) {
      execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
      host = await bootHost({release});
      directory = await bootDirectory(release);
      slapd = await teachDirectory(directory);
      appendFileSync(
        `${host.tree}/etc/hosts`,
        `${directory.address} ${directoryName} wrong.example.test\n127.0.0.9 dead.example.test\n`,
      );
      cpSync(`${directory.tree}${authority}`, `${host.tree}/etc/ssl/certs/directory-ca.pem`);
      host.write('/root/directory.password', `${service.password}\n`, 0o600);
      host.write('/root/anna.password', `${anna.pass}\n`, 0o600);
      host.write('/root/wrong.password', 'not-the-password\n', 0o600);
      host.write('/root/company.password', `${staff.anna.pass}\n`, 0o600);
      host.write('/root/reader.password', `${readers.password}\n`, 0o600);
      bare = snapshot(host.tree);
    }
  });

  test.after.always(async () => {
    await host?.stop();
    await directory?.stop();
  });

  const run = (...args: readonly string[]) => host.run(dovetail, args);
  const changed = () => differences(bare, snapshot(host.tree));
  const configuration = () =>
    new Map([...snapshot(host.tree)].filter(([path]) => /^\/etc\/(?:postfix|dovecot)\//.test(path)));
  const planWith = async (from: string | RegExp, to: string) => {
    host.write('/root/other.yaml', readFileSync(example, 'utf8').replace(from, to));
    const started = Date.now();
    const {exitCode, stdout, stderr} = await run('plan', '--answers', '/root/other.yaml');
    await host.run('rm', ['/root/other.yaml']);
    return {exitCode, said: stdout + stderr, took: Date.now() - started};
  };

  const asReader = (dn: string) => `bind_dn: ${dn}\n  bind_password: {from: file:/root/reader.password}`;
  /** The example with other answers about the directory; undefined: that question is not answered. */
  const answersWith = (own: Readonly<Record<string, unknown>>) => {
    const usual = parse(readFileSync(example, 'utf8')) as Record<string, Record<string, unknown>>;
    return stringify({...usual, 'auth-ldap': {...usual['auth-ldap'], ...own}});
  };

  lab('what is wrong with a directory is said in plain words, and nothing is changed', async t => {
    t.timeout(900_000);
    for (const [from, to, said] of [
      [/ca: .*/, 'ca: /etc/ssl/certs/ca-certificates.crt', /does not come from an authority in/],
      [/ca: .*/, 'ca: /root/anna.password', /has no certificate in it/],
      ['ldaps://ldap.', 'ldaps://wrong.', /is for another name: DNS:ldap\.example\.test/],
      ['ldaps://ldap.', 'ldap://wrong.', /is for another name: DNS:ldap\.example\.test/],
      ['ldaps://ldap.', 'ldaps://nowhere-at-all.', /is not known here/],
      ['ldaps://ldap.', 'ldaps://dead.', /Nothing listens at ldaps:\/\/dead/],
      ['ldaps://ldap.example.test', 'ldaps://ldap.example.test:389', /broke off|not a directory/],
      ['base: ou=people', 'base: ou=nowhere', /There is no entry ou=nowhere/],
      [/ {2}bind_(?:dn|password): .*\n/g, '', /\(anonymous\)/],
      [
        'directory.password',
        'wrong.password',
        /does not take cn=mail,ou=services,dc=example,dc=test with this password/,
      ],
      [
        /bind_dn: .*\n.*$/m,
        asReader(readers.blind),
        /no entry ou=people,dc=example,dc=test that cn=blind,ou=services,dc=example,dc=test may see/,
      ],
      [
        /bind_dn: .*\n.*$/m,
        asReader(readers.barred),
        /cn=barred,ou=services,dc=example,dc=test may not read ou=people,dc=example,dc=test/,
      ],
      [
        /bind_dn: .*\n.*$/m,
        asReader(readers.door),
        /cn=door,ou=services,dc=example,dc=test finds nobody at all below ou=people,dc=example,dc=test/,
      ],
      ['sample: anna@', 'sample: nobody@', /has no nobody@example\.test below/],
      ['sample: anna@', 'sample: twin@', /More than one entry answers to twin@example\.test/],
      ['anna.password', 'wrong.password', /does not take anna@example\.test with this password/],
    ] as const) {
      const {exitCode, said: heard} = await planWith(from, to);
      t.is(exitCode, 4, `${to}\n${heard}`);
      t.regex(heard, said, to);
      t.notRegex(heard, /pa"ss|o'dd/);
    }

    t.deepEqual(changed(), []);
  });

  lab('a certificate whose time is over is called that, over TLS and after STARTTLS', async t => {
    const expired = await expiredCertificate(directory);
    await configureDirectory(
      directory,
      slapd.replace(/^TLSCertificateFile .*$/m, `TLSCertificateFile ${expired}`),
    );
    const said = [await planWith('', ''), await planWith('ldaps://ldap.', 'ldap://ldap.')];
    await configureDirectory(directory, slapd);
    for (const {exitCode, said: heard} of said) {
      t.is(exitCode, 4, heard);
      t.regex(heard, /The certificate of ldaps?:\/\/ldap\.example\.test:\d+ is not valid today/);
      t.regex(heard, /operator has to renew it/);
    }

    t.deepEqual(changed(), []);
  });

  lab('a directory that does not answer is given up after five seconds', async t => {
    // Not by systemd: where its control groups are not its own, it finds no process to stop.
    await directory.run('pkill', ['-STOP', '-x', 'slapd']);
    const {exitCode, said, took} = await planWith('', '');
    await directory.run('pkill', ['-CONT', '-x', 'slapd']);
    t.is(exitCode, 4, said);
    t.regex(said, /did not answer within 5 seconds/);
    t.true(took < 15_000, String(took));
    t.deepEqual(changed(), []);
  });

  lab('a bare host becomes a proved server for the people of the directory', async t => {
    const {exitCode, stdout, stderr} = await run('apply', '--answers', answers, '--yes');
    t.is(exitCode, 0, stdout + stderr);
    t.notRegex(stdout, /\[FAIL\]|\[\?\](?! +(?:Whether port 25|No name server))/);
    t.regex(stdout, /Dovecot finds \d addresses in the directory/);
    t.regex(stdout, /Postfix finds anna@example\.test in the directory, and nobody by a name that is none/);
    t.regex(stdout, /A message sent by anna@example\.test arrived/);
    t.notRegex(stdout + stderr, /pa"ss|o'dd/);
  });

  lab('people log in with their own passwords and write to each other; strangers are refused', async t => {
    const sent = (login: typeof anna | typeof berta, from: string, to: string, subject: string) =>
      submit(host.address, login, {from, to, subject});
    t.is(await sent(anna, anna.user, berta.user, 'to berta'), 'sent');
    t.true(await arrived(host.address, berta, 'to berta'));
    t.is(await sent(berta, berta.user, 'postmaster@example.test', 'to the admin'), 'sent');
    t.true(await arrived(host.address, anna, 'to the admin'));
    t.regex(await sent(berta, anna.user, anna.user, 'forged'), /553/);
    t.is(await rcpt(host.address, berta.user), '250');
    t.is(await rcpt(host.address, 'nobody-at-all@example.test'), '550');
    t.is(await inbox(host.address, {...anna, pass: berta.pass}), undefined);
    t.is(await inbox(host.address, {user: '*)(mail=anna@example.test', pass: anna.pass}), undefined);
    t.is(await inbox(host.address, {user: 'nobody@example.test', pass: anna.pass}), undefined);
  });

  lab('it is nobody’s relay, whichever way it is tried from outside, and sends nobody notices', async t => {
    t.timeout(300_000);
    await nobodysRelay(t, host, {domain: 'example.test', login: anna, ports: [25, 465, 587]});
    t.deepEqual(await bounces(host), []);
  });

  lab('the same answers, no answers, and its own answers plan nothing', async t => {
    const said = await run('answers');
    t.notRegex(said.stdout, /pa"ss|o'dd/);
    host.write('/root/own.yaml', said.stdout, 0o600);
    for (const args of [['--answers', answers], [], ['--answers', '/root/own.yaml']]) {
      const {exitCode, stdout, stderr} = await run('plan', ...args);
      t.is(exitCode, 0, said.stdout + stdout + stderr);
    }

    await host.run('rm', ['/root/own.yaml']);
  });

  lab('its passwords are in files that users cannot read, and nowhere else', async t => {
    const secret =
      release === 'trixie'
        ? '/etc/dovecot/dovecot-ldap-password.conf.ext'
        : '/etc/dovecot/dovecot-ldap.conf.ext';
    // Dovecot 2.4 keeps what it has read of its whole configuration beside its sockets, for itself.
    const own = release === 'trixie' ? ['/run/dovecot/dovecot.conf.binary'] : [];
    const tables = ['/etc/postfix/ldap-accounts.cf'];
    const {stdout} = await host.run('stat', ['-c', '%a %U:%G', secret, ...own, ...tables]);
    t.is(stdout, ['600 root:root', ...own.map(() => '600 root:root'), '640 root:postfix'].join('\n'));
    const found = await host.run('grep', [
      ...['-rlE', 'pa.{0,2}"ss|o\'dd', '/etc', '/var/log', '/var/lib', '/run', '/tmp'],
    ]);
    t.deepEqual(
      found.stdout
        .split('\n')
        .filter(path => !path.startsWith('/var/lib/dovetail/') || !path.includes('/blobs/'))
        .sort(),
      [secret, ...own, ...tables].sort(),
    );
  });

  lab('names that are built from the login name let the same people in, and go back alone', async t => {
    const before = configuration();
    const template = 'uid={name},ou=people,dc=example,dc=test';
    const built = readFileSync(example, 'utf8').replace(
      /^ {2}base: .*$/m,
      `$&\n  way: template\n  template: '${template}'`,
    );
    host.write('/root/wrong.yaml', built.replace('uid={name}', 'cn={name}'));
    const refused = await run('apply', '--answers', '/root/wrong.yaml', '--yes');
    t.is(refused.exitCode, 4, refused.stdout + refused.stderr);
    t.regex(refused.stderr, /does not take anna@example\.test with this password/);
    t.deepEqual(differences(before, configuration()), []);

    host.write('/root/built.yaml', built);
    const {exitCode, stdout, stderr} = await run('apply', '--answers', '/root/built.yaml', '--yes');
    t.is(exitCode, 0, stdout + stderr);
    t.notRegex(stdout, /\[FAIL\]/);
    t.truthy(await inbox(host.address, anna));
    t.is(await inbox(host.address, {...anna, pass: berta.pass}), undefined);
    t.is(await inbox(host.address, {user: 'nobody@example.test', pass: anna.pass}), undefined);
    t.is(
      await inbox(host.address, {user: 'anna,ou=services,dc=example,dc=test', pass: anna.pass}),
      undefined,
    );
    t.is(await rcpt(host.address, 'nobody-at-all@example.test'), '550');
    t.is((await run('plan', '--answers', '/root/built.yaml')).exitCode, 0);
    const said = (await run('answers')).stdout;
    t.regex(said, /way: template/);
    t.true(said.includes(template), said);

    const undone = await run('rollback');
    t.is(undone.exitCode, 0, undone.stdout + undone.stderr);
    t.deepEqual(differences(before, configuration()), []);
    t.truthy(await inbox(host.address, anna));
    await host.run('rm', ['/root/wrong.yaml', '/root/built.yaml']);
  });

  lab(
    'where all may read, nobody to ask as is needed: names are built, and the user database is a static one',
    async t => {
      const before = configuration();
      await configureDirectory(
        directory,
        slapd.replaceAll(/^(access to (?:dn\S*|\*) .*) by \* none$/gm, '$1 by anonymous read by * none'),
      );
      const own = {way: 'template', template: 'uid={name},ou=people,dc=example,dc=test', bind_dn: ''};
      host.write('/root/static.yaml', answersWith({...own, bind_password: undefined}));
      const {exitCode, stdout, stderr} = await run('apply', '--answers', '/root/static.yaml', '--yes');
      t.is(exitCode, 0, stdout + stderr);
      t.notRegex(stdout, /\[FAIL\]/);
      const lines = (await host.run('doveconf', ['-n'])).stdout.split('\n');
      t.deepEqual(driversOf(lines, 'passdb'), ['ldap']);
      t.deepEqual(driversOf(lines, 'userdb'), ['static']);
      // Who asks as nobody keeps no password to ask with.
      t.is((await host.run('grep', ['-rlE', 'pa.{0,2}"ss', '/etc'])).stdout, '');
      const mail = {from: berta.user, to: anna.user, subject: 'to a built name'};
      t.is(await submit(host.address, berta, mail), 'sent');
      t.true(await arrived(host.address, anna, mail.subject));
      t.is(await rcpt(host.address, 'nobody-at-all@example.test'), '550');
      t.is((await run('plan', '--answers', '/root/static.yaml')).exitCode, 0);
      t.is((await run('plan')).exitCode, 0);
      t.is(await inbox(host.address, {...anna, pass: berta.pass}), undefined);
      t.is(await inbox(host.address, {user: 'nobody@example.test', pass: anna.pass}), undefined);

      const undone = await run('rollback');
      t.is(undone.exitCode, 0, undone.stdout + undone.stderr);
      await configureDirectory(directory, slapd);
      t.deepEqual(differences(before, configuration()), []);
      t.truthy(await inbox(host.address, anna));
      await host.run('rm', ['/root/static.yaml']);
    },
  );

  lab(
    'people as Active Directory has them log in by STARTTLS with odd passwords, and who is switched off there does not',
    async t => {
      t.timeout(900_000);
      const before = configuration();
      const old = {from: anna.user, to: anna.user, subject: 'of before'};
      t.is(await submit(host.address, anna, old), 'sent');
      t.true(await arrived(host.address, anna, old.subject));
      const own = {
        shape: 'active-directory',
        // Nothing is answered there before TLS has begun.
        servers: [`ldap://${directoryName}`],
        base: company,
        filter: usualFilter('active-directory'),
        sample_password: {from: 'file:/root/company.password'},
      };
      host.write('/root/company.yaml', answersWith(own));
      const {exitCode, stdout, stderr} = await run('apply', '--answers', '/root/company.yaml', '--yes');
      t.is(exitCode, 0, stdout + stderr);
      t.notRegex(stdout, /\[FAIL\]/);
      // The same address is the same mailbox, whichever entry answers for it.
      t.true((await inbox(host.address, staff.anna))?.includes('of before'));
      for (const person of staff.odd) {
        t.truthy(await inbox(host.address, person), person.pass);
      }

      const [odd = staff.anna] = staff.odd;
      const mail = {from: odd.user, to: staff.anna.user, subject: 'from an odd one'};
      t.is(await submit(host.address, odd, mail), 'sent');
      t.true(await arrived(host.address, staff.anna, mail.subject));
      t.is(await rcpt(host.address, 'odd1@example.test'), '250');
      t.is(await rcpt(host.address, staff.dora.user), '550');
      t.is(await rcpt(host.address, berta.user), '550');
      t.is((await run('plan', '--answers', '/root/company.yaml')).exitCode, 0);
      const said = (await run('answers')).stdout;
      t.regex(said, /shape: active-directory/);
      t.regex(said, /starttls: true/);
      t.is((await run('plan')).exitCode, 0);
      t.is(await inbox(host.address, staff.dora), undefined);
      t.is(await inbox(host.address, anna), undefined);

      const undone = await run('rollback');
      t.is(undone.exitCode, 0, undone.stdout + undone.stderr);
      t.deepEqual(differences(before, configuration()), []);
      t.true((await inbox(host.address, anna))?.includes('of before'));
      await host.run('rm', ['/root/company.yaml']);
    },
  );

  lab('aliases of the directory are tried first, looked up then, and taken back alone', async t => {
    const before = configuration();
    const lookup = (sample: string) =>
      `${readFileSync(example, 'utf8')}ldap-lookup: {use: true, base: 'ou=lists,dc=example,dc=test', sample: ${sample}@example.test, bind_password: {from: file:/root/directory.password}}\n`;
    host.write('/root/lookup.yaml', lookup('nobody'));
    const refused = await run('apply', '--answers', '/root/lookup.yaml', '--yes');
    t.is(refused.exitCode, 4, refused.stdout + refused.stderr);
    t.regex(refused.stderr, /finds nobody at all below ou=lists|has no nobody@example\.test below ou=lists/);
    t.deepEqual(differences(before, configuration()), []);

    host.write('/root/lookup.yaml', lookup('team'));
    const {exitCode, stdout, stderr} = await run('apply', '--answers', '/root/lookup.yaml', '--yes');
    t.is(exitCode, 0, stdout + stderr);
    t.regex(stdout, /sends team@example\.test to anna@example\.test,\s?berta@example\.test/);
    const mail = {from: 'team@example.test', to: 'team@example.test', subject: 'to the team'};
    t.is(await submit(host.address, berta, mail), 'sent');
    t.true(await arrived(host.address, anna, 'to the team'));
    t.true(await arrived(host.address, berta, 'to the team'));
    const again = await run('plan', '--answers', '/root/lookup.yaml');
    t.is(again.exitCode, 0, again.stdout);

    const undone = await run('rollback', '--section', 'ldap-lookup');
    t.is(undone.exitCode, 0, undone.stdout + undone.stderr);
    t.deepEqual(differences(untimed(before), untimed(configuration())), []);
    t.is(await rcpt(host.address, 'team@example.test'), '550');
    await host.run('rm', ['/root/lookup.yaml']);
  });

  lab('a server without its directory refuses nobody for good, and its proof says so', async t => {
    await directory.run('systemctl', ['stop', 'slapd']);
    t.regex(await rcpt(host.address, berta.user), /^45/);
    const check = await run('check');
    t.is(check.exitCode, 2, check.stdout);
    t.regex(check.stdout, /Dovecot finds nobody in the directory/);
    const {exitCode, stdout, stderr} = await run('plan', '--answers', answers);
    t.is(exitCode, 0, stdout + stderr);
    await directory.run('systemctl', ['start', 'slapd']);
  });

  lab('undone, the host is bare again', async t => {
    await host.run('rm', ['-r', '/var/vmail/example.test']);
    const {stdout: history} = await run('history');
    const [first = ''] = history.match(/^\d{8}T\d{6}Z-\w+/gm)?.slice(-1) ?? [];
    const {exitCode, stdout, stderr} = await run('rollback', first, '--yes');
    t.is(exitCode, 0, stdout + stderr);
    t.deepEqual(changed(), []);
  });
};
