import {connect, isIP, type Socket} from 'node:net';
import {checkServerIdentity, connect as connectTls, type PeerCertificate, type TLSSocket} from 'node:tls';
import type {Script, ScriptResult} from './types.js';
import {answerTimeout, probeTimeout} from './types.js';

/** Plays one dialogue from this process's own network namespace. Never throws: what went wrong is in the result. */
export const play = async (script: Script): Promise<ScriptResult> => {
  const replies: string[] = [];
  const session = open(script);
  try {
    replies.push(await session.reply());
    if (script.tls === 'starttls') {
      await session.upgrade(script.protocol);
    }

    for (const line of script.lines) {
      replies.push(await session.send(line));
    }

    return {kind: 'played', replies};
  } catch (error) {
    const reason = reasonOf(error);
    return {
      kind: 'refused',
      reason,
      replies,
      ...(session.connected() ? {connected: true} : {}),
      ...(reason === 'tls' ? {words: String((error as Error).message)} : {}),
    };
  } finally {
    session.close();
  }
};

type Session = {
  connected: () => boolean;
  reply: () => Promise<string>;
  send: (line: string) => Promise<string>;
  upgrade: (protocol: Script['protocol']) => Promise<void>;
  close: () => void;
};

const open = (script: Script): Session => {
  let socket: Socket | TLSSocket =
    script.tls === 'wrapper'
      ? secure({host: script.address, port: script.port}, script.trust)
      : connect(script.port, script.address);
  const late = setTimeout(
    () => socket.destroy(Object.assign(new Error('timeout'), {code: 'ETIMEDOUT'})),
    probeTimeout,
  );
  let connected = false;
  socket.once('connect', () => {
    connected = true;
    clearTimeout(late);
  });
  let reader = readerOf(socket, script.protocol);
  let tag = 0;
  const sendRaw = async (line: string) => {
    socket.write(`${line}\r\n`, 'latin1');
    return reader();
  };

  return {
    connected: () => connected,
    reply: () => reader(),
    send: line => {
      tag += 1;
      return sendRaw(script.protocol === 'imap' ? `d${tag} ${line}` : line);
    },
    upgrade: async protocol => {
      const answer = await startTls(protocol, sendRaw);
      if (!/^(?:220|\+OK|OK|[a-z0-9]+ OK)/im.test(answer)) {
        throw Object.assign(new Error('STARTTLS was refused'), {code: 'TLS'});
      }

      const plain = socket;
      plain.removeAllListeners();
      socket = secure({socket: plain}, script.trust);
      reader = readerOf(socket, protocol);
      await new Promise<void>((resolve, reject) => {
        socket.once('secureConnect', resolve);
        socket.once('error', error => reject(Object.assign(error, {code: 'TLS'})));
      });
      // RFC 5804, 2.2: the capabilities are sent again, now those of the protected line.
      if (protocol === 'sieve') {
        await reader();
      }
    },
    close: () => {
      clearTimeout(late);
      socket.destroy();
    },
  };
};

// Which certificate is served is the business of the TLS probe; most dialogues only need an encrypted line.
const secure = (options: {host: string; port: number} | {socket: Socket}, trust: Script['trust']) =>
  connectTls({
    ...options,
    minVersion: 'TLSv1.2',
    ...(trust === undefined
      ? {rejectUnauthorized: false}
      : {
          ca: trust.ca,
          // RFC 6066, 3: an address is no server name.
          ...(isIP(trust.name) === 0 ? {servername: trust.name} : {}),
          checkServerIdentity: (_host: string, certificate: PeerCertificate) =>
            checkServerIdentity(trust.name, certificate),
        }),
  });

const startTls = async (protocol: Script['protocol'], send: (line: string) => Promise<string>) => {
  switch (protocol) {
    case 'smtp':
      await send('EHLO probe.invalid');
      return send('STARTTLS');
    case 'lmtp':
      await send('LHLO probe.invalid');
      return send('STARTTLS');
    case 'imap':
      return send('d0 STARTTLS');
    case 'pop3':
      return send('STLS');
    case 'sieve':
      return send('STARTTLS');
    case 'dovecot-auth':
      throw Object.assign(new Error('this protocol has no TLS'), {code: 'TLS'});
  }
};

/** Reads one whole reply: the last line of an SMTP multi-line reply, IMAP's tagged line or greeting, POP3's status line, ManageSieve's OK, NO or BYE. */
const readerOf = (socket: Socket | TLSSocket, protocol: Script['protocol']) => {
  let buffer = '';
  let wake: (() => void) | undefined;
  let failure: Error | undefined;
  const poke = () => wake?.();
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    buffer = (buffer + chunk).slice(-65_536);
    poke();
  });
  socket.on('error', error => {
    failure ??= error;
    poke();
  });
  socket.on('close', () => {
    failure ??= Object.assign(new Error('closed'), {code: 'CLOSED'});
    poke();
  });

  return async (): Promise<string> => {
    const deadline = Date.now() + answerTimeout;
    for (;;) {
      const length = completeReply(buffer, protocol);
      if (length > 0) {
        const reply = buffer.slice(0, length).trimEnd();
        buffer = buffer.slice(length);
        return reply;
      }

      if (failure !== undefined) {
        throw failure;
      }

      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(Object.assign(new Error('timeout'), {code: 'ETIMEDOUT'})),
          Math.max(0, deadline - Date.now()),
        );
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
};

// RFC 5321, 4.2.1; LMTP's are the same (RFC 2033).
const smtpReply = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\r?\n/;

const completeReply = (buffer: string, protocol: Script['protocol']) => {
  const patterns = {
    smtp: smtpReply,
    lmtp: smtpReply,
    imap: /^(?:\* (?:OK|PREAUTH|BYE)[^\n]*\n|(?:[^\n]*\n)*?(?:d\d+ |\+ )[^\n]*\n)/,
    pop3: /^(?:\+OK|-ERR)[^\n]*\n/,
    // Dovecot's authentication protocol, version 1: the server's part of the handshake ends in DONE.
    'dovecot-auth': /^(?:[^\n]*\n)*?DONE\n/,
    sieve: /^(?:[^\n]*\n)*?(?:OK|NO|BYE)\b[^\n]*\n/i,
  };
  const [reply = ''] = patterns[protocol].exec(buffer) ?? [];
  // ManageSieve may say why as a literal: `NO {57}`, then so many bytes and an end of line (RFC 5804, 2.6).
  const literal = protocol === 'sieve' ? /\{(\d+)\+?\}\r?\n$/.exec(reply) : null;
  const length = reply.length + (literal === null ? 0 : Number(literal[1]) + 2);
  return buffer.length < length ? 0 : length;
};

const reasonOf = (error: unknown): Extract<ScriptResult, {kind: 'refused'}>['reason'] => {
  switch ((error as {code?: string}).code) {
    case 'ECONNREFUSED':
      return 'connection-refused';
    case 'ETIMEDOUT':
      return 'timeout';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
    // What a firewall prohibits is answered so over IPv6 (ICMPv6, code 1).
    case 'EACCES':
      return 'unreachable';
    case 'CLOSED':
    case 'ECONNRESET':
    case 'EPIPE':
      return 'closed';
    default:
      return 'tls';
  }
};
