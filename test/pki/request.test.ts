import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {X509Certificate} from 'node:crypto';
import test from 'ava';
import {readAnswer} from '../../src/pki/answer.js';
import {makeKey} from '../../src/pki/certificate.js';
import {isSameRequest, makeRequest, readRequest} from '../../src/pki/request.js';
import {selfSigned} from '../../src/pki/self-signed.js';

// Judged, and answered as an authority would, by the field's own tool.
const folder = mkdtempSync(join(tmpdir(), 'dovetail-test-'));
const openssl = (...args: readonly string[]) =>
  execFileSync('openssl', args, {cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8'});
const read = (name: string) => readFileSync(join(folder, name));
const names = ['mail.example.com', 'imap.example.com'];
const subject = {
  C: 'JP',
  ST: 'Tokyo',
  L: 'Chiyoda-ku',
  O: '株式会社サンプル',
  OU: 'IT',
  CN: 'mail.example.com',
  email: 'admin@example.com',
};
const key = makeKey({algorithm: 'ec-p256'});

test.before(() => {
  openssl(
    ...['req', '-x509', '-nodes', '-newkey', 'rsa:2048', '-keyout', 'root.key', '-out', 'root.pem'],
    ...['-subj', '/CN=Root', '-days', '30'],
  );
  writeFileSync(join(folder, 'ca.ext'), 'basicConstraints=critical,CA:TRUE\n');
  openssl(
    ...['req', '-new', '-nodes', '-newkey', 'rsa:2048', '-keyout', 'inter.key'],
    '-out',
    'inter.csr',
    '-subj',
    '/CN=Inter',
  );
  sign('inter.csr', 'root', 'inter.pem', ['-extfile', 'ca.ext']);
  writeFileSync(join(folder, 'server.csr'), makeRequest(key, subject, names));
  sign('server.csr', 'inter', 'server.pem', ['-copy_extensions', 'copyall']);
  sign('server.csr', 'inter', 'nameless.pem', []);
});
test.after.always(() => rmSync(folder, {recursive: true}));

const sign = (request: string, by: string, out: string, more: readonly string[]) =>
  openssl(
    ...['x509', '-req', '-in', request, '-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-CAcreateserial'],
    ...['-days', '20', '-out', out, ...more],
  );

for (const algorithm of ['ec-p256', 'rsa-2048'] as const) {
  test(`a request by ${algorithm} is good, with its whole subject and names`, t => {
    const own = makeKey({algorithm});
    const pem = makeRequest(own, subject, names);
    const file = `${algorithm}.csr`;
    writeFileSync(join(folder, file), pem);
    const text = openssl('req', '-in', file, '-noout', '-verify', '-text', '-nameopt', 'utf8,sep_comma_plus');
    t.regex(
      text,
      /C=JP,ST=Tokyo,L=Chiyoda-ku,O=株式会社サンプル,OU=IT,CN=mail\.example\.com,emailAddress=admin@example\.com/,
    );
    t.regex(text, /DNS:mail\.example\.com, DNS:imap\.example\.com/);
    t.deepEqual(readRequest(pem), {subject, names});
    t.true(isSameRequest(pem, own, subject, names));
    t.false(isSameRequest(pem, own, {...subject, O: 'Other'}, names));
    t.false(isSameRequest(pem, makeKey({algorithm}), subject, names));
  });
}

test('what is no request is none', t => {
  for (const text of [
    '',
    'x',
    '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n',
  ]) {
    t.is(readRequest(text), undefined);
    t.false(isSameRequest(text, key, subject, names));
  }
});

const chain = () =>
  [read('server.pem'), read('inter.pem')].map(pem => new X509Certificate(pem).toString()).join('');
const answerTo = (...files: readonly Buffer[]) => readAnswer(files, key, names);
const der = (name: string) => new X509Certificate(read(name)).raw;

test('an answer in any order, in one file or several, becomes one chain without the root', t => {
  const expected = {kind: 'chain', pem: chain(), complete: true} as const;
  const [server, inter, root] = [read('server.pem'), read('inter.pem'), read('root.pem')];
  t.deepEqual(answerTo(Buffer.concat([root, inter, server])), expected);
  t.deepEqual(answerTo(inter, server), expected);
  t.deepEqual(answerTo(der('server.pem'), der('inter.pem'), root), expected);
  t.deepEqual(answerTo(server), {
    kind: 'chain',
    pem: new X509Certificate(server).toString(),
    complete: false,
  });
});

test('an answer in PKCS#7 is understood, PEM and DER', t => {
  for (const form of ['PEM', 'DER']) {
    openssl(
      ...[
        'crl2pkcs7',
        '-nocrl',
        '-certfile',
        'root.pem',
        '-certfile',
        'inter.pem',
        '-certfile',
        'server.pem',
      ],
      ...['-outform', form, '-out', `answer.${form}`],
    );
    t.deepEqual(answerTo(read(`answer.${form}`)), {kind: 'chain', pem: chain(), complete: true});
  }
});

test('what is wrong with an answer is told apart', t => {
  const why = (...files: readonly Buffer[]) => {
    const answer = answerTo(...files);
    return answer.kind === 'problem' ? answer.why : answer.kind;
  };
  const other = makeKey({algorithm: 'ec-p256'});
  writeFileSync(join(folder, 'key.pem'), key);
  openssl('pkey', '-in', 'key.pem', '-aes256', '-passout', 'pass:x', '-out', 'locked.pem');
  openssl(
    ...['pkcs12', '-export', '-in', 'server.pem', '-inkey', 'key.pem', '-passout', 'pass:x', '-out', 'a.p12'],
  );
  t.is(why(Buffer.from('nonsense')), 'unreadable');
  t.is(why(read('server.csr')), 'key');
  t.is(why(read('locked.pem')), 'encrypted');
  t.is(why(read('a.p12')), 'archive');
  t.is(why(Buffer.from(selfSigned(other, subject, names, 5))), 'key');
  t.is(why(read('nameless.pem')), 'name');
  t.is(why(Buffer.from(selfSigned(key, subject, names, 1, new Date(0)))), 'dates');
});
