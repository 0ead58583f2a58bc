import {connect, type Socket} from 'node:net';
import {connect as connectTls} from 'node:tls';
import type {Filter} from '../../core/ldap/filter.js';
import {utf8} from '../../core/ldap/filter.js';
import type {LdapScope, LdapUri} from '../../core/ldap/server.js';
import type {Secret} from '../../core/secret.js';
import {probeTimeout} from '../types.js';
import {type Element, element, elementsIn, sizeAt, numberOf, whole} from './ber.js';

/** What a directory answered: its code (RFC 4511, appendix A) and words. */
export type LdapResult = {readonly code: number; readonly message: string};
export type LdapEntry = {readonly dn: string};

/** A connection to a directory, with just what a test needs; referrals are counted and never followed. */
export type LdapClient = {
  /** Goes on encrypted (RFC 4511, 4.14); throws what TLS says of the certificate. */
  readonly startTls: () => Promise<LdapResult>;
  readonly bind: (dn: string, password: Secret | undefined) => Promise<LdapResult>;
  /** At most two entries: one is right, two are one too many. */
  readonly search: (
    base: string,
    scope: LdapScope | 'base',
    filter: Filter,
  ) => Promise<LdapResult & {readonly entries: readonly LdapEntry[]; readonly referrals: number}>;
  readonly close: () => void;
};

export type Trust = {readonly ca: string; readonly verify: boolean};

/** An answer longer than this is no answer to what we ask. */
const longest = 1024 * 1024;

/**
 * Connects within the time of a probe. Whatever happens afterwards has that time as well: a server that stops answering, or never
 * stops, ends the connection.
 */
export const openLdap = async ({tls, host, port}: LdapUri, {ca, verify}: Trust): Promise<LdapClient> => {
  const options = {
    host,
    servername: /[a-z]/i.test(host) && !host.includes(':') ? host : '',
    ca,
    rejectUnauthorized: verify,
  };
  let socket: Socket = tls ? connectTls({...options, port}) : connect({host, port});
  const late = setTimeout(
    () => socket.destroy(Object.assign(new Error('timeout'), {code: 'ETIMEDOUT'})),
    probeTimeout,
  );
  let read = readerOf(socket);
  let id = 0;
  try {
    await event(socket, tls ? 'secureConnect' : 'connect');
  } catch (error) {
    clearTimeout(late);
    socket.destroy();
    throw error;
  }

  const ask = async (operation: Buffer): Promise<readonly Element[]> => {
    id += 1;
    socket.write(element(0x30, whole(id), operation));
    const answers: Element[] = [];
    for (;;) {
      const [message, answer] = elementsIn((await read()).content);
      if (message === undefined || answer === undefined || numberOf(message) !== id) {
        // An unsolicited notice has the number 0: the server is about to hang up.
        throw new Error('not LDAP');
      }

      answers.push(answer);
      // Entries and referrals come before the end of a search.
      if (answer.tag !== 0x64 && answer.tag !== 0x73) {
        return answers;
      }

      if (answers.length > most) {
        throw new Error('too many answers');
      }
    }
  };

  return {
    startTls: async () => {
      const [answer] = await ask(element(0x77, element(0x80, '1.3.6.1.4.1.1466.20037')));
      const result = resultOf(answer);
      if (result.code === 0) {
        socket.removeAllListeners('data');
        const secure = connectTls({...options, socket});
        secure.once('error', () => undefined);
        await event(secure, 'secureConnect');
        socket = secure;
        read = readerOf(secure);
      }

      return result;
    },
    bind: async (dn, password) => {
      const words = password === undefined ? '' : utf8(password.reveal());
      const [answer] = await ask(element(0x60, whole(3), element(0x04, utf8(dn)), element(0x80, words)));
      return resultOf(answer);
    },
    search: async (base, scope, filter) => {
      const answers = await ask(
        element(
          0x63,
          element(0x04, utf8(base)),
          whole({base: 0, onelevel: 1, subtree: 2}[scope], 0x0a),
          whole(0, 0x0a),
          whole(2),
          whole(5),
          element(0x01, Buffer.from([0])),
          filterBytes(filter),
          // No attributes but the name: what else an entry holds is nobody's business here (RFC 4511, 4.5.1.8).
          element(0x30, element(0x04, '1.1')),
        ),
      );
      return {
        ...resultOf(answers.at(-1)),
        entries: answers
          .filter(({tag}) => tag === 0x64)
          .map(({content}) => ({dn: textOf(elementsIn(content)[0])})),
        referrals: answers.filter(({tag}) => tag === 0x73).length,
      };
    },
    close: () => {
      clearTimeout(late);
      socket.destroy();
    },
  };
};

