import {loops} from '../../src/config/aliases/loops.js';
import {fill, type Text} from '../../src/core/text.js';
import {addressProblem, nameProblem} from './validate.js';

/** An address, and one of those that its mail goes to. */
export type Alias = {readonly from: string; readonly to: string};

/** What the aliases are judged by. */
export type AliasWorld = {
  /** Domains whose mail is taken here. */
  readonly domains: readonly string[];
  /** Addresses that end in a mailbox here. */
  readonly mailboxes: readonly string[];
  /** Others may end in one too: they are known to another server alone. */
  readonly more?: boolean;
  /** Others may be an alias that a file brings: they are judged with the file. */
  readonly open?: boolean;
  /** Addresses that another section answers for. */
  readonly roles: readonly string[];
};

/** `info@example.com=anna@example.com` in its parts; a text where it is none. */
export const parseAlias = (item: string, domainProblem = nameProblem): Alias | Text => {
  const [from = '', to, ...more] = item.split('=');
  if (to === undefined || more.length > 0) {
    return texts.shape;
  }

  if (from.startsWith('@') || to.startsWith('@')) {
    return texts.catchAll;
  }

  return addressProblem(from, domainProblem) ?? addressProblem(to, domainProblem) ?? {from, to};
};

/** The aliases of a list; what is none is left out. */
export const aliasesOf = (items: readonly string[]): readonly Alias[] => parseAll(items).filter(isAlias);

/** Where mail of each address goes, in the order of the list. */
export const targetsOf = (aliases: readonly Alias[]): ReadonlyMap<string, readonly string[]> => {
  const targets = new Map<string, string[]>();
  for (const {from, to} of aliases) {
    const there = targets.get(from);
    there === undefined ? targets.set(from, [to]) : there.push(to);
  }

  return targets;
};

/** What is wrong with a list, each with the number of its entry, counted from 1. One pass over the list for each kind. */
export const aliasProblems = (items: readonly string[], world: AliasWorld): readonly Text[] => {
  const domains = new Set(world.domains);
  const mailboxes = new Set(world.mailboxes);
  const roles = new Set(world.roles);
  const parsed = parseAll(items);
  const targets = targetsOf(parsed.filter(isAlias));
  const isMailbox = (address: string) => world.more === true || mailboxes.has(address);
  const known = (address: string) => isMailbox(address) || roles.has(address) || targets.has(address);
  const circular = loops(targets);
  const first = new Map<string, number>();
  return parsed.flatMap((alias, at): readonly Text[] => {
    const item = items[at] ?? '';
    const line = at + 1;
    if (!isAlias(alias)) {
      return [fill(texts.entry, {line, item, problem: alias.en, problemJa: alias.ja})];
    }

    const {from, to} = alias;
    const values = {line, from, to, other: first.get(item) ?? 0};
    if (first.has(item)) {
      return [fill(texts.duplicate, values)];
    }

    first.set(item, line);
    if (!domains.has(domainOf(from))) {
      return [fill(texts.foreign, values)];
    }

    if (roles.has(from)) {
      return [fill(texts.role, values)];
    }

    if (from === to ? !isMailbox(from) : circular.has(from) && circular.has(to)) {
      return [fill(texts.loop, values)];
    }

    return domains.has(domainOf(to)) && !known(to) && world.open !== true
      ? [fill(texts.unknown, values)]
      : [];
  });
};

/** What a list brings with it though it is right: mail that leaves, and mailboxes that get no mail of their own any more. */
export const aliasCaution = (items: readonly string[], world: AliasWorld): Text | undefined => {
  const domains = new Set(world.domains);
  const aliases = aliasesOf(items);
  const targets = targetsOf(aliases);
  const shadowed = world.mailboxes.find(address => targets.get(address)?.includes(address) === false);
  if (shadowed !== undefined) {
    return fill(texts.shadowed, {address: shadowed});
  }

  const outside = aliases.find(({to}) => !domains.has(domainOf(to)));
  return outside === undefined ? undefined : fill(texts.outside, outside);
};

export const domainOf = (address: string) => address.slice(address.indexOf('@') + 1);

// A long list has few domains: each is judged once.
const parseAll = (items: readonly string[]) => {
  const judged = new Map<string, Text | undefined>();
  const judge = (domain: string) => {
    if (!judged.has(domain)) {
      judged.set(domain, nameProblem(domain));
    }

    return judged.get(domain);
  };
  return items.map(item => parseAlias(item, judge));
};

const isAlias = (parsed: Alias | Text): parsed is Alias => 'from' in parsed;

const texts = {
  shape: {
    en: 'An alias is written ADDRESS=TARGET, such as info@example.com=anna@example.com, without angle brackets.',
    ja: '別名は info@example.com=anna@example.com のように「アドレス=宛先」と書きます。山括弧は付けません。',
  },
  catchAll: {
    en: 'A whole domain cannot be an alias: mail for names that nobody has would be taken, and bounced to forged senders.',
    ja: 'ドメイン全体は別名にできません。存在しない宛先のメールも受け取り、偽の差出人へ送り返すことになります。',
  },
  entry: {en: 'Entry {line} ({item}): {problem}', ja: '{line} 番目 ({item}): {problemJa}'},
  duplicate: {
    en: 'Entry {line} says the same as entry {other}: {from}={to}.',
    ja: '{line} 番目は {other} 番目と同じです: {from}={to}',
  },
  foreign: {
    en: 'Entry {line}: {from} is not in a domain of this server. Name the domain among the further ones first.',
    ja: '{line} 番目: {from} のドメインはこのサーバーのものではありません。先に追加ドメインに加えてください。',
  },
  role: {
    en: 'Entry {line}: who reads {from} is answered under “Receiving mail”.',
    ja: '{line} 番目: {from} を読む人は「メールの受信」で答えます。',
  },
  loop: {
    en: 'Entry {line}: mail for {from} would go round in a circle by way of {to}.',
    ja: '{line} 番目: {from} 宛のメールが {to} を経て循環します。',
  },
  unknown: {
    en: 'Entry {line}: there is no {to} here, so mail for {from} would be taken and bounced.',
    ja: '{line} 番目: {to} はここにないため、{from} 宛のメールは受け取った後に送り返されます。',
  },
  shadowed: {
    en: 'The mailbox of {address} gets no mail any more, because its address is an alias. Add {address}={address} to keep a copy there.',
    ja: '{address} は別名になるため、そのメールボックスには届かなくなります。控えを残すには {address}={address} も加えます。',
  },
  outside: {
    en: 'Mail for {from} is passed on to {to}: spam too, which harms this server’s name, and mail of senders with SPF may be refused there.',
    ja: '{from} 宛のメールは {to} へ転送されます。迷惑メールも転送されて信用を損ない、SPF を使う差出人のメールは転送先で拒否されることがあります。',
  },
} satisfies Record<string, Text>;
