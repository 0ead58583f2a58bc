import {randomBytes} from 'node:crypto';
import type {Finding} from '../core/finding.js';
import type {Probe} from '../core/probe.js';
import type {Secret} from '../core/secret.js';
import type {Text} from '../core/text.js';
import {play} from './dialogue.js';
import {loginFailed, withPassword} from './logins.js';
import {arrival, withMail} from './mail.js';
import {common, fail, pass, unchecked} from './result.js';
import {addressOf, notArrived, sendTest} from './submission.js';
import type {ProbeContext, ProbeHandler} from './types.js';

type ScriptProbe = Extract<Probe, {kind: 'sieve-script'}>;
type Ask = (...lines: readonly string[]) => Promise<readonly string[] | undefined>;

/**
 * A script of our own is put up by ManageSieve (RFC 5804), sorts one message, and goes again. It includes the script that was
 * in force (RFC 6609), so that the user's own rules hold for all other mail meanwhile.
 */
export const sieveScript: ProbeHandler<'sieve-script'> = (probe, context) =>
  withPassword(probe, context, async ({user}, password) => {
    const ask = asker(probe, context, user, password);
    const [list] = (await ask('LISTSCRIPTS')) ?? [];
    if (list === undefined) {
      return [loginFailed(probe, probe.port, user, new Error('ManageSieve: LISTSCRIPTS'))];
    }

    const active = /^"((?:[^"\\\r\n]|\\.)+)" ACTIVE\r?$/im.exec(list)?.[1];
    if (active === undefined && (await hasOwnFile(context, user))) {
      return [unchecked(probe, {summary: texts.ownFile, values: {user}, remedy: texts.ownFileRemedy})];
    }

    const mark = randomBytes(8).toString('hex');
    const name = `dovetail-check-${mark}`;
    const script = scriptOf(name, mark, active);
    try {
      const put = await ask(
        `PUTSCRIPT "${name}" {${Buffer.byteLength(script, 'latin1')}+}\r\n${script}`,
        `SETACTIVE "${name}"`,
      );
      return put === undefined
        ? [fail(probe, {summary: texts.notTaken, values: {user}, remedy: common.logRemedy})]
        : probe.submit === undefined
          ? [pass(probe, {summary: texts.taken, values: {user}})]
          : await sorted({...probe, submit: probe.submit}, context, user, password, name, mark);
    } finally {
      await ask(`SETACTIVE "${active ?? ''}"`);
      await ask(`DELETESCRIPT "${name}"`);
    }
  });

/** A message that says it is spam is filed where spam belongs, before anybody's own rules. */
export const spamFiled: ProbeHandler<'spam-filed'> = (probe, context) =>
  withPassword(probe, context, async ({user}, password) => {
    const mark = randomBytes(12).toString('hex');
    const address = addressOf(probe, user);
    const started = Date.now();
    const refused = await sendTest(probe, context, {
      user,
      password,
      mark,
      headers: {'X-Spam-Flag': 'YES'},
    });
    if (refused !== undefined) {
      return refused;
    }

    return withMail(probe, context, user, password, async mail => {
      const found = await arrival(mail, mark, started, ['INBOX', 'Junk']);
      return found === undefined
        ? notArrived(probe, address)
        : found.folder === 'Junk'
          ? pass(probe, {summary: texts.junk, values: {ms: found.milliseconds}})
          : fail(probe, {
              summary: texts.notJunk,
              values: {folder: found.folder},
              remedy: texts.notSortedRemedy,
            });
    });
  });

const sorted = async (
  probe: ScriptProbe & {readonly submit: NonNullable<ScriptProbe['submit']>},
  context: ProbeContext,
  user: string,
  password: Secret,
  folder: string,
  mark: string,
): Promise<readonly Finding[]> => {
  const address = addressOf(probe, user);
  const started = Date.now();
  const refused = await sendTest(probe, context, {
    user,
    password,
    mark,
    headers: {'X-Dovetail-Check': mark},
  });
  if (refused !== undefined) {
    return refused;
  }

  return withMail(probe, context, user, password, async mail => {
    const found = await arrival(mail, mark, started, [folder, 'INBOX', 'Junk']);
    if ((await mail.folders()).some(({path}) => path === folder)) {
      await mail.removeFolder(folder);
    }

    return found === undefined
      ? notArrived(probe, address)
      : found.folder === folder
        ? pass(probe, {summary: texts.sorted, values: {user, ms: found.milliseconds}})
        : fail(probe, {
            summary: texts.notSorted,
            values: {user, folder: found.folder},
            remedy: texts.notSortedRemedy,
          });
  });
};

