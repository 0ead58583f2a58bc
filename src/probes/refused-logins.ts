import {setTimeout as wait} from 'node:timers/promises';
import type {Text} from '../core/text.js';
import {nobody, evidenceOf} from './dialogue-probes.js';
import {type Door, doorsTo, ownDoor} from './doors.js';
import {reachedBy} from './kept-out.js';
import {withPassword} from './logins.js';
import {common, fail, pass, unchecked} from './result.js';
import {putOff, putOffBy} from './smtp-replies.js';
import type {ProbeContext, ProbeHandler, Script, ScriptResult} from './types.js';

/** A login name that nobody has is refused, with whatever password; on a port for sending, from outside, and what it asks for next too. */
export const unknownUserRefused: ProbeHandler<'unknown-user-refused'> = async (probe, context) => {
  const {holding} = context;
  const values = {port: probe.port, protocol: probe.protocol};
  const wrapper = [993, 995, 465].includes(probe.port);
  const scripts: Readonly<Record<typeof probe.protocol, Pick<Script, 'protocol' | 'lines'>>> = {
    imap: {protocol: 'imap', lines: [`LOGIN "${nobody}@${probe.name}" "${nobody}"`]},
    pop3: {protocol: 'pop3', lines: [`USER ${nobody}@${probe.name}`, `PASS ${nobody}`]},
    submission: {
      protocol: 'smtp',
      lines: ['EHLO probe.invalid', `AUTH PLAIN ${plain(`${nobody}@${probe.name}`, nobody)}`, ...afterwards],
    },
  };
  const script: Script = {
    address: await ownDoor(probe.port, context),
    port: probe.port,
    tls: wrapper ? 'wrapper' : 'starttls',
    ...scripts[probe.protocol],
  };
  const tried = async () =>
    probe.protocol === 'submission' ? asStrangers(script, context) : [await context.play(script)];
  let results = await tried();
  for (let left = 2; left > 0 && results.some(result => isLate(probe.protocol, result)); left -= 1) {
    await wait(2000);
    results = await tried();
  }

  const wrong = results.find(
    result =>
      !isRefused(probe.protocol, result, holding) &&
      !isLate(probe.protocol, result) &&
      putOffBy(result.replies) === undefined,
  );
  const off = putOffBy(results.flatMap(({replies}) => replies));
  if (wrong === undefined && off !== undefined) {
    return [putOff(probe, {summary: texts.stranger, values}, off)];
  }

  const late = results.find(result => isLate(probe.protocol, result));
  if (wrong === undefined && late !== undefined) {
    return [
      unchecked(probe, {
        summary: texts.stranger,
        values,
        cause: common.noAnswer,
        remedy: common.slowRemedy,
        evidence: evidenceOf(late),
      }),
    ];
  }

  return [
    wrong === undefined
      ? pass(probe, {summary: texts.strangerRefused, values})
      : fail(probe, {
          summary: texts.strangerUnclear,
          values,
          remedy: common.logRemedy,
          evidence: evidenceOf(wrong),
        }),
  ];
};

const afterwards = ['MAIL FROM:<someone@other.invalid>', 'RCPT TO:<victim@elsewhere.invalid>', 'QUIT'];

const plain = (user: string, password: string) => Buffer.from(`\0${user}\0${password}`).toString('base64');

// By each family that the port listens on; from here, where it listens for nobody else.
const asStrangers = async (script: Script, context: ProbeContext): Promise<readonly ScriptResult[]> => {
  const open = (await doorsTo(script.port, context)).filter(door => door.open);
  return open.length === 0 ? [await context.play(script)] : playAt(open, script, context);
};

// Dovecot makes who failed lately wait; the families are strangers to each other, and wait at the same time.
const playAt = (
  doors: readonly Door[],
  script: Script,
  {outside, play}: ProbeContext,
): Promise<readonly ScriptResult[]> =>
  Promise.all(doors.map(({address}) => (outside?.play ?? play)({...script, address})));

// Neither yes nor no: whom Postfix asks did not answer it in time (RFC 4954, 6), or it hung up before it said anything.
const isLate = (protocol: 'imap' | 'pop3' | 'submission', result: ScriptResult): boolean =>
  protocol === 'submission' &&
  putOffBy(result.replies) === undefined &&
  (result.replies[2]?.startsWith('454') === true ||
    (result.kind === 'refused' &&
      ['closed', 'timeout'].includes(result.reason) &&
      result.replies.length < 3));

