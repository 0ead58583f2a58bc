import {type Lang, visible} from '../core/text.js';
import {en, type Words} from './en.js';
import {ja} from './ja.js';

export type Word = keyof Words;

/** Looks words up and fills their `{name}` places; values are made visible first. */
export type Translate = (word: Word, values?: Readonly<Record<string, string | number>>) => string;

export const translator = (lang: Lang): Translate => {
  const words = languages[lang];
  return (word, values = {}) =>
    words[word].replaceAll(/\{(\w+)\}/g, (place, name: string) =>
      name in values ? visible(String(values[name])) : place,
    );
};

const languages: Readonly<Record<Lang, Words>> = {en, ja};
