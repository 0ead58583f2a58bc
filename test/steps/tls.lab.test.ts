import {execFileSync} from 'node:child_process';
import {mkdirSync, readFileSync, rmSync, symlinkSync} from 'node:fs';
import {connect} from 'node:tls';
import test, {type ExecutionContext} from 'ava';
import {bootHost, certificates, type LabHost, labReason} from '../hosts/host.js';
import {differences, snapshot} from '../hosts/tree.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const name = 'mail.example.test';
const live = `/etc/letsencrypt/live/${name}`;
const base = readFileSync(new URL('../../../examples/first-server.yaml', import.meta.url), 'utf8');
const withTls = (lines: readonly string[]) =>
  base.replace('  source: self-signed\n', lines.map(line => `  ${line}\n`).join(''));
const request = [
  'source: request',
  'key_type: rsa-2048',
  'names: [imap.example.test]',
  'country: JP',
  'state: Tokyo',
  'locality: Chiyoda-ku',
  'organization: "Example K.K."',
  'unit: IT',
  'email: admin@example.test',
];
let host: LabHost;
let ca: string;
let before: ReadonlyMap<string, string>;

const etc = () => new Map([...snapshot(host.tree)].filter(([path]) => path.startsWith('/etc/')));
const openssl = (...args: readonly string[]) =>
  execFileSync('openssl', args, {cwd: ca, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8'});

/** Subject and issuer of the certificates that IMAPS and SMTPS show, the server's own first. */
const served = async (port: number) =>
  new Promise<readonly string[]>((resolve, reject) => {
    const socket = connect({host: host.address, port, servername: name, rejectUnauthorized: false}, () => {
      const first = socket.getPeerCertificate(true);
      const next = first.issuerCertificate;
      socket.destroy();
      resolve([
        `${first.subject.CN} by ${first.issuer.CN}`,
        ...(next === undefined || next === first ? [] : [`${next.subject.CN} by ${next.issuer.CN}`]),
      ]);
    });
    socket.on('error', reject);
    socket.setTimeout(20_000, () => socket.destroy(new Error('no answer')));
  });

const apply = async (answers: string) => {
  host.write('/root/answers.yaml', answers);
  const {exitCode, stdout, stderr} = await host.run(dovetail, [
    'apply',
    '--answers',
    '/root/answers.yaml',
    '--yes',
  ]);
  return {exitCode, text: stdout + stderr};
};

const check = async () =>
  host.run(dovetail, [
    'check',
    ...['--account', 'anna@example.test', '--password-from', 'file:/root/anna.password'],
  ]);

// An authority with one between: the root signs it, and it signs servers.
const makeAuthority = () => {
  ca = execFileSync('mktemp', ['-d'], {encoding: 'utf8'}).trim();
  openssl(
    ...['req', '-x509', '-nodes', '-newkey', 'rsa:2048', '-keyout', 'root.key', '-out', 'root.pem'],
    ...['-subj', '/CN=Lab Root', '-days', '30'],
  );
  openssl(
    ...['req', '-x509', '-nodes', '-newkey', 'rsa:2048', '-keyout', 'inter.key', '-out', 'inter.pem'],
    ...['-subj', '/CN=Lab Authority', '-days', '30', '-CA', 'root.pem', '-CAkey', 'root.key'],
  );
};

const sign = (csr: string, out: string) =>
  openssl(
    ...['x509', '-req', '-in', csr, '-CA', 'inter.pem', '-CAkey', 'inter.key', '-CAcreateserial'],
    ...['-copy_extensions', 'copyall', '-days', '60', '-out', out],
  );

test.before(async () => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    makeAuthority();
    host = await bootHost();
    host.write('/root/anna.password', 'correct-horse-battery\n', 0o600);
  }
});

test.after.always(async () => {
  await host?.stop();
  if (ca !== undefined) {
    rmSync(ca, {recursive: true});
  }
});

lab('a server that asks an authority works at once, and its request says all that was asked', async t => {
  const {exitCode, text} = await apply(withTls(request));
  t.is(exitCode, 0, text);
  t.regex(text, new RegExp(`Send ${certificates}/server\\.csr to the authority`));
  t.notRegex(text, /BEGIN (?:RSA )?PRIVATE KEY/);
  t.deepEqual(await served(993), [`${name} by ${name}`]);
  const seen = openssl(
    ...['req', '-in', `${host.tree}${certificates}/server.csr`, '-noout', '-verify', '-text'],
    ...['-nameopt', 'sep_comma_plus'],
  );
  t.regex(
    seen,
    /C=JP,ST=Tokyo,L=Chiyoda-ku,O=Example K\.K\.,OU=IT,CN=mail\.example\.test,emailAddress=admin@example\.test/,
  );
  t.regex(seen, /DNS:mail\.example\.test, DNS:imap\.example\.test/);
  t.regex(seen, /2048 bit/);
});

