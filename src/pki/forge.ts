import {createPrivateKey, createPublicKey, sign} from 'node:crypto';
import {isIP} from 'node:net';
import forge from 'node-forge';
import type {Subject} from '../core/material.js';

const {asn1, pki} = forge;

/** A public key as it stands in certificates and requests. node-forge itself knows RSA alone. */
export const publicKeyInfo = (keyPem: string): forge.asn1.Asn1 => {
  const spki = createPublicKey(createPrivateKey(keyPem)).export({type: 'spki', format: 'der'});
  return asn1.fromDer(forge.util.createBuffer(spki.toString('binary')));
};

/** The name of the signature, as it stands beside it: ECDSA or RSA, both with SHA-256. */
export const algorithmOf = (keyPem: string): forge.asn1.Asn1 => {
  const isEc = createPrivateKey(keyPem).asymmetricKeyType === 'ec';
  const oid = isEc ? '1.2.840.10045.4.3.2' : (pki.oids['sha256WithRSAEncryption'] ?? '');
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [
    asn1.create(asn1.Class.UNIVERSAL, asn1.Type.OID, false, asn1.oidToDer(oid).getBytes()),
    ...(isEc ? [] : [asn1.create(asn1.Class.UNIVERSAL, asn1.Type.NULL, false, '')]),
  ]);
};

/** What is to be signed, with its signature by the system's own library: DER. */
export const signed = (content: forge.asn1.Asn1, keyPem: string): Buffer => {
  const signature = sign('sha256', derOf(content), createPrivateKey(keyPem));
  return derOf(
    asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [
      content,
      algorithmOf(keyPem),
      asn1.create(asn1.Class.UNIVERSAL, asn1.Type.BITSTRING, false, `\0${signature.toString('binary')}`),
    ]),
  );
};

export const derOf = (content: forge.asn1.Asn1) => Buffer.from(asn1.toDer(content).getBytes(), 'binary');

/** Any RSA key does as a stand-in where node-forge asks for one: the real one takes its place in the structure. */
export const standIn = () =>
  pki.setRsaPublicKey(new forge.jsbn.BigInteger('65537'), new forge.jsbn.BigInteger('3'));

/** dNSName and iPAddress entries of subjectAltName. */
export const alternativeNames = (names: readonly string[]) =>
  names.map(name => (isIP(name) > 0 ? {type: 7, ip: name} : {type: 2, value: name}));

/** Names of a subject in the order of 003; those that are empty are left out. */
export const subjectAttributes = ({C, ST, L, O, OU, CN, email}: Subject) =>
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
    value === undefined || value === ''
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