const most = 200;

const resultOf = (answer: Element | undefined): LdapResult => {
  const [code, , message] = answer === undefined ? [] : elementsIn(answer.content);
  if (code === undefined) {
    throw new Error('not LDAP');
  }

  return {code: numberOf(code), message: textOf(message)};
};

const textOf = (part: Element | undefined) => part?.content.toString('utf8') ?? '';

const event = async (socket: Socket, name: string): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once(name, () => resolve());
    socket.on('error', reject);
    socket.once('close', () => reject(Object.assign(new Error('closed'), {code: 'ECONNRESET'})));
  });

const readerOf = (socket: Socket) => {
  let bytes = Buffer.alloc(0);
  let failed: Error | undefined;
  let wake: () => void = () => undefined;
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    if (bytes.length > longest) {
      socket.destroy(new Error('too long an answer'));
    }

    wake();
  });
  socket.on('error', error => {
    failed = error;
    wake();
  });
  socket.once('close', () => {
    failed ??= Object.assign(new Error('closed'), {code: 'ECONNRESET'});
    wake();
  });
  return async (): Promise<Element> => {
    for (;;) {
      if (bytes.length > 0 && bytes[0] !== 0x30) {
        socket.destroy();
        throw new Error('not LDAP');
      }

      const size = bytes.length === 0 ? undefined : sizeAt(bytes, 0);
      if (size !== undefined && size > longest) {
        socket.destroy();
        throw new Error('too long an answer');
      }

      if (size !== undefined && bytes.length >= size) {
        const [message] = elementsIn(bytes.subarray(0, size));
        bytes = bytes.subarray(size);
        return message as Element;
      }

      if (failed !== undefined) {
        throw failed;
      }

      await new Promise<void>(resolve => {
        wake = resolve;
      });
    }
  };
};

/** A filter as it goes over the wire (RFC 4511, 4.5.1.7). */
export const filterBytes = (filter: Filter): Buffer => {
  switch (filter.kind) {
    case 'and':
      return element(0xa0, ...filter.of.map(filterBytes));
    case 'or':
      return element(0xa1, ...filter.of.map(filterBytes));
    case 'not':
      return element(0xa2, filterBytes(filter.of));
    case 'equal':
    case 'at-least':
    case 'at-most':
    case 'approximately':
      return element(comparison[filter.kind], element(0x04, filter.attribute), element(0x04, filter.value));
    case 'present':
      return element(0x87, filter.attribute);
    case 'parts':
      return element(0xa4, element(0x04, filter.attribute), element(0x30, ...partBytes(filter.parts)));
    case 'rule':
      return element(
        0xa9,
        ...(filter.rule === undefined ? [] : [element(0x81, filter.rule)]),
        ...(filter.attribute === undefined ? [] : [element(0x82, filter.attribute)]),
        element(0x83, filter.value),
        ...(filter.names ? [element(0x84, Buffer.from([0xff]))] : []),
      );
  }
};

const comparison = {equal: 0xa3, 'at-least': 0xa5, 'at-most': 0xa6, approximately: 0xa8} as const;

const partBytes = (parts: readonly string[]) =>
  parts.flatMap((part, at) =>
    part === '' ? [] : [element(at === 0 ? 0x80 : at === parts.length - 1 ? 0x82 : 0x81, part)],
  );
