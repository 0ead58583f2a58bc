/**
 * Answers of a block list that a rule takes for a listing, as postconf(5) writes them after `reject_rbl_client ZONE=`: four
 * parts, each a number or `[2..11]`, `[2;4;9..11]`. Undefined where a text is no such pattern.
 */
export const replyCodes = (pattern: string): ((address: string) => boolean) | undefined => {
  const parts = splitParts(pattern);
  if (parts === undefined) {
    return undefined;
  }

  const allowed = parts.map(rangesOf);
  return allowed.includes(undefined)
    ? undefined
    : address => {
        const octets = address.split('.').map(Number);
        return (
          octets.length === 4 &&
          octets.every((octet, at) => allowed[at]?.some(([from, to]) => octet >= from && octet <= to))
        );
      };
};

type Range = readonly [from: number, to: number];

// Dots inside brackets are part of a range.
const splitParts = (pattern: string): readonly string[] | undefined => {
  const found = /^(\d+|\[[\d.;]+\])\.(\d+|\[[\d.;]+\])\.(\d+|\[[\d.;]+\])\.(\d+|\[[\d.;]+\])$/.exec(pattern);
  return found?.slice(1);
};

const rangesOf = (part: string): readonly Range[] | undefined => {
  const ranges = part
    .replace(/^\[|\]$/g, '')
    .split(';')
    .map((item): Range | undefined => {
      const match = /^(\d{1,3})(?:\.\.(\d{1,3}))?$/.exec(item);
      const from = Number(match?.[1]);
      const to = Number(match?.[2] ?? match?.[1]);
      return match === null || from > to || to > 255 ? undefined : [from, to];
    });
  return ranges.includes(undefined) ? undefined : (ranges as readonly Range[]);
};
