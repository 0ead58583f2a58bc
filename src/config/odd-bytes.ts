import {fill, type Text} from '../core/text.js';

/**
 * What no text of configuration has, and where: a NUL byte, which ends the line for a daemon in C and for nobody else; or a mark of the
 * byte order in front (U+FEFF), which is no letter for them but part of the first word. `line`: counted from 1.
 */
export type OddBytes = {readonly what: 'nul' | 'mark'; readonly line: number};

/** The first thing of that kind in a text, byte for byte (latin1), or in bytes. */
export const oddBytes = (text: string | Buffer): OddBytes | undefined => {
  const nul = text.indexOf('\0');
  const start = typeof text === 'string' ? text.slice(0, 3) : text.toString('latin1', 0, 3);
  return nul >= 0
    ? {what: 'nul', line: linesBefore(text, nul) + 1}
    : start === '\xef\xbb\xbf'
      ? {what: 'mark', line: 1}
      : undefined;
};

/** In words: what is not done for it, why, and what to do. */
export const oddWords = (
  path: string,
  {what, line}: OddBytes,
): {readonly what: Text; readonly cause: Text; readonly remedy: Text} => ({
  what: fill(texts[what], {path, line}),
  cause: texts[`${what}Why`],
  remedy: fill(texts[`${what}Remedy`], {path}),
});

const linesBefore = (text: string | Buffer, end: number) => {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) {
    count += 1;
  }

  return count;
};

const texts = {
  nul: {
    en: '{path} is not edited: its line {line} holds a NUL byte.',
    ja: '{path} は編集しません。{line} 行目に NUL バイトがあります。',
  },
  nulWhy: {
    en: 'For the mail servers the line ends there, and what follows is not what people see.',
    ja: 'メールサーバーにとって行はそこで終わり、見た目と異なります。',
  },
  nulRemedy: {
    en: '“cat -A {path}” shows it as ^@. Put the line right (a power cut may have left it), then start again.',
    ja: '「cat -A {path}」で ^@ と表示されます。行を直してから (電源断の跡の可能性があります) やり直してください。',
  },
  mark: {
    en: '{path} is not edited: its line {line} begins with a mark of the byte order (UTF-8 with BOM).',
    ja: '{path} は編集しません。{line} 行目の先頭にバイト順マーク (BOM 付き UTF-8) があります。',
  },
  markWhy: {
    en: 'The mail servers take it for a part of the first word, which is then not found.',
    ja: 'メールサーバーは最初の語の一部とみなすため、その語が見つかりません。',
  },
  markRemedy: {
    en: 'Take it out: sed -i "1s/^\\xef\\xbb\\xbf//" {path}',
    ja: '取り除いてください: sed -i "1s/^\\xef\\xbb\\xbf//" {path}',
  },
} satisfies Record<string, Text>;
