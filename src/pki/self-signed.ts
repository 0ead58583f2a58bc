import {randomBytes, X509Certificate} from 'node:crypto';
import forge from 'node-forge';
import type {Subject} from '../core/material.js';
import {algorithmOf, alternativeNames, publicKeyInfo, signed, standIn, subjectAttributes} from './forge.js';

const {pki} = forge;

/** A self-signed server certificate (RFC 5280): no CA, for TLS servers, names in subjectAltName. */
export const selfSigned = (
  keyPem: string,
  subject: Subject,
  names: readonly string[],
  days: number,
  now = new Date(),
): string => {
  const certificate = pki.createCertificate();
  certificate.serialNumber = serialFrom(randomBytes(16));
  certificate.validity.notBefore = new Date(now.getTime() - 60_000);
  certificate.validity.notAfter = new Date(now.getTime() + days * 86_400_000);
  const attributes = subjectAttributes(subject);
  certificate.setSubject(attributes);
  certificate.setIssuer(attributes);
  certificate.setExtensions([
    {name: 'basicConstraints', cA: false, critical: true},
    {name: 'keyUsage', digitalSignature: true, critical: true},
    {name: 'extKeyUsage', serverAuth: true},
    {name: 'subjectAltName', altNames: alternativeNames(names)},
  ]);
  certificate.publicKey = standIn();
  certificate.siginfo.algorithmOid = pki.oids['sha256WithRSAEncryption'] ?? '';
  // The library has it, its types do not say so.
  const tbs = (
    pki as unknown as {getTBSCertificate: (of: forge.pki.Certificate) => forge.asn1.Asn1}
  ).getTBSCertificate(certificate);
  const children = tbs.value as forge.asn1.Asn1[];
  children[6] = publicKeyInfo(keyPem);
  children[2] = algorithmOf(keyPem);
  return new X509Certificate(signed(tbs, keyPem)).toString();
};

/**
 * A positive serial number (RFC 5280, 4.1.2.2) in hexadecimal, from random octets. DER allows neither a sign bit
 * nor an octet of zeros in front, and what breaks that is read by nobody: so the first octet is 0x40 to 0x7f.
 */
export const serialFrom = (octets: Uint8Array): string =>
  Buffer.from(octets.with(0, 0x40 | ((octets[0] ?? 0) & 0x3f))).toString('hex');
