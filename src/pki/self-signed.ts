import {createPrivateKey, createPublicKey, randomBytes, sign, X509Certificate} from 'node:crypto';
import {isIP} from 'node:net';
import forge from 'node-forge';
import type {Subject} from '../core/material.js';

const {asn1, pki} = forge;

/**
 * A self-signed server certificate (RFC 5280): no CA, for TLS servers, names in subjectAltName. node-forge builds the structure;
 * it knows RSA alone, so that the public key is put in and the signature made by the system's own library.
 */
export const selfSigned = (
  keyPem: string,
  subject: Subject,
  names: readonly string[],
  days: number,
  now = new Date(),
): string => {
  const key = createPrivateKey(keyPem);
  const certificate = pki.createCertificate();
  // A positive number of at most 20 octets.
  certificate.serialNumber = `00${randomBytes(16).toString('hex')}`;
  certificate.validity.notBefore = new Date(now.getTime() - 60_000);
  certificate.validity.notAfter = new Date(now.getTime() + days * 86_400_000);
  const attributes = subjectAttributes(subject);
  certificate.setSubject(attributes);
  certificate.setIssuer(attributes);
  certificate.setExtensions([
    {name: 'basicConstraints', cA: false, critical: true},
    {name: 'keyUsage', digitalSignature: true, critical: true},
    {name: 'extKeyUsage', serverAuth: true},
    {
      name: 'subjectAltName',
      altNames: names.map(name => (isIP(name) > 0 ? {type: 7, ip: name} : {type: 2, value: name})),
    },
  ]);
  // Any RSA key does as a stand-in: its place in the structure is taken by the real one below.
  certificate.publicKey = standIn();
  certificate.siginfo.algorithmOid =
    key.asymmetricKeyType === 'ec' ? '1.2.840.10045.4.3.2' : (pki.oids['sha256WithRSAEncryption'] ?? '');
  // The library has it, its types do not say so.
  const tbs = (
    pki as unknown as {getTBSCertificate: (of: forge.pki.Certificate) => forge.asn1.Asn1}
  ).getTBSCertificate(certificate);
  const children = tbs.value as forge.asn1.Asn1[];
  const spki = createPublicKey(key).export({type: 'spki', format: 'der'});
  children[6] = asn1.fromDer(forge.util.createBuffer(spki.toString('binary')));
  const algorithm =
    key.asymmetricKeyType === 'ec'
      ? algorithmOf(certificate.siginfo.algorithmOid, false)
      : algorithmOf(certificate.siginfo.algorithmOid, true);
  children[2] = algorithm;
  const signature = sign('sha256', Buffer.from(asn1.toDer(tbs).getBytes(), 'binary'), key);
  const whole = asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [
    tbs,
    algorithm,
    asn1.create(asn1.Class.UNIVERSAL, asn1.Type.BITSTRING, false, `\0${signature.toString('binary')}`),
  ]);
  const der = Buffer.from(asn1.toDer(whole).getBytes(), 'binary');
  return new X509Certificate(der).toString();
};

const algorithmOf = (oid: string, parameters: boolean) =>
  asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [
    asn1.create(asn1.Class.UNIVERSAL, asn1.Type.OID, false, asn1.oidToDer(oid).getBytes()),
    ...(parameters ? [asn1.create(asn1.Class.UNIVERSAL, asn1.Type.NULL, false, '')] : []),
  ]);

const standIn = () => pki.setRsaPublicKey(new forge.jsbn.BigInteger('65537'), new forge.jsbn.BigInteger('3'));

const subjectAttributes = ({C, ST, L, O, OU, CN, email}: Subject) =>
  (
    [
      ['countryName', C],
      ['stateOrProvinceName', ST],
      ['localityName', L],
      ['organizationName', O],
      ['organizationalUnitName', OU],
      ['commonName', CN],
      ['emailAddress', email],
    ] as const
  ).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [
          {
            name,
            value,
            valueTagClass:
              name === 'countryName'
                ? asn1.Type.PRINTABLESTRING
                : name === 'emailAddress'
                  ? asn1.Type.IA5STRING
                  : asn1.Type.UTF8,
          } as unknown as forge.pki.CertificateField,
        ],
  );
