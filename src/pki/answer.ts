import {createPrivateKey, X509Certificate} from 'node:crypto';
import {isIP} from 'node:net';
import forge from 'node-forge';

const {asn1, pki} = forge;

/** What came of an authority's answer. */
export type Answer =
  /** PEM: the server's own certificate, then its issuers. `complete`: an authority's own certificate was in the answer too. */
  | {readonly kind: 'chain'; readonly pem: string; readonly complete: boolean}
  | {
      readonly kind: 'problem';
      readonly why: 'encrypted' | 'archive' | 'unreadable' | 'key' | 'ca' | 'dates' | 'name';
    };

/**
 * The answer of an authority in any of its usual forms (PEM, DER, PKCS#7; several files; any order) as one file that servers
 * read: the certificate for the key, then the issuer of each. A root is left out: clients have it, or do not trust it.
 */
export const readAnswer = (
  files: readonly Buffer[],
  keyPem: string,
  names: readonly string[],
  now = Date.now(),
): Answer => {
  const all: X509Certificate[] = [];
  for (const bytes of files) {
    const found = certificatesIn(bytes);
    if (!Array.isArray(found)) {
      return {kind: 'problem', why: found};
    }

    all.push(...found);
  }

  const key = createPrivateKey(keyPem);
  const leaf = all.find(certificate => certificate.checkPrivateKey(key));
  if (leaf === undefined) {
    return {kind: 'problem', why: 'key'};
  }

  const why = leafProblem(leaf, names, now);
  if (why !== undefined) {
    return {kind: 'problem', why};
  }

  const chain = [leaf];
  let complete = false;
  for (let last: X509Certificate = leaf; ; ) {
    const issuer = all.find(
      other => !chain.includes(other) && last.checkIssued(other) && last.verify(other.publicKey),
    );
    if (issuer === undefined) {
      break;
    }

    complete = true;
    if (issuer.checkIssued(issuer)) {
      break;
    }

    chain.push(issuer);
    last = issuer;
  }

  return {kind: 'chain', pem: chain.map(String).join(''), complete};
};

const leafProblem = (leaf: X509Certificate, names: readonly string[], now: number) =>
  leaf.ca
    ? 'ca'
    : Date.parse(leaf.validFrom) > now || Date.parse(leaf.validTo) < now
      ? 'dates'
      : names.some(name => (isIP(name) > 0 ? leaf.checkIP(name) : leaf.checkHost(name)) === undefined)
        ? 'name'
        : undefined;

type Refused = 'encrypted' | 'archive' | 'unreadable';

const certificatesIn = (bytes: Buffer): X509Certificate[] | Refused => {
  const text = bytes.toString('latin1');
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    return 'encrypted';
  }

  const blocks = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([^-]+)-----END \1-----/g)];
  try {
    return blocks.length === 0
      ? binary(bytes)
      : blocks.flatMap(([whole, label = '', body = '']) =>
          /^(?:X509 )?CERTIFICATE$/.test(label)
            ? [new X509Certificate(whole.replaceAll(label, 'CERTIFICATE'))]
            : /^(?:PKCS7|CMS|PKCS #7 SIGNED DATA)$/.test(label)
              ? bundle(Buffer.from(body, 'base64'))
              : [],
        );
  } catch {
    return 'unreadable';
  }
};

const binary = (bytes: Buffer): X509Certificate[] | Refused => {
  try {
    return [new X509Certificate(bytes)];
  } catch {
    // PKCS#12 (RFC 7292) begins with version 3; it is protected by a password.
    const [version] = childrenOf(parsed(bytes));
    return version?.type === asn1.Type.INTEGER ? 'archive' : bundle(bytes);
  }
};

// PKCS#7 (RFC 2315, 9.1): signedData whose certificates stand under [0].
const bundle = (bytes: Buffer): X509Certificate[] => {
  const [oid, content] = childrenOf(parsed(bytes));
  if (asn1.derToOid(String(oid?.value ?? '')) !== pki.oids['signedData']) {
    throw new Error('not signedData');
  }

  const [data] = childrenOf(content);
  const certificates = childrenOf(data).find(
    node => node.tagClass === asn1.Class.CONTEXT_SPECIFIC && Number(node.type) === 0,
  );
  return childrenOf(certificates).map(
    node => new X509Certificate(Buffer.from(asn1.toDer(node).getBytes(), 'binary')),
  );
};

const parsed = (bytes: Buffer) => asn1.fromDer(forge.util.createBuffer(bytes.toString('binary')));

const childrenOf = (node: forge.asn1.Asn1 | undefined): readonly forge.asn1.Asn1[] =>
  Array.isArray(node?.value) ? (node.value as forge.asn1.Asn1[]) : [];
