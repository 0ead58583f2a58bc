import type {AliasFile, AliasFileFound} from '../../core/material.js';
import type {Text} from '../../core/text.js';
import {type AliasEntries, targetsIn} from './entries.js';
import {loops} from './loops.js';

/** Tells what is wrong with a line; 0: with what stands in no line. */
export type Report = (line: number, text: Text, values?: Readonly<Record<string, string | number>>) => void;

type World = Pick<AliasFile, 'mailboxes' | 'roles' | 'typed' | 'admin'> & {
  /** Domains whose mail is taken here, with those that the file brings. */
  readonly own: ReadonlySet<string>;
  readonly brought: ReadonlySet<string>;
};

/** What lines mean together: domains, roles, what was typed, targets that nobody has, circles. */
export const judgeAliases = (
  entries: AliasEntries,
  {own, brought, mailboxes, roles, typed, admin}: World,
  inTable: (keys: ReadonlySet<string>) => ReadonlySet<string>,
  report: Report,
) => {
  const typedIn = new Map(Object.entries(typed));
  const known = new Set([...mailboxes, ...roles, ...typedIn.keys()]);
  for (const domain of admin === undefined ? [] : brought) {
    rolesAt(domain).forEach(address => void known.add(address));
  }

  const isAlias = (address: string) => entries.find(address) >= 0 || typedIn.has(address);
  const isHere = (address: string) =>
    !own.has(domainOf(address)) || known.has(address) || entries.find(address) >= 0;
  const taken = new Set(roles);
  const targets = new Map<string, readonly string[]>();
  const open: {readonly from: string; readonly to: string; readonly line: number}[] = [];
  // Of many aliases in a row one person is the target: what is known of the last one need not be looked up again.
  let plain = '';
  const follow = (from: string, to: string, line: number) => {
    if (to === plain) {
      return;
    }

    const onward = targetsIn(to);
    // Only what leads to another alias can lead into a circle.
    if (onward.some(isAlias)) {
      targets.set(from, onward);
    }

    const missing = onward.filter(target => !isHere(target));
    missing.forEach(target => void open.push({from, to: target, line}));
    if (missing.length === 0 && !targets.has(from)) {
      plain = to;
    }
  };

  typedIn.forEach((to, from) => void follow(from, to, 0));
  entries.each((from, to, line) => {
    follow(from, to, line);
    if (!own.has(domainOf(from))) {
      report(line, texts.foreign, {from});
    } else if (taken.has(from)) {
      report(line, texts.role, {from});
    } else if (typedIn.size > 0 && typedIn.has(from) && typedIn.get(from) !== to) {
      report(line, texts.typed, {from});
    }
  });

  const there = open.length === 0 ? new Set<string>() : inTable(new Set(open.map(({to}) => to)));
  for (const {from, to, line} of open.filter(({to: target}) => !there.has(target))) {
    report(line, line === 0 ? texts.unknownTyped : texts.unknown, {from, to});
  }

  const boxes = new Set(mailboxes);
  const circular = loops(targets);
  for (const [from, onward] of targets) {
    const at = entries.find(from);
    const itself = onward.length === 1 && onward[0] === from;
    if (
      at >= 0 &&
      (itself ? !boxes.has(from) : circular.has(from) && onward.some(one => circular.has(one)))
    ) {
      report(entries.line(at), texts.loop, {from, to: onward.join(', ')});
    }
  }
};

/** What a file that is right brings with it. */
export const meaningOf = (
  entries: AliasEntries,
  mailboxes: readonly string[],
  own: ReadonlySet<string>,
): Pick<AliasFileFound, 'shadowed' | 'outside'> => {
  const boxes = new Set(mailboxes);
  const shadowed: {line: number; address: string}[] = [];
  let first: {line: number; from: string; to: string} | undefined;
  let count = 0;
  let last = '';
  let away: string | undefined;
  entries.each((from, to, line) => {
    if (boxes.has(from) && !targetsIn(to).includes(from)) {
      shadowed.push({line, address: from});
    }

    if (to !== last) {
      away = targetsIn(to).find(target => !own.has(domainOf(target)));
      last = to;
    }

    if (away !== undefined) {
      count += 1;
      first ??= {line, from, to: away};
    }
  });
  return {shadowed, ...(first === undefined ? {} : {outside: {count, ...first}})};
};

/** Addresses that every domain must have (RFC 2142), and root's. */
export const rolesAt = (domain: string): readonly string[] =>
  ['postmaster', 'abuse', 'root'].map(role => `${role}@${domain}`);

const domainOf = (address: string) => address.slice(address.indexOf('@') + 1);

const texts = {
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
  unknownTyped: {
    en: 'domains.aliases: there is no {to} here, nor in this file, so mail for {from} would be taken and bounced.',
    ja: 'domains.aliases: {to} はここにもこのファイルにもないため、{from} 宛のメールは受け取った後に送り返されます。',
  },
} satisfies Record<string, Text>;
