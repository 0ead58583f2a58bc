import {connect as connectPlain, type Socket} from 'node:net';
import {connect as connectTls} from 'node:tls';
import type {Secret} from '../core/secret.js';
import {answerTimeout, probeTimeout} from './types.js';

/** Where doveadm(1) of another server answers, and how it is known to be that one. */
export type DoveadmAt = {
  readonly host: string;
  readonly port: number;
  /** The only certificate that is taken, PEM; without one the connection is in clear. */
  readonly certificate?: string;
  readonly password: Secret;
};

/** What a command printed, field by field; undefined where it failed. */
export type DoveadmAnswer = readonly string[] | undefined;

export type Doveadm = {
  /** Runs a command there, for a user or (empty) for none. Never a secret in it: the other side may log it. */
  readonly ask: (user: string, ...command: readonly string[]) => Promise<DoveadmAnswer>;
  readonly close: () => void;
};

/** Why there is no conversation: nobody answers, it is not the one that we know, or it does not know us. */
export type DoveadmFailure = {readonly kind: 'silent' | 'stranger' | 'refused'; readonly words: string};

/**
 * Speaks the protocol of Dovecot 2.3's doveadm servers (doveadm-protocol, version 1): a line for a command, tab-separated; the answer
 * ends with a line that starts with + or -. Version 1.0 is asked for, without the later one's frames around logs.
 */
export const openDoveadm = (at: DoveadmAt): Promise<Doveadm | DoveadmFailure> =>
  new Promise(resolve => {
    const socket: Socket =
      at.certificate === undefined
        ? connectPlain({host: at.host, port: at.port})
        : connectTls({
            host: at.host,
            port: at.port,
            servername: at.host,
            ca: at.certificate,
            minVersion: 'TLSv1.2',
          });
    const greeted = at.certificate === undefined ? 'connect' : 'secureConnect';
    let connected = false;
    const reader = answersOf(socket);
    const fail = (kind: DoveadmFailure['kind'], words: string) => {
      socket.destroy();
      resolve({kind, words});
    };
    const timer = setTimeout(() => fail('silent', 'timeout'), probeTimeout);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      // A refused certificate is an error before the connection is greeted; so is a port where nobody listens.
      const unreachable = /^E(?:CONN|HOST|NET|TIMEDOUT|AI_|NOTFOUND)/.test(error.code ?? '');
      fail(connected ? 'refused' : unreachable ? 'silent' : 'stranger', error.code ?? error.message);
    });
    socket.once(greeted, async () => {
      clearTimeout(timer);
      connected = true;
      socket.write('VERSION\tdoveadm-server\t1\t0\n');
      // Its own version, and `-`: it wants a password (or `+`: it asks for none, as on its own unix socket).
      const wants = await reader.mark();
      if (wants === undefined) {
        return fail('refused', 'closed');
      }

      const login = Buffer.from(`\0doveadm\0${at.password.reveal()}`).toString('base64');
      socket.write(`PLAIN\t${login}\n`);
      if ((await reader.mark()) !== '+') {
        return fail('refused', 'password');
      }

      return resolve({
        ask: async (user, ...command) => {
          socket.write(`${['', user, ...command].map(escaped).join('\t')}\n`);
          return reader.answer();
        },
        close: () => socket.destroy(),
      });
    });
  });

export const isFailure = (result: Doveadm | DoveadmFailure): result is DoveadmFailure => 'kind' in result;

// Dovecot's str_tabescape().
const escaped = (text: string) =>
  text.replaceAll(
    /[\u0001\t\r\n]/g,
    character => `\u0001${{'\u0001': '1', '\t': 't', '\r': 'r', '\n': 'n'}[character]}`,
  );

const unescaped = (text: string) =>
  text.replaceAll(
    /\u0001([1trn0])/g,
    (_all, letter: string) => ({1: '\u0001', t: '\t', r: '\r', n: '\n', 0: '\0'})[letter] ?? '',
  );

// Most commands end each field with a tab, some print a text as it is.
const fieldsOf = (text: string) =>
  text === ''
    ? []
    : text
        .replace(/\t$/, '')
        .split('\t')
        .map(field => Buffer.from(unescaped(field), 'latin1').toString('utf8'));

/** Bytes that an answer may have: a list of some 100,000 names. */
const limit = 16 * 1024 * 1024;

const answersOf = (socket: Socket) => {
  let heard = '';
  let over = false;
  let look: () => void = () => undefined;
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    heard += chunk;
    if (heard.length > limit) {
      socket.destroy();
    }

    look();
  });
  socket.on('close', () => {
    over = true;
    look();
  });
  const until = (found: () => RegExpExecArray | null): Promise<RegExpExecArray | undefined> =>
    new Promise(resolve => {
      const timer = setTimeout(() => socket.destroy(), answerTimeout);
      look = () => {
        const match = found();
        if (match !== null || over) {
          clearTimeout(timer);
          look = () => undefined;
          resolve(match ?? undefined);
        }
      };
      look();
    });
  return {
    mark: async () => {
      const match = await until(() => /(?:^|\n)([+-])\n/.exec(heard));
      heard = '';
      return match?.[1];
    },
    answer: async (): Promise<DoveadmAnswer> => {
      const match = await until(() => /^([\s\S]*?)\n([+-])[^\n]*\n/.exec(heard));
      heard = '';
      return match?.[2] === '+' ? fieldsOf(match[1] ?? '') : undefined;
    },
  };
};
