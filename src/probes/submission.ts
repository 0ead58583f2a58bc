import {randomBytes} from 'node:crypto';
import {setTimeout as wait} from 'node:timers/promises';
import type {Finding} from '../core/finding.js';
import type {Probe} from '../core/probe.js';
import type {Secret} from '../core/secret.js';
import type {Text} from '../core/text.js';
import {ownDoor} from './doors.js';
import {loginFailed, withPassword} from './logins.js';
import {arrival, deliveryTime, messageIdOf, withMail} from './mail.js';
import {common, fail, pass, unchecked} from './result.js';
import {putOff, putOffIn} from './smtp-replies.js';
import {answerTimeout, type ProbeContext, type ProbeHandler, probeTimeout} from './types.js';

/** Logs in for sending on 587 or 465; nothing is sent. */
export const submissionLogin: ProbeHandler<'submission-login'> = (probe, context) =>
  withPassword(probe, context, async (account, password) => {
    const address = await ownDoor(probe.port, context);
    const transport = await transportTo(probe, probe.name, address, account.user, password);
    try {
      await patiently(() => transport.verify());
      return [pass(probe, {summary: texts.login, values: {user: account.user, port: probe.port}})];
    } catch (error) {
      return [loginFailed(probe, probe.port, account.user, error)];
    } finally {
      transport.close();
    }
  });

/** A message goes in by submission, through LMTP into the mailbox, is read back, and is removed again. */
export const roundTrip: ProbeHandler<'round-trip'> = (probe, context) =>
  withPassword(probe, context, async (account, password) => {
    const mark = randomBytes(12).toString('hex');
    const address = addressOf(probe, account.user);
    const started = Date.now();
    const refused = await sendTest(probe, context, {user: account.user, password, mark});
    if (refused !== undefined) {
      return refused;
    }

    return withMail(probe, context, account.user, password, async mail => {
      const junk = (await mail.folders()).filter(({isJunk}) => isJunk).map(({path}) => path);
      const found = await arrival(mail, mark, started, ['INBOX', ...junk]);
      return found === undefined
        ? notArrived(probe, address)
        : pass(probe, {summary: texts.arrived, values: {user: address, ms: found.milliseconds}});
    });
  });

type Sending = Target & {readonly tls: 'starttls' | 'wrapper'};
type Way = Probe & {readonly name: string; readonly domain?: string; readonly submit: Sending};

type Letter = {
  readonly user: string;
  readonly password: Secret;
  /** Names it, in its Message-ID. */
  readonly mark: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text?: string;
  readonly attachments?: readonly {readonly filename: string; readonly content: string}[];
};

/** Sends the test message to its own sender; what was wrong, if it was not taken. */
export const sendTest = async (
  probe: Way,
  context: ProbeContext,
  letter: Letter,
): Promise<readonly Finding[] | undefined> => {
  const error = await sendMessage(probe, context, letter);
  if (error === undefined) {
    return undefined;
  }

  const off = putOffIn(error);
  const words = {summary: texts.notSent, values: {user: addressOf(probe, letter.user)}};
  return [
    off === undefined
      ? fail(probe, {...words, remedy: common.logRemedy, evidence: [error.message]})
      : putOff(probe, words, off),
  ];
};

/** Sends a message to its own sender; what the server, or the way to it, had against it. */
export const sendMessage = async (
  probe: Way,
  context: ProbeContext,
  {user, password, mark, headers = {}, text = usual, attachments = []}: Letter,
): Promise<Error | undefined> => {
  const server = await ownDoor(probe.submit.port, context);
  const transport = await transportTo(probe.submit, probe.name, server, user, password);
  const address = addressOf(probe, user);
  try {
    await patiently(() =>
      transport.sendMail({
        from: address,
        to: address,
        messageId: messageIdOf(mark),
        subject: 'dovetail: test message',
        text,
        headers: {...headers},
        attachments: [...attachments],
      }),
    );
    return undefined;
  } catch (error) {
    return error as Error;
  } finally {
    transport.close();
  }
};

// Postfix gives Dovecot ten seconds for a login, which a busy machine may need for the hash alone; then it says so for now (RFC
// 4954, 6), or its process ends and another one takes over.
const patiently = async <T>(act: () => Promise<T>): Promise<T> => {
  for (let left = 3; ; left -= 1) {
    try {
      return await act();
    } catch (error) {
      if (left === 1 || !/\b454 4\.7\.0\b|Greeting never received/.test(String((error as Error).message))) {
        throw error;
      }

      await wait(2000);
    }
  }
};

