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

  /** The characters that a person sees, in order, each with its place (UAX #29). */
  segment(text: string): Iterable<{readonly segment: string; readonly index: number}> {
    if (isPlain(text.replaceAll('\u001b', ''))) {
      return Array.from(text, (segment, index) => ({segment, index, input: text}));
    }

    this.#real ??= new Segmenter(...this.#options);
    return this.#real.segment(text);
  }
}
