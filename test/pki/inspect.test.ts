import {execFileSync} from 'node:child_process';
import {createPrivateKey, generateKeyPairSync} from 'node:crypto';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {makeKey} from '../../src/pki/certificate.js';
import {selfSigned} from '../../src/pki/self-signed.js';
import {type Found, inspectPair} from '../../src/pki/inspect.js';

const name = 'mail.example.com';
const key = makeKey({algorithm: 'ec-p256'});
const good = selfSigned(key, {CN: name}, [name], 90);
const file = (text: string | Buffer, mode = 0o600, uid = 0): Found => ({
  kind: 'file',
  bytes: Buffer.from(text),
  mode,
  uid,
});
const look = (certificate: Found, privateKey: Found = file(key), now?: number) =>
  inspectPair({
    certificatePath: '/c',
    certificate,
    keyPath: '/k',
    key: privateKey,
    name,
    ...(now === undefined ? {} : {now}),
  }).map(({id, severity}) => `${severity} ${id}`);

// Certificates as an authority makes them, by the field's own tool.
const folder = mkdtempSync(join(tmpdir(), 'dovetail-test-'));
const openssl = (...args: readonly string[]) => execFileSync('openssl', args, {cwd: folder, stdio: 'pipe'});
const at = (path: string) => join(folder, path);
const read = (path: string) => readFileSync(at(path));
test.before(() => {
  const request = ['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  openssl(...request, '-keyout', 'root.key', '-out', 'root.pem', '-subj', '/CN=Root', '-days', '30');
  writeFileSync(at('key.pem'), key);
  writeFileSync(at('ca.ext'), 'basicConstraints=critical,CA:TRUE\n');
  writeFileSync(at('leaf.ext'), `subjectAltName=DNS:${name}\nbasicConstraints=CA:FALSE\n`);
  openssl(
    ...[
      'req',
      '-new',
      '-nodes',
      '-newkey',
      'rsa:2048',
      '-keyout',
      'inter.key',
      '-out',
      'inter.csr',
      '-subj',
      '/CN=Inter',
    ],
  );
  openssl(
    ...[
      'x509',
      '-req',
      '-in',
      'inter.csr',
      '-CA',
      'root.pem',
      '-CAkey',
      'root.key',
      '-CAcreateserial',
      '-out',
      'inter.pem',
      '-days',
      '20',
      '-extfile',
      'ca.ext',
    ],
  );
  openssl(...['req', '-new', '-key', 'key.pem', '-out', 'leaf.csr', '-subj', '/CN=x']);
  openssl(
    ...[
      'x509',
      '-req',
      '-in',
      'leaf.csr',
      '-CA',
      'inter.pem',
      '-CAkey',
      'inter.key',
      '-CAcreateserial',
      '-out',
      'leaf.pem',
      '-days',
      '20',
      '-extfile',
      'leaf.ext',
    ],
  );
  openssl(
    ...[
      'x509',
      '-req',
      '-in',
      'leaf.csr',
      '-CA',
      'inter.pem',
      '-CAkey',
      'inter.key',
      '-sha1',
      '-out',
      'sha1.pem',
      '-days',
      '20',
      '-extfile',
      'leaf.ext',
    ],
  );
});

test.after.always(() => rmSync(folder, {recursive: true}));

test('a pair that is good is not found fault with', t => {
  t.deepEqual(look(file(good)), []);
});

test('what is at the path is said before it is read', t => {
  t.deepEqual(look({kind: 'missing'}), ['fail tls:missing']);
  t.deepEqual(look({kind: 'special'}), ['fail tls:special']);
  t.deepEqual(look({kind: 'large'}), ['fail tls:large']);
  t.deepEqual(look(file(good), {kind: 'special'}), ['fail tls:special']);
});

test('a key that others can read, or change, is refused', t => {
  t.deepEqual(look(file(good), file(key, 0o644)), ['fail tls:mode']);
  t.deepEqual(look(file(good), file(key, 0o640)), ['fail tls:mode']);
  t.deepEqual(look(file(good), file(key, 0o600, 1000)), ['fail tls:owner']);
});

test('dates count from both sides, and an end that is near is said', t => {
  const day = 86_400_000;
  t.deepEqual(look(file(good), file(key), Date.now() + 91 * day), ['fail tls:expired']);
  t.deepEqual(look(file(good), file(key), Date.now() - day), ['fail tls:early']);
  t.deepEqual(look(file(good), file(key), Date.now() + 80 * day), ['warning tls:soon']);
});

test('another name, another key, a weak key', t => {
  t.deepEqual(look(file(selfSigned(key, {CN: name}, ['www.example.com'], 90))), ['fail tls:name']);
  t.deepEqual(look(file(good), file(makeKey({algorithm: 'ec-p256'}))), ['fail tls:pair']);
  const weak = generateKeyPairSync('rsa', {modulusLength: 1024}).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string;
  t.deepEqual(look(file(selfSigned(weak, {CN: name}, [name], 90)), file(weak)), ['fail tls:weak']);
});

test('DER, an encrypted key and plain rubbish have messages of their own', t => {
  const der = Buffer.from(good.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  t.deepEqual(look(file(der)), ['fail tls:der']);
  t.deepEqual(look(file('rubbish\u001b]52;c;AAAA\u0007')), ['fail tls:certificate']);
  t.deepEqual(look(file(good), file('rubbish')), ['fail tls:key']);
  const encrypted = createPrivateKey(key).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'x',
  }) as string;
  t.deepEqual(look(file(good), file(encrypted)), ['fail tls:encrypted']);
});

test('a chain must be there, in its order, with the server’s own certificate first', t => {
  const leaf = read('leaf.pem');
  const inter = read('inter.pem');
  t.deepEqual(look(file(Buffer.concat([leaf, inter]))), []);
  t.deepEqual(look(file(Buffer.concat([leaf, inter, read('root.pem')]))), []);
  t.deepEqual(look(file(leaf)), ['warning tls:chain']);
  t.deepEqual(look(file(Buffer.concat([leaf, read('root.pem'), inter]))), ['fail tls:order']);
  t.deepEqual(look(file(Buffer.concat([inter, leaf]))), [
    'fail tls:ca',
    'fail tls:name',
    'fail tls:order',
    'fail tls:pair',
  ]);
});

test('a signature by SHA-1 is refused', t => {
  t.deepEqual(look(file(Buffer.concat([read('sha1.pem'), read('inter.pem')]))), ['fail tls:hash']);
});

test('what a certificate says of itself cannot steer a terminal', t => {
  const [finding] = inspectPair({
    certificatePath: '/c\u001b[2J',
    certificate: {kind: 'missing'},
    keyPath: '/k',
    key: file(key),
    name,
  });
  t.is(finding?.severity, 'fail');
  const named = inspectPair({
    certificatePath: '/c',
    certificate: file(selfSigned(key, {CN: 'x\u001b[2J'}, ['other.example'], 90)),
    keyPath: '/k',
    key: file(key),
    name,
  });
  t.false(JSON.stringify(named).includes('\\u001b'));
});
