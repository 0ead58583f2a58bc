/**
 * Parts of a distinguished name (RFC 4514), each with its attributes and values as they are written; undefined where it is none.
 * The empty name has no parts.
 */
export const parseName = (text: string): readonly (readonly Attribute[])[] | undefined => {
  if (text === '') {
    return [];
  }

  const parts: Attribute[][] = [[]];
  let at = 0;
  for (;;) {
    const [whole, type = '', value = ''] = attributeAt(text, at) ?? [];
    if (whole === undefined || !isValue(value)) {
      return undefined;
    }

    parts.at(-1)?.push({type, value});
    at += whole.length;
    if (at === text.length) {
      return parts;
    }

    if (text[at] === ',') {
      parts.push([]);
    } else if (text[at] !== '+') {
      return undefined;
    }

    at += 1;
  }
};

export type Attribute = {readonly type: string; readonly value: string};

// Blanks after a separator are not of RFC 4514, but of its elder (RFC 2253, 4): everybody writes them.
const type = '[ ]*([A-Za-z][A-Za-z0-9-]*|\\d+(?:\\.\\d+)+)[ ]*=[ ]*';
const plain = '((?:[^"+,;<>\\\\\\u0000]|\\\\(?:[ "#+,;<=>\\\\]|[0-9A-Fa-f]{2}))*)';
const pattern = new RegExp(`${type}${plain}`, 'y');

const attributeAt = (text: string, at: number) => {
  pattern.lastIndex = at;
  return pattern.exec(text);
};

// `#` at the start begins the value's bytes in hex.
const isValue = (value: string) =>
  value !== '' && (value.startsWith('#') ? /^#(?:[0-9A-Fa-f]{2})+$/.test(value) : !/(?<!\\) $/.test(value));

/** A value as it stands in a distinguished name (RFC 4514, 2.4). */
export const escapeNameValue = (value: string) =>
  value
    .replaceAll(/["+,;<>\\=]/g, sign => `\\${sign}`)
    .replaceAll('\u0000', '\\00')
    .replace(/^[ #]/, sign => `\\${sign}`)
    .replace(/ $/, '\\ ');
