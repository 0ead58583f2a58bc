import {isPlain} from './plain.js';

const {Segmenter} = Intl;

/**
 * `Intl.Segmenter` as the screens use it, which the bundle puts in its place: to make a real one takes 12 ms (it reads the rules of
 * all scripts), and most texts need none. Colour codes are no characters of their own here: whoever takes them apart skips them.
 */
export class PlainSegmenter {
  readonly #options: ConstructorParameters<typeof Segmenter>;
  #real: Intl.Segmenter | undefined;

  constructor(...options: ConstructorParameters<typeof Segmenter>) {
    this.#options = options;
  }

  /** The characters that a person sees, in order, each with its place, and the one at a place (UAX #29). */
  segment(text: string): Pick<Intl.Segments, typeof Symbol.iterator | 'containing'> {
    if (!isPlain(text.replaceAll('\u001b', ''))) {
      this.#real ??= new Segmenter(...this.#options);
      return this.#real.segment(text);
    }

    // Each is one code unit, and stands for itself.
    const all = Array.from(text, (segment, index) => ({segment, index, input: text}));
    return {
      [Symbol.iterator]: () => all.values() as Intl.SegmentIterator<Intl.SegmentData>,
      containing: (at = 0) => all[at] as Intl.SegmentData,
    };
  }
}
