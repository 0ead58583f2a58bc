import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {connect} from 'node:tls';
import test, {type ExecutionContext} from 'ava';
import {authorityName, bootAuthority, type LabAuthority} from '../hosts/authority.js';
import {bootHost, type LabHost, labReason} from '../hosts/host.js';
import {nameServer} from '../hosts/name-server.js';
import {changesSince, stateOf} from '../hosts/oracle.js';
import {bootServer} from '../hosts/server.js';

// A certificate of an authority that really looks: Pebble on a host of its own, names in DNS, certbot from the distribution.
const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const name = 'mail.example.test';
const live = `/etc/letsencrypt/live/${name}`;
const outside = (address: string) => address.replace(/\.2$/, '.1');
let authority: LabAuthority;
let host: LabHost;
let before: ReadonlyMap<string, string>;
const servers: {readonly close: () => void}[] = [];

/** Addresses of the names of the test, as its own name servers give them out. */
const addresses = (asked: string) =>
  !asked.endsWith('example.test')
    ? undefined
    : asked === authorityName || asked === 'elsewhere.example.test'
      ? [authority.host.address]
      : [name, 'imap.example.test'].includes(asked) && host !== undefined
        ? [host.address]
        : [];

/** Issuer and serial number of what a port shows. */
const served = async (port: number) =>
  new Promise<{readonly issuer: string; readonly serial: string; readonly names: string}>(
    (resolve, reject) => {
      const socket = connect({host: host.address, port, servername: name, rejectUnauthorized: false}, () => {
        const {issuer, serialNumber, subjectaltname = ''} = socket.getPeerCertificate();
        socket.destroy();
        resolve({issuer: String(issuer.CN), serial: serialNumber, names: subjectaltname});
      });
      socket.on('error', reject);
      socket.setTimeout(20_000, () => socket.destroy(new Error('no answer')));
    },
  );

const answersOf = (lines: readonly string[]) =>
  `version: 1\ntls:\n  source: certbot\n  agree: true\n  contact: admin@example.test\n${lines.map(line => `  ${line}\n`).join('')}`;

const run = async (...args: readonly string[]) => {
  const {exitCode, stdout, stderr} = await host.run(dovetail, args);
  return {exitCode, text: stdout + stderr};
};

const refused = async (t: ExecutionContext, lines: readonly string[], words: RegExp, code = 4) => {
  host.write('/root/tls.yaml', answersOf(lines));
  const {exitCode, text} = await run('apply', 'tls', '--answers', '/root/tls.yaml', '--yes');
  t.is(exitCode, code, text);
  t.regex(text, words);
  t.deepEqual(await left(), []);
};

/**
 * What is on the host and was not, but for the answers that the test writes, and what the servers write by themselves while they run
 * and are proved.
 */
const left = async () =>
  (await changesSince(host, before)).filter(
    line => !/^\/root\/\w+\.yaml:|^\/var\/(?:vmail|lib\/postfix|lib\/dovecot|spool)\//.test(line),
  );

const trust = async () => {
  host.write('/usr/local/share/ca-certificates/lab-acme.crt', authority.root);
  await host.run('update-ca-certificates');
};

/** Gives a host a name server of the test, and a way to the authority and back. */
const meet = async () => {
  servers.push(await nameServer(outside(host.address), addresses));
  host.write('/etc/resolv.conf', `nameserver ${outside(host.address)}\noptions timeout:2 attempts:2\n`);
  await host.meet(authority.host);
  await authority.host.meet(host);
};

test.before(async () => {
  if (reason === undefined) {
    execFileSync(process.execPath, [new URL('../../../scripts/bundle.mjs', import.meta.url).pathname]);
    authority = await bootAuthority(outside);
    servers.push(await nameServer(outside(authority.host.address), addresses));
    host = await bootServer('bookworm');
    await meet();
    before = await stateOf(host);
  }
});

test.after.always(async () => {
  for (const server of servers) {
    server.close();
  }

  await host?.stop();
  await authority?.stop();
});

lab(
  'an authority that is not trusted, or not there, and a name that is not in DNS, are told before anything',
  async t => {
    const {server} = authority;
    await refused(t, [`server: ${server}`], /does not trust the certificate of the authority’s own server/);
    await trust();
    before = await stateOf(host);
    await refused(
      t,
      [`server: ${server.replace('14000', '14999')}`],
      /authority acme\S+:14999 does not answer/,
    );
    await refused(
      t,
      [`server: ${server}`, 'names: [missing.example.test]'],
      /no address for missing\.example\.test/,
    );
    await refused(t, [`server: ${server}`, 'challenge: webroot'], /No web server answers on port 80/);
  },
);

