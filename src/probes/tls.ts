import {X509Certificate} from 'node:crypto';
import {connect as connectTcp, type Socket} from 'node:net';
import {connect, type TLSSocket} from 'node:tls';
import type {Probe} from '../core/probe.js';
import type {Text} from '../core/text.js';
import {ownDoor} from './doors.js';
import {fail, pass, unchecked} from './result.js';
import {putOff, putOffBy} from './smtp-replies.js';
import {answerTimeout, type ProbeHandler} from './types.js';

type TlsProbe = Extract<Probe, {kind: 'tls'}>;

/** The handshake works, and what is served is the certificate in the file, valid today and for the name. */
export const tls: ProbeHandler<'tls'> = async (probe, context) => {
  const bytes = context.host.files.read(probe.certificate, {follow: true, limit: 1024 * 1024});
  const values = {port: probe.port, name: probe.name, file: probe.certificate};
  if (bytes === undefined) {
    return [unchecked(probe, {summary: texts.noFile, values, remedy: texts.noFileRemedy})];
  }

  let served: X509Certificate;
  try {
    served = await servedCertificate(probe, await ownDoor(probe.port, context));
  } catch (error) {
    const {message} = error as Error;
    const off = putOffBy([message]);
    return [
      off === undefined
        ? fail(probe, {
            summary: texts.handshake,
            values,
            remedy: texts.handshakeRemedy,
            evidence: [message],
          })
        : putOff(probe, {summary: texts.served, values}, off),
    ];
  }

  const problem = judge(served, new X509Certificate(bytes), probe.name);
  return [
    problem === undefined
      ? pass(probe, {
          summary: texts.good,
          values: {...values, until: new Date(served.validTo).toISOString().slice(0, 10)},
        })
      : fail(probe, {
          summary: problem.summary,
          values: {...values, until: served.validTo, subject: served.subject},
          remedy: problem.remedy,
        }),
  ];
};

const judge = (served: X509Certificate, file: X509Certificate, name: string) => {
  if (served.fingerprint256 !== file.fingerprint256) {
    return {summary: texts.other, remedy: texts.otherRemedy};
  }

  const now = Date.now();
  if (Date.parse(served.validTo) < now || Date.parse(served.validFrom) > now) {
    return {summary: texts.dates, remedy: texts.datesRemedy};
  }

  return served.checkHost(name) === undefined ? {summary: texts.name, remedy: texts.nameRemedy} : undefined;
};

const servedCertificate = async (probe: TlsProbe, address: string): Promise<X509Certificate> => {
  const plain = connectTcp(probe.port, address);
  const timer = setTimeout(() => plain.destroy(new Error('no answer within 20 seconds')), answerTimeout);
  let secured: TLSSocket | undefined;
  try {
    if (probe.starttls !== undefined) {
      await negotiate(plain, probe.starttls);
    }

    secured = connect({
      socket: plain,
      servername: probe.name,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
    });
    await once(secured, 'secureConnect');
    const certificate = secured.getPeerX509Certificate();
    if (certificate === undefined) {
      throw new Error('no certificate was served');
    }

    await leave(secured, probe.starttls === undefined);
    return certificate;
  } finally {
    clearTimeout(timer);
    secured?.destroy();
    plain.destroy();
  }
};

// Until the server has greeted, the handshake is not over for it, though it is for us: Dovecot 2.4 would write an error of LMTP
// into its log (seen). After STARTTLS nobody greets.
const leave = async (socket: TLSSocket, greets: boolean) =>
  new Promise<void>(resolve => {
    const timer = setTimeout(resolve, patience);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    if (greets) {
      socket.once('data', () => socket.end());
    } else {
      socket.end();
    }

    socket.resume();
  });

/** Milliseconds for the other side to greet and to end a connection. */
const patience = 5000;

const negotiate = async (socket: Socket, protocol: NonNullable<TlsProbe['starttls']>) => {
  const steps = {
    imap: [/^\* OK/m, 'd1 STARTTLS', /^d1 OK/m],
    pop3: [/^\+OK/m, 'STLS', /^\+OK/m],
    smtp: [/^220 /m, 'EHLO probe.invalid', /^250 /m, 'STARTTLS', /^220 /m],
    sieve: [/^OK/m, 'STARTTLS', /^OK/m],
  } as const;
  for (const step of steps[protocol]) {
    if (typeof step === 'string') {
      socket.write(`${step}\r\n`);
    } else {
      await expectLine(socket, step);
    }
  }
};

const expectLine = (socket: Socket, pattern: RegExp) =>
  new Promise<void>((resolve, reject) => {
    let seen = '';
    const onData = (chunk: Buffer) => {
      seen += chunk.toString('latin1');
      if (pattern.test(seen)) {
        socket.off('data', onData);
        socket.pause();
        resolve();
      }
    };

    socket.on('data', onData);
    socket.resume();
    socket.once('error', reject);
    // What it said before it hung up tells why.
    socket.once('close', () => reject(new Error(seen.trim() || 'the connection was closed')));
  });

const once = (socket: TLSSocket, event: 'secureConnect') =>
  new Promise<void>((resolve, reject) => {
    socket.once(event, () => resolve());
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the connection was closed')));
  });

const texts = {
  good: {
    en: 'Port {port} serves the certificate of {file}, valid for {name} until {until}.',
    ja: 'ポート {port} は {file} の証明書を提示しています ({name}、{until} まで有効)。',
  },
  served: {
    en: 'Whether port {port} serves the certificate of {file}.',
    ja: 'ポート {port} が {file} の証明書を提示しているかどうか。',
  },
  noFile: {en: 'The certificate file {file} cannot be read.', ja: '証明書ファイル {file} を読み取れません。'},
  noFileRemedy: {en: 'Run this check as root.', ja: 'root でこの確認を実行してください。'},
  handshake: {en: 'No TLS connection to port {port}.', ja: 'ポート {port} に TLS で接続できません。'},
  handshakeRemedy: {
    en: 'See whether the service runs (“systemctl status dovecot postfix”) and what its log says.',
    ja: 'サービスの状態 (「systemctl status dovecot postfix」) とログを確認してください。',
  },
  other: {
    en: 'Port {port} serves another certificate ({subject}) than {file}.',
    ja: 'ポート {port} は {file} とは別の証明書 ({subject}) を提示しています。',
  },
  otherRemedy: {
    en: 'Reload the service so that it reads the file again: “systemctl reload dovecot postfix”.',
    ja: '「systemctl reload dovecot postfix」でファイルを再読み込みさせてください。',
  },
  dates: {
    en: 'The certificate on port {port} is not valid today.',
    ja: 'ポート {port} の証明書は現在有効ではありません。',
  },
  datesRemedy: {
    en: 'Renew it with “dovetail tls”, and check the clock of this machine.',
    ja: '「dovetail tls」で更新し、マシンの時刻を確認してください。',
  },
  name: {
    en: 'The certificate on port {port} is not for {name}.',
    ja: 'ポート {port} の証明書は {name} 用ではありません。',
  },
  nameRemedy: {
    en: 'Use a certificate that names {name}: “dovetail tls”.',
    ja: '{name} を含む証明書を使ってください: 「dovetail tls」。',
  },
} satisfies Record<string, Text>;
