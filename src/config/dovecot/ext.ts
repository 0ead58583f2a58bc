import {unquote} from './parse.js';

/**
 * What a line of one of 2.3's files beside the configuration (`dovecot-ldap.conf.ext`, `dovecot-sql.conf.ext`) sets: a `#` behind
 * a blank begins a comment there, unless it stands in quotes (lib-settings, settings_read).
 */
export const extValue = (row: string): string => {
  const text = row.slice(row.indexOf('=') + 1).trim();
  return unquote(text.slice(0, commentStart(text)).trim());
};

/** What stands behind the value of such a line: a comment with the blanks before it; empty where there is none. */
export const extComment = (row: string): string => {
  const start = row.indexOf('=') + 1;
  const at = start + commentStart(row.slice(start));
  return start === 0 || at === row.length ? '' : row.slice(row.slice(0, at).trimEnd().length);
};

const commentStart = (text: string): number => {
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] ?? '';
    if (quote !== '') {
      at += sign === '\\' ? 1 : 0;
      quote = sign === quote ? '' : quote;
    } else if (sign === '"' || sign === "'") {
      quote = sign;
    } else if (sign === '#' && /\s/.test(text[at - 1] ?? '')) {
      return at;
    }
  }

  return text.length;
};
