import test from 'ava';
import type {Order} from '../../src/core/acme.js';
import {ProblemError} from '../../src/core/finding.js';
import {certbotHere} from '../../src/system/certbot.js';
import {certbotProblem} from '../../src/system/certbot-problem.js';
import type {RunResult} from '../../src/system/types.js';
import {emptyImage, openDisk} from '../helpers/disk.js';

const order: Order = {
  lineage: 'mail.example.com',
  names: ['mail.example.com', 'imap.example.com'],
  server: 'https://acme.example.com:14000/dir',
  contact: 'admin@example.com',
  challenge: {type: 'standalone'},
  algorithm: 'rsa-3072',
};
const good: RunResult = {exitCode: 0, stdout: '', stderr: '', timedOut: false, missing: false};
const machine = (result: RunResult) => {
  const {files} = openDisk(emptyImage());
  for (const folder of ['/run', '/proc', '/etc', '/etc/letsencrypt']) {
    files.makeDirectory(folder, 0o755);
  }

  const runs: (readonly string[])[] = [];
  const run = async (_file: string, args: readonly string[]) => {
    runs.push(args);
    return result;
  };
  return {authority: certbotHere(run, files), files, runs};
};

test('an order says all that was answered, and runs no hooks', async t => {
  const {authority, runs} = machine(good);
  await authority.issue(order, () => undefined);
  t.deepEqual(runs, [
    [
      'certonly',
      ...['--non-interactive', '--agree-tos', '--email', 'admin@example.com', '--no-eff-email'],
      ...['--server', order.server, '--cert-name', 'mail.example.com'],
      ...['--domain', 'mail.example.com', '--domain', 'imap.example.com'],
      ...['--standalone', '--preferred-challenges', 'http', '--key-type', 'rsa', '--rsa-key-size', '3072'],
      ...['--renew-with-new-domains', '--force-renewal', '--no-directory-hooks'],
    ],
  ]);
  await authority.issue(
    {...order, contact: '', challenge: {type: 'webroot', path: '/srv/www'}, algorithm: 'ec-p256'},
    () => undefined,
  );
  const words = runs[1]?.join(' ') ?? '';
  t.true(words.includes('--register-unsafely-without-email'));
  t.true(words.includes('--webroot --webroot-path /srv/www'));
  t.true(words.includes('--key-type ecdsa --elliptic-curve secp256r1'));
});

test('a rehearsal has folders of its own, which go again, also where it fails', async t => {
  const fine = machine(good);
  await fine.authority.rehearse(order, () => undefined);
  t.regex(fine.runs[0]?.join(' ') ?? '', /--dry-run --config-dir \/run\/dovetail-certbot\/config/);
  t.is(fine.files.lstat('/run/dovetail-certbot'), undefined);
  const bad = machine({...good, exitCode: 1});
  await t.throwsAsync(
    bad.authority.rehearse(order, () => undefined),
    {instanceOf: ProblemError},
  );
  t.is(bad.files.lstat('/run/dovetail-certbot'), undefined);
});

// As certbot 2.1 and Pebble say it.
const said: Readonly<Record<string, readonly [stdout: string, stderr: string]>> = {
  'cannot be reached from this machine': [
    '',
    'Saving debug log to /l\nAn unexpected error occurred:\nValueError: Requesting acme.example.com/dir: Connection refused\nAsk for help',
  ],
  'does not trust the certificate of the authority': [
    '',
    "requests.exceptions.SSLError: HTTPSConnectionPool(host='a', port=14000): Max retries exceeded with url: /dir (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed')))",
  ],
  'does not find the address of mail\\.example\\.com': [
    '  Domain: nx.example.test\n  Type:   dns\n  Detail: DNS problem: NXDOMAIN looking up A for nx.example.test\n',
    'Some challenges have failed.',
  ],
  'does not get to port 80 of mail\\.example\\.com': [
    '  Domain: mail.example.test\n  Type:   connection\n  Detail: Get "http://mail.example.test:80/x": dial tcp 10.0.0.2:80: connect: connection refused\n',
    'Some challenges have failed.',
  ],
  'Another server answered the authority': [
    '  Domain: mail.example.test\n  Type:   unauthorized\n  Detail: The key authorization file was not found\n',
    'Some challenges have failed.',
  ],
  'Another program answers on port 80': [
    '',
    'Could not bind TCP port 80 because it is already in use by another process on this system (such as a web server).',
  ],
  'has issued, or refused, too many': [
    '',
    'acme.messages.Error: urn:ietf:params:acme:error:rateLimited :: There were too many requests of a given type',
  ],
  'got no certificate': ['', 'Something nobody has seen'],
};

test('what certbot and the authority say against it is told in plain words, with theirs beside', t => {
  for (const [words, [stdout, stderr]] of Object.entries(said)) {
    const {problem} = certbotProblem(order, {...good, exitCode: 1, stdout, stderr});
    t.regex(problem.what.en, new RegExp(words), stderr);
    t.truthy(problem.remedy.en);
    t.not(problem.what.ja, problem.what.en);
  }

  t.regex(certbotProblem(order, {...good, exitCode: null, timedOut: true}).problem.what.en, /five minutes/);
  t.regex(certbotProblem(order, {...good, exitCode: null, missing: true}).problem.what.en, /not on this/);
});
