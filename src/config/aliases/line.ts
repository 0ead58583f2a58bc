import type {Text} from '../../core/text.js';

/** Characters of the name of a domain (RFC 1035, section 2.3.4). */
const longestDomain = 253;

/** Characters of a line; Postfix's own tools stop far earlier to make sense. */
export const longest = 4000;

/** Where the address and its target stand in a line; told in one object for all lines, since there may be a million. */
export type UsualLine = {from: number; fromEnd: number; to: number; toEnd: number; domain: string};

/**
 * Whether a line, from an offset of some bytes up to another, is such as most are: `info@example.test anna@example.test`. Where its
 * parts are is told by `found`. Of any other line, whatever it is, `parseLine` tells.
 */
export const isUsual = (bytes: Uint8Array, start: number, stop: number, found: UsualLine): boolean => {
  const end = addressAt(bytes, start, stop, names);
  let next = end;
  while (next >= 0 && next < stop && isGap(bytes[next])) {
    next += 1;
  }

  if (end < 0 || next === end || addressAt(bytes, next, stop, targets) !== stop) {
    return false;
  }

  found.from = start;
  found.fromEnd = end;
  found.to = next;
  found.toEnd = stop;
  found.domain = names.domain;
  return true;
};

const isGap = (code: number | undefined) => code === 32 || code === 9;

/** The domain that was good last: a long file has few domains, and many lines in a row are in one. */
type Known = {bytes: Uint8Array; domain: string};
const names: Known = {bytes: new Uint8Array(), domain: ''};
const targets: Known = {bytes: new Uint8Array(), domain: ''};

// Behind the address that begins at an offset; -1: there is none, or one that must be looked at more closely.
const addressAt = (bytes: Uint8Array, start: number, stop: number, known: Known) => {
  const end = Math.min(stop, start + 65);
  let at = start;
  while (at < end && isLocalByte(bytes[at], at === start ? undefined : bytes[at - 1])) {
    at += 1;
  }

  // 64: @, 46: a dot at the end of the local part.
  if (at === start || bytes[at] !== 64 || at === end || bytes[at - 1] === 46) {
    return -1;
  }

  const domain = at + 1;
  const {length} = known.bytes;
  let same = 0;
  while (same < length && known.bytes[same] === bytes[domain + same]) {
    same += 1;
  }

  if (length > 0 && same === length && isOver(bytes, domain + length, stop)) {
    return domain + length;
  }

  at = domain;
  while (!isOver(bytes, at, stop)) {
    at += 1;
  }

  const name = String.fromCharCode(...bytes.subarray(domain, Math.min(at, domain + longestDomain + 1)));
  if (!isDomain(name)) {
    return -1;
  }

  known.bytes = bytes.slice(domain, at);
  known.domain = name;
  return at;
};

const isOver = (bytes: Uint8Array, at: number, stop: number) => at >= stop || isGap(bytes[at]);

// As in `isLocal`: letters and digits first, of the other signs no two dots.
const isLocalByte = (code = 0, before: number | undefined) =>
  (code > 96 && code < 123) ||
  (code > 47 && code < 58) ||
  (before !== undefined && (code === 95 || code === 43 || code === 45 || (code === 46 && before !== 46)));

/**
 * A line of a file of aliases as an address with its targets, in lower case; `-` is the target of a bare domain. A text where
 * something is wrong with it, nothing where it says nothing.
 */
