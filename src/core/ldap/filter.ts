/** A search filter (RFC 4515). Values are what they mean, escapes undone, as UTF-8 bytes in latin1. */
export type Filter =
  | {readonly kind: 'and' | 'or'; readonly of: readonly Filter[]}
  | {readonly kind: 'not'; readonly of: Filter}
  | {
      readonly kind: 'equal' | 'approximately' | 'at-least' | 'at-most';
      readonly attribute: string;
      readonly value: string;
    }
  | {readonly kind: 'present'; readonly attribute: string}
  /** `initial*any*any*final`; an empty first or last part is none. */
  | {readonly kind: 'parts'; readonly attribute: string; readonly parts: readonly string[]}
  | {
      readonly kind: 'rule';
      readonly attribute?: string;
      readonly rule?: string;
      readonly names: boolean;
      readonly value: string;
    };

/** Nesting that nobody writes; deeper would only be meant for the reader's stack. */
const deepest = 32;

/** Reads a filter; undefined where it is none. */
export const parseFilter = (text: string): Filter | undefined => {
  const read = filterAt(text, 0, 0);
  return read !== undefined && read.end === text.length ? read.filter : undefined;
};

type Read = {readonly filter: Filter; readonly end: number};

const filterAt = (text: string, at: number, depth: number): Read | undefined => {
  if (text[at] !== '(' || depth > deepest) {
    return undefined;
  }

  const sign = text[at + 1];
  if (sign === '&' || sign === '|' || sign === '!') {
    const inner = listAt(text, at + 2, depth + 1);
    const [first] = inner?.filters ?? [];
    if (inner === undefined || first === undefined || text[inner.end] !== ')') {
      return undefined;
    }

    const end = inner.end + 1;
    return sign === '!'
      ? inner.filters.length === 1
        ? {filter: {kind: 'not', of: first}, end}
        : undefined
      : {filter: {kind: sign === '&' ? 'and' : 'or', of: inner.filters}, end};
  }

  const close = text.indexOf(')', at);
  const filter = close === -1 ? undefined : itemOf(text.slice(at + 1, close));
  return filter === undefined ? undefined : {filter, end: close + 1};
};

const listAt = (text: string, from: number, depth: number) => {
  const filters: Filter[] = [];
  let at = from;
  while (text[at] === '(') {
    const read = filterAt(text, at, depth);
    if (read === undefined) {
      return undefined;
    }

    filters.push(read.filter);
    at = read.end;
  }

  return {filters, end: at};
};

const attribute = '[A-Za-z][A-Za-z0-9-]*(?:;[A-Za-z0-9-]+)*|\\d+(?:\\.\\d+)+';
const simple = new RegExp(`^(${attribute})(=|~=|>=|<=)(.*)$`, 's');
const extended = new RegExp(`^(${attribute})?(:dn)?(?::(${attribute}))?:=(.*)$`, 's');

const itemOf = (text: string): Filter | undefined => {
  const rule = extended.exec(text);
  if (rule !== null) {
    const [, name, dn, matching, raw = ''] = rule;
    const value = readValue(raw);
    return value === undefined || (name === undefined && matching === undefined)
      ? undefined
      : {
          kind: 'rule',
          ...(name === undefined ? {} : {attribute: name}),
          ...(matching === undefined ? {} : {rule: matching}),
          names: dn !== undefined,
          value,
        };
  }

  const [, name, sign, raw] = simple.exec(text) ?? [];
  if (name === undefined || raw === undefined) {
    return undefined;
  }

  if (sign === '=' && raw === '*') {
    return {kind: 'present', attribute: name};
  }

  const parts = raw.split('*').map(readValue);
  if (!isWhole(parts) || (sign !== '=' && parts.length > 1)) {
    return undefined;
  }

  return parts.length > 1
    ? {kind: 'parts', attribute: name, parts}
    : {kind: kinds[sign as keyof typeof kinds], attribute: name, value: parts[0] ?? ''};
};

const kinds = {'=': 'equal', '~=': 'approximately', '>=': 'at-least', '<=': 'at-most'} as const;

const isWhole = (parts: readonly (string | undefined)[]): parts is readonly string[] =>
  parts.every(part => part !== undefined);

// `*`, `(`, `)`, `\` and NUL stand only as `\2a` and so on.
const readValue = (raw: string): string | undefined =>
  /[(*)\u0000]|\\(?![0-9A-Fa-f]{2})/.test(raw)
    ? undefined
    : utf8(raw).replaceAll(/\\([0-9A-Fa-f]{2})/g, (_whole, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      );

/** Text as its UTF-8 bytes in latin1, as files and protocols have it. */
export const utf8 = (text: string) =>
  encodeURIComponent(text.toWellFormed()).replaceAll(/%([0-9A-F]{2})/g, (_whole, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );

/** A value as it stands in a filter (RFC 4515, 3): what somebody typed can add nothing to the question. */
export const escapeFilterValue = (value: string) =>
  value.replaceAll(/[*()\\\u0000]/g, sign => `\\${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);
