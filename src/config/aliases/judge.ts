import type {AliasFile, AliasFileFound} from '../../core/material.js';
import type {Text} from '../../core/text.js';
import {type AliasEntries, domainOf, targetsIn} from './entries.js';
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
  const targets = new Map<string, readonly string[]>();
  const open: {readonly from: string; readonly to: string; readonly line: number}[] = [];
  const follow = (from: string, onward: readonly string[], line: number) => {
    // Only what leads to another alias can lead into a circle.
    if (onward.some(isAlias)) {
      targets.set(from, onward);
    }

    onward.filter(target => !isHere(target)).forEach(target => void open.push({from, to: target, line}));
  };

  typedIn.forEach((to, from) => void follow(from, targetsIn(to), 0));
  entries.eachRun((first, end) => {
    const onward = targetsIn(entries.to(first));
    // What ends in a mailbox or elsewhere needs no second look, whoever leads there.
    if (onward.some(isAlias) || !onward.every(isHere)) {
      for (let at = first; at < end; at += 1) {
        follow(entries.from(at), onward, entries.line(at));
      }
    }
  });
  // Mostly no line is in the wrong place: then none of them has to be looked at.
  if (![...entries.domains].every(domain => own.has(domain))) {
    for (let at = 0; at < entries.size(); at += 1) {
      const from = entries.from(at);
      own.has(domainOf(from)) || report(entries.line(at), texts.foreign, {from});
    }
  }

  for (const from of new Set([...roles, ...typedIn.keys()])) {
    const at = own.has(domainOf(from)) ? entries.find(from) : -1;
    if (at >= 0 && roles.includes(from)) {
      report(entries.line(at), texts.role, {from});
    } else if (at >= 0 && typedIn.get(from) !== entries.to(at)) {
      report(entries.line(at), texts.typed, {from});
    }
  }

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
  const shadowed = [...boxes]
    .map(address => ({address, at: entries.find(address)}))
    .filter(({address, at}) => at >= 0 && !targetsIn(entries.to(at)).includes(address))
    .map(({address, at}) => ({line: entries.line(at), address}))
    .sort((one, other) => one.line - other.line);
  let first: {line: number; from: string; to: string} | undefined;
  let count = 0;
  entries.eachRun((start, end) => {
    const away = targetsIn(entries.to(start)).find(target => !own.has(domainOf(target)));
    if (away !== undefined) {
      count += end - start;
      first ??= {line: entries.line(start), from: entries.from(start), to: away};
    }
  });
  return {shadowed, ...(first === undefined ? {} : {outside: {count, ...first}})};
};

/** Addresses that every domain must have (RFC 2142), and root's. */
export const rolesAt = (domain: string): readonly string[] =>
  ['postmaster', 'abuse', 'root'].map(role => `${role}@${domain}`);

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
