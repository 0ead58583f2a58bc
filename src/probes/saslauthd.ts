import {randomBytes} from 'node:crypto';
import {connect} from 'node:net';
import type {Text} from '../core/text.js';
import {fail, pass, unchecked} from './result.js';
import {firstRule, loggedByGate} from './pam.js';
import {answerTimeout, type ProbeHandler} from './types.js';

/**
 * saslauthd(8) is asked as Postfix asks it, for root with a password that nobody has: it must say no, and PAM's log that it was the
 * rule about system accounts, which comes before any password is looked at. Nobody's failed logins are counted by that.
 */
export const saslauthd: ProbeHandler<'saslauthd'> = async (probe, {host}) => {
  const {socket, gate} = probe;
  const values = {socket, file: gate.file};
  if (!host.runs) {
    return [unchecked(probe, {summary: texts.unclear, values, remedy: texts.unclearRemedy})];
  }

  if (firstRule(host.files.read(gate.file, {follow: true})?.toString('latin1') ?? '') !== gate.rule) {
    return [fail(probe, {summary: texts.open, values, remedy: texts.openRemedy})];
  }

  const started = Date.now();
  const answer = await ask(socket, ['root', randomBytes(12).toString('hex'), 'smtp', '']);
  if (answer === undefined || !/^(?:OK|NO)/.test(answer)) {
    return [fail(probe, {summary: texts.silent, values, remedy: texts.silentRemedy})];
  }

  return [
    answer.startsWith('OK')
      ? fail(probe, {summary: texts.open, values, remedy: texts.openRemedy})
      : (await loggedByGate(host, 'root', 'smtp:auth', started)) === undefined
        ? unchecked(probe, {summary: texts.unclear, values, remedy: texts.unclearRemedy})
        : pass(probe, {summary: texts.good, values}),
  ];
};

// saslauthd(8)'s protocol: each string with its length in two bytes; so is the answer.
const ask = async (path: string, words: readonly string[]): Promise<string | undefined> =>
  new Promise(resolve => {
    const socket = connect(path);
    let heard = Buffer.alloc(0);
    const end = (answer?: string) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(answerTimeout, () => void end());
    socket.on('error', () => void end());
    socket.on('connect', () => {
      for (const word of words) {
        const bytes = Buffer.from(word);
        const length = Buffer.alloc(2);
        length.writeUInt16BE(bytes.length);
        socket.write(Buffer.concat([length, bytes]));
      }
    });
    socket.on('data', chunk => {
      heard = Buffer.concat([heard, chunk]);
    });
    socket.on('close', () => void end(heard.length > 2 ? heard.subarray(2).toString('latin1') : undefined));
  });

const texts = {
  good: {
    en: 'saslauthd answers Postfix, and PAM refuses root before it looks at a password.',
    ja: 'saslauthd は Postfix に応答し、PAM はパスワードを調べる前に root を拒否します。',
  },
  silent: {
    en: 'saslauthd does not answer at {socket}: nobody could send.',
    ja: 'saslauthd が {socket} で応答せず、誰も送信できません。',
  },
  silentRemedy: {
    en: 'Look at “systemctl status” of saslauthd.',
    ja: 'saslauthd の「systemctl status」を確認してください。',
  },
  open: {
    en: 'System accounts such as root can log in to send with their password.',
    ja: 'root などのシステムアカウントが、自分のパスワードで送信にログインできます。',
  },
  openRemedy: {
    en: 'Put the rule of pam_succeed_if back as the first of {file}: “dovetail submission”.',
    ja: 'pam_succeed_if の規則を {file} の先頭に戻してください: 「dovetail submission」。',
  },
  unclear: {
    en: 'Whether PAM keeps root out of sending.',
    ja: 'PAM が送信で root を拒否するかどうか。',
  },
  unclearRemedy: {
    en: 'Look in the log of authentication for “pam_succeed_if(smtp:auth)” after a login as root on port 587.',
    ja: 'ポート 587 で root としてログインを試し、認証ログに「pam_succeed_if(smtp:auth)」があることを確認してください。',
  },
} satisfies Record<string, Text>;
