import {createPrivateKey, type KeyObject, X509Certificate} from 'node:crypto';
import type {Finding} from '../core/finding.js';
import {fill, type Text, visibleLine} from '../core/text.js';

/** What is at a path that was named for a certificate or a key. */
export type Found =
  | {readonly kind: 'missing'}
  /** A directory, a device, a FIFO: nothing to read a certificate from. */
  | {readonly kind: 'special'}
  | {readonly kind: 'large'}
  | {readonly kind: 'file'; readonly bytes: Buffer; readonly mode: number; readonly uid: number};

export type Pair = {
  readonly certificatePath: string;
  readonly certificate: Found;
  readonly keyPath: string;
  readonly key: Found;
  /** The name that mail programs connect to. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly now?: number;
};

/** Bytes that a certificate with its chain, or a key, may have. */
export const pkiLimit = 1024 * 1024;

/** Days before the end from which on a certificate is said to end soon. */
const soon = 14;

/** Looks at a certificate and its key before anything is made of them: each thing that is wrong with them is a finding of its own. */
export const inspectPair = (pair: Pair): readonly Finding[] => {
  const unread = [
    ...unreadable(pair.certificatePath, pair.certificate),
    ...unreadable(pair.keyPath, pair.key),
    ...(pair.key.kind === 'file' ? openToOthers(pair.keyPath, pair.key) : []),
  ];
  if (pair.certificate.kind !== 'file' || pair.key.kind !== 'file') {
    return unread;
  }

  const chain = certificatesIn(pair.certificate.bytes, pair.certificatePath);
  const key = keyIn(pair.key.bytes, pair.keyPath);
  return [
    ...unread,
    ...('findings' in chain ? chain.findings : chainFindings(chain.certificates, pair)),
    ...('findings' in key ? key.findings : []),
    ...('findings' in chain || 'findings' in key ? [] : keyFindings(chain.certificates, key.key, pair)),
  ];
};

const unreadable = (path: string, found: Found): readonly Finding[] =>
  found.kind === 'file' ? [] : [problem(found.kind, texts[found.kind], {path})];

// Others who can read the key can pose as this server; who owns it can change it.
const openToOthers = (path: string, {mode, uid}: Extract<Found, {kind: 'file'}>): readonly Finding[] => [
  ...((mode & 0o077) === 0
    ? []
    : [problem('mode', texts.mode, {path, mode: mode.toString(8).padStart(4, '0')})]),
  ...(uid === 0 ? [] : [problem('owner', texts.owner, {path})]),
];

const certificatesIn = (
  bytes: Buffer,
  path: string,
): {readonly certificates: readonly X509Certificate[]} | {readonly findings: readonly Finding[]} => {
  const blocks = bytes.toString('latin1').match(pem('CERTIFICATE'));
  try {
    if (blocks === null) {
      // DER reads well, but neither server takes it from a file.
      new X509Certificate(bytes);
      return {findings: [problem('der', texts.der, {path})]};
    }

    return {certificates: blocks.map(block => new X509Certificate(block))};
  } catch {
    return {findings: [problem('certificate', texts.certificate, {path})]};
  }
};

const keyIn = (
  bytes: Buffer,
  path: string,
): {readonly key: KeyObject} | {readonly findings: readonly Finding[]} => {
  const text = bytes.toString('latin1');
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    return {findings: [problem('encrypted', texts.encrypted, {path})]};
  }

  try {
    return {key: createPrivateKey(text)};
  } catch {
    return {findings: [problem('key', texts.key, {path})]};
  }
};

const chainFindings = (
  [leaf, ...rest]: readonly X509Certificate[],
  {name, now = Date.now()}: Pair,
): readonly Finding[] => {
  if (leaf === undefined) {
    return [];
  }

  const from = Date.parse(leaf.validFrom);
  const to = Date.parse(leaf.validTo);
  const shown = {
    subject: visibleLine(leaf.subject.replaceAll('\n', ', ')),
    from: day(from),
    to: day(to),
    name,
    names: visibleLine(leaf.subjectAltName ?? '—'),
    algorithm: visibleLine(leaf.signatureAlgorithm ?? ''),
  };
  const {asymmetricKeyType, asymmetricKeyDetails} = leaf.publicKey;
  const bits = asymmetricKeyDetails?.modulusLength ?? 0;
  // Not by checkIssued: a certificate that may not sign others is its own issuer nevertheless.
  const isOwnIssuer = leaf.issuer === leaf.subject;
  return [
    ...(leaf.ca && !(isOwnIssuer && leaf.checkHost(name) !== undefined)
      ? [problem('ca', texts.ca, shown)]
      : []),
    ...(to < now ? [problem('expired', texts.expired, shown)] : []),
    ...(from > now ? [problem('early', texts.early, shown)] : []),
    ...(to >= now && to < now + soon * 86_400_000 ? [warning('soon', texts.soon, shown)] : []),
    ...(leaf.checkHost(name) === undefined ? [problem('name', texts.name, shown)] : []),
    ...(asymmetricKeyType === 'rsa' && bits < 2048 ? [problem('weak', texts.weak, {bits})] : []),
    ...(/sha1|md5/i.test(leaf.signatureAlgorithm ?? '') ? [problem('hash', texts.hash, shown)] : []),
    ...(isOwnIssuer ? [] : linked(leaf, rest)),
  ];
};

