import {createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate} from 'node:crypto';
import type {KeySpec} from '../core/material.js';

/** A new private key, PKCS#8 PEM. */
export const makeKey = ({algorithm}: KeySpec): string => {
  const {privateKey} =
    algorithm === 'ec-p256'
      ? generateKeyPairSync('ec', {namedCurve: 'P-256'})
      : generateKeyPairSync('rsa', {modulusLength: Number(algorithm.slice('rsa-'.length))});
  return privateKey.export({type: 'pkcs8', format: 'pem'}) as string;
};

/** The kind of a key; undefined where it is none that dovetail makes. */
export const algorithmOfKey = ({
  asymmetricKeyType,
  asymmetricKeyDetails,
}: KeyObject): KeySpec['algorithm'] | undefined => {
  const name =
    asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1'
      ? 'ec-p256'
      : `${asymmetricKeyType}-${asymmetricKeyDetails?.modulusLength}`;
  return (['ec-p256', 'rsa-2048', 'rsa-3072', 'rsa-4096'] as const).find(known => known === name);
};

/** Names of hosts in a certificate. */
export const namesIn = ({subjectAltName = ''}: X509Certificate): readonly string[] =>
  subjectAltName.split(', ').flatMap(entry => (entry.startsWith('DNS:') ? [entry.slice('DNS:'.length)] : []));

/** Whether a certificate and a key belong together and are good for a name today; the reason where they are not. */
export const pairProblem = (
  certificatePem: string,
  keyPem: string,
  name: string,
  now = Date.now(),
): 'unreadable' | 'key' | 'name' | 'dates' | 'ca' | undefined => {
  try {
    const certificate = new X509Certificate(certificatePem);
    if (!certificate.checkPrivateKey(createPrivateKey(keyPem))) {
      return 'key';
    }

    if (certificate.ca) {
      return 'ca';
    }

    if (Date.parse(certificate.validFrom) > now || Date.parse(certificate.validTo) < now) {
      return 'dates';
    }

    return certificate.checkHost(name) === undefined ? 'name' : undefined;
  } catch {
    return 'unreadable';
  }
};
