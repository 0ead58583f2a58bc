import {fill, type Text} from '../../src/core/text.js';

/** A name on the Internet in its ASCII form (IDNA), lower case, without a final dot; undefined where it cannot be one. */
export const asciiName = (name: string): string | undefined => {
  const trimmed = name.trim().replace(/\.$/, '');
  if (trimmed === '' || /[\s/:@?#\\%]/.test(trimmed) || !URL.canParse(`http://${trimmed}`)) {
    return undefined;
  }

  const {hostname} = new URL(`http://${trimmed}`);
  // Numbers alone are an address to a URL, also 0x7f.1 or 127.1; to nobody are they a name.
  return /^[\d.]+$/.test(hostname) ? undefined : hostname;
};

/** Why a text is not a fully qualified host or domain name (RFC 1123, RFC 1035). */
export const nameProblem = (name: string): Text | undefined => {
  const ascii = asciiName(name);
  if (ascii === undefined) {
    return texts.syntax;
  }

  if (ascii !== name) {
    // Another spelling is proposed only where it would be taken.
    return nameProblem(ascii) ?? fill(texts.spelling, {ascii});
  }

  const labels = ascii.split('.');
  if (ascii.length > 253 || labels.some(label => !/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label))) {
    return texts.syntax;
  }

  return labels.length < 2 || /^\d+$/.test(labels.at(-1) ?? '') || labels.at(-1) === 'localhost'
    ? texts.qualified
    : undefined;
};

/** Why a text is not a mail address that dovetail writes into tables: one @, characters that need no quoting. */
export const addressProblem = (address: string, domainProblem = nameProblem): Text | undefined => {
  const [local = '', domain = '', ...more] = address.split('@');
  if (
    more.length > 0 ||
    domain === '' ||
    !/^[a-z0-9](?:[a-z0-9._+-]{0,62}[a-z0-9_+-])?$/.test(local) ||
    local.includes('..')
  ) {
    return texts.address;
  }

  return domainProblem(domain);
};

/** Why a text is not an absolute path that a mail server may use. */
export const pathProblem = (path: string): Text | undefined => {
  if (!/^\/[A-Za-z0-9_@%+=:,./-]+$/.test(path) || /(?:^|\/)\.{1,2}(?:\/|$)|\/\//.test(path)) {
    return texts.path;
  }

  return /^\/(?:tmp|usr|etc|run|proc|sys|dev|boot|bin|sbin|lib|lib32|lib64|var\/tmp|var\/run)(?:\/|$)/.test(
    path,
  ) || /^\/var\/(?:spool\/)?mail\/?$/.test(path)
    ? texts.place
    : undefined;
};

/** Why a text is not a file that something is read from once; nothing is no file, and is right. */
export const importPathProblem = (path: string): Text | undefined =>
  path === '' || (/^\/[A-Za-z0-9_@%+=:,./-]+$/.test(path) && !/(?:^|\/)\.{1,2}(?:\/|$)|\/\//.test(path))
    ? undefined
    : texts.path;

/** Why a text is not the path of a file that servers can be given to read. */
export const pathOfFileProblem = (path: string): Text | undefined =>
  !/^\/[A-Za-z0-9_@+=:,./-]+$/.test(path) ||
  /(?:^|\/)\.{1,2}(?:\/|$)|\/\/|\/$/.test(path) ||
  /^\/(?:proc|sys|dev|tmp|var\/tmp)\//.test(path)
    ? texts.path
    : undefined;

// Their owner and mode would be given to the owner of the mail, or other programs keep their own things there.
const shared = /^\/(?:home|root|opt|srv|mnt|media|var|var\/(?:lib|spool|opt|local))\/?$/;
const others =
  /^\/(?:root|lost\+found|var\/(?:log|cache|lock|backups)|var\/(?:lib|spool)\/(?:apt|cron|dovecot|dovetail|dpkg|postfix|rpm|systemd))(?:\/|$)/;

/** Why a directory cannot be the one that all mail is kept in. In the paths of mail, Dovecot reads `%` and `:` in ways of its own. */
export const mailRootProblem = (path: string): Text | undefined =>
  pathProblem(path) ??
  (/[%:]/.test(path) ? texts.variables : undefined) ??
  (shared.test(path) || others.test(path) ? texts.place : undefined);

const texts = {
  syntax: {
    en: 'This is not a name on the Internet: letters, digits and hyphens, in parts joined by dots.',
    ja: 'インターネット上の名前ではありません。英数字とハイフンの語をドットでつないでください。',
  },
  spelling: {en: 'Write it as {ascii}.', ja: '{ascii} と書いてください。'},
  qualified: {
    en: 'The whole name is needed, with its domain, such as mail.example.com.',
    ja: 'mail.example.com のようにドメインまで含む完全な名前が必要です。',
  },
  address: {
    en: 'This is not a plain mail address such as anna@example.com (lower case).',
    ja: 'anna@example.com のような (小文字の) メールアドレスではありません。',
  },
  path: {
    en: 'This is not an absolute path of plain characters.',
    ja: '通常の文字だけの絶対パスを指定してください。',
  },
  variables: {
    en: 'In the paths of mail, % and : have a meaning of their own for Dovecot.',
    ja: 'メールのパスでは、% と : は Dovecot にとって特別な意味を持ちます。',
  },
  place: {
    en: 'Mail must not be kept there: other things use that place.',
    ja: 'そこは他の用途に使われるため、メールを置けません。',
  },
} satisfies Record<string, Text>;
