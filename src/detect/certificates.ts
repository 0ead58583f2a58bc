import {X509Certificate} from 'node:crypto';
import type {Facts} from '../core/facts.js';
import {algorithmOfKey} from '../pki/certificate.js';
import type {Host} from '../system/types.js';

/** Certificates that certbot(1) keeps here, and a request of ours that an authority has not answered, or has. */
export const certificateFacts = async (
  {files}: Pick<Host, 'files'>,
  folder: string,
): Promise<NonNullable<Facts['certificates']>> => {
  const lineages = (files.list('/etc/letsencrypt/live') ?? []).filter(
    name => files.lstat(`/etc/letsencrypt/live/${name}`)?.type === 'directory',
  );
  const text = (path: string) =>
    files.lstat(path)?.type === 'file' ? files.read(path, {limit: 65_536})?.toString('latin1') : undefined;
  const served = certificateIn(text(`${folder}/server.crt`));
  const algorithm = served === undefined ? undefined : algorithmOfKey(served.publicKey);
  const found = {lineages, ...(algorithm === undefined ? {} : {algorithm})};
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

const certificateIn = (pem: string | undefined) => {
  try {
    return new X509Certificate(pem ?? '');
  } catch {
    return undefined;
  }
};
