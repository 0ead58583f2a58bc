import {type Filter, parseFilter} from './filter.js';

/**
 * Patterns of filters and names use `{user}` (the whole login name), `{name}` (before the @) and `{domain}`. Dovecot's and
 * Postfix's own spellings mean the same: documents are full of them.
 */
export const neutralPattern = (pattern: string) =>
  pattern
    .replaceAll(/%\{user \| username(?: \| lower)?\}|%\{username\}|%L?n/g, '{name}')
    .replaceAll(/%\{user \| domain(?: \| lower)?\}|%\{domain\}|%L?d/g, '{domain}')
    .replaceAll(/%\{user(?: \| lower)?\}|%L?u/g, '{user}');

/** Variables in a pattern, in order; undefined where something else stands in braces or behind a percent sign. */
export const variablesIn = (pattern: string): readonly Variable[] | undefined => {
  const neutral = neutralPattern(pattern);
  const known = /\{(user|name|domain)\}/g;
  return /[%{}]/.test(neutral.replaceAll(known, ''))
    ? undefined
    : [...neutral.matchAll(known)].map(([, name]) => name as Variable);
};

export type Variable = 'user' | 'name' | 'domain';

/** Writes the variables as somebody spells them. */
export const spell = (pattern: string, words: Readonly<Record<Variable, string>>) =>
  neutralPattern(pattern).replaceAll(/\{(user|name|domain)\}/g, (_whole, name: Variable) => words[name]);

/** The attribute that people are found by, and which part of the login name it holds; undefined where none is. */
export const foundBy = (
  filter: string,
): {readonly attribute: string; readonly variable: 'user' | 'name'} | undefined => {
  const parsed = parseFilter(neutralPattern(filter));
  return parsed === undefined ? undefined : assertionOf(parsed);
};

const assertionOf = (filter: Filter): ReturnType<typeof foundBy> => {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.of.map(assertionOf).find(found => found !== undefined);
    case 'equal': {
      const [, variable] = /^\{(user|name)\}(?:@\{domain\})?$/.exec(filter.value) ?? [];
      return variable === undefined
        ? undefined
        : {
            attribute: filter.attribute,
            variable: filter.value.includes('{domain}') ? 'user' : (variable as 'user' | 'name'),
          };
    }

    default:
      return undefined;
  }
};

/** The same filter for everybody: what is asked of the name is true of all who have one. */
export const everybody = (filter: string) =>
  neutralPattern(filter).replaceAll(/=[^=()]*\{(?:user|name|domain)\}[^()]*\)/g, '=*)');
