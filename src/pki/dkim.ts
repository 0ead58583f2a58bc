import {createHash, createPrivateKey, createPublicKey, type KeyObject, verify} from 'node:crypto';

/** Public half of a private key as the record holds it: SubjectPublicKeyInfo in base64 (RFC 6376, 3.6.1); undefined where the text is no key. */
export const dkimPublicKey = (privatePem: string): string | undefined => {
  try {
    return createPublicKey(createPrivateKey(privatePem))
      .export({type: 'spki', format: 'der'})
      .toString('base64');
  } catch {
    return undefined;
  }
};

/** Strings of the TXT record for a public key; one string holds no more than 255 bytes (RFC 1035, 3.3). */
export const dkimRecord = (publicKey: string): readonly string[] => [
  'v=DKIM1; k=rsa; ',
  ...(`p=${publicKey}`.match(/.{1,250}/g) ?? []),
];

/** The public key that a TXT record names; undefined where it is no record of a key. */
export const publishedKey = (record: string): string | undefined => {
  const tags = tagsOf(record);
  return tags.get('p') === undefined || (tags.get('v') ?? 'DKIM1') !== 'DKIM1'
    ? undefined
    : (tags.get('p') ?? '').replaceAll(/\s/g, '');
};

export type SignatureFound = {
  readonly domain: string;
  readonly selector: string;
  /** What is wrong with it; undefined where the message is as it was signed. */
  readonly problem?: 'body' | 'headers' | 'syntax';
};

/** Every DKIM signature of a message (latin1, CRLF) by the public keys that are known; others are left out (RFC 6376, 6.1). */
export const verifySignatures = (
  message: string,
  keyOf: (domain: string, selector: string) => string | undefined,
): readonly SignatureFound[] => {
  const end = message.indexOf('\r\n\r\n');
  const head = end < 0 ? message : message.slice(0, end + 2);
  const body = end < 0 ? '' : message.slice(end + 4);
  const fields = head.match(/[^\r\n][^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*/g) ?? [];
  return fields
    .filter(field => nameOf(field) === 'dkim-signature')
    .flatMap(field => {
      const tags = tagsOf(field.slice(field.indexOf(':') + 1));
      const [domain, selector] = [tags.get('d') ?? '', tags.get('s') ?? ''];
      const key = keyOf(domain, selector);
      const problem = key === undefined ? undefined : problemOf(field, tags, fields, body, key);
      return key === undefined ? [] : [{domain, selector, ...(problem === undefined ? {} : {problem})}];
    });
};

const problemOf = (
  field: string,
  tags: ReadonlyMap<string, string>,
  fields: readonly string[],
  body: string,
  publicKey: string,
): SignatureFound['problem'] => {
  const [headWay = 'simple', bodyWay = 'simple'] = (tags.get('c') ?? '').split('/').filter(Boolean);
  const names = tags
    .get('h')
    ?.toLowerCase()
    .split(':')
    .map(name => name.trim());
  if (tags.get('a') !== 'rsa-sha256' || names === undefined || tags.has('l')) {
    return 'syntax';
  }

  const digest = createHash('sha256').update(canonicalBody(body, bodyWay), 'latin1').digest('base64');
  if (digest !== tags.get('bh')?.replaceAll(/\s/g, '')) {
    return 'body';
  }

  // A name that is listed more often than it is there stands for nothing: so nobody can add one (5.4.2).
  const left = fields.map(text => ({name: nameOf(text), text}));
  const signed = names.flatMap(name => {
    const at = left.findLastIndex(entry => entry.name === name);
    return at < 0 ? [] : left.splice(at, 1).map(({text}) => canonicalField(text, headWay));
  });
  const own = canonicalField(field.replace(/([;:\s]b=)[^;]*/, '$1'), headWay).replace(/\r\n$/, '');
  const key = createPublicKey({key: Buffer.from(publicKey, 'base64'), type: 'spki', format: 'der'});
  return isSignedBy(key, `${signed.join('')}${own}`, tags.get('b') ?? '') ? undefined : 'headers';
};

const isSignedBy = (key: KeyObject, text: string, signature: string) =>
  verify(
    'RSA-SHA256',
    Buffer.from(text, 'latin1'),
    key,
    Buffer.from(signature.replaceAll(/\s/g, ''), 'base64'),
  );

const nameOf = (field: string) => field.slice(0, field.indexOf(':')).trim().toLowerCase();

// 3.4.1 and 3.4.2: as it is, or with names in small letters and each run of blanks as one.
const canonicalField = (field: string, way: string) =>
  way === 'simple'
    ? field
    : `${nameOf(field)}:${field
        .slice(field.indexOf(':') + 1)
        .replaceAll(/\r\n(?=[ \t])/g, '')
        .replaceAll(/[ \t]+/g, ' ')
        .replace(/ ?\r\n$/, '')
        .trim()}\r\n`;

// 3.4.3 and 3.4.4: empty lines at the end do not count.
const canonicalBody = (body: string, way: string) => {
  const lines = way === 'simple' ? body : body.replaceAll(/[ \t]+(?=\r\n)/g, '').replaceAll(/[ \t]+/g, ' ');
  const text = lines.replace(/(?:\r\n)+$/, '');
  return text === '' && way !== 'simple' ? '' : `${text}\r\n`;
};

const tagsOf = (list: string): ReadonlyMap<string, string> =>
  new Map(
    list.split(';').flatMap(part => {
      const at = part.indexOf('=');
      return at < 0 ? [] : [[part.slice(0, at).trim(), part.slice(at + 1).trim()] as const];
    }),
  );