const isRefused = (
  protocol: 'imap' | 'pop3' | 'submission',
  {replies}: ScriptResult,
  holding: boolean,
): boolean => {
  const [, , login = '', , recipient = ''] = replies;
  const last = replies.at(-1) ?? '';
  switch (protocol) {
    case 'imap':
      return /^d\d+ NO/m.test(last);
    case 'pop3':
      return last.startsWith('-ERR');
    case 'submission':
      return (holding ? /^[45]35/ : /^5\d\d/).test(login) && !recipient.startsWith('2');
  }
};

/** Without TLS nobody can send a password: no login is offered, and none is taken. Only from outside does this prove anything. */
export const noPlaintextLogin: ProbeHandler<'no-plaintext-login'> = async (probe, context) => {
  const {outside} = context;
  const values = {port: probe.port, protocol: probe.protocol};
  if (outside === undefined) {
    return [
      unchecked(probe, {
        summary: texts.plaintext,
        values,
        cause: common.noOutside,
        remedy: texts.plaintextElsewhere,
      }),
    ];
  }

  const scripts: Readonly<Record<typeof probe.protocol, Pick<Script, 'protocol' | 'lines'>>> = {
    imap: {protocol: 'imap', lines: [`LOGIN ${nobody} ${nobody}`]},
    pop3: {protocol: 'pop3', lines: [`USER ${nobody}`]},
    smtp: {protocol: 'smtp', lines: ['EHLO probe.invalid', `AUTH PLAIN ${plain(nobody, nobody)}`]},
    sieve: {protocol: 'sieve', lines: [`AUTHENTICATE "PLAIN" "${plain(nobody, nobody)}"`]},
  };
  const script: Script = {address: '', port: probe.port, tls: 'none', ...scripts[probe.protocol]};
  const doors = await doorsTo(probe.port, context);
  const results = await playAt(doors, script, context);
  const off = putOffBy(results.flatMap(({replies}) => replies));
  const open = results.find(
    result => !isClosed(result) && !isSafe(probe.protocol, result) && putOffBy(result.replies) === undefined,
  );
  if (open === undefined && off !== undefined) {
    return [putOff(probe, {summary: texts.plaintext, values}, off)];
  }

  if (open === undefined && (await isSilent(results, doors, probe.port, context))) {
    return [
      unchecked(probe, {
        summary: texts.plaintext,
        values,
        cause: common.noAnswer,
        remedy: texts.plaintextElsewhere,
      }),
    ];
  }

  if (results.every(isClosed)) {
    return [pass(probe, {summary: common.closedToOutside, values})];
  }

  return [
    open === undefined
      ? pass(probe, {summary: texts.plaintextRefused, values})
      : fail(probe, {
          summary: texts.plaintextOpen,
          values,
          remedy: texts.plaintextRemedy,
          evidence: evidenceOf(open),
        }),
  ];
};

// A port that took the connection and then had no time, or of which nothing is known at all.
const isSilent = async (
  results: readonly ScriptResult[],
  doors: readonly Door[],
  port: number,
  context: ProbeContext,
) => {
  for (const [at, result] of results.entries()) {
    if (result.kind === 'refused' && result.reason === 'timeout') {
      const address = doors[at]?.address ?? '';
      const {kind} = await reachedBy(result, {address, port}, context);
      if (kind !== 'filtered') {
        return true;
      }
    }
  }

  return false;
};

const isClosed = (result: ScriptResult) => result.kind === 'refused' && result.reason !== 'tls';

const isSafe = (protocol: 'imap' | 'pop3' | 'smtp' | 'sieve', {replies}: ScriptResult): boolean => {
  const reply = replies.at(-1) ?? '';
  switch (protocol) {
    case 'imap':
      return /PRIVACYREQUIRED|cleartext|plaintext/i.test(reply);
    case 'pop3':
      return /^-ERR.*(?:cleartext|plaintext|SSL|TLS)/i.test(reply);
    case 'sieve':
      return /^NO\b.*(?:cleartext|plaintext|ENCRYPT-NEEDED)/i.test(reply);
    // Neither offered, nor taken by who asks all the same.
    case 'smtp':
      return /^[45]/.test(reply) && /^250/m.test(replies[1] ?? '') && !/^250[ -]AUTH/m.test(replies[1] ?? '');
  }
};

