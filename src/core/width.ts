const segmenter = new Intl.Segmenter(undefined, {granularity: 'grapheme'});

/** What people see as single characters. */
export const graphemes = (text: string): readonly string[] =>
  [...segmenter.segment(text)].map(({segment}) => segment);

/** Columns that a text takes on a terminal; East Asian wide characters and emoji take two (UAX #11). */
export const widthOf = (text: string): number =>
  isAscii(text) ? text.length : graphemes(text).reduce((sum, character) => sum + widthOfOne(character), 0);

/** Cuts a text to lines of at most `columns` columns, at blanks and between ideographs where there are some (UAX #14). */
export const wrap = (text: string, columns: number): readonly string[] => {
  const limit = Math.max(2, columns);
  const lines: string[] = [];
  let rest = text;
  while (widthOf(rest) > limit) {
    const at = breakIn(rest, take(rest, limit).length);
    lines.push(rest.slice(0, at).trimEnd());
    rest = rest.slice(at);
  }

  return [...lines, rest];
};

// The last place up to `end` where a line may end; `end` itself where there is none.
const breakIn = (text: string, end: number) => {
  const first = text.search(/\S/);
  for (let at = end; at > first + 1; at -= 1) {
    const [before = '', after = ''] = [text[at - 1], text[at]];
    const between =
      (isIdeographic(before) || isIdeographic(after)) &&
      !/[、。・）」』ー…]/.test(after) &&
      !/[（「『]/.test(before);
    if (before === ' ' || (after !== ' ' && between)) {
      return at;
    }
  }

  return end;
};

const isIdeographic = (character: string) => /[\u3000-\u9fff\uff00-\uff60]/.test(character);

/** Cuts a text to `columns` columns; `ellipsis` says that something is missing. */
export const cut = (text: string, columns: number, ellipsis: string): string =>
  widthOf(text) <= columns ? text : take(text, Math.max(0, columns - widthOf(ellipsis))) + ellipsis;

const take = (text: string, columns: number) => {
  if (isAscii(text)) {
    return text.slice(0, columns);
  }

  let taken = '';
  let width = 0;
  for (const character of graphemes(text)) {
    width += widthOfOne(character);
    if (width > columns) {
      break;
    }

    taken += character;
  }

  return taken;
};

const isAscii = (text: string) => /^[\x20-\x7e]*$/.test(text);

const widthOfOne = (character: string) => {
  const code = character.codePointAt(0) ?? 0;
  return wide.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
};

const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1faff],
  [0x20000, 0x3fffd],
];