const usual =
  'This message was sent by dovetail to prove that mail arrives. It is removed right after it was read.\n';

/** The address of an account. */
export const addressOf = (probe: {readonly name: string; readonly domain?: string}, user: string) =>
  user.includes('@') ? user : `${user}@${probe.domain ?? probe.name}`;

/** The test message was sent and is nowhere to be found. */
export const notArrived = (probe: Probe, user: string): Finding =>
  fail(probe, {
    summary: texts.notArrived,
    values: {user, seconds: deliveryTime / 1000},
    remedy: texts.notArrivedRemedy,
  });

/** The relay answers, takes our login where one is set, and offers TLS where it is asked for. */
export const relayHost: ProbeHandler<'relay-host'> = async (probe, {open}) => {
  const password = probe.password === undefined ? undefined : open(probe.password);
  const transport = await transportTo(probe, probe.host, probe.host, probe.user, password);
  const values = {host: probe.host, port: probe.port};
  try {
    await transport.verify();
    return [
      pass(probe, {
        summary: probe.user === undefined || password === undefined ? texts.relayAnswers : texts.relayLogin,
        values,
      }),
    ];
  } catch (error) {
    const words = {summary: texts.relayFails, values, evidence: [String((error as Error).message)]};
    return [
      putOffIn(error) === undefined
        ? fail(probe, {...words, remedy: texts.relayRemedy})
        : unchecked(probe, {...words, cause: texts.relayBusy, remedy: texts.relayLater}),
    ];
  } finally {
    transport.close();
  }
};

type Target = {readonly port: number; readonly tls: 'starttls' | 'wrapper' | 'none'};

const transportTo = async (
  {port, tls}: Target,
  name: string,
  address: string,
  user: string | undefined,
  password: Secret | undefined,
) => {
  const {createTransport} = await import('nodemailer');
  return createTransport({
    host: address,
    port,
    name: 'probe.invalid',
    secure: tls === 'wrapper',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    tls: {servername: /^[\d.:]+$/.test(name) ? undefined : name, rejectUnauthorized: false},
    ...(user === undefined || password === undefined ? {} : {auth: {user, pass: password.reveal()}}),
    connectionTimeout: probeTimeout,
    greetingTimeout: answerTimeout,
    socketTimeout: answerTimeout,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
};

const texts = {
  login: {
    en: '{user} can log in to send mail on port {port}.',
    ja: '{user} がポート {port} で送信用にログインできます。',
  },
  notSent: {
    en: 'The test message of {user} was not accepted for sending.',
    ja: '{user} のテストメールの送信が受け付けられませんでした。',
  },
  notArrived: {
    en: 'The test message of {user} was accepted but did not arrive within {seconds} seconds.',
    ja: '{user} のテストメールは受け付けられましたが、{seconds} 秒以内に届きませんでした。',
  },
  notArrivedRemedy: {
    en: 'Look where it waits: “postqueue -p”, and why: “journalctl -u {postfixUnit}”.',
    ja: '「postqueue -p」で滞留先を、「journalctl -u {postfixUnit}」で理由を確認してください。',
  },
  arrived: {
    en: 'A message sent by {user} arrived in the mailbox after {ms} ms, was read back and removed.',
    ja: '{user} が送ったメールは {ms} ミリ秒でメールボックスに届き、読み取り後に削除しました。',
  },
  relayAnswers: {
    en: 'The relay {host} answers on port {port}.',
    ja: '中継サーバー {host} がポート {port} で応答します。',
  },
  relayLogin: {
    en: 'The relay {host}, port {port}, takes our login.',
    ja: '中継サーバー {host} (ポート {port}) にログインできます。',
  },
  relayFails: {
    en: 'The relay {host}, port {port}, cannot be used.',
    ja: '中継サーバー {host} (ポート {port}) を使えません。',
  },
  relayBusy: {
    en: 'It puts us off for now: it limits its clients, or has no time.',
    ja: '接続元を制限しているか、処理が追いつかないため、今は受け付けません。',
  },
  relayLater: {
    en: 'Check again later: “dovetail check”.',
    ja: '後でもう一度確認してください: 「dovetail check」。',
  },
  relayRemedy: {
    en: 'Check name, port, user and password with the relay’s operator.',
    ja: '名前、ポート、ユーザー名、パスワードを中継サーバーの管理者に確認してください。',
  },
} satisfies Record<string, Text>;
