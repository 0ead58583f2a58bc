import forge from 'node-forge';
import type {Subject} from '../core/material.js';
import {alternativeNames, derOf, publicKeyInfo, signed, standIn, subjectAttributes} from './forge.js';

const {asn1, pki} = forge;

/** What a request asks for. */
export type Requested = {readonly subject: Subject; readonly names: readonly string[]};

/** A request for a certificate (PKCS#10, RFC 2986) with names in subjectAltName: what is sent to an authority, PEM. */
export const makeRequest = (keyPem: string, subject: Subject, names: readonly string[]): string =>
  pemOf(signed(infoOf(keyPem, subject, names), keyPem));

/** Whether a request is for this key, this subject and these names: then it need not be made, nor sent, again. */
export const isSameRequest = (
  pem: string,
  keyPem: string,
  subject: Subject,
  names: readonly string[],
): boolean => {
  try {
    const [info] = childrenOf(requestIn(pem));
    return info !== undefined && derOf(info).equals(derOf(infoOf(keyPem, subject, names)));
  } catch {
    return false;
  }
};

/** Subject and names of a request; undefined where it is none that can be read. */
export const readRequest = (pem: string): Requested | undefined => {
  try {
    const [, name, , attributes] = childrenOf(childrenOf(requestIn(pem))[0]);
    return name === undefined ? undefined : {subject: subjectIn(name), names: namesIn(attributes)};
  } catch {
    return undefined;
  }
};

const infoOf = (keyPem: string, subject: Subject, names: readonly string[]) => {
  const request = pki.createCertificationRequest();
  request.publicKey = standIn();
  request.setSubject(subjectAttributes(subject));
  request.setAttributes([
    {name: 'extensionRequest', extensions: [{name: 'subjectAltName', altNames: alternativeNames(names)}]},
  ]);
  const info = (
    pki as unknown as {
      getCertificationRequestInfo: (of: ReturnType<typeof pki.createCertificationRequest>) => forge.asn1.Asn1;
    }
  ).getCertificationRequestInfo(request);
  (info.value as forge.asn1.Asn1[])[2] = publicKeyInfo(keyPem);
  return info;
};

const label = 'CERTIFICATE REQUEST';

const pemOf = (der: Buffer) =>
  [
    `-----BEGIN ${label}-----`,
    ...(der.toString('base64').match(/.{1,64}/g) ?? []),
    `-----END ${label}-----`,
    '',
  ].join('\n');

const requestIn = (pem: string) => {
  const [, body = ''] = /-----BEGIN CERTIFICATE REQUEST-----([^-]+)-----END/.exec(pem) ?? [];
  return asn1.fromDer(forge.util.createBuffer(Buffer.from(body, 'base64').toString('binary')));
};

const childrenOf = (node: forge.asn1.Asn1 | undefined): readonly forge.asn1.Asn1[] =>
  Array.isArray(node?.value) ? (node.value as forge.asn1.Asn1[]) : [];

// X.520 names by their short names, as `Subject` has them.
const fields: Readonly<Record<string, keyof Subject>> = {
  countryName: 'C',
  stateOrProvinceName: 'ST',
  localityName: 'L',
  organizationName: 'O',
  organizationalUnitName: 'OU',
  commonName: 'CN',
  emailAddress: 'email',
};

const subjectIn = (name: forge.asn1.Asn1): Subject => {
  const found: Partial<Record<keyof Subject, string>> = {};
  for (const pair of childrenOf(name).flatMap(set => childrenOf(set))) {
    const [oid, value] = childrenOf(pair);
    const field = fields[pki.oids[asn1.derToOid(String(oid?.value ?? ''))] ?? ''];
    if (field !== undefined) {
      found[field] = Buffer.from(String(value?.value ?? ''), 'binary').toString('utf8');
    }
  }

  return {...found, CN: found.CN ?? ''};
};

const namesIn = (attributes: forge.asn1.Asn1 | undefined): readonly string[] => {
  const requested = childrenOf(attributes)
    .map(attribute => childrenOf(attribute))
    .find(([oid]) => asn1.derToOid(String(oid?.value ?? '')) === pki.oids['extensionRequest']);
  const extensions = childrenOf(requested?.[1])[0];
  const [alternative] =
    extensions === undefined
      ? []
      : (
          pki as unknown as {
            certificateExtensionsFromAsn1: (
              of: forge.asn1.Asn1,
            ) => readonly {readonly name?: string; readonly altNames?: readonly AltName[]}[];
          }
        )
          .certificateExtensionsFromAsn1(
            asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [extensions]),
          )
          .filter(({name}) => name === 'subjectAltName');
  return (alternative?.altNames ?? []).map(({type, value, ip}) => (type === 7 ? (ip ?? '') : value));
};

type AltName = {readonly type: number; readonly value: string; readonly ip?: string};
