import type {SecretForm} from '../core/want.js';

/**
 * A value as Dovecot reads it back. Quotes keep `#`, blanks at the ends and a final backslash (2.3: settings_read; 2.4:
 * config-parser); 2.4 has variables everywhere, so that a percent sign is doubled there.
 */
export const dovecotValue = (value: string, dialect: '2.3' | '2.4') => {
  const text = dialect === '2.4' ? value.replaceAll('%{', '%%{') : value;
  return /^[A-Za-z0-9_.,:;/@=()&|!*+-][^#"'\\$<\s]*(?: [^#"'\\$<\s]+)*$/.test(text)
    ? text
    : `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
};

// The inside of a value that stands in double quotes.
const inQuotes = (value: string) => value.replaceAll(/["\\]/g, '\\$&');

/** Bytes (latin1) as a part of a URI (RFC 3986). */
const percentEncoded = (bytes: string) =>
  bytes.replaceAll(
    /[^A-Za-z0-9._~-]/g,
    byte => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );

/** A secret in the form that it has to be written in. */
export const written = (value: string, form: SecretForm | undefined) => {
  switch (form) {
    case 'dovecot-2.3':
      return dovecotValue(value, '2.3');
    case 'dovecot-2.4':
      return dovecotValue(value, '2.4');
    case 'connect-mysql':
      return inQuotes(value);
    case 'connect-pgsql':
      return inQuotes(`'${value.replaceAll(/['\\]/g, '\\$&')}'`);
    case 'uri':
      return percentEncoded(value);
    case undefined:
      return value;
  }
};