/** Who has logged in may not write in the name of somebody else: the sender is refused, over IPv4 and IPv6. */
export const foreignSenderRefused: ProbeHandler<'foreign-sender-refused'> = (probe, context) =>
  withPassword(probe, context, async (account, password) => {
    const script: Script = {
      address: await ownDoor(probe.port, context),
      port: probe.port,
      protocol: 'smtp',
      tls: probe.tls,
      lines: [
        'EHLO probe.invalid',
        `AUTH PLAIN ${plain(account.user, password.reveal())}`,
        'MAIL FROM:<boss@elsewhere.invalid>',
        'RCPT TO:<victim@elsewhere.invalid>',
        'QUIT',
      ],
    };
    const results = await asStrangers(script, context);
    const values = {port: probe.port, user: account.user};
    // Login, sender and recipient.
    const taken = results.find(
      ({replies}) => replies.slice(2, 5).filter(reply => reply.startsWith('2')).length === 3,
    );
    const off = putOffBy(results.flatMap(({replies}) => replies.slice(0, 5)));
    if (taken !== undefined) {
      const evidence = evidenceOf(taken);
      return [fail(probe, {summary: texts.foreignTaken, values, remedy: texts.foreignRemedy, evidence})];
    }

    if (off !== undefined) {
      return [putOff(probe, {summary: texts.foreign, values}, off)];
    }

    const vague = results.find(
      ({replies: [, , login, ...next]}) =>
        login?.startsWith('235') !== true || !next.slice(0, 2).some(reply => /^[45]/.test(reply)),
    );
    return [
      vague === undefined
        ? pass(probe, {summary: texts.foreignRefused, values})
        : unchecked(probe, {
            summary: texts.foreign,
            values,
            cause: vague.replies[2]?.startsWith('235') === true ? common.noAnswer : texts.noLogin,
            remedy: common.logRemedy,
          }),
    ];
  });

const texts = {
  strangerRefused: {
    en: 'A user who does not exist is refused on port {port}.',
    ja: '存在しないユーザーはポート {port} で拒否されます。',
  },
  stranger: {
    en: 'Whether port {port} refuses a user who does not exist.',
    ja: 'ポート {port} が存在しないユーザーを拒否するかどうか。',
  },
  strangerUnclear: {
    en: 'Port {port} did not refuse a user who does not exist.',
    ja: 'ポート {port} は存在しないユーザーを拒否しませんでした。',
  },
  plaintext: {
    en: 'Whether port {port} takes passwords without TLS.',
    ja: 'ポート {port} が TLS なしでパスワードを受け付けるかどうか。',
  },
  plaintextElsewhere: {
    en: 'From another machine, see whether port {port} offers a login before STARTTLS (openssl s_client, telnet).',
    ja: '別のマシンから、ポート {port} が STARTTLS の前にログインを許すか確認してください (openssl s_client、telnet)。',
  },
  plaintextRefused: {
    en: 'Port {port} takes no password without TLS.',
    ja: 'ポート {port} は TLS なしではパスワードを受け付けません。',
  },
  plaintextOpen: {
    en: 'Port {port} takes passwords without TLS.',
    ja: 'ポート {port} は TLS なしでパスワードを受け付けます。',
  },
  plaintextRemedy: {
    en: 'Switch plaintext logins off: “dovetail auth”, “dovetail submission”.',
    ja: '平文ログインを無効にしてください: 「dovetail auth」「dovetail submission」。',
  },
  foreign: {
    en: 'Whether {user} can send in the name of somebody else by port {port}.',
    ja: '{user} がポート {port} で他人を名乗って送信できるかどうか。',
  },
  noLogin: {en: 'The login did not work.', ja: 'ログインできませんでした。'},
  foreignRefused: {
    en: '{user} cannot send in the name of somebody else by port {port}.',
    ja: '{user} はポート {port} で他人を名乗って送信できません。',
  },
  foreignTaken: {
    en: '{user} can send in the name of somebody else by port {port}.',
    ja: '{user} はポート {port} で他人を名乗って送信できます。',
  },
  foreignRemedy: {
    en: 'Switch “only under their own addresses” on: “dovetail submission”.',
    ja: '「dovetail submission」で差出人を自分のアドレスに限ってください。',
  },
} satisfies Record<string, Text>;
