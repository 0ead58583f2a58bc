import type {AliasFile, AliasFileFound} from '../../core/material.js';
import {fill, type Text, visibleLine} from '../../core/text.js';
import {loops} from './loops.js';

/** Something that is wrong with a line. */
export type LineProblem = {readonly line: number; readonly problem: Text};

/** Rows of a file of aliases as one text (`+row`, a line each), or what is wrong with the file. */
export type ReadAliases =
  | {readonly ok: true; readonly rows: Buffer; readonly found: Omit<AliasFileFound, 'digest'>}
  | {readonly ok: false; readonly problems: readonly LineProblem[]; readonly more: number};

/** Problems that are told one by one; more are counted. */
const told = 20;
/** Characters of a line; Postfix's own tools stop far earlier to make sense. */
const longest = 4000;

type Entry = {readonly from: string; readonly to: string; readonly line: number};

/**
 * Reads a file of aliases (`ADDRESS TARGET[, TARGET]`, or with `=` between; a bare domain in front of anything declares the
 * domain, as in virtual(5)) and judges it as a whole: each line once, then what the lines mean for each other. `progress`: how
 * many lines were read.
 */
export const readAliases = (
  bytes: Buffer,
  file: Omit<AliasFile, 'path' | 'table'>,
  inTable: (keys: ReadonlySet<string>) => ReadonlySet<string>,
  progress: (lines: number) => void = () => undefined,
): ReadAliases => {
  const problems: LineProblem[] = [];
  let wrong = 0;
  const report = (line: number, text: Text, values: Readonly<Record<string, string | number>> = {}) => {
    wrong += 1;
    if (problems.length < told) {
      problems.push({line, problem: fill(text, {line, ...values})});
    }
  };

  const entries = new Map<string, Entry>();
  const own = new Set(file.domains);
  const brought = new Set<string>();
  eachLine(bytes, progress, (text, line) => {
    const problem = byteProblem(text, line);
    if (problem !== undefined) {
      return report(line, problem);
    }

    if (/^\s*(?:#|$)/.test(text)) {
      return undefined;
    }

    const parsed = parseLine(text);
    if ('en' in parsed) {
      return report(line, parsed, {text: visibleLine(text, 60)});
    }

    const {from, to} = parsed;
    if (!from.includes('@')) {
      brought.add(from);
      return undefined;
    }

    const earlier = entries.get(from);
    return earlier === undefined
      ? void entries.set(from, {from, to, line})
      : report(line, texts.duplicate, {from, other: earlier.line});
  });
  brought.forEach(domain => void own.add(domain));
  judge(entries, {...file, own, brought}, inTable, report);
  if (wrong > 0) {
    problems.sort((one, other) => one.line - other.line);
    return {ok: false, problems, more: wrong - problems.length};
  }

  const added = [...brought].flatMap(domain => [
    `${domain} -`,
    ...roles.flatMap(role => {
      const address = `${role}@${domain}`;
      return entries.has(address) || file.admin === undefined ? [] : [`${address} ${file.admin}`];
    }),
  ]);
  return {
    ok: true,
    rows: bytesOf(added, entries),
    found: {
      count: added.length + entries.size,
      domains: [...brought],
      ...meaning(entries, file.mailboxes, own),
      has: address => entries.has(address),
    },
  };
};

// Piece by piece: a million strings at once are several times the file.
const bytesOf = (added: readonly string[], entries: ReadonlyMap<string, Entry>): Buffer => {
  const pieces: Buffer[] = [];
  let piece = added.map(row => `+${row}\n`).join('');
  for (const {from, to} of entries.values()) {
    piece += `+${from} ${to}\n`;
    if (piece.length > 65_536) {
      pieces.push(Buffer.from(piece, 'latin1'));
      piece = '';
    }
  }

  return Buffer.concat([...pieces, Buffer.from(piece, 'latin1')]);
};

const roles = ['postmaster', 'abuse', 'root'] as const;

const eachLine = (
  bytes: Buffer,
  progress: (lines: number) => void,
  use: (text: string, line: number) => void,
) => {
  let line = 0;
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(10, at);
    const stop = end < 0 ? bytes.length : end;
    line += 1;
    use(bytes.toString('latin1', at, Math.min(stop, at + longest + 1)), line);
    at = stop + 1;
    if (line % 100_000 === 0) {
      progress(line);
    }
  }
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

const local = '[a-z0-9](?:[a-z0-9._+-]{0,62}[a-z0-9_+-])?';
const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const domainPattern = new RegExp(`^(?=.{1,253}$)${label}(?:\\.${label})*\\.(?!\\d+$)${label}$`);
const addressPattern = new RegExp(`^${local}@(?=.{1,253}$)${label}(?:\\.${label})*\\.(?!\\d+$)${label}$`);
const isAddress = (text: string) => addressPattern.test(text) && !text.includes('..');

const parseLine = (text: string): {readonly from: string; readonly to: string} | Text => {
  const match = /^([^\s=,]+)(?:\s*=\s*|\s+)(\S.*?)\s*$/.exec(text);
  if (match === null) {
    return /[<>]/.test(text) ? texts.brackets : /^\s/.test(text) ? texts.continued : texts.shape;
  }

  if (/[<>]/.test(text)) {
    return texts.brackets;
  }

  const from = (match[1] ?? '').toLowerCase();
  const targets = (match[2] ?? '').toLowerCase().split(/[\s,]+/);

  if (from.startsWith('@') || targets.some(target => target.startsWith('@'))) {
    return texts.catchAll;
  }

  if (!from.includes('@')) {
    return domainPattern.test(from) ? {from, to: '-'} : texts.shape;
  }

  return isAddress(from) &&
    targets.every(isAddress) &&
    (targets.length === 1 || new Set(targets).size === targets.length)
    ? {from, to: targets.join(', ')}
    : texts.shape;
};

const domainOf = (address: string) => address.slice(address.indexOf('@') + 1);

// What lines mean together: domains, roles, what was typed, targets that nobody has, circles.
const judge = (
  entries: ReadonlyMap<string, Entry>,
  {
    own,
    brought,
    mailboxes,
    roles: answered,
    typed,
    admin,
  }: Omit<AliasFile, 'path' | 'table'> & {
    readonly own: ReadonlySet<string>;
    readonly brought: ReadonlySet<string>;
  },
  inTable: (keys: ReadonlySet<string>) => ReadonlySet<string>,
  report: (line: number, text: Text, values?: Readonly<Record<string, string | number>>) => void,
) => {
  const known = new Set([...mailboxes, ...answered, ...Object.keys(typed)]);
  for (const domain of admin === undefined ? [] : brought) {
    roles.forEach(role => void known.add(`${role}@${domain}`));
  }

  const taken = new Set(answered);
  const targets = new Map<string, readonly string[]>();
  const open: {readonly entry: Entry; readonly to: string}[] = [];
  for (const entry of entries.values()) {
    const {from, to, line} = entry;
    const onward = to.includes(',') ? to.split(', ') : [to];
    // Only what leads to another alias can lead into a circle.
    if (onward.some(target => entries.has(target))) {
      targets.set(from, onward);
    }

    if (!own.has(domainOf(from))) {
      report(line, texts.foreign, {from});
    } else if (taken.has(from)) {
      report(line, texts.role, {from});
    } else if (typed[from] !== undefined && typed[from] !== to) {
      report(line, texts.typed, {from});
    }

    for (const target of onward) {
      if (own.has(domainOf(target)) && !known.has(target) && !entries.has(target)) {
        open.push({entry, to: target});
      }
    }
  }

  const there = open.length === 0 ? new Set<string>() : inTable(new Set(open.map(({to}) => to)));
  for (const {entry, to} of open.filter(({to: target}) => !there.has(target))) {
    report(entry.line, texts.unknown, {from: entry.from, to});
  }

  const boxes = new Set(mailboxes);
  const circular = loops(targets);
  for (const [from, onward] of targets) {
    const itself = onward.length === 1 && onward[0] === from;
    if (itself ? !boxes.has(from) : circular.has(from) && onward.some(one => circular.has(one))) {
      report(entries.get(from)?.line ?? 0, texts.loop, {from, to: onward.join(', ')});
    }
  }
};

const meaning = (
  entries: ReadonlyMap<string, Entry>,
  mailboxes: readonly string[],
  own: ReadonlySet<string>,
): Pick<AliasFileFound, 'shadowed' | 'outside'> => {
  const shadowed = mailboxes.flatMap(address => {
    const entry = entries.get(address);
    return entry === undefined || entry.to.split(', ').includes(address) ? [] : [{line: entry.line, address}];
  });
  let first: {line: number; from: string; to: string} | undefined;
  let count = 0;
  for (const {from, to, line} of entries.values()) {
    const away = to.split(', ').find(target => !own.has(domainOf(target)));
    if (away !== undefined) {
      count += 1;
      first ??= {line, from, to: away};
    }
  }

  return {shadowed, ...(first === undefined ? {} : {outside: {count, ...first}})};
};

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
  duplicate: {
    en: 'Line {line}: {from} is in line {other} already; Postfix would use that one only. Put all targets into one line.',
    ja: '{line} 行目: {from} は {other} 行目にすでにあり、Postfix はそちらだけを使います。宛先を 1 行にまとめてください。',
  },
  foreign: {
    en: 'Line {line}: {from} is not in a domain of this server. Name the domain in domains.also, or on a line of its own with anything after it.',
    ja: '{line} 行目: {from} のドメインはこのサーバーのものではありません。domains.also に加えるか、ドメインだけの行を書いてください。',
  },
  role: {
    en: 'Line {line}: who reads {from} is answered under “Receiving mail” (smtp.admin).',
    ja: '{line} 行目: {from} を読む人は「メールの受信」(smtp.admin) で答えます。',
  },
  typed: {
    en: 'Line {line}: {from} has other targets in domains.aliases.',
    ja: '{line} 行目: {from} には domains.aliases で別の宛先が指定されています。',
  },
  unknown: {
    en: 'Line {line}: there is no {to} here, so mail for {from} would be taken and bounced.',
    ja: '{line} 行目: {to} はここにないため、{from} 宛のメールは受け取った後に送り返されます。',
  },
  loop: {
    en: 'Line {line}: mail for {from} would go round in a circle by way of {to}.',
    ja: '{line} 行目: {from} 宛のメールが {to} を経て循環します。',
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
