import {connect} from 'node:net';
import {ImapFlow} from 'imapflow';
import {createTransport} from 'nodemailer';

type Login = {readonly user: string; readonly pass: string};

/** Subjects of the messages in a person's inbox, or another folder, over IMAPS; undefined where the login is refused. */
export const inbox = async (
  address: string,
  auth: Login,
  folder = 'INBOX',
): Promise<readonly string[] | undefined> => {
  const client = new ImapFlow({
    host: address,
    port: 993,
    secure: true,
    auth,
    tls: {rejectUnauthorized: false},
    logger: false,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    if ((error as {authenticationFailed?: boolean}).authenticationFailed === true) {
      return undefined;
    }

    throw error;
  }

  const lock = await client.getMailboxLock(folder);
  const subjects: string[] = [];
  for await (const {envelope} of client.fetch('1:*', {envelope: true})) {
    subjects.push(envelope?.subject ?? '');
  }

  lock.release();
  await client.logout();
  return subjects;
};

/** Waits until a message with this subject is in the inbox, or another folder. */
export const arrived = async (address: string, auth: Login, subject: string, folder = 'INBOX') => {
  for (let tries = 0; tries < 60; tries += 1) {
    if ((await inbox(address, auth, folder))?.includes(subject) === true) {
      return true;
    }

    await new Promise(resolve => setTimeout(resolve, 500));
  }

  return false;
};

/** Sends by submission: by 465, or by 587 where TLS must come first (STARTTLS); what the server said, `sent` or its refusal. */
export const submit = async (
  address: string,
  auth: Login,
  {from, to, subject}: {readonly from: string; readonly to: string; readonly subject: string},
  port: 465 | 587 = 465,
) => {
  const transport = createTransport({
    host: address,
    port,
    secure: port === 465,
    requireTLS: port === 587,
    auth,
    tls: {rejectUnauthorized: false},
  });
  try {
    await transport.sendMail({from, to, subject, text: 'Words.\n'});
    return 'sent';
  } catch (error) {
    return String((error as Error).message);
  } finally {
    transport.close();
  }
};

/** Plays lines at port 25 as a server from outside; the code of the last reply, or of the first refusal. */
const outside = (address: string, lines: string[]) =>
  new Promise<string>(resolve => {
    const socket = connect({host: address, port: 25, timeout: 30_000});
    let heard = '';
    socket.setEncoding('latin1');
    socket.on('data', chunk => {
      heard += chunk;
      if (!/(?:^|\n)\d{3} [^\n]*\r\n$/.test(heard)) {
        return;
      }

      const code = heard.trimEnd().split('\r\n').at(-1)?.slice(0, 3) ?? '';
      const next = lines.shift();
      if (next === undefined || /^[45]/.test(code)) {
        resolve(code);
        socket.destroy();
      } else {
        heard = '';
        socket.write(`${next}\r\n`);
      }
    });
    socket.on('error', error => resolve(error.message));
    socket.on('timeout', () => resolve('timeout'));
    socket.on('close', () => resolve('closed'));
  });

/** The code of port 25's reply to a recipient, asked from outside. */
export const rcpt = (address: string, recipient: string) =>
  outside(address, ['EHLO probe.invalid', 'MAIL FROM:<a@b.invalid>', `RCPT TO:<${recipient}>`]);

/** Sends one message to port 25 from outside; the code of the reply to all of it, or to what was refused. */
export const sendOut = (
  address: string,
  {
    to,
    subject,
    from = 'friend@elsewhere.invalid',
  }: {readonly to: string; readonly subject: string; readonly from?: string},
) =>
  outside(address, [
    'EHLO out.elsewhere.invalid',
    `MAIL FROM:<${from}>`,
    `RCPT TO:<${to}>`,
    'DATA',
    `From: ${from}\r\nTo: ${to}\r\nSubject: ${subject}\r\n\r\nWords.\r\n.`,
  ]);

/** A stranger's message by port 25, to one recipient, with files if there are any: `sent`, or what the server had against it. */
export const fromStranger = async (
  address: string,
  to: string,
  message: {
    readonly subject: string;
    readonly text?: string;
    readonly attachments?: readonly {readonly filename: string; readonly content: string | Buffer}[];
  },
) => {
  const transport = createTransport({
    host: address,
    port: 25,
    name: 'probe.invalid',
    tls: {rejectUnauthorized: false},
  });
  try {
    await transport.sendMail({
      from: 'carl@example.net',
      to,
      text: 'Words.\n',
      ...message,
      attachments: [...(message.attachments ?? [])],
    });
    return 'sent';
  } catch (error) {
    return String((error as Error).message);
  } finally {
    transport.close();
  }
};
