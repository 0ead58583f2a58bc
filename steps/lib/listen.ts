import type {Facts} from '../../src/core/facts.js';
import type {AllAnswers} from '../../src/core/question.js';
import {fill, type Text} from '../../src/core/text.js';
import {parseAddress} from './networks.js';
import {answer} from './read.js';

/** All addresses of both kinds, which is what Dovecot listens on unless it is told otherwise (`listen`). */
export const everywhere: readonly string[] = ['*', '::'];

/** Addresses that Dovecot listens on. */
export const listenOf = (all: AllAnswers): readonly string[] =>
  answer<readonly string[]>(all, 'protocols', 'listen') ?? everywhere;

/** The same as ss(8) names them. */
export const socketsOf = (all: AllAnswers): readonly string[] =>
  listenOf(all).map(item => (item === '*' ? '0.0.0.0' : item));

/** Whether it listens on all there are. */
export const isEverywhere = (listen: readonly string[]) => everywhere.every(item => listen.includes(item));

/** Whether other machines can reach what Dovecot listens on. */
export const isReadElsewhere = (all: AllAnswers) => listenOf(all).some(item => !isLoopback(item));

/** The addresses that Dovecot is to be asked at; undefined: any of the machine's. */
export const dovecotAt = (all: AllAnswers, {host}: Facts): readonly string[] | undefined => {
  const listen = listenOf(all);
  const of = (isOne: (address: string) => boolean, loopback: string) => {
    const own = host.addresses.filter(isOne);
    return own.length === 0 ? [loopback] : own;
  };
  return isEverywhere(listen)
    ? undefined
    : listen.flatMap(item =>
        item === '*'
          ? of(address => !address.includes(':'), '127.0.0.1')
          : item === '::'
            ? of(address => address.includes(':'), '::1')
            : [item],
      );
};

/** What a check of Dovecot's ports is told of it; nothing where any address will do. */
export const askedAt = (all: AllAnswers, facts: Facts): {readonly at?: readonly string[]} => {
  const at = dovecotAt(all, facts);
  return at === undefined ? {} : {at};
};

/** The same for a check that asks Dovecot beside what else it does. */
export const readAt = (all: AllAnswers, facts: Facts): {readonly address?: string} => {
  const [first, ...others] = dovecotAt(all, facts) ?? [];
  const address = [first, ...others].find(item => item !== undefined && !isLoopback(item)) ?? first;
  return address === undefined ? {} : {address};
};

/** Why Dovecot cannot listen on an item: it does not start then. */
export const listenProblem = (item: string, {host}: Facts): Text | undefined => {
  if (everywhere.includes(item)) {
    return undefined;
  }

  const address = parseAddress(item);
  return address === undefined
    ? fill(texts.address, {item})
    : host.addresses.length > 0 &&
        !isLoopback(item) &&
        !host.addresses.some(own => parseAddress(own)?.value === address.value)
      ? fill(texts.foreign, {item, own: host.addresses.join(', ')})
      : undefined;
};

/** What is wrong with all of them together: two that want the same port of the same address. */
export const listenTogether = (listen: readonly string[]): Text | undefined => {
  const doubled = listen.find((item, at) => {
    const address = parseAddress(item);
    const all = address?.family === 'ipv6' ? '::' : '*';
    return (
      !everywhere.includes(item) &&
      (listen.includes(all) ||
        listen.findIndex(
          other => parseAddress(other)?.value === address?.value && familyOf(other) === address?.family,
        ) !== at)
    );
  });
  return listen.length === 0
    ? texts.none
    : new Set(listen).size < listen.length || doubled !== undefined
      ? fill(texts.twice, {item: doubled ?? listen.find((item, at) => listen.indexOf(item) !== at) ?? ''})
      : undefined;
};

const familyOf = (item: string) => parseAddress(item)?.family;

const isLoopback = (item: string) =>
  /^127\./.test(item) || (item.includes(':') && item !== '::' && parseAddress(item)?.value === 1n);

const texts = {
  none: {
    en: 'At least one address is needed: nobody could read mail.',
    ja: 'アドレスが 1 つ以上必要です。ないと誰もメールを読めません。',
  },
  address: {
    en: '{item} is no address: write 192.0.2.10, 2001:db8::10 (no brackets, no mask), or * and :: for all.',
    ja: '{item} はアドレスではありません。192.0.2.10、2001:db8::10 の形 (括弧、マスクなし) か、全体なら * と :: を指定してください。',
  },
  foreign: {
    en: '{item} is not an address of this machine ({own}): Dovecot would not start.',
    ja: '{item} はこのマシンのアドレス ({own}) ではないため、Dovecot が起動しません。',
  },
  twice: {
    en: '{item} is listened on twice: Dovecot would not start.',
    ja: '{item} で二重に待ち受けることになり、Dovecot が起動しません。',
  },
} satisfies Record<string, Text>;