export const parseLine = (
  text: string,
  line: number,
): {readonly from: string; readonly to: string} | Text | undefined => {
  const problem = byteProblem(text, line);
  if (problem !== undefined || /^\s*(?:#|$)/.test(text)) {
    return problem;
  }

  const match = /^([^\s=,]+)(?:\s*=\s*|\s+)(\S.*?)\s*$/.exec(text);
  if (match === null) {
    return /[<>]/.test(text) ? texts.brackets : /^\s/.test(text) ? texts.continued : texts.shape;
  }

  if (/[<>]/.test(text)) {
    return texts.brackets;
  }

  const from = (match[1] ?? '').toLowerCase();
  const said = (match[2] ?? '').toLowerCase();
  const targets = /[\s,]/.test(said) ? said.split(/[\s,]+/) : [said];
  if (from.startsWith('@') || targets.some(target => target.startsWith('@'))) {
    return texts.catchAll;
  }

  if (!from.includes('@')) {
    return isDomain(from) ? {from, to: '-'} : texts.shape;
  }

  return isAddress(from) &&
    targets.every(isAddress) &&
    (targets.length === 1 || new Set(targets).size === targets.length)
    ? {from, to: targets.length === 1 ? said : targets.join(', ')}
    : texts.shape;
};

const byteProblem = (text: string, line: number): Text | undefined =>
  /^[\t\x20-\x7e]*$/.test(text) && text.length <= longest
    ? undefined
    : text.length > longest
      ? texts.long
      : line === 1 && /^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/.test(text)
        ? texts.mark
        : /^[\t\x20-\x7e]*\r$/.test(text)
          ? texts.crlf
          : /[\x00-\x08\x0a-\x1f\x7f]/.test(text)
            ? texts.control
            : texts.ascii;

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const domainPattern = new RegExp(`^(?=.{1,${longestDomain}}$)${label}(?:\\.${label})*\\.(?!\\d+$)${label}$`);
const isLocal = (text: string) =>
  /^[a-z0-9](?:[a-z0-9._+-]{0,62}[a-z0-9_+-])?$/.test(text) && !text.includes('..');

const isAddress = (text: string) => {
  const at = text.indexOf('@');
  return at > 0 && isLocal(text.slice(0, at)) && isDomain(text.slice(at + 1));
};

// A long file has few domains: each is judged once.
const isDomain = (name: string) => {
  let good = judged.get(name);
  if (good === undefined) {
    good = domainPattern.test(name);
    judged.size > 10_000 && judged.clear();
    judged.set(name, good);
  }

  return good;
};
const judged = new Map<string, boolean>();

const texts = {
  shape: {
    en: 'Line {line} ({text}) is no alias: ADDRESS TARGET, with more targets after commas.',
    ja: '{line} 行目 ({text}) は別名ではありません。「アドレス 宛先」と書き、宛先が複数ならコンマで続けます。',
  },
  brackets: {
    en: 'Line {line} ({text}) has angle brackets: Postfix takes them literally, and the address never matches.',
    ja: '{line} 行目 ({text}) に山括弧があります。Postfix は文字どおりに扱うため、決して一致しません。',
  },
  continued: {
    en: 'Line {line} ({text}) begins with a blank, so it would continue the line above: write each alias on one line.',
    ja: '{line} 行目 ({text}) は空白で始まるため上の行の続きになります。別名は 1 行に書いてください。',
  },
  catchAll: {
    en: 'Line {line} ({text}): a whole domain cannot be an alias; mail for names that nobody has would be taken, and bounced to forged senders.',
    ja: '{line} 行目 ({text}): ドメイン全体は別名にできません。存在しない宛先のメールも受け取り、偽の差出人へ送り返すことになります。',
  },
  long: {en: 'Line {line} is longer than 4000 characters.', ja: '{line} 行目が 4000 文字を超えています。'},
  mark: {
    en: 'Line 1 begins with a byte order mark: save the file as plain text (UTF-8 without BOM).',
    ja: '1 行目がバイト順マークで始まっています。BOM のないプレーンテキストとして保存してください。',
  },
  crlf: {
    en: 'Line {line} ends as Windows ends lines (CR LF): convert the file first, for example with “dos2unix”.',
    ja: '{line} 行目の行末が Windows 形式 (CR LF) です。先に dos2unix などで変換してください。',
  },
  control: {en: 'Line {line} has control characters.', ja: '{line} 行目に制御文字があります。'},
  ascii: {
    en: 'Line {line} has characters that no mail address here can have.',
    ja: '{line} 行目にメールアドレスで使えない文字があります。',
  },
} satisfies Record<string, Text>;
