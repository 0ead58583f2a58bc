import {createHash, X509Certificate} from 'node:crypto';
import {complete} from '../answers/complete.js';
import type {AllAnswers} from '../core/question.js';
import {literal, type Text} from '../core/text.js';
import {clientSettings, dnsRecords} from '../../steps/clients.js';
import {tlsFilesOf} from '../../steps/lib/read.js';
import {isSigning, selectorOf, signingDomains, signingKeyFile} from '../../steps/lib/signing-wants.js';
import {dkimRecordName} from '../config/dkim-tables.js';
import {dkimPublicKey, dkimRecord} from '../pki/dkim.js';
import {steps} from '../../steps/index.js';
import {pkiLimit} from '../pki/inspect.js';
import type {ReadFiles, System} from '../system/types.js';
import type {Machine} from './machine.js';

/** What people type into their mail programs, and what has to be published, as lines. Empty where nobody reads mail here. */
export const handover = (
  {facts, platform, system}: Pick<Machine, 'facts' | 'platform'> & {readonly system: Pick<System, 'files'>},
  answers: AllAnswers,
): readonly Text[] => {
  const all = complete(steps, answers, {facts, platform});
  const settings = clientSettings(all);
  const certificate = certificateAt(system.files, tlsFilesOf(all, platform).certificate);
  const width = Math.max(...settings.map(({protocol}) => protocol.length));
  const first = settings[0];
  if (first === undefined) {
    return [];
  }

  return [
    literal(''),
    texts.programs,
    ...settings.map(({protocol, port, security, preferred}) =>
      literal(
        `  ${preferred ? '*' : ' '} ${protocol.padEnd(width)} ${first.server}  ${String(port).padStart(4)}  ${security}`,
      ),
    ),
    {en: `    ${texts.user.en}: ${first.userName.en}`, ja: `    ${texts.user.ja}: ${first.userName.ja}`},
    ...(certificate !== undefined && certificate.issuer === certificate.subject
      ? [texts.selfSigned, literal(`    SHA-256 ${certificate.fingerprint256}`)]
      : []),
    literal(''),
    texts.dns,
    ...dnsRecords(all, facts, certificate === undefined ? undefined : publicKeyDigest(certificate)).map(
      ({name, type, value}) => literal(`    ${name}  ${type}  ${value}`),
    ),
    ...signingRecords(system.files, all).map(line => literal(`    ${line}`)),
  ];
};

// The public half of the key that signs, or is to; in strings of 255 bytes at most.
const signingRecords = (files: ReadFiles, all: AllAnswers): readonly string[] => {
  const selector = selectorOf(all);
  const key = isSigning(all)
    ? dkimPublicKey(files.read(signingKeyFile(selector))?.toString('latin1') ?? '')
    : undefined;
  return key === undefined
    ? []
    : signingDomains(all).map(
        domain =>
          `${dkimRecordName(selector, domain)}.  TXT  ( ${dkimRecord(key)
            .map(text => `"${text}"`)
            .join(' ')} )`,
      );
};

// What a TLSA record of usage 3, selector 1, type 1 holds (RFC 7671, 5.1).
const publicKeyDigest = ({publicKey}: X509Certificate) =>
  createHash('sha256')
    .update(publicKey.export({type: 'spki', format: 'der'}))
    .digest('hex');

const certificateAt = (files: ReadFiles, path: string) => {
  try {
    return new X509Certificate(files.read(path, {follow: true, limit: pkiLimit}) ?? '');
  } catch {
    return undefined;
  }
};

const texts = {
  selfSigned: {
    en: '    Mail programs ask once whether to trust the certificate; it is the right one if they show this fingerprint:',
    ja: '    証明書を信頼するか 1 度尋ねられます。次のフィンガープリントと一致すれば正しい証明書です:',
  },
  programs: {
    en: 'For the mail programs of your users (* is the one to choose):',
    ja: '利用者のメールソフト用 (* が推奨):',
  },
  user: {en: 'user name', ja: 'ユーザー名'},
  dns: {en: 'To publish in DNS:', ja: 'DNS に公開するもの:'},
} satisfies Record<string, Text>;
