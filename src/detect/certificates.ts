import {X509Certificate} from 'node:crypto';
import {certbotFolder, type Issued, renewalIn} from '../core/acme.js';
import type {Facts} from '../core/facts.js';
import {algorithmOfKey, namesIn} from '../pki/certificate.js';
import type {Host} from '../system/types.js';

type Found = NonNullable<Facts['certificates']>;

/** Certificates that certbot(1) keeps here, and a request of ours that an authority has not answered, or has. */
export const certificateFacts = async (
  {files}: Pick<Host, 'files'>,
  folder: string,
): Promise<NonNullable<Facts['certificates']>> => {
  const lineages = (files.list(`${certbotFolder}/live`) ?? []).filter(
    name => files.lstat(`${certbotFolder}/live/${name}`)?.type === 'directory',
  );
  const text = (path: string) =>
    files.lstat(path)?.type === 'file' ? files.read(path, {limit: 65_536})?.toString('latin1') : undefined;
  const served = certificateIn(text(`${folder}/server.crt`));
  const algorithm = served === undefined ? undefined : algorithmOfKey(served.publicKey);
  const found: Found = {
    lineages,
    ...(lineages.length === 0 ? {} : {issued: lineages.flatMap(lineage => issuedAs({files}, lineage))}),
    ...(files.lstat('/snap/bin/certbot') === undefined ? {} : {snap: true as const}),
    ...(algorithm === undefined ? {} : {algorithm}),
  };
  const pem = text(`${folder}/server.csr`);
  if (pem === undefined) {
    return found;
  }

  // The library is large, and few machines have a request.
  const {readRequest} = await import('../pki/request.js');
  const request = readRequest(pem);
  return request === undefined
    ? found
    : // Not by checkIssued: a certificate that may not sign others is its own issuer nevertheless.
      {...found, request: {...request, waiting: served === undefined || served.issuer === served.subject}};
};

const issuedAs = ({files}: Pick<Host, 'files'>, lineage: string): readonly Issued[] => {
  const text = (path: string) => {
    try {
      return files.read(path, {follow: true, limit: 65_536})?.toString('latin1');
    } catch {
      // Somebody else's links, which may lead anywhere.
      return undefined;
    }
  };
  const certificate = certificateIn(text(`${certbotFolder}/live/${lineage}/cert.pem`));
  const renewal = text(`${certbotFolder}/renewal/${lineage}.conf`);
  if (certificate === undefined || renewal === undefined) {
    return [];
  }

  const {server, challenge} = renewalIn(renewal);
  const algorithm = algorithmOfKey(certificate.publicKey);
  return [
    {
      lineage,
      server,
      names: namesIn(certificate),
      ...(challenge === undefined ? {} : {challenge}),
      ...(algorithm === undefined ? {} : {algorithm}),
    },
  ];
};

const certificateIn = (pem: string | undefined) => {
  try {
    return new X509Certificate(pem ?? '');
  } catch {
    return undefined;
  }
};