lab('where the authority finds another server in the rehearsal, all goes back, certbot too', async t => {
  const lines = [`server: ${authority.server}`, 'names: [elsewhere.example.test]'];
  await refused(t, lines, /does not get to port 80 of mail\.example\.test, elsewhere\.example\.test/, 6);
});

lab('the certificate is issued, served, and renewed by a rehearsal; a second run plans nothing', async t => {
  host.write('/root/tls.yaml', answersOf([`server: ${authority.server}`, 'names: [imap.example.test]']));
  const dry = await run('plan', 'tls', '--answers', '/root/tls.yaml');
  t.is(dry.exitCode, 2, dry.text);
  t.regex(dry.text, /a certificate for mail\.example\.test, imap\.example\.test, by certbot/);
  // Before it is made it is said what an undo will not be able to give back.
  t.regex(
    dry.text.replaceAll(/\s+/g, ' '),
    /The authority does not take back that it issued it .*it is not revoked/,
  );
  const {exitCode, text} = await run('apply', 'tls', '--answers', '/root/tls.yaml', '--yes');
  t.is(exitCode, 0, text);
  t.regex(text, /renewal was rehearsed with the authority/);
  for (const port of [993, 465]) {
    const {issuer, names} = await served(port);
    t.regex(issuer, /^Pebble Intermediate CA/);
    t.deepEqual(names.split(', ').toSorted(), ['DNS:imap.example.test', `DNS:${name}`]);
  }

  for (const args of [['tls', '--answers', '/root/tls.yaml'], ['--answers', '/root/tls.yaml'], []]) {
    const again = await run('plan', ...args);
    t.is(again.exitCode, 0, again.text);
  }

  const {text: adopted} = await run('answers');
  t.regex(adopted, /source: certbot/);
  t.regex(adopted, new RegExp(`server: ${authority.server}`));
});

lab('a renewal by the timer’s own service is served at once, and check finds all in order', async t => {
  const old = (await served(993)).serial;
  // certbot renews what ends within so many days: the authority’s are good for five years.
  const conf = `/etc/letsencrypt/renewal/${name}.conf`;
  const text = readFileSync(`${host.tree}${conf}`, 'utf8');
  host.write(conf, text.replace('# renew_before_expiry = 30 days', 'renew_before_expiry = 9999 days'));
  const {exitCode, stderr} = await host.run('systemctl', ['start', 'certbot.service']);
  t.is(exitCode, 0, stderr);
  host.write(conf, readFileSync(`${host.tree}${conf}`, 'utf8').replace('= 9999 days', '= 30 days'));
  for (const port of [993, 465]) {
    t.not((await served(port)).serial, old);
  }

  const checked = await run(
    'check',
    '--account',
    'anna@example.test',
    '--password-from',
    'file:/root/anna.password',
  );
  t.is(checked.exitCode, 0, checked.text);
  t.regex(checked.text, /certbot looks for renewals by a timer/);
});

lab(
  'undone, renewals and all, nothing of certbot’s is left, and the server shows what it showed',
  async t => {
    const {exitCode, text} = await run('rollback');
    t.is(exitCode, 0, text);
    t.regex(text, /The authority does not take back that it issued it/);
    t.deepEqual(await left(), []);
    t.is((await served(993)).issuer, name);
  },
);

lab(
  'a new server on Debian 13 begins with such a certificate, and goes back to the bare machine',
  async t => {
    await host.stop();
    host = await bootHost({release: 'trixie'});
    await meet();
    await trust();
    host.write('/root/anna.password', 'correct-horse-battery\n', 0o600);
    const example = readFileSync(new URL('../../../examples/first-server.yaml', import.meta.url), 'utf8');
    host.write(
      '/root/first.yaml',
      example.replace(
        '  source: self-signed\n',
        `  source: certbot\n  server: ${authority.server}\n  key_type: rsa-2048\n  agree: true\n`,
      ),
    );
    before = await stateOf(host);
    const {exitCode, text} = await run('apply', '--answers', '/root/first.yaml', '--yes');
    t.is(exitCode, 0, text);
    t.regex((await served(993)).issuer, /^Pebble Intermediate CA/);
    t.regex(readFileSync(`${host.tree}${live}/fullchain.pem`, 'utf8'), /BEGIN CERTIFICATE/);
    t.is((await run('plan', '--answers', '/root/first.yaml')).exitCode, 0);
    // The mailbox that the proof wrote to would stay, with its owner.
    await host.run('rm', ['-rf', '/var/vmail/example.test']);
    const undone = await run('rollback');
    t.is(undone.exitCode, 0, undone.text);
    t.deepEqual(await left(), []);
  },
);