/** Neither the same answers nor none at all come to a change. */
const plansNothing = async (t: ExecutionContext) => {
  for (const args of [['--answers', '/root/answers.yaml'], []]) {
    const {exitCode, stdout, stderr} = await host.run(dovetail, ['plan', ...args]);
    t.is(exitCode, 0, stdout + stderr);
  }
};

lab('days later the request is the same one, and check says that its answer is awaited', async t => {
  await plansNothing(t);
  const {stdout: adopted} = await host.run(dovetail, ['answers']);
  t.regex(adopted, /source: request/);
  t.regex(adopted, /organization: Example K\.K\./);
  const {stdout} = await check();
  t.regex(stdout, /server\.csr has no answer yet/);
  before = etc();
});

lab('the authority’s answer, a PKCS#7 bundle in the wrong order, is what both servers show', async t => {
  sign(`${host.tree}${certificates}/server.csr`, 'server.pem');
  openssl(
    ...['crl2pkcs7', '-nocrl', '-certfile', 'root.pem', '-certfile', 'inter.pem', '-certfile', 'server.pem'],
    ...['-outform', 'DER', '-out', 'answer.p7b'],
  );
  execFileSync('cp', [`${ca}/answer.p7b`, `${host.tree}/root/answer.p7b`]);
  const {exitCode, text} = await apply(withTls([...request, 'answer: [/root/answer.p7b]']));
  t.is(exitCode, 0, text);
  for (const port of [993, 465]) {
    t.deepEqual(await served(port), [`${name} by Lab Authority`, 'Lab Authority by Lab Root']);
  }

  t.notRegex((await check()).stdout, /has no answer yet/);
  await plansNothing(t);
});

lab('the answer to another request is refused before anything changes', async t => {
  openssl(
    ...['req', '-new', '-nodes', '-newkey', 'rsa:2048', '-keyout', 'o.key'],
    '-out',
    'o.csr',
    '-subj',
    `/CN=${name}`,
  );
  sign('o.csr', 'o.pem');
  execFileSync('cp', [`${ca}/o.pem`, `${host.tree}/root/other.pem`]);
  const {exitCode, text} = await apply(withTls([...request, 'answer: [/root/other.pem]']));
  t.is(exitCode, 4, text);
  t.regex(text, /No certificate in \/root\/other\.pem belongs to the key/);
});

lab('undone, the request waits for its answer again', async t => {
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['rollback']);
  t.is(exitCode, 0, stdout + stderr);
  t.deepEqual(differences(before, etc()), []);
  t.deepEqual(await served(993), [`${name} by ${name}`]);
});

/** What certbot leaves: an archive, and names in `live` that lead to its newest pair. */
const renewTo = (serial: string) => {
  openssl(
    ...['req', '-new', '-nodes', '-newkey', 'rsa:2048', '-keyout', 'le.key', '-out', 'le.csr'],
    ...['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`],
  );
  sign('le.csr', 'le.pem');
  const archive = `/etc/letsencrypt/archive/${name}`;
  mkdirSync(`${host.tree}${archive}`, {recursive: true});
  mkdirSync(`${host.tree}${live}`, {recursive: true});
  host.write(
    `${archive}/fullchain${serial}.pem`,
    readFileSync(`${ca}/le.pem`, 'utf8') + readFileSync(`${ca}/inter.pem`, 'utf8'),
  );
  host.write(`${archive}/privkey${serial}.pem`, readFileSync(`${ca}/le.key`, 'utf8'), 0o600);
  for (const part of ['fullchain', 'privkey']) {
    rmSync(`${host.tree}${live}/${part}.pem`, {force: true});
    symlinkSync(`../../archive/${name}/${part}${serial}.pem`, `${host.tree}${live}/${part}.pem`);
  }
};

lab('a certificate that certbot renewed is served only once the hook has run, and check tells', async t => {
  renewTo('1');
  const {exitCode, text} = await apply(withTls(['source: lets-encrypt']));
  t.is(exitCode, 0, text);
  t.deepEqual(await served(993), [`${name} by Lab Authority`, 'Lab Authority by Lab Root']);
  await plansNothing(t);
  t.regex((await host.run(dovetail, ['answers'])).stdout, /source: lets-encrypt/);

  renewTo('2');
  const stale = await check();
  t.is(stale.exitCode, 2);
  t.regex(stale.stdout, /Port 993 serves another certificate/);
  t.regex(stale.stdout, /nobody renews the certificate/);
  const hook = '/etc/letsencrypt/renewal-hooks/deploy/dovetail';
  await host.run('env', ['RENEWED_LINEAGE=/etc/letsencrypt/live/other', hook]);
  t.regex((await check()).stdout, /Port 993 serves another certificate/);
  const renewal = await host.run('env', [`RENEWED_LINEAGE=${live}`, hook]);
  t.is(renewal.exitCode, 0, renewal.stderr);
  t.is((await check()).exitCode, 0);
});
