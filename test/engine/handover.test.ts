import {createHash, X509Certificate} from 'node:crypto';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {handover} from '../../src/engine/handover.js';
import {makeKey} from '../../src/pki/certificate.js';
import {selfSigned} from '../../src/pki/self-signed.js';
import {realFiles} from '../../src/system/files.js';
import {completeAnswers, debian12Facts, debian12Platform} from '../helpers/facts.js';

test('with a self-signed certificate users get its fingerprint, and DNS the digest of its key', t => {
  const root = mkdtempSync(join(tmpdir(), 'dovetail-test-'));
  t.teardown(() => rmSync(root, {recursive: true}));
  const lines = () =>
    handover(
      {facts: debian12Facts(), platform: debian12Platform, system: {files: realFiles(root)}},
      completeAnswers({sieve: {filter: true}}),
    ).map(({en}) => en);
  t.false(lines().some(line => /SHA-256|TLSA/.test(line)));
  const name = 'mail.example.com';
  const pem = selfSigned(makeKey({algorithm: 'ec-p256'}), {CN: name}, [name], 30);
  mkdirSync(join(root, 'etc/ssl/dovetail'), {recursive: true});
  writeFileSync(join(root, 'etc/ssl/dovetail/server.crt'), pem);
  const {fingerprint256, publicKey} = new X509Certificate(pem);
  const digest = createHash('sha256')
    .update(publicKey.export({type: 'spki', format: 'der'}))
    .digest('hex');
  t.true(lines().some(line => line.includes(`SHA-256 ${fingerprint256}`)));
  t.true(lines().some(line => line.includes(`_25._tcp.${name}.  TLSA  3 1 1 ${digest}`)));
  t.true(lines().some(line => /ManageSieve mail\.example\.com {2}4190 {2}STARTTLS/.test(line)));
  t.true(lines().some(line => line.includes('_sieve._tcp.example.com.  SRV  0 1 4190 mail.example.com.')));
});
