/** Languages that dovetail speaks. */
export type Lang = 'en' | 'ja';

/** A sentence for people, in every language: a missing translation does not compile. */
export type Text = Readonly<Record<Lang, string>>;

/** The same words in every language: names, values, things that are quoted from the machine. */
export const literal = (words: string): Text => ({en: words, ja: words});

/** Fills `{name}` places in all languages at once; values are made visible first, since many come from outside. */
export const fill = (text: Text, values: Readonly<Record<string, string | number>>): Text => ({
  en: fillOne(text.en, values),
  ja: fillOne(text.ja, values),
});

/** Joins texts language by language. */
export const join = (texts: readonly Text[], between = ' '): Text => ({
  en: texts.map(text => text.en).join(between),
  ja: texts.map(text => text.ja).join(between),
});

const fillOne = (sentence: string, values: Readonly<Record<string, string | number>>) =>
  sentence.replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
    name in values ? visible(String(values[name])) : whole,
  );

/**
 * Makes text from outside safe and honest on a terminal: every control, bidirectional, zero-width or tag character
 * is shown as a picture or `⟨U+XXXX⟩`, never sent and never silently dropped. Newlines and tabs stay.
 */
export const visible = (text: string) => {
  if (/^[\n\t\x20-\x7e]*$/.test(text)) {
    return text;
  }

  let shown = '';
  for (const character of text) {
    shown += picture(character);
  }

  return shown;
};

/** `visible`, on one line and cut at `limit` characters with a count of what was left out. */
export const visibleLine = (text: string, limit = 500) => {
  const line = visible(text).replaceAll('\n', '␊').replaceAll('\t', '    ');
  return line.length <= limit ? line : `${line.slice(0, limit)}… (+${line.length - limit})`;
};

const picture = (character: string) => {
  const code = character.codePointAt(0) ?? 0;
  if ((code >= 0x20 && code < 0x7f) || code === 0x0a || code === 0x09) {
    return character;
  }

  if (code < 0x20) {
    return String.fromCodePoint(0x2400 + code);
  }

  if (code === 0x7f) {
    return '␡';
  }

  return isDeceptive(code) ? `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩` : character;
};

// C1 controls, bidi marks and overrides, zero-width characters, lone surrogates, tag characters.
const deceptive: readonly (readonly [number, number])[] = [
  [0x80, 0x9f],
  [0x61c, 0x61c],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x2064],
  [0x2066, 0x206f],
  [0xd800, 0xdfff],
  [0xfeff, 0xfeff],
  [0xfff9, 0xfffb],
  [0xe0000, 0xe007f],
];

const isDeceptive = (code: number) => deceptive.some(([from, to]) => code >= from && code <= to);
