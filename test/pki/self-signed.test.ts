import {X509Certificate} from 'node:crypto';
import test from 'ava';
import {makeKey} from '../../src/pki/certificate.js';
import {selfSigned, serialFrom} from '../../src/pki/self-signed.js';

test('a serial number begins with no zeros and no sign, whatever the random octets are', t => {
  for (const first of Array.from({length: 256}, (_, octet) => octet)) {
    t.regex(serialFrom(new Uint8Array(16).with(0, first)), /^[4-7][0-9a-f]0{30}$/);
  }
});

test('a certificate of our own is read back with its names, its key and its end', t => {
  const key = makeKey({algorithm: 'ec-p256'});
  const now = new Date('2026-11-01T00:00:00Z');
  const certificate = new X509Certificate(
    selfSigned(key, {CN: 'mail.example.com'}, ['mail.example.com'], 90, now),
  );
  t.is(certificate.checkHost('mail.example.com'), 'mail.example.com');
  t.regex(certificate.serialNumber, /^[4-7][0-9A-F]{31}$/);
  t.is(Date.parse(certificate.validTo), now.getTime() + 90 * 86_400_000);
});
