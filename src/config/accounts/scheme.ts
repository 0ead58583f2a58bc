import {fill, type Text} from '../../core/text.js';

/** What a password field of another system is: a hash to be kept as it is (with its scheme), or a password to be hashed here. */
export type Credential =
  | {readonly kind: 'hash'; readonly value: string}
  | {readonly kind: 'plain'; readonly value: string}
  | {readonly kind: 'problem'; readonly problem: Text};

const bcrypt = /^\$2[abxy]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;
const salted = (id: string, length: number) =>
  new RegExp(`^\\$${id}\\$(?:rounds=\\d+\\$)?[^$:\\s]{1,16}\\$[./A-Za-z0-9]{${length}}$`);

/** Forms that crypt(5) and the Argon2 reference give; of other schemes Dovecot knows the form, and we only the name. */
const forms: Readonly<Record<string, RegExp>> = {
  'BLF-CRYPT': bcrypt,
  'SHA512-CRYPT': salted('6', 86),
  'SHA256-CRYPT': salted('5', 43),
  'MD5-CRYPT': /^\$1\$[^$:\s]{1,8}\$[./A-Za-z0-9]{22}$/,
  ARGON2ID: /^\$argon2id\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$/,
  ARGON2I: /^\$argon2i\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$/,
};

/** Schemes of hashes that stand without a name, by how crypt(5) marks them. */
const marks: readonly (readonly [RegExp, string])[] = [
  [/^\$2[abxy]\$/, 'BLF-CRYPT'],
  [/^\$6\$/, 'SHA512-CRYPT'],
  [/^\$5\$/, 'SHA256-CRYPT'],
  [/^\$1\$/, 'MD5-CRYPT'],
  [/^\$argon2id\$/, 'ARGON2ID'],
  [/^\$argon2i\$/, 'ARGON2I'],
  [/^\$y\$/, 'CRYPT'],
];

/** Schemes that keep the password itself: it is hashed here instead. */
const plain = new Set(['PLAIN', 'CLEAR', 'CLEARTEXT']);

/** Reads a password field. `schemes`: those that this Dovecot knows (`doveadm pw -l`). */
export const readCredential = (field: string, schemes: ReadonlySet<string>): Credential => {
  const [, name = '', encoding = '', named = ''] =
    /^\{([A-Z0-9-]{2,20})(\.(?:HEX|B64|BASE64))?\}(.*)$/i.exec(field) ?? [];
  const scheme = name === '' ? marks.find(([mark]) => mark.test(field))?.[1] : name.toUpperCase();
  if (scheme === undefined) {
    return {kind: 'plain', value: field};
  }

  const data = name === '' ? field : named;
  if (plain.has(scheme)) {
    return encoding === ''
      ? {kind: 'plain', value: data}
      : {kind: 'problem', problem: fill(texts.encoded, {scheme})};
  }

  if (!schemes.has(scheme)) {
    return {kind: 'problem', problem: fill(texts.unknown, {scheme})};
  }

  const form = encoding === '' ? forms[scheme] : undefined;
  // A colon or a blank would end the field, and give the account a home or a number of somebody's choice.
  return !/^[!-9;-~]+$/.test(data) || (form !== undefined && !form.test(data))
    ? {kind: 'problem', problem: fill(texts.form, {scheme})}
    : {kind: 'hash', value: name === '' ? `{${scheme}}${field}` : field};
};

const texts = {
  unknown: {
    en: 'Dovecot here knows no scheme {scheme}.',
    ja: 'この Dovecot は方式 {scheme} に対応していません。',
  },
  form: {en: 'This is no hash of the scheme {scheme}.', ja: '方式 {scheme} のハッシュではありません。'},
  encoded: {
    en: 'A password in {scheme} is written as it is, not encoded.',
    ja: '{scheme} のパスワードは符号化せずに書いてください。',
  },
} satisfies Record<string, Text>;
