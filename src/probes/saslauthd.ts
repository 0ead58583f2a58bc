import {randomBytes} from 'node:crypto';
import {connect} from 'node:net';
import type {LiveCheck, LiveResult} from '../core/question.js';
import {fill, type Text} from '../core/text.js';
import {fail, pass, unchecked} from './result.js';
import {firstRule, loggedByGate} from './pam.js';
import {answerTimeout, type ProbeContext, type ProbeHandler} from './types.js';

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

/** A password that was typed in for the proof is tried at once where saslauthd is there already; it is kept nowhere. */
export const askSaslauthd = async (
  check: Extract<LiveCheck, {kind: 'saslauthd'}>,
  {host, open}: Pick<ProbeContext, 'host' | 'open'>,
): Promise<LiveResult> => {
  const {socket, user} = check;
  const id = 'live:saslauthd';
  const password = open(check.password);
  const answer =
    password === undefined || host.files.lstat(socket) === undefined
      ? undefined
      : await ask(socket, [user, password.reveal(), 'smtp', '']);
  return answer === undefined
    ? [{id, severity: 'unchecked', summary: fill(texts.notYet, {user}), remedy: texts.notYetRemedy}]
    : answer.startsWith('OK')
      ? [{id, severity: 'pass', summary: fill(texts.taken, {user}), remedy: texts.taken}]
      : [{id, severity: 'fail', summary: fill(texts.wrong, {user}), remedy: texts.wrongRemedy}];
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
  taken: {
    en: 'saslauthd takes the password of {user}.',
    ja: 'saslauthd は {user} のパスワードを受け付けます。',
  },
  wrong: {
    en: 'saslauthd does not take this password for {user}.',
    ja: 'saslauthd は {user} のこのパスワードを受け付けません。',
  },
  wrongRemedy: {
    en: 'Type in the password with which that user logs in on this machine.',
    ja: 'このマシンへのログインに使うパスワードを入力してください。',
  },
  notYet: {
    en: 'Whether this is the password of {user}: saslauthd does not answer yet.',
    ja: '{user} のパスワードかどうか: saslauthd がまだ応答しません。',
  },
  notYetRemedy: {
    en: 'Once it is set up, a real login is tried with it.',
    ja: '設定した後で、実際のログインを試します。',
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
