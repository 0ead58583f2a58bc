// What our own sentences are made of, and no cluster can begin or go on with anything else than these: printable ASCII, the
// punctuation, arrows and lines of the screens; kana and common ideographs with their punctuation.
const narrow = String.raw`\x20-\x7e§·×–—‘’“-„•…←-↓−≤≥␀-␡─-╿█░▸✓❯⟨⟩`;
const wide = '、-〃「-』ぁ-ゖァ-ヺ・ー一-鿿（）';

const plain = new RegExp(`^[${narrow}${wide}]*$`);
const wideOnes = new RegExp(`[${wide}]`, 'g');

/** Whether each character of a text stands for itself and has a width of its own: no marks, joiners, emoji, control characters. */
export const isPlain = (text: string): boolean => plain.test(text);

/** Columns of a text that `isPlain` (UAX #11: ideographs and kana take two). */
export const plainWidth = (text: string): number => text.length + (text.match(wideOnes)?.length ?? 0);
