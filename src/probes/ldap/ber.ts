/** One element of BER as LDAP uses it (RFC 4511, 5.1): definite lengths, one-byte tags. */
export type Element = {readonly tag: number; readonly content: Buffer};

/** Writes an element. */
export const element = (tag: number, ...contents: readonly (Buffer | string)[]): Buffer => {
  const content = Buffer.concat(
    contents.map(part => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)),
  );
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
};

const lengthOf = (length: number): Buffer => {
  if (length < 0x80) {
    return Buffer.from([length]);
  }

  const bytes = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) {
    bytes.unshift(rest % 256);
  }

  return Buffer.from([0x80 | bytes.length, ...bytes]);
};

/** Writes a whole number that is not negative. */
export const whole = (value: number, tag = 0x02): Buffer => {
  const bytes = [];
  for (let rest = value; rest > 0 || bytes.length === 0; rest = Math.floor(rest / 256)) {
    bytes.unshift(rest % 256);
  }

  return element(tag, Buffer.from((bytes[0] ?? 0) >= 0x80 ? [0, ...bytes] : bytes));
};

/** How long the element that starts here is, with its head; undefined while too little of it is there. Throws where it is no BER. */
export const sizeAt = (bytes: Buffer, at: number): number | undefined => {
  const first = bytes[at + 1];
  if (first === undefined) {
    return undefined;
  }

  if (first < 0x80) {
    return 2 + first;
  }

  const count = first - 0x80;
  if (count === 0 || count > 4) {
    throw new Error('not LDAP');
  }

  return bytes.length < at + 2 + count ? undefined : 2 + count + bytes.readUIntBE(at + 2, count);
};

/** Elements one after the other. */
export const elementsIn = (bytes: Buffer): readonly Element[] => {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = sizeAt(bytes, at);
    if (size === undefined || at + size > bytes.length) {
      throw new Error('not LDAP');
    }

    const first = bytes[at + 1] ?? 0;
    const head = first < 0x80 ? 2 : 2 + first - 0x80;
    found.push({tag: bytes[at] ?? 0, content: bytes.subarray(at + head, at + size)});
    at += size;
  }

  return found;
};

/** A whole number's value. */
export const numberOf = ({content}: Element): number => content.reduce((sum, byte) => sum * 256 + byte, 0);
