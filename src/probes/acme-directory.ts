import {request} from 'node:https';

/** Bytes that a directory may have. */
const most = 65_536;
/** Milliseconds. */
const patience = 4000;

/** What answers at an authority's address. */
export type AcmeDirectory =
  | {
      readonly kind: 'directory' /** Its terms of service, a URL; empty where it has none. */;
      readonly terms: string;
      readonly external: boolean;
    }
  | {readonly kind: 'untrusted' | 'silent'; readonly line: string}
  | {readonly kind: 'other'};

/** Reads an authority's directory (RFC 8555, 7.1.1). `store`: certificates that this machine trusts, as certbot(1) does. */
export const readDirectory = async (server: string, store: string | undefined): Promise<AcmeDirectory> => {
  const {promise, resolve} = Promise.withResolvers<AcmeDirectory>();
  const late = setTimeout(() => asked.destroy(new Error('no answer')), patience);
  const asked = request(server, {...(store === undefined ? {} : {ca: store})}, response => {
    let body = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      body += chunk;
      if (body.length > most) {
        asked.destroy();
        resolve({kind: 'other'});
      }
    });
    response.on('end', () => resolve(response.statusCode === 200 ? directoryIn(body) : {kind: 'other'}));
  });
  asked.on('error', (error: Error & {code?: string}) =>
    resolve({
      kind: /CERT|SIGNED|VERIFY|ISSUER|ALTNAME/.test(error.code ?? '') ? 'untrusted' : 'silent',
      // Node goes on with advice about itself.
      line: error.message.replace(/;.*/s, ''),
    }),
  );
  asked.end();
  try {
    return await promise;
  } finally {
    clearTimeout(late);
  }
};

const directoryIn = (body: string): AcmeDirectory => {
  try {
    const read = JSON.parse(body) as Readonly<Record<string, unknown>>;
    const meta = (read['meta'] ?? {}) as Readonly<Record<string, unknown>>;
    return typeof read['newOrder'] === 'string' && typeof read['newAccount'] === 'string'
      ? {
          kind: 'directory',
          terms: typeof meta['termsOfService'] === 'string' ? meta['termsOfService'] : '',
          external: meta['externalAccountRequired'] === true,
        }
      : {kind: 'other'};
  } catch {
    return {kind: 'other'};
  }
};