// Each certificate is followed by its issuer; the root need not be there (RFC 8446, 4.4.2).
const linked = (leaf: X509Certificate, rest: readonly X509Certificate[]): readonly Finding[] => {
  if (rest.length === 0) {
    return [warning('chain', texts.chain, {issuer: visibleLine(leaf.issuer.replaceAll('\n', ', '))})];
  }

  const all = [leaf, ...rest];
  const broken = rest.findIndex((issuer, index) => all[index]?.checkIssued(issuer) !== true);
  return broken === -1 ? [] : [problem('order', texts.order, {number: broken + 2})];
};

const keyFindings = (
  [leaf]: readonly X509Certificate[],
  key: KeyObject,
  {certificatePath, keyPath}: Pair,
): readonly Finding[] =>
  leaf === undefined || leaf.checkPrivateKey(key)
    ? []
    : [problem('pair', texts.pair, {certificate: certificatePath, key: keyPath})];

const pem = (label: string) => new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----`, 'g');

const day = (time: number) => (Number.isNaN(time) ? '?' : new Date(time).toISOString().slice(0, 10));

type Words = {readonly summary: Text; readonly remedy: Text};

const finding =
  (severity: 'fail' | 'warning') =>
  (id: string, {summary, remedy}: Words, values: Readonly<Record<string, string | number>>): Finding => ({
    id: `tls:${id}`,
    section: 'tls',
    severity,
    summary: fill(summary, values),
    remedy: fill(remedy, values),
  });
const problem = finding('fail');
const warning = finding('warning');

const texts = {
  missing: {
    summary: {en: 'There is no file {path}.', ja: 'ファイル {path} がありません。'},
    remedy: {
      en: 'Check its name, or choose a self-signed one for now.',
      ja: '名前を確認するか、当面は自己署名にしてください。',
    },
  },
  special: {
    summary: {en: '{path} is not a regular file.', ja: '{path} は通常のファイルではありません。'},
    remedy: {
      en: 'Name the file itself, not a folder or a device.',
      ja: 'フォルダーやデバイスではなくファイルを指定してください。',
    },
  },
  large: {
    summary: {
      en: '{path} has more than 1 MiB: no certificate or key is so large.',
      ja: '{path} は 1 MiB を超えており、証明書や鍵ではありません。',
    },
    remedy: {
      en: 'Name the file of the certificate or of the key.',
      ja: '証明書または鍵のファイルを指定してください。',
    },
  },
  mode: {
    summary: {
      en: '{path} can be read by others (mode {mode}).',
      ja: '{path} は他のユーザーも読めます (モード {mode})。',
    },
    remedy: {
      en: 'Close it: chmod 600 {path}. If others used this machine meanwhile, make a new key.',
      ja: 'chmod 600 {path} で閉じてください。その間に他人がこのマシンを使っていたなら、鍵を作り直してください。',
    },
  },
  owner: {
    summary: {en: '{path} does not belong to root.', ja: '{path} の所有者が root ではありません。'},
    remedy: {
      en: 'Give it to root: chown root {path}',
      ja: 'chown root {path} で root のものにしてください。',
    },
  },
  der: {
    summary: {
      en: '{path} is DER, the binary form; the servers read PEM.',
      ja: '{path} は DER (バイナリー形式) です。サーバーは PEM を読みます。',
    },
    remedy: {
      en: 'Convert it: openssl x509 -inform der -in {path} -out server.pem',
      ja: 'openssl x509 -inform der -in {path} -out server.pem で変換してください。',
    },
  },
  certificate: {
    summary: {
      en: '{path} holds no certificate that can be read.',
      ja: '{path} に読み取れる証明書がありません。',
    },
    remedy: {
      en: 'It must be PEM and begin with -----BEGIN CERTIFICATE-----.',
      ja: '-----BEGIN CERTIFICATE----- で始まる PEM が必要です。',
    },
  },
  encrypted: {
    summary: {
      en: 'The key {path} is protected by a passphrase: the servers could not start by themselves.',
      ja: '鍵 {path} はパスフレーズで保護されており、サーバーが自動で起動できません。',
    },
    remedy: {
      en: 'Write it without one, for root alone: umask 077; openssl pkey -in {path} -out server.key',
      ja: 'umask 077; openssl pkey -in {path} -out server.key で root 専用の鍵にしてください。',
    },
  },
  key: {
    summary: {
      en: '{path} holds no private key that can be read.',
      ja: '{path} に読み取れる秘密鍵がありません。',
    },
    remedy: {
      en: 'It must be PEM and hold a PRIVATE KEY block.',
      ja: 'PRIVATE KEY ブロックを含む PEM が必要です。',
    },
  },
  pair: {
    summary: {
      en: 'The key {key} does not belong to the certificate {certificate}.',
      ja: '鍵 {key} は証明書 {certificate} のものではありません。',
    },
    remedy: {
      en: 'Name the key that the certificate was requested with; the server’s own certificate comes first in its file.',
      ja: '証明書の申請に使った鍵を指定してください。ファイルの先頭はサーバー自身の証明書です。',
    },
  },
  ca: {
    summary: {
      en: 'The first certificate is that of an authority: {subject}.',
      ja: '最初の証明書は認証局のものです: {subject}',
    },
    remedy: {
      en: 'Put the server’s own certificate first, then the chain.',
      ja: 'サーバー自身の証明書、中間証明書の順に並べてください。',
    },
  },
  expired: {
    summary: {en: 'The certificate ended on {to}.', ja: '証明書は {to} に失効しました。'},
    remedy: {
      en: 'Renew it first: mail programs refuse it.',
      ja: '先に更新してください。メールソフトが拒否します。',
    },
  },
  early: {
    summary: {en: 'The certificate is valid only from {from} on.', ja: '証明書は {from} から有効です。'},
    remedy: {
      en: 'Check this machine’s clock, or wait until then.',
      ja: '時計を確認するか、その日まで待ってください。',
    },
  },
  soon: {
    summary: {en: 'The certificate ends on {to}.', ja: '証明書は {to} に失効します。'},
    remedy: {en: 'See that its renewal works.', ja: '更新の仕組みを確認してください。'},
  },
  name: {
    summary: {
      en: 'The certificate is not for {name}, but for: {names}.',
      ja: '証明書は {name} ではなく {names} のものです。',
    },
    remedy: {
      en: 'Mail programs compare the name: get one that names {name}, or change the server’s name.',
      ja: 'メールソフトは名前を照合します。{name} を含む証明書を取得するか、サーバー名を変えてください。',
    },
  },
  weak: {
    summary: {en: 'The key has {bits} bits only.', ja: '鍵が {bits} ビットしかありません。'},
    remedy: {
      en: 'Mail programs refuse less than 2048: make a new key and certificate.',
      ja: '2048 ビット未満は拒否されます。鍵と証明書を作り直してください。',
    },
  },
  hash: {
    summary: {
      en: 'The certificate is signed with {algorithm}, which mail programs refuse.',
      ja: '証明書の署名 {algorithm} はメールソフトに拒否されます。',
    },
    remedy: {
      en: 'Get one that is signed with SHA-256.',
      ja: 'SHA-256 で署名された証明書を取得してください。',
    },
  },
  chain: {
    summary: {
      en: 'The file does not hold the certificate of the issuer: {issuer}.',
      ja: 'ファイルに発行者の証明書がありません: {issuer}',
    },
    remedy: {
      en: 'Add the chain behind it (“fullchain.pem”), or many mail programs do not trust the server.',
      ja: '中間証明書を後に加えてください (fullchain.pem)。多くのメールソフトが信頼しません。',
    },
  },
  order: {
    summary: {
      en: 'Certificate {number} in the file did not issue the one before it.',
      ja: 'ファイルの {number} 番目の証明書は、直前の証明書の発行者ではありません。',
    },
    remedy: {
      en: 'Order them: the server’s own, then its issuer, then the issuer of that.',
      ja: 'サーバー自身、その発行者、さらにその発行者の順に並べてください。',
    },
  },
} satisfies Record<string, Words>;
