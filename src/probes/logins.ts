import type {ImapFlow} from 'imapflow';
import type {Finding} from '../core/finding.js';
import type {Probe, ProbeAccount} from '../core/probe.js';
import type {Secret} from '../core/secret.js';
import type {Text} from '../core/text.js';
import {play} from './dialogue.js';
import {common, fail, pass, unchecked} from './result.js';
import {putOff, putOffIn} from './smtp-replies.js';
import {answerTimeout, type ProbeContext, type ProbeHandler, probeTimeout} from './types.js';

type ImapTarget = {readonly port: number; readonly starttls: boolean; readonly name: string};

/** Logs in over IMAP and opens the INBOX. */
export const imapLogin: ProbeHandler<'imap-login'> = (probe, context) =>
  withPassword(probe, context, async (account, password) => {
    const client = await imapClient(probe, context.address, account.user, password);
    try {
      await client.connect();
      const lock = await client.getMailboxLock('INBOX');
      lock.release();
      return [pass(probe, {summary: texts.imap, values: {port: probe.port, user: account.user}})];
    } catch (error) {
      return [loginFailed(probe, probe.port, account.user, error)];
    } finally {
      await quit(client);
    }
  });

/** Logs in over POP3. */
export const pop3Login: ProbeHandler<'pop3-login'> = (probe, context) =>
  withPassword(probe, context, async (account, password) => {
    const result = await play({
      address: context.address,
      port: probe.port,
      protocol: 'pop3',
      tls: probe.starttls ? 'starttls' : 'wrapper',
      lines: [`USER ${account.user}`, `PASS ${password.reveal()}`, 'STAT', 'QUIT'],
    });
    const stat = result.replies.at(3) ?? '';
    return [
      result.kind === 'played' && stat.startsWith('+OK')
        ? pass(probe, {summary: texts.pop3, values: {port: probe.port, user: account.user}})
        : loginFailed(
            probe,
            probe.port,
            account.user,
            new Error(result.replies.at(-1) ?? (result.kind === 'refused' ? result.reason : '')),
          ),
    ];
  });

/** Folders with a special use are there, marked and subscribed as asked. */
export const specialUse: ProbeHandler<'special-use'> = (probe, context) =>
  withPassword(probe, context, async (account, password) => {
    const client = await imapClient(probe, context.address, account.user, password);
    try {
      await client.connect();
      const listed = await client.list();
      const wrong = probe.mailboxes.filter(({name, specialUse: use, subscribed}) => {
        const box = listed.find(entry => entry.path === name);
        return (
          box === undefined ||
          (use !== undefined && box.specialUse !== use) ||
          (subscribed && !box.subscribed)
        );
      });
      return [
        wrong.length === 0
          ? pass(probe, {summary: texts.folders, values: {count: probe.mailboxes.length}})
          : fail(probe, {
              summary: texts.foldersWrong,
              values: {names: wrong.map(({name}) => name).join(', ')},
              remedy: texts.foldersRemedy,
            }),
      ];
    } catch (error) {
      return [loginFailed(probe, probe.port, account.user, error)];
    } finally {
      await quit(client);
    }
  });

/** An IMAP client that gives up within the time of a probe. The certificate is the TLS probe's business. */
export const imapClient = async (
  {port, starttls, name}: ImapTarget,
  address: string,
  user: string,
  password: Secret,
): Promise<ImapFlow> => {
  const {ImapFlow: Client} = await import('imapflow');
  const client = new Client({
    host: address,
    port,
    secure: !starttls,
    doSTARTTLS: starttls,
    servername: name,
    auth: {user, pass: password.reveal()},
    tls: {rejectUnauthorized: false},
    logger: false,
    connectionTimeout: probeTimeout,
    greetingTimeout: answerTimeout,
    socketTimeout: answerTimeout,
  });
  // Failures reach us through the awaited calls; an unhandled 'error' event would end the process.
  client.on('error', () => undefined);
  return client;
};

/** Ends a session without waiting for a server that has stopped answering. */
export const quit = async (client: ImapFlow) => {
  const timer = setTimeout(() => client.close(), 1000);
  try {
    await client.logout();
  } catch {
    client.close();
  } finally {
    clearTimeout(timer);
  }
};

/** Runs a probe with the account's password, or says that it was not checked. */
export const withPassword = async (
  probe: Probe & {readonly account?: ProbeAccount},
  {open}: ProbeContext,
  use: (account: ProbeAccount, password: Secret) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> => {
  const password = probe.account === undefined ? undefined : open(probe.account.password);
  return probe.account === undefined || password === undefined
    ? [
        unchecked(probe, {
          summary: texts.login,
          values: {what: probe.id},
          cause: common.noAccount,
          remedy: common.noAccountRemedy,
        }),
      ]
    : use(probe.account, password);
};

/** A login that did not work, with what the server said; *not checked* where it put us off. */
export const loginFailed = (probe: Probe, port: number, user: string, error: unknown): Finding => {
  const {responseText, message} = error as {responseText?: string; message?: string};
  const off = putOffIn(error);
  return off === undefined
    ? fail(probe, {
        summary: texts.failed,
        values: {port, user},
        remedy: common.logRemedy,
        evidence: [responseText ?? message ?? String(error)],
      })
    : putOff(probe, {summary: texts.login, values: {what: probe.id}}, off);
};

const texts = {
  login: {en: 'Logging in ({what}).', ja: 'ログイン ({what})。'},
  imap: {
    en: '{user} logs in over IMAP on port {port} and opens the inbox.',
    ja: '{user} がポート {port} の IMAP でログインし、受信箱を開けます。',
  },
  pop3: {
    en: '{user} logs in over POP3 on port {port}.',
    ja: '{user} がポート {port} の POP3 でログインできます。',
  },
  failed: {en: '{user} cannot log in on port {port}.', ja: '{user} がポート {port} でログインできません。'},
  folders: {
    en: 'The {count} special folders are there.',
    ja: '特別なフォルダー {count} 個がそろっています。',
  },
  foldersWrong: {
    en: 'These folders are not as asked: {names}.',
    ja: '次のフォルダーが指定どおりではありません: {names}',
  },
  foldersRemedy: {en: 'Look at “dovetail mailboxes”.', ja: '「dovetail mailboxes」を確認してください。'},
} satisfies Record<string, Text>;
