import {bare} from '../lines.js';

/** A line as Dovecot sees it: continuation lines joined by one blank, comments and blanks around it gone. */
export const logicalLine = (lines: readonly string[], at: number): {text: string; lines: number} => {
  const parts: string[] = [];
  for (let next = at; next < lines.length; next += 1) {
    const text = trim(withoutComment(trimStart(bare(lines[next] ?? ''))));
    const continues = text.endsWith('\\');
    parts.push(continues ? trim(text.slice(0, -1)) : text);
    // A comment inside a continued value ends it: Dovecot forgets what it had read (seen with 2.3.19 and 2.4.1).
    if (!continues || /^[ \t]*(?:#|$)/.test(bare(lines[next + 1] ?? ''))) {
      break;
    }
  }

  return {text: parts.join(' '), lines: parts.length};
};

/**
 * A text without its trailing comment. `#` starts one anywhere outside of quotes, blank before it or not; a quote that is
 * never closed hides the rest of the line.
 */
export const withoutComment = (text: string) => {
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (quote !== '') {
      at += character === '\\' ? 1 : 0;
      quote = character === quote ? '' : quote;
    } else if (character === '"' || character === "'") {
      quote = character;
    } else if (character === '#') {
      return text.slice(0, at);
    }
  }

  return text;
};

const trimStart = (text: string) => text.replace(/^[ \t]+/, '');
const trim = (text: string) => text.replace(/[ \t]+$/, '');