/** One ManageSieve session with these commands; undefined where one of them was not answered with OK. */
const asker =
  (probe: ScriptProbe, {address}: ProbeContext, user: string, password: Secret): Ask =>
  async (...lines) => {
    const login = Buffer.from(`\0${user}\0${password.reveal()}`).toString('base64');
    const result = await play({
      address: probe.address ?? address,
      port: probe.port,
      protocol: 'sieve',
      tls: 'starttls',
      lines: [`AUTHENTICATE "PLAIN" "${login}"`, ...lines],
    });
    const answers = result.replies.slice(1);
    return result.kind === 'played' && answers.every(reply => /(?:^|\n)OK\b[^\n]*$/i.test(reply))
      ? answers.slice(1)
      : undefined;
  };

const scriptOf = (folder: string, mark: string, active: string | undefined) =>
  [
    `require ["fileinto", "mailbox"${active === undefined ? '' : ', "include"'}];`,
    `if header :is "X-Dovetail-Check" "${mark}" {`,
    `  fileinto :create "${folder}";`,
    '  stop;',
    '}',
    ...(active === undefined ? [] : [`include :personal "${active}";`]),
    '',
  ].join('\r\n');

// A script that somebody wrote to the place by hand would be moved aside for ours.
const hasOwnFile = async ({host}: ProbeContext, user: string) => {
  const {stdout} = await host.run('/usr/bin/doveadm', ['user', '-f', 'home', user]);
  return host.files.lstat(`${stdout.trim()}/.dovecot.sieve`)?.type === 'file';
};

const texts = {
  taken: {
    en: '{user} can put up a script by ManageSieve; it was removed again.',
    ja: '{user} は ManageSieve でスクリプトを登録できます (登録したものは削除しました)。',
  },
  notTaken: {
    en: 'ManageSieve does not take a script of {user}.',
    ja: 'ManageSieve が {user} のスクリプトを受け付けません。',
  },
  ownFile: {
    en: '{user} has a script that was put there by hand: ManageSieve was not tried with it.',
    ja: '{user} には手作業で置いたスクリプトがあるため、ManageSieve を試していません。',
  },
  ownFileRemedy: {
    en: 'Check with another account: “dovetail check --account NAME --password-from file:/PATH”.',
    ja: '別のアカウントで確認してください: 「dovetail check --account 名前 --password-from file:/パス」。',
  },
  sorted: {
    en: 'A script that {user} put up by ManageSieve sorted a message into a folder after {ms} ms; both were removed.',
    ja: '{user} が ManageSieve で登録したスクリプトが {ms} ミリ秒でメールを振り分けました (どちらも削除しました)。',
  },
  notSorted: {
    en: 'The script of {user} was taken, but its message came into {folder}.',
    ja: '{user} のスクリプトは受け付けられましたが、メールは {folder} に入りました。',
  },
  notSortedRemedy: {
    en: 'See whether the deliverer runs scripts: “doveconf -f protocol=lmtp mail_plugins” must name sieve.',
    ja: '配送時に実行されるか確認してください: 「doveconf -f protocol=lmtp mail_plugins」に sieve が必要です。',
  },
  junk: {
    en: 'A message that is tagged as spam came into the folder Junk after {ms} ms; it was removed.',
    ja: '迷惑メールの印が付いたメールは {ms} ミリ秒で Junk フォルダーに入りました (削除しました)。',
  },
  notJunk: {
    en: 'A message that is tagged as spam came into {folder}, not into Junk.',
    ja: '迷惑メールの印が付いたメールが、Junk ではなく {folder} に入りました。',
  },
} satisfies Record<string, Text>;
